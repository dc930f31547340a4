package pulls

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"plimsoll/checks/readiness"
	"plimsoll/checks/readiness/kustomize"
	readinesstext "plimsoll/checks/text/readiness"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
	"plimsoll/handlers/source"
)

// readinessChange is what one pull request does to the readiness of its repository.
type readinessChange struct {
	comparer     *ReadinessComparer
	repo         contracts.RepositoryRef
	pull         source.PullRequest
	registration contracts.Registration
	comparison   source.Comparison
	organisation *config.Repository
	now          time.Time

	// policy is the base branch's word; before and head are what the merge base and
	// the head say about themselves. Nil without a file that can be used.
	policy, before, head *config.Repository
	broken               bool // the head has a file that can't be used
	problems             []contracts.Problem
	// baseTree and headTree are nil if nothing is touched that is read.
	baseTree, headTree contracts.Tree
}

// touches reports whether the pull request changes a path, by its old or its new name, for
// which is holds.
func (c *readinessChange) touches(is func(path string) bool) bool {
	for _, file := range c.comparison.Files {
		if is(file.Path) || file.Previous != "" && is(file.Previous) {
			return true
		}
	}
	return false
}

// read reads what the base branch declares, and the two trees if the pull request changes
// anything that they are evaluated by.
func (c *readinessChange) read(ctx context.Context) (err error) {
	known := c.registration.DefaultBranch == "" || c.pull.BaseRef == c.registration.DefaultBranch
	if known {
		if c.policy, err = c.registered(ctx); err != nil {
			return err
		}
		if c.comparison.Complete && !c.touches(func(path string) bool { return readiness.Reads(c.policy, path) }) {
			return nil
		}
	}
	if c.baseTree, err = c.comparer.deps.Trees.Tree(ctx, c.repo, c.comparison.MergeBaseTree); err != nil {
		return fmt.Errorf("read the merge base %s: %w", c.comparison.MergeBase, err)
	}
	if c.headTree, c.comparison.Files, err = c.comparer.deps.Trees.HeadTree(ctx, c.repo, c.baseTree, c.comparison); err != nil {
		return fmt.Errorf("read the head %s: %w", c.pull.HeadSHA, err)
	}
	if c.before, _, err = c.declared(ctx, c.baseTree); err != nil {
		return err
	}
	switch {
	case !known:
		c.policy = c.before // another branch has its own word
	case c.before == nil:
		c.before = c.policy // the merge base is older than the file, or has a broken one
	}
	var fault error
	if c.head, fault, err = c.declared(ctx, c.headTree); err != nil {
		return err
	}
	if fault != nil {
		c.broken, c.problems = true, evidence.ProblemsOf(fault)
	}
	return nil
}

// registered is the default branch's file as the registry knows it; the last good version
// of a broken file.
func (c *readinessChange) registered(ctx context.Context) (*config.Repository, error) {
	if !c.registration.Enrolled {
		return nil, nil
	}
	file, err := c.comparer.deps.Organisations.Registered(ctx, c.registration)
	return source.Merged(file, c.organisation, c.repo.Name), err
}

// declared is what a tree says about itself; fault is what is wrong with a file that
// can't be used.
func (c *readinessChange) declared(ctx context.Context, tree contracts.Tree) (file *config.Repository, fault, err error) {
	files, err := tree.Files(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("list the files of %s: %w", c.repo.FullName(), err)
	}
	paths := make([]string, len(files))
	for i, f := range files {
		paths[i] = f.Path
	}
	found, _ := config.Find(paths)
	if found == "" {
		return nil, nil, nil
	}
	data, err := tree.ReadFile(ctx, found)
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		return nil, problem, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read %s: %w", found, err)
	}
	file, fault = config.ParseRepository(found, data)
	if fault != nil {
		return nil, fault, nil
	}
	return source.Merged(file, c.organisation, c.repo.Name), nil, nil
}

