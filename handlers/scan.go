package handlers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/rs/zerolog"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// ScanArgs are the arguments of KindScan: the next page to read.
type ScanArgs struct {
	Installation int64 `json:"installation"`
	Page         int   `json:"page"`
	// Review: open pull requests may have gone unanswered, so they are judged too.
	Review bool `json:"review,omitempty"`
}

// ScanWork is the work of reading an installation from a page on.
func ScanWork(args ScanArgs) Work {
	return Work{Kind: KindScan, Key: installationKey(args.Installation), Installation: args.Installation, Args: args}
}

// Scanner reads every repository that an installation lets the App read: one job
// a page, one job a repository, so that a restart goes on where it stopped and
// the rate limit only delays it.
type Scanner struct {
	Installations Installations
	Accounts      Accounts
	Queue         Queue
	Progress      *ScanProgress
	Registrar     *Registrar
}

// Page lists one page of repositories, asks for each to be registered and for
// the next page.
func (s *Scanner) Page(ctx context.Context, args ScanArgs) error {
	repositories, next, total, err := s.Installations.Page(ctx, args.Installation, args.Page)
	if err != nil {
		return fmt.Errorf("list repositories of installation %d, page %d: %w", args.Installation, args.Page, err)
	}
	if args.Page == 1 {
		if err := s.Accounts.StartScan(ctx, args.Installation, total); err != nil {
			return err
		}
	}
	var work []Work
	ids := make([]int64, len(repositories))
	for i, repo := range repositories {
		ids[i], repo.Installation = repo.ID, args.Installation
		if err := s.Registrar.note(ctx, repo); err != nil {
			return err
		}
	}
	last := next <= args.Page
	scan, err := s.Accounts.ListPage(ctx, args.Installation, args.Page, ids, last)
	if err != nil {
		return err
	}
	for _, repo := range repositories {
		repo.Installation = args.Installation
		job := RepositoryArgs{Repository: repo, Scan: true, Review: args.Review}
		if args.Page == 1 && repo.Name == organisationRepository && s.first(ctx, job) {
			continue
		}
		work = append(work, RegisterWork(job))
	}
	if !last {
		work = append(work, ScanWork(ScanArgs{Installation: args.Installation, Page: next, Review: args.Review}))
	}
	if err := s.Queue.Enqueue(ctx, work...); err != nil {
		return err
	}
	return s.Progress.Came(ctx, args.Installation, scan)
}

// first reads the organisation's own repository before the others of its page, which
// are read by what it says: read later it would have all of them read once more. It
// is false where that has to be tried again, as a job of its own.
func (s *Scanner) first(ctx context.Context, args RepositoryArgs) bool {
	if err := s.Registrar.first(ctx, args); err != nil {
		zerolog.Ctx(ctx).Info().Err(err).Str("repository", args.Repository.FullName()).Msg("not read first")
		return false
	}
	return true
}

// Sweeper finds open pull requests of enrolled repositories that got no answer:
// events that GitHub never sent, or that were lost with a database.
type Sweeper struct {
	Pulls    Pulls
	States   PullStates
	Checks   PullChecks
	Accounts Accounts
	Queue    Queue
}

// Sweep asks for a judgement of every open pull request whose head has none, and for
// what runs to be read again.
// A repository that can't be read does not stop the others; the first error is
// given at the end.
func (s *Sweeper) Sweep(ctx context.Context) error {
	repositories, err := s.Accounts.Enrolled(ctx)
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

// Review asks for a judgement of every open pull request of a repository.
func (s *Sweeper) Review(ctx context.Context, args RepositoryArgs) error {
	repo := args.Repository.RepositoryRef
	pulls, err := s.Pulls.OpenPullRequests(ctx, repo)
	if err != nil {
		return fmt.Errorf("review the pull requests of %s: %w", repo.FullName(), err)
	}
	var work []Work
	for _, pull := range pulls {
		work = append(work, JudgeWork(repo, pull.Number, false))
	}
	return s.Queue.Enqueue(ctx, work...)
}

func (s *Sweeper) sweep(ctx context.Context, repo contracts.RepositoryRef) error {
	if err := s.Queue.Enqueue(ctx, LiveWork(repo)); err != nil {
		return err
	}
	pulls, err := s.Pulls.OpenPullRequests(ctx, repo)
	if errors.Is(err, fs.ErrNotExist) {
		// Deleted, or transferred to where the App is not: nobody has told.
		return s.Queue.Enqueue(ctx, RegisterWork(RepositoryArgs{Repository: Repository{RepositoryRef: repo}}))
	}
	if err != nil {
		return err
	}
	for _, pull := range pulls {
		state, err := s.States.PullState(ctx, repo, pull.Number)
		if err != nil {
			return err
		}
		check, err := s.Checks.PullCheck(ctx, repo, pull.Number, checks.ReadinessRun)
		if err != nil {
			return err
		}
		if state.Head == pull.HeadSHA && check.Head == pull.HeadSHA {
			continue
		}
		if err := s.Queue.Enqueue(ctx, JudgeWork(repo, pull.Number, false)); err != nil {
			return err
		}
	}
	return nil
}
