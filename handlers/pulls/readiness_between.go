package pulls

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"plimsoll/checks/readiness"
	readinesstext "plimsoll/checks/text/readiness"
	"plimsoll/contracts"
	"plimsoll/handlers/source"
)

// Between compares the readiness of two commits of a repository, as on a pull request from
// the one to the other, by the rules of the default branch. If a commit does not exist, the
// error wraps io/fs.ErrNotExist. It costs two trees, and the files that readiness reads if
// the commits differ in any of them.
func (r *ReadinessComparer) Between(ctx context.Context, registration contracts.Registration, base, head string) (report readinesstext.Readiness, err error) {
	repo := registration.Repository
	c := &readinessChange{comparer: r, repo: repo, registration: registration, pull: source.PullRequest{Repository: repo, BaseSHA: base, HeadSHA: head}}
	c.comparison.MergeBase, c.comparison.Head, c.comparison.Complete = base, head, true
	if c.now, err = r.deps.Now(ctx); err != nil {
		return report, err
	}
	if c.organisation, err = r.deps.Organisations.File(ctx, repo); err != nil {
		return report, err
	}
	if c.policy, err = c.registered(ctx); err != nil || c.policy == nil {
		return report, err
	}
	if base != head {
		if c.baseTree, err = r.deps.Trees.Tree(ctx, repo, base); err != nil {
			return report, fmt.Errorf("read %s: %w", base, err)
		}
		headTree, err := r.deps.Trees.Tree(ctx, repo, head)
		if err != nil {
			return report, fmt.Errorf("read %s: %w", head, err)
		}
		if c.comparison.Files, err = differing(ctx, c.baseTree, headTree); err != nil {
			return report, err
		}
		if c.touches(func(path string) bool { return readiness.Reads(c.policy, path) }) {
			c.headTree = headTree
		}
	}
	if c.headTree == nil {
		return c.report(ctx)
	}
	if c.before, _, err = c.declared(ctx, c.baseTree); err != nil {
		return report, err
	}
	if c.before == nil {
		c.before = c.policy // it is older than the file, or has a broken one
	}
	var fault error
	if c.head, fault, err = c.declared(ctx, c.headTree); err != nil {
		return report, err
	}
	c.broken = fault != nil
	return c.report(ctx)
}

// differing lists the files in which two trees differ.
func differing(ctx context.Context, base, head contracts.Tree) ([]source.ChangedFile, error) {
	before, err := base.Files(ctx)
	if err != nil {
		return nil, err
	}
	after, err := head.Files(ctx)
	if err != nil {
		return nil, err
	}
	was := make(map[string]string, len(before))
	for _, f := range before {
		was[f.Path] = f.SHA
	}
	var files []source.ChangedFile
	for _, f := range after {
		sha, there := was[f.Path]
		switch {
		case !there:
			files = append(files, source.ChangedFile{Path: f.Path, Status: "added", SHA: f.SHA})
		case sha != f.SHA:
			files = append(files, source.ChangedFile{Path: f.Path, Status: "modified", SHA: f.SHA})
		}
		delete(was, f.Path)
	}
	for path := range was {
		files = append(files, source.ChangedFile{Path: path, Status: "removed"})
	}
	slices.SortFunc(files, func(a, b source.ChangedFile) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}