// report evaluates both trees.
func (c *readinessChange) report(ctx context.Context) (readinesstext.Readiness, error) {
	report := readinesstext.Readiness{
		WebURL: c.comparer.deps.WebURL, Repository: c.repo, Number: c.pull.Number, Fork: c.pull.Fork,
		BaseSHA: c.comparison.MergeBase, BaseRef: c.pull.BaseRef, HeadSHA: c.pull.HeadSHA,
		Touched: c.headTree != nil, FileProblems: c.problems, FileBroken: c.broken, Now: c.now,
	}
	for _, file := range c.comparison.Files {
		if file.Status != "removed" {
			report.ChangedFiles = append(report.ChangedFiles, file.Path)
		}
	}
	by := readiness.Policy{Base: c.policy, Before: c.before, Head: c.head, Now: c.now}
	if !report.Touched {
		report.Report = readiness.Untouched(c.policy, by.Now)
		return report, nil
	}
	files, err := c.headTree.Files(ctx)
	if err != nil {
		return report, err
	}
	report.FileGone = c.head == nil && !c.broken
	evaluated := c.head
	if c.before != nil {
		evaluated, report.Kept = readiness.Proposed(c.before, c.head, files)
	}
	if evaluated == nil {
		evaluated = &config.Repository{} // a broken file where there was none
	}
	base, head, err := c.standings(ctx, evaluated)
	if err != nil {
		return report, err
	}
	report.Report = readiness.Compare(base, head, by)
	report.Contents, err = c.contents(ctx, files, report.Report)
	return report, err
}

// contents are the files that the fixes of a report are for, as the head has them. They were
// read for the report, so that this costs no requests. A file that can't be read is left out.
func (c *readinessChange) contents(ctx context.Context, files []contracts.File, report readiness.Report) (map[string][]byte, error) {
	exists := map[string]bool{}
	for _, file := range files {
		exists[file.Path] = true
	}
	contents := map[string][]byte{}
	for _, edit := range readiness.Edits(slices.Concat(report.Blocking(), report.Added(), report.Old())) {
		if _, known := contents[edit.File]; known {
			continue
		}
		if !exists[edit.File] {
			contents[edit.File] = nil
			continue
		}
		content, err := c.headTree.ReadFile(ctx, edit.File)
		if _, ok := errors.AsType[*contracts.Problem](err); ok {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s for its fixes: %w", edit.File, err)
		}
		contents[edit.File] = content
	}
	return contents, nil
}

// standings evaluates the merge base, if it declares anything, and the head by what is
// declared. Both share what building may cost.
func (c *readinessChange) standings(ctx context.Context, declared *config.Repository) (base *readiness.Standing, head readiness.Standing, err error) {
	builder, metrics := c.comparer.deps.Builders.For(c.repo.Installation), c.comparer.deps.Metrics
	evaluateBase := func() error {
		if c.before == nil || base != nil {
			return nil
		}
		standing, err := c.standing(ctx, builder, metrics, c.baseTree, c.before)
		base = &standing
		return err
	}
	if metrics != nil && c.pull.Fork {
		// Which metrics may be looked up for an outsider is what the merge base reads.
		ofBase := &metricsOfBase{metrics: metrics, asked: map[string][]string{}}
		metrics = ofBase
		if err := evaluateBase(); err != nil {
			return nil, head, err
		}
		ofBase.atHead = true
	}
	// Otherwise the head comes first: what is too expensive at the base does not hide it.
	if head, err = c.standing(ctx, builder, metrics, c.headTree, declared); err != nil {
		return nil, head, err
	}
	err = evaluateBase()
	return base, head, err
}

func (c *readinessChange) standing(ctx context.Context, builder kustomize.Builder, metrics readiness.Metrics, tree contracts.Tree, file *config.Repository) (readiness.Standing, error) {
	var changed []string
	for _, file := range c.comparison.Files {
		changed = append(changed, file.Path, file.Previous)
	}
	return readiness.Evaluate(ctx, readiness.Repository{
		Changed: changed, Tree: tree, File: file, Owner: c.repo.Owner, Name: c.repo.Name, Metrics: metrics, Cache: c.comparer.deps.Cache,
		Kustomize: builder,
	})
}
