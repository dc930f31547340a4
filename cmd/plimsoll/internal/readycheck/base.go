package readycheck

import (
	"context"
	"errors"
	"fmt"

	"plimsoll/checks/readiness"
	"plimsoll/cmd/plimsoll/internal/git"
	"plimsoll/config"
)

// baseline is what a folder is compared with.
type baseline struct {
	// policy is what the revision says about the repository, before what the merge base
	// of the revision and HEAD said. Nil without a repository file.
	policy, before *config.Repository
	// standing is how the merge base stands; nil where before is.
	standing *readiness.Standing
}

// baselineOf evaluates the merge base of a revision and HEAD.
func (f *workFolder) baselineOf(ctx context.Context, rev string, organisation *config.Repository) (baseline, error) {
	var out baseline
	if f.git == nil {
		if errors.Is(f.noGit, git.ErrNoRepository) {
			return out, fmt.Errorf("--base %s: %s is not in a git repository", rev, f.dir)
		}
		return out, fmt.Errorf("--base %s: %w", rev, f.noGit)
	}
	base, err := f.commit(ctx, rev)
	if err != nil {
		return out, err
	}
	head, err := f.commit(ctx, "HEAD")
	if err != nil {
		return out, err
	}
	common, err := f.git.MergeBase(ctx, base, head)
	if errors.Is(err, git.ErrNoMergeBase) {
		return out, fmt.Errorf("find the merge base of %s and HEAD: none found (in a shallow clone, run git fetch --unshallow)", rev)
	}
	if err != nil {
		return out, fmt.Errorf("find the merge base of %s and HEAD: %w", rev, err)
	}
	tip, err := f.git.Tree(ctx, base, rev, f.git.Within())
	if err != nil {
		return out, err
	}
	if out.policy, _, err = f.declared(ctx, tip, rev, organisation); err != nil {
		return out, err
	}
	tree, err := f.git.Tree(ctx, common, common[:7], f.git.Within())
	if err != nil {
		return out, err
	}
	out.before, _, err = f.declared(ctx, tree, common[:7], organisation)
	if _, broken := errors.AsType[*config.Error](err); broken {
		out.before, err = out.policy, nil // it was broken there, and is fixed since
	}
	if err != nil || out.before == nil {
		return out, err
	}
	standing, err := readiness.Evaluate(ctx, f.repository(tree, out.before))
	out.standing = &standing
	return out, err
}

func (f *workFolder) commit(ctx context.Context, rev string) (string, error) {
	commit, err := f.git.Commit(ctx, rev)
	if err != nil {
		return "", fmt.Errorf("find revision %s in the git repository of %s: %w", rev, f.dir, err)
	}
	return commit, nil
}
