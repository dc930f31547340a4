package registry

import (
	"context"
	"fmt"
	"plimsoll/handlers/require"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"

	"github.com/rs/zerolog"
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
	Accounts      Accounts
	Queue         work.Queue
	Progress      *ScanProgress
	Indexer       *Indexer
}

// NewScanner returns a Scanner.
func NewScanner(deps ScannerDeps) (*Scanner, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Scanner{deps}, nil
}

// Page lists one page of repositories, asks for each to be registered and for
// the next page.
func (s *Scanner) Page(ctx context.Context, args work.ScanArgs) error {
	repositories, next, total, err := s.deps.Installations.InstallationRepositories(ctx, args.Installation, args.Page)
	if err != nil {
		return fmt.Errorf("list repositories of installation %d, page %d: %w", args.Installation, args.Page, err)
	}
	if args.Page == 1 {
		if err := s.deps.Accounts.StartScan(ctx, args.Installation, total); err != nil {
			return err
		}
	}
	var queued []work.Work
	ids := make([]int64, len(repositories))
	for i, repo := range repositories {
		ids[i], repo.Installation = repo.ID, args.Installation
		if err := s.deps.Indexer.note(ctx, repo); err != nil {
			return err
		}
	}
	last := next <= args.Page
	scan, err := s.deps.Accounts.ListPage(ctx, args.Installation, args.Page, ids, last)
	if err != nil {
		return err
	}
	for _, repo := range repositories {
		repo.Installation = args.Installation
		job := work.RepositoryArgs{Repository: repo, Scan: true, Review: args.Review}
		if args.Page == 1 && repo.Name == source.OrganisationRepository && s.first(ctx, job) {
			continue
		}
		queued = append(queued, work.RegisterWork(job))
	}
	if !last {
		queued = append(queued, work.ScanWork(work.ScanArgs{Installation: args.Installation, Page: next, Review: args.Review}))
	}
	if err := s.deps.Queue.Enqueue(ctx, queued...); err != nil {
		return err
	}
	return s.deps.Progress.Came(ctx, args.Installation, scan)
}

// first reads the organisation's own repository before the others of its page, which depend
// on it: if it were read later, all of them would be read again. It returns false if it has
// to be tried again, as a job of its own.
func (s *Scanner) first(ctx context.Context, args work.RepositoryArgs) bool {
	if err := s.deps.Indexer.first(ctx, args); err != nil {
		zerolog.Ctx(ctx).Info().Err(err).Str("repository", args.Repository.FullName()).Msg("not read first")
		return false
	}
	return true
}
