package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/server/store/sqlc"
)

// The states of a reading.
const (
	unread     = "unread"
	wasRead    = "read"
	unreadable = "failed"
)

// mostUnreadable is how many repositories that can't be read a Scan lists.
const mostUnreadable = 20

// AccountScan returns how far the repositories of an installation have been read, without
// those of joined accounts.
func (s *Store) AccountScan(ctx context.Context, installation int64) (source.Scan, error) {
	var scan source.Scan
	err := s.readAtOnce(ctx, func(q *sqlc.Queries) (err error) {
		scan, err = scanOf(ctx, q, installation)
		return err
	})
	if err != nil {
		return source.Scan{}, fmt.Errorf("get the scan of installation %d: %w", installation, err)
	}
	return scan, nil
}

func scanOf(ctx context.Context, q *sqlc.Queries, installation int64) (source.Scan, error) {
	row, err := q.GetScan(ctx, installation)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return source.Scan{}, err
	}
	counts, err := q.CountReadings(ctx, installation)
	if err != nil {
		return source.Scan{}, err
	}
	scan := source.Scan{Running: !row.Listed, Complete: row.Listed, Begun: fromMilliseconds(row.StartedAt), Listed: fromMilliseconds(row.FinishedAt), Swept: fromMilliseconds(row.SweptAt), Doubted: fromMilliseconds(row.DoubtedAt)}
	for _, count := range counts {
		n := int(count.Repositories)
		scan.Total += n
		switch count.State {
		case wasRead:
			scan.Done = n
		case unreadable:
			scan.Failed = n
		default:
			scan.Running = scan.Running || n > 0
		}
	}
	if !row.Listed {
		scan.Total = max(scan.Total, int(row.Total))
	}
	if scan.Failed == 0 {
		return scan, nil
	}
	rows, err := q.ListReadings(ctx, installation, unreadable, mostUnreadable)
	for _, row := range rows {
		scan.Unreadable = append(scan.Unreadable, source.Unreadable{
			Repository: ref(row.Repository), Reason: row.Reading.Reason, Since: fromMilliseconds(row.Reading.Since), Tries: int(row.Reading.Failures),
		})
	}
	return scan, err
}

// StartScan begins to list the repositories of an installation, about total of them. If
// anew is set, the list is not complete before it ends, and what was pushed to in the
// meantime counts as not read. sweep notes that everything is looked through. What it
// returns names this listing. An earlier one that has not ended goes no further.
func (s *Store) StartScan(ctx context.Context, installation int64, total int, anew, sweep bool) (started int64, err error) {
	err = s.changeScan(ctx, installation, "start", func(_ context.Context, _ *sqlc.Queries, row *sqlc.Scan, now int64) error {
		started = max(now, row.StartedAt+1)
		row.Page, row.Total, row.StartedAt = 1, int64(total), started
		if anew || row.EpochAt == 0 {
			row.Listed, row.EpochAt, row.SweptAt = false, started, started
		}
		if anew {
			row.DoubtedAt = started
		}
		if sweep {
			row.SweptAt = now
		}
		return nil
	})
	return started, err
}

// ListPage takes a page of GitHub's list; last means that no page follows. It returns the
// repositories that have to be read: those of the page that have not been read, that have
// changed since, or whose time for another try has come, and at the end those that no page
// had. current is false if a newer listing has begun.
func (s *Store) ListPage(ctx context.Context, installation, started int64, page int, repositories []source.ListedRepository, last bool) (due []int64, unlisted []contracts.RepositoryRef, current bool, err error) {
	err = s.changeScan(ctx, installation, "go on with", func(ctx context.Context, q *sqlc.Queries, row *sqlc.Scan, now int64) error {
		due, unlisted, current = nil, nil, row.StartedAt == started
		if !current {
			return nil
		}
		for _, repo := range repositories {
			reading, err := q.GetReading(ctx, installation, repo.ID)
			if errors.Is(err, sql.ErrNoRows) {
				continue // gone since
			}
			if err != nil {
				return err
			}
			before := reading
			reading.ListedAt = row.StartedAt
			changed := reading.PushedAt != milliseconds(repo.PushedAt) || reading.OpenIssues != int64(repo.OpenIssues) || reading.Branch != repo.DefaultBranch
			if reading.State == unread && !row.Listed {
				reading.Since = row.EpochAt // what this listing brings came together
			}
			switch {
			case reading.State == unread, reading.State == unreadable && reading.RetryAt <= now:
				due = append(due, repo.ID)
			case reading.State == wasRead && changed:
				due = append(due, repo.ID)
				if !row.Listed && (reading.PushedAt != milliseconds(repo.PushedAt) || reading.Branch != repo.DefaultBranch) {
					reading.State, reading.Since = unread, row.EpochAt
				}
			}
			if reading != before {
				if _, err := q.UpdateReading(ctx, sqlc.UpdateReadingParams(reading)); err != nil {
					return err
				}
			}
		}
		row.Page = max(row.Page, int64(page))
		if !last {
			return nil
		}
		row.Listed, row.FinishedAt = true, now
		rows, err := q.ListUnlisted(ctx, installation, row.StartedAt)
		unlisted = refs(rows)
		return err
	})
	return due, unlisted, current, err
}

