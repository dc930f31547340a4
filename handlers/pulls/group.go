package pulls

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/rs/zerolog"

	"plimsoll/checks"
	failuretext "plimsoll/checks/text/failure"
	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// readGroup gives a group as the pull request that it is judged as; there is false for one
// that has left the queue.
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
func (j *Evaluator) Group(ctx context.Context, args work.GroupArgs) error {
	pull, there, err := readGroup(ctx, j.Branches, j.Queue, args.Group)
	if err != nil || !there {
		return err
	}
	comparison, unread := source.Compare(ctx, j.Pulls, pull)
	failure := unread
	if args.Only != checks.ReadinessRun {
		failure = j.groupContracts(ctx, args.Group, pull, comparison, unread)
	}
	if unread != nil || args.Only == checks.ContractsRun || failure != nil && !j.toldOf(ctx, failure) {
		return failure
	}
	return errors.Join(failure, j.Readiness.judge(ctx, pull, comparison, false))
}

// groupContracts publishes plimsoll/contracts on the group's head; failure is why it
// could not be compared.
func (j *Evaluator) groupContracts(ctx context.Context, group work.Group, pull source.PullRequest, comparison source.Comparison, failure error) error {
	var answer answer
	if failure == nil {
		answer, failure = j.answer(ctx, pull, comparison, PullState{})
	}
	if failure != nil {
		explanation, tell := j.Explain(ctx, failure)
		if !tell {
			return failure
		}
		run := failuretext.PermanentError(checks.ContractsRun, group.HeadSHA, 0, explanation)
		answer.run = &run
	}
	if answer.run == nil {
		return nil // the repository takes no part
	}
	if superseded, err := j.Queue.Superseded(ctx); err != nil || superseded {
		return errors.Join(failure, err)
	}
	answer.run.ExternalID = pull.Group
	id, err := source.PublishRun(ctx, j.Publisher, pull.Repository, *answer.run, j.Queue.Again(ctx))
	if err == nil {
		zerolog.Ctx(ctx).Info().Int64("check_run", id).Str("conclusion", string(answer.run.Conclusion)).Str("title", answer.run.Title).Msg("published")
	}
	return errors.Join(failure, err)
}

// present is the repository of a merge group as it is now: who may be named depends
// on it, and the event may be old.
func (j *Evaluator) present(ctx context.Context, repo contracts.RepositoryRef) (contracts.RepositoryRef, error) {
	found, err := j.Branches.Repository(ctx, repo)
	if err != nil {
		return repo, fmt.Errorf("read repository %s: %w", repo.FullName(), err)
	}
	return found.RepositoryRef, nil
}
