package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"plimsoll/server/store/sqlc"
)

// Scan is how far the reading of an installation's repositories has come. It is
// the zero Scan before the first one.
type Scan struct {
	// Page that was listed last, counted from 1: a restart goes on after it.
	Page int
	// Total repositories to read, Done of them.
	Total, Done int
	// StartedAt and FinishedAt; FinishedAt is zero while it runs.
	StartedAt, FinishedAt time.Time
}

// Running tells whether the scan has begun and not ended.
func (s Scan) Running() bool { return !s.StartedAt.IsZero() && s.FinishedAt.IsZero() }

// Scan gives the scan of an installation.
func (s *Store) Scan(ctx context.Context, installation int64) (Scan, error) {
	row, err := s.Read().GetScan(ctx, installation)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Scan{}, fmt.Errorf("get the scan of installation %d: %w", installation, err)
	}
	return scan(row), nil
}

// StartScan begins a scan of total repositories, in place of an earlier one.
func (s *Store) StartScan(ctx context.Context, installation int64, total int) error {
	return s.changeScan(ctx, installation, "start", func(row *sqlc.Scan, now int64) {
		*row = sqlc.Scan{Total: int64(total), StartedAt: now}
		if total == 0 {
			row.FinishedAt = now
		}
	})
}

// ListedPage remembers the page of repositories that was listed last.
func (s *Store) ListedPage(ctx context.Context, installation int64, page int) error {
	return s.changeScan(ctx, installation, "go on with", func(row *sqlc.Scan, _ int64) {
		row.Page = max(row.Page, int64(page))
	})
}

// StepScan counts repositories as read; the last one finishes the scan.
func (s *Store) StepScan(ctx context.Context, installation int64, repositories int) error {
	return s.changeScan(ctx, installation, "go on with", func(row *sqlc.Scan, now int64) {
		if row.StartedAt == 0 || row.FinishedAt != 0 {
			return
		}
		row.Done = min(row.Done+int64(repositories), row.Total)
		if row.Done == row.Total {
			row.FinishedAt = now
		}
	})
}

func (s *Store) changeScan(ctx context.Context, installation int64, what string, change func(*sqlc.Scan, int64)) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			row, err := q.LockScan(ctx, installation)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			before := row
			change(&row, milliseconds(now))
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

func scan(row sqlc.Scan) Scan {
	return Scan{
		Page: int(row.Page), Total: int(row.Total), Done: int(row.Done),
		StartedAt: fromMilliseconds(row.StartedAt), FinishedAt: fromMilliseconds(row.FinishedAt),
	}
}

// Watermark gives how far something has been read; the zero time before the first.
func (s *Store) Watermark(ctx context.Context, installation int64, name string) (time.Time, error) {
	ms, err := s.Read().GetWatermark(ctx, installation, name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, fmt.Errorf("get watermark %s: %w", name, err)
	}
	return fromMilliseconds(ms), nil
}

// PutWatermark remembers how far something has been read.
func (s *Store) PutWatermark(ctx context.Context, installation int64, name string, at time.Time) error {
	err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		return q.PutWatermark(ctx, installation, name, milliseconds(at))
	})
	if err != nil {
		return fmt.Errorf("put watermark %s: %w", name, err)
	}
	return nil
}
