package pulls

import (
	"context"
	"errors"
	"io/fs"
	"slices"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/handlers/work"
)

// namedIn returns the repositories that a report names, by id: consumers, providers, and
// those of linked pull requests.
func namedIn(report contracttext.Report) []int64 {
	var ids []int64
	name := func(repo contracts.RepositoryRef) {
		if repo.ID != 0 && repo.ID != report.Repository.ID && report.Repository.MayName(repo) {
			ids = append(ids, repo.ID)
		}
	}
	for _, api := range report.APIs {
		for _, finding := range api.Findings {
			for _, affected := range finding.Affected {
				name(affected.Consumer.Repository)
			}
		}
		for _, problem := range api.Registrations {
			name(problem.Consumer.Repository)
		}
	}
	for _, use := range report.Uses {
		for _, api := range append(use.Candidates[:len(use.Candidates):len(use.Candidates)], use.Provider) {
			name(api.Repository)
		}
	}
	for _, taken := range report.Taken {
		name(taken.By.Repository)
	}
	for _, blocked := range report.Before {
		name(blocked.Repository)
	}
	for _, link := range report.Links {
		name(link.Repository)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// takeBack removes names from the last check run that must not be read there any more: a
// repository was made private or internal, or the pull request's own can be read by more
// people. GitHub keeps a completed run forever.
// Its text can be changed, its annotations can't.
func (e *Evaluator) takeBack(ctx context.Context, collected *verdicts, state PullState, now *change) error {
	if state.Head == "" || now == nil {
		return nil
	}
	if hides, err := now.hides(ctx, state.Named); err != nil || !hides {
		return err
	}
	name, err := collected.bases.name(ctx, collected.pull, checks.ContractsRun)
	if err != nil {
		return err
	}
	last, ok, err := collected.publications.Published(ctx, collected.pull.Repository, checks.SubjectOfCommit(state.Head), checks.PublishedRun, name)
	if err != nil || !ok || last.Remote == 0 {
		return err
	}
	run := contracttext.NamesTakenBack(state.Head, collected.pull.Number, checks.ConclusionOf(last))
	run.Name = name
	return collected.publications.Put(ctx, collected.pull.Repository, checks.RedactionPublication(last.Remote, run))
}

// hides reports whether one of the repositories may not be named now.
func (c *change) hides(ctx context.Context, ids []int64) (bool, error) {
	return c.comparer.hides(ctx, c.repo, ids)
}

// hides reports whether one of some repositories may not be named now on the pages of another.
func (r *ContractComparer) hides(ctx context.Context, page contracts.RepositoryRef, ids []int64) (bool, error) {
	if page.Private && !page.Internal {
		return false, nil
	}
	for _, id := range ids {
		repo, err := r.deps.Store.JoinedRepository(ctx, page.Installation, id)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return false, err
		}
		if err != nil || !page.MayName(repo) {
			return true, nil
		}
	}
	return false, nil
}

// TakeBack withdraws the check run and the comment of a closed pull request that name what may
// no longer be named there. It is not evaluated again.
func (e *Evaluator) TakeBack(ctx context.Context, args work.PullArgs) error {
	state, err := e.deps.Store.PullState(ctx, args.Repository, args.Number)
	if err != nil || state.Open || len(state.Named) == 0 {
		return err // an open one is evaluated again
	}
	comparer := e.deps.Contracts
	repo, err := comparer.deps.Store.JoinedRepository(ctx, args.Repository.Installation, args.Repository.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // nothing can be written there
	}
	if err != nil {
		return err
	}
	if hides, err := comparer.hides(ctx, repo, state.Named); err != nil || !hides {
		return err
	}
	publications := e.deps.Verdicts.deps.Publications
	standing, err := publications.Standing(ctx, repo, args.Number, state.Head)
	if err != nil {
		return err
	}
	var replaced []checks.Publication
	for _, p := range standing {
		switch {
		case p.Kind == checks.PublishedRun && checks.CheckOf(p.Name) == checks.ContractsRun:
			run := contracttext.NamesTakenBackWhenClosed(state.Head, args.Number, checks.ConclusionOf(p))
			run.Name = p.Name
			replaced = append(replaced, checks.RedactionPublication(p.Remote, run))
		case p.Kind == checks.PublishedComment && p.Name == "contracts":
			replaced = append(replaced, checks.CommentPublication(p.Name, checks.CommentContent{
				Number: args.Number, Comment: contracttext.CommentTakenBack(), Marker: checks.CommentMarker,
			}))
		}
	}
	if err := publications.Put(ctx, repo, replaced...); err != nil {
		return err
	}
	state.Named = nil
	return e.deps.Store.PutPullState(ctx, repo, args.Number, state)
}
