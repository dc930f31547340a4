package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"

	"plimsoll/checks/readiness"
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

// baselineOf judges the merge base of a revision and HEAD.
func (f *workFolder) baselineOf(ctx context.Context, rev string, organisation *config.Repository) (baseline, error) {
	var out baseline
	if f.git == nil {
		return out, fmt.Errorf("--base %s: %s is in no git repository", rev, f.dir)
	}
	base, err := f.commit(rev)
	if err != nil {
		return out, err
	}
	head, err := f.commit("HEAD")
	if err != nil {
		return out, err
	}
	common, err := head.MergeBase(base)
	if err != nil || len(common) == 0 {
		return out, fmt.Errorf("find the merge base of %s and HEAD: none is known here (in a shallow clone, fetch the whole history)", rev)
	}
	tip, err := f.treeAt(base, rev)
	if err != nil {
		return out, err
	}
	if out.policy, _, err = f.declared(ctx, tip, rev, organisation); err != nil {
		return out, err
	}
	tree, err := f.treeAt(common[0], common[0].Hash.String()[:7])
	if err != nil {
		return out, err
	}
	out.before, _, err = f.declared(ctx, tree, tree.rev, organisation)
	if _, broken := errors.AsType[*config.Error](err); broken {
		out.before, err = out.policy, nil // it was broken there, and is mended since
	}
	if err != nil || out.before == nil {
		return out, err
	}
	standing, err := readiness.Judge(ctx, f.repository(tree, out.before))
	out.standing = &standing
	return out, err
}

func (f *workFolder) commit(rev string) (*object.Commit, error) {
	hash, err := f.git.ResolveRevision(plumbing.Revision(rev))
	if err != nil {
		return nil, fmt.Errorf("find revision %s in the git repository of %s: %w", rev, f.dir, err)
	}
	commit, err := f.git.CommitObject(*hash)
	if err != nil {
		return nil, fmt.Errorf("read commit %s: %w", hash, err)
	}
	return commit, nil
}
