package pulls

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"plimsoll/handlers/require"
	"slices"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Enrolled lists the enrolled repositories.
type Enrolled interface {
	// Enrolled lists the readable ones of every installation.
	Enrolled(ctx context.Context) ([]contracts.RepositoryRef, error)
}

// KnownVerdicts knows the verdicts on commits.
type KnownVerdicts interface {
	// Verdicts returns the verdicts of open pull requests and of merge groups on a commit.
	Verdicts(ctx context.Context, repo contracts.RepositoryRef, head string) ([]checks.Publication, error)
}

// Sweeper finds open pull requests of enrolled repositories that got no answer:
// events that GitHub never sent, or that were lost with a database.
type Sweeper struct {
	deps SweeperDeps
}

// SweeperDeps is what a Sweeper needs.
type SweeperDeps struct {
	Pulls    source.Pulls
	Verdicts KnownVerdicts
	Accounts Enrolled
	Queue    work.Queue
}

// NewSweeper returns a Sweeper.
func NewSweeper(deps SweeperDeps) (*Sweeper, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Sweeper{deps}, nil
}

// Sweep queues the evaluation of every open pull request whose head has no answer, and
// reads again what runs. A repository that can't be read does not stop the others; the
// first error is returned at the end.
func (s *Sweeper) Sweep(ctx context.Context) error {
	repositories, err := s.deps.Accounts.Enrolled(ctx)
	if err != nil {
		return fmt.Errorf("list enrolled repositories: %w", err)
	}
	var first error
	for _, repo := range repositories {
		if err := s.sweep(ctx, repo); err != nil && first == nil {
			first = fmt.Errorf("sweep %s: %w", repo.FullName(), err)
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return first
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

func (s *Sweeper) sweep(ctx context.Context, repo contracts.RepositoryRef) error {
	if err := s.deps.Queue.Enqueue(ctx, work.LiveWork(repo)); err != nil {
		return err
	}
	pulls, err := s.deps.Pulls.OpenPullRequests(ctx, repo)
	if errors.Is(err, fs.ErrNotExist) {
		// Deleted, or transferred to where the App is not installed: there was no event.
		return s.deps.Queue.Enqueue(ctx, work.RegisterWork(work.RepositoryArgs{Repository: source.Repository{RepositoryRef: repo}}))
	}
	if err != nil {
		return err
	}
	for _, pull := range pulls {
		verdicts, err := s.deps.Verdicts.Verdicts(ctx, repo, pull.HeadSHA)
		if err != nil {
			return err
		}
		answered := func(check string) bool {
			return slices.ContainsFunc(verdicts, func(p checks.Publication) bool {
				return p.Subject == checks.SubjectOfPull(pull.Number) && checks.CheckOf(p.Name) == check
			})
		}
		if answered(checks.ContractsRun) && answered(checks.ReadinessRun) {
			continue
		}
		if err := s.deps.Queue.Enqueue(ctx, work.EvaluateWork(repo, pull.Number, "")); err != nil {
			return err
		}
	}
	return nil
}
