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

// Enrolled knows which repositories are enrolled, and what they were like when they were
// last looked through.
type Enrolled interface {
	IsEnrolled(ctx context.Context, repo contracts.RepositoryRef) (bool, error)
	// Looked lists repositories of an installation after an id, by their ids.
	Looked(ctx context.Context, installation, after int64, most int) ([]source.Looked, error)
	PutLooked(ctx context.Context, repo contracts.RepositoryRef, fingerprint string) error
}

// Looks lists the open pull requests of a repository, and tells cheaply which of many
// repositories have changed.
type Looks interface {
	source.Pulls
	// Fingerprints gives, by id, what the open pull requests, deployments and releases of at
	// most MostLooks repositories are like. Those that can't be found are left out.
	Fingerprints(ctx context.Context, installation int64, repos []contracts.RepositoryRef) (map[int64]string, error)
}

// MostLooks is how many repositories are looked at in one request.
const MostLooks = 100

// MissedCommands finds commands on a pull request that have got no answer.
type MissedCommands interface {
	// Missed has the commands carried out that were given since a time and have no answer,
	// and reports whether there are any.
	Missed(ctx context.Context, pull source.PullRequest, since time.Time) (found bool, err error)
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
	Pulls         Looks
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
	pulls, err := s.deps.Pulls.OpenPullRequests(ctx, repo)
	if errors.Is(err, fs.ErrNotExist) {
		// Deleted, or transferred to where the App is not installed: there was no event.
		return s.deps.Queue.Enqueue(ctx, work.RegisterWork(work.RepositoryArgs{Repository: source.Repository{RepositoryRef: repo}}))
	}
	if err != nil {
		return fmt.Errorf("sweep %s: %w", repo.FullName(), err)
	}
	for _, pull := range pulls {
		missing, err := s.answer(ctx, pull)
		if err != nil {
			return err
		}
		if since := args.Since.Add(-lateComments); !args.Since.IsZero() && !pull.UpdatedAt.Before(since) {
			given, err := s.deps.Commands.Missed(ctx, pull, since)
			if err != nil {
				return fmt.Errorf("look for commands on %s#%d: %w", repo.FullName(), pull.Number, err)
			}
			missing = missing || given
		}
		if missing {
			args.Looked = "" // it is looked through again until nothing is missing
		}
	}
	switch {
	case enrolled && args.Live:
		live := work.LiveWork(repo)
		live.Args = work.LiveArgs{Repository: repo, Looked: args.Looked}
		return s.deps.Queue.Enqueue(ctx, live)
	case args.Looked != "":
		return s.deps.Accounts.PutLooked(ctx, repo, args.Looked)
	}
	return nil
}

// Look finds the repositories that are no longer what they were when they were looked
// through last, a page at a time, and has them swept.
func (s *Sweeper) Look(ctx context.Context, args work.LookArgs) error {
	return s.look(ctx, args, s.deps.Pulls.Fingerprints)
}

// LookAtAll has every repository of a page swept: GitHub did not say which have changed.
func (s *Sweeper) LookAtAll(ctx context.Context, args work.LookArgs) error {
	return s.look(ctx, args, func(context.Context, int64, []contracts.RepositoryRef) (map[int64]string, error) { return nil, nil })
}

type fingerprints func(ctx context.Context, installation int64, repos []contracts.RepositoryRef) (map[int64]string, error)

func (s *Sweeper) look(ctx context.Context, args work.LookArgs, ask fingerprints) error {
	known, last, err := s.answered(ctx, args)
	if err != nil || len(known) == 0 {
		return err
	}
	refs := make([]contracts.RepositoryRef, len(known))
	for i, k := range known {
		refs[i] = k.Repository
	}
	now, err := ask(ctx, args.Installation, refs)
	if err != nil {
		return fmt.Errorf("look at the repositories of installation %d: %w", args.Installation, err)
	}
	var queued []work.Work
	for _, k := range known {
		if f := now[k.Repository.ID]; f == "" || f != k.Fingerprint {
			queued = append(queued, work.SweepWork(work.SweepArgs{Repository: k.Repository, Since: args.Since, Live: true, Looked: f}))
		}
	}
	if last != 0 {
		further := args
		further.After = last
		queued = append(queued, work.LookWork(further))
	}
	return s.deps.Queue.Enqueue(ctx, queued...)
}

// answered lists the next repositories that are answered. after is the last one that was
// considered; 0: there are no more.
func (s *Sweeper) answered(ctx context.Context, args work.LookArgs) (known []source.Looked, after int64, err error) {
	for after = args.After; ; {
		page, err := s.deps.Accounts.Looked(ctx, args.Installation, after, MostLooks)
		if err != nil {
			return nil, 0, err
		}
		for _, k := range page {
			after = k.Repository.ID
			answered := k.Enrolled
			if !answered {
				if answered, err = s.everywhere(ctx, k.Repository); err != nil {
					return nil, 0, err
				}
			}
			if answered {
				known = append(known, k)
			}
			if len(known) == MostLooks {
				return known, after, nil
			}
		}
		if len(page) < MostLooks {
			return known, 0, nil
		}
	}
}

// everywhere reports whether repositories that are not enrolled are answered as well.
func (s *Sweeper) everywhere(ctx context.Context, repo contracts.RepositoryRef) (bool, error) {
	if s.deps.Everywhere {
		return true, nil
	}
	organisation, err := s.deps.Organisations.File(ctx, repo)
	return organisation != nil && organisation.Policy != nil && organisation.Policy.Answer == config.Everywhere, err
}

// answer queues the evaluation of a pull request whose head has no answer, and reports
// whether it had none.
func (s *Sweeper) answer(ctx context.Context, pull source.PullRequest) (missing bool, err error) {
	verdicts, err := s.deps.Verdicts.Verdicts(ctx, pull.Repository, pull.HeadSHA)
	if err != nil {
		return false, err
	}
	answered := func(check string) bool {
		return slices.ContainsFunc(verdicts, func(p checks.Publication) bool {
			return p.Subject == checks.SubjectOfPull(pull.Number) && checks.CheckOf(p.Name) == check
		})
	}
	if answered(checks.ContractsRun) && answered(checks.ReadinessRun) {
		return false, nil
	}
	return true, s.deps.Queue.Enqueue(ctx, work.EvaluateWork(pull.Repository, pull.Number, ""))
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