// Reading returns what was read of a repository.
func (s *Store) Reading(ctx context.Context, repo contracts.RepositoryRef) (source.Reading, error) {
	row, err := s.Read().GetReading(ctx, repo.Installation, repo.ID)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return source.Reading{}, fmt.Errorf("get the reading of %s: %w", repo.FullName(), err)
	}
	return source.Reading{
		Commit: row.CommitSha, Branch: row.Branch, PushedAt: fromMilliseconds(row.PushedAt), OpenIssues: int(row.OpenIssues), Read: row.State == wasRead, Failed: row.State == unreadable,
	}, nil
}

// PutReading stores what was read of a repository. It does nothing for one that is gone.
func (s *Store) PutReading(ctx context.Context, repo contracts.RepositoryRef, r source.Reading) error {
	return s.changeReading(ctx, repo, func(row *sqlc.Reading, now int64) {
		if row.State != wasRead {
			row.Since = now
		}
		row.State, row.CommitSha, row.Branch = wasRead, Clean(r.Commit), Clean(r.Branch)
		row.Reason, row.Failures, row.RetryAt = "", 0, 0
		if !r.PushedAt.IsZero() {
			row.PushedAt = milliseconds(r.PushedAt)
		}
		if r.OpenIssues >= 0 {
			row.OpenIssues = int64(r.OpenIssues)
		}
	})
}

// NoteReading stores why a try to read a repository failed. Another one follows soon.
func (s *Store) NoteReading(ctx context.Context, repo contracts.RepositoryRef, reason string) error {
	return s.changeReading(ctx, repo, func(row *sqlc.Reading, _ int64) { row.Reason = Clean(reason) })
}

// The pauses before a repository that can't be read is tried again: the first, doubled each
// time, and the longest.
const (
	firstRetry = time.Hour
	lastRetry  = 24 * time.Hour
)

// FailReading stores that a repository can't be read, for the reason that was noted last. It
// is tried again later.
func (s *Store) FailReading(ctx context.Context, repo contracts.RepositoryRef) error {
	return s.changeReading(ctx, repo, func(row *sqlc.Reading, now int64) {
		if row.State != unreadable {
			row.State, row.Since, row.Failures = unreadable, now, 0
		}
		row.Failures++
		row.RetryAt = now + min(firstRetry<<min(row.Failures-1, 10), lastRetry).Milliseconds()
	})
}

// Looked lists repositories of an installation after an id, by their ids, at most so many.
func (s *Store) Looked(ctx context.Context, installation, after int64, most int) ([]source.Looked, error) {
	rows, err := s.Read().ListLooked(ctx, installation, after, int32(most))
	if err != nil {
		return nil, fmt.Errorf("list the repositories of installation %d that were looked through: %w", installation, err)
	}
	all := make([]source.Looked, len(rows))
	for i, row := range rows {
		all[i] = source.Looked{Repository: ref(row.Repository), Enrolled: row.Enrolled, Fingerprint: row.Looked}
	}
	return all, nil
}

// PutLooked stores what a repository was like when nothing was found missing.
func (s *Store) PutLooked(ctx context.Context, repo contracts.RepositoryRef, fingerprint string) error {
	return s.changeReading(ctx, repo, func(row *sqlc.Reading, _ int64) { row.Looked = Clean(fingerprint) })
}

// changeReading changes the reading of a repository, if it has one.
func (s *Store) changeReading(ctx context.Context, repo contracts.RepositoryRef, change func(row *sqlc.Reading, now int64)) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			row, err := q.GetReading(ctx, repo.Installation, repo.ID)
			if errors.Is(err, sql.ErrNoRows) {
				return nil
			}
			if err != nil {
				return err
			}
			before := row
			if change(&row, milliseconds(now)); row == before {
				return nil
			}
			_, err = q.UpdateReading(ctx, sqlc.UpdateReadingParams(row))
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("store the reading of %s: %w", repo.FullName(), err)
	}
	return nil
}

// Swept notes that everything of an installation is looked through, without a listing.
func (s *Store) Swept(ctx context.Context, installation int64) error {
	return s.changeScan(ctx, installation, "note", func(_ context.Context, _ *sqlc.Queries, row *sqlc.Scan, now int64) error {
		row.SweptAt = now
		return nil
	})
}

// DoubtScans marks every list of repositories as incomplete that was last complete before a
// time, if nothing was looked through since then: while no server ran, or in the time that a restored database lacks, repositories may
// have been added and pushed to.
func (s *Store) DoubtScans(ctx context.Context, before time.Time) error {
	err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		doubted, err := q.DoubtScans(ctx, milliseconds(before))
		if err != nil || doubted == 0 {
			return err
		}
		return q.DoubtPublications(ctx)
	})
	if err != nil {
		return fmt.Errorf("mark old lists of repositories: %w", err)
	}
	return nil
}

// changeScan changes the scan of an installation.
func (s *Store) changeScan(ctx context.Context, installation int64, what string, change func(context.Context, *sqlc.Queries, *sqlc.Scan, int64) error) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			row, err := q.LockScan(ctx, installation)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			before := row
			if err := change(ctx, q, &row, milliseconds(now)); err != nil {
				return err
			}
			row.Installation = installation
			if row == before {
				return nil
			}
			return q.PutScan(ctx, sqlc.PutScanParams(row))
		})
	}
	if err != nil {
		return fmt.Errorf("%s the scan of installation %d: %w", what, installation, err)
	}
	return nil
}
