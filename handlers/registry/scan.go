package registry

import (
	"context"
	"fmt"
	"slices"

	"github.com/rs/zerolog"

	"plimsoll/handlers/require"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Scanner reads every repository that an installation lets the App read: one job
// a page, one job a repository, so that a restart goes on where it stopped and
// the rate limit only delays it.
type Scanner struct {
	deps ScannerDeps
}

// ScannerDeps is what a Scanner needs.
type ScannerDeps struct {
	Installations Installations
	Readings      Readings
	Queue         work.Queue
	Indexer       *Indexer
}

// NewScanner returns a Scanner.
func NewScanner(deps ScannerDeps) (*Scanner, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Scanner{deps}, nil
}

// Page lists one page of repositories, and asks for the next page and for each repository to
// be read that has not been, or has changed.
func (s *Scanner) Page(ctx context.Context, args work.ScanArgs) error {
	repositories, next, total, err := s.deps.Installations.InstallationRepositories(ctx, args.Installation, args.Page)
	if err != nil {
		return fmt.Errorf("list repositories of installation %d, page %d: %w", args.Installation, args.Page, err)
	}
	if args.Page == 1 {
		if args.Started, err = s.deps.Readings.StartScan(ctx, args.Installation, total, args.Anew, args.Sweep); err != nil {
			return err
		}
	}
	for i := range repositories {
		repositories[i].Installation = args.Installation
		if err := s.deps.Indexer.note(ctx, repositories[i].Repository); err != nil {
			return err
		}
	}
	last := next <= args.Page
	due, unlisted, current, err := s.deps.Readings.ListPage(ctx, args.Installation, args.Started, args.Page, repositories, last)
	if err != nil || !current {
		return err
	}
	queued := s.asked(ctx, args, repositories, due)
	for _, repo := range unlisted {
		queued = append(queued, work.RegisterWork(work.RepositoryArgs{Repository: source.Repository{RepositoryRef: repo}}))
	}
	if last && args.Sweep {
		queued = append(queued, work.LookWork(work.LookArgs{Installation: args.Installation, Since: args.Since}))
	}
	if !last {
		further := args
		further.Page = next
		queued = append(queued, work.ScanWork(further))
	}
	if err := s.deps.Queue.Enqueue(ctx, queued...); err != nil {
		return err
	}
	return s.deps.Indexer.came(ctx, args.Installation)
}

// asked is the work that a page of repositories asks for.
func (s *Scanner) asked(ctx context.Context, args work.ScanArgs, repositories []source.ListedRepository, due []int64) (queued []work.Work) {
	for _, repo := range repositories {
		job := work.RepositoryArgs{Spared: args.Spared, Repository: repo.Repository, Scan: !args.Reconcile, Review: args.Review, Listed: &work.Listed{
			OpenIssues: repo.OpenIssues, Sweep: args.Reconcile, Since: args.Since, Live: args.Sweep,
		}}
		switch {
		case args.Review || slices.Contains(due, repo.ID):
			if args.Page != 1 || repo.Name != source.OrganisationRepository || !s.first(ctx, job) {
				queued = append(queued, work.RegisterWork(job))
			}
		}
	}
	return queued
}

// first reads the organisation's own repository before the others of its page, which depend
// on it: if it were read later, all of them would be read again. It returns false if it has
// to be tried again, as a job of its own.
func (s *Scanner) first(ctx context.Context, args work.RepositoryArgs) bool {
	if !args.Listed.Since.IsZero() {
		return false // the others have been read
	}
	if err := s.deps.Indexer.first(ctx, args); err != nil {
		zerolog.Ctx(ctx).Info().Err(err).Str("repository", args.Repository.FullName()).Msg("not read first")
		return false
	}
	return true
}
