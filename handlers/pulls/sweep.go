package pulls

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"plimsoll/checks"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/handlers/require"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Enrolled knows which repositories are enrolled.
type Enrolled interface {
	IsEnrolled(ctx context.Context, repo contracts.RepositoryRef) (bool, error)
}

// MissedCommands finds commands on a pull request that have got no answer.
type MissedCommands interface {
	// Missed has the commands carried out that were given since a time and have no answer.
	Missed(ctx context.Context, pull source.PullRequest, since time.Time) error
}

// KnownVerdicts knows the verdicts on commits.
type KnownVerdicts interface {
	// Verdicts returns the verdicts of open pull requests and of merge groups on a commit.
	Verdicts(ctx context.Context, repo contracts.RepositoryRef, head string) ([]checks.Publication, error)
}

// Sweeper finds what the events of a repository have not told: open pull requests and
// commands without an answer, and what runs. GitHub never sent the events, or they were lost
// with a database.
type Sweeper struct {
	deps SweeperDeps
}

// SweeperDeps is what a Sweeper needs.
type SweeperDeps struct {
	Pulls         source.Pulls
	Verdicts      KnownVerdicts
	Accounts      Enrolled
	Organisations *source.Organisations
	Commands      MissedCommands
	Queue         work.Queue
	// Everywhere: repositories that are not enrolled are answered as well.
	Everywhere bool
}

// NewSweeper returns a Sweeper.
func NewSweeper(deps SweeperDeps) (*Sweeper, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Sweeper{deps}, nil
}

// lateComments is how much earlier than the last look commands are looked for: GitHub's API
// lags behind.
const lateComments = 5 * time.Minute

// Sweep queues the evaluation of every open pull request whose head has no answer, and finds
// the commands that have none. If asked, what runs is read again.
func (s *Sweeper) Sweep(ctx context.Context, args work.SweepArgs) error {
	repo := args.Repository
	enrolled, err := s.deps.Accounts.IsEnrolled(ctx, repo)
	if err != nil {
		return err
	}
	if !enrolled {
		if everywhere, err := s.everywhere(ctx, repo); err != nil || !everywhere {
			return err
		}
	}
	if enrolled && args.Live {
		if err := s.deps.Queue.Enqueue(ctx, work.LiveWork(repo)); err != nil {
			return err
		}
	}
	pulls, err := s.deps.Pulls.OpenPullRequests(ctx, repo)
	if errors.Is(err, fs.ErrNotExist) {
		// Deleted, or transferred to where the App is not installed: there was no event.
		return s.deps.Queue.Enqueue(ctx, work.RegisterWork(work.RepositoryArgs{Repository: source.Repository{RepositoryRef: repo}}))
	}
	if err != nil {
		return fmt.Errorf("sweep %s: %w", repo.FullName(), err)
	}
	for _, pull := range pulls {
		if err := s.answer(ctx, pull); err != nil {
			return err
		}
		if since := args.Since.Add(-lateComments); !args.Since.IsZero() && !pull.UpdatedAt.Before(since) {
			if err := s.deps.Commands.Missed(ctx, pull, since); err != nil {
				return fmt.Errorf("look for commands on %s#%d: %w", repo.FullName(), pull.Number, err)
			}
		}
	}
	return nil
}

// everywhere reports whether repositories that are not enrolled are answered as well.
func (s *Sweeper) everywhere(ctx context.Context, repo contracts.RepositoryRef) (bool, error) {
	if s.deps.Everywhere {
		return true, nil
	}
	organisation, err := s.deps.Organisations.File(ctx, repo)
	return organisation != nil && organisation.Policy != nil && organisation.Policy.Answer == config.Everywhere, err
}

// answer queues the evaluation of a pull request whose head has no answer.
func (s *Sweeper) answer(ctx context.Context, pull source.PullRequest) error {
	verdicts, err := s.deps.Verdicts.Verdicts(ctx, pull.Repository, pull.HeadSHA)
	if err != nil {
		return err
	}
	answered := func(check string) bool {
		return slices.ContainsFunc(verdicts, func(p checks.Publication) bool {
			return p.Subject == checks.SubjectOfPull(pull.Number) && checks.CheckOf(p.Name) == check
		})
	}
	if answered(checks.ContractsRun) && answered(checks.ReadinessRun) {
		return nil
	}
	return s.deps.Queue.Enqueue(ctx, work.EvaluateWork(pull.Repository, pull.Number, ""))
}

// Review queues the evaluation of every open pull request of a repository.
func (s *Sweeper) Review(ctx context.Context, args work.RepositoryArgs) error {
	repo := args.Repository.RepositoryRef
	pulls, err := s.deps.Pulls.OpenPullRequests(ctx, repo)
	if err != nil {
		return fmt.Errorf("review the pull requests of %s: %w", repo.FullName(), err)
	}
	var queued []work.Work
	for _, pull := range pulls {
		queued = append(queued, work.EvaluateWork(repo, pull.Number, ""))
	}
	return s.deps.Queue.Enqueue(ctx, queued...)
}
