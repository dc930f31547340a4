package pulls

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/rs/zerolog"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// readGroup returns a group as a pull request; there is false for a group that has left the
// queue.
func readGroup(ctx context.Context, branches source.Branches, queue work.Queue, g work.Group) (pull source.PullRequest, there bool, err error) {
	head, err := branches.Head(ctx, g.Repository, g.HeadRef)
	gone := errors.Is(err, fs.ErrNotExist)
	switch {
	case gone && queue.Attempt(ctx) >= work.GoneAfter, err == nil && head.SHA != g.HeadSHA:
		zerolog.Ctx(ctx).Info().Str("head", g.HeadSHA).Msg("the merge group has left the queue")
		return pull, false, nil
	case err != nil:
		return pull, false, fmt.Errorf("read the merge group %s of %s: %w", g.HeadRef, g.Repository.FullName(), err)
	}
	return source.PullRequest{Repository: g.Repository, Open: true, Group: g.ExternalID(), BaseRef: g.BaseRef, BaseSHA: g.BaseSHA, HeadSHA: g.HeadSHA}, true, nil
}

// Group answers everything in the group together, with check runs on its head and
// no comment: the pull requests have had theirs. A group that has left the queue
// gets nothing.
func (e *Evaluator) Group(ctx context.Context, args work.GroupArgs) error {
	pull, there, err := readGroup(ctx, e.deps.GitHub, e.deps.Queue, args.Group)
	if err != nil || !there {
		return err
	}
	collected := e.deps.Verdicts.of(pull, args.Request)
	return errors.Join(e.evaluateGroup(ctx, args, collected), collected.publish(ctx))
}

// evaluateGroup stores what the checks that are asked for say about a merge group.
func (e *Evaluator) evaluateGroup(ctx context.Context, args work.GroupArgs, collected *verdicts) error {
	comparison, unread := source.Compare(ctx, e.deps.GitHub, collected.pull)
	failure := unread
	if args.Only != checks.ReadinessRun {
		failure = e.groupContracts(ctx, collected, comparison, unread)
	}
	if unread != nil || args.Only == checks.ContractsRun || failure != nil && !e.reported(ctx, failure) {
		return failure
	}
	return errors.Join(failure, e.deps.Readiness.evaluate(ctx, collected, comparison))
}

// groupContracts stores what plimsoll/contracts says about a merge group; failure is why it
// could not be compared.
func (e *Evaluator) groupContracts(ctx context.Context, collected *verdicts, comparison source.Comparison, failure error) error {
	var answer answer
	if failure == nil {
		answer, failure = e.answer(ctx, collected.pull, comparison, PullState{})
	}
	if failure != nil {
		return e.admit(ctx, collected, failure)
	}
	if answer.run == nil {
		return e.notEnrolled(ctx, collected)
	}
	if superseded, err := e.deps.Queue.Superseded(ctx); err != nil || superseded {
		return err
	}
	return collected.put(ctx, *answer.run)
}

// present is the repository of a merge group as it is now: which consumers may be named
// depends on it, and the event may be old.
func (e *Evaluator) present(ctx context.Context, repo contracts.RepositoryRef) (contracts.RepositoryRef, error) {
	found, err := e.deps.GitHub.Repository(ctx, repo)
	if err != nil {
		return repo, fmt.Errorf("read repository %s: %w", repo.FullName(), err)
	}
	return found.RepositoryRef, nil
}
