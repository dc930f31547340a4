package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"plimsoll/handlers/source"
	"plimsoll/server/store/sqlc"
)

// Scan returns how far the reading of an installation's repositories has come. Total is
// what GitHub said at first, until all repositories are listed.
func (s *Store) Scan(ctx context.Context, installation int64) (source.Scan, error) {
	row, err := s.Read().GetScan(ctx, installation)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return source.Scan{}, fmt.Errorf("get the scan of installation %d: %w", installation, err)
	}
	return scan(row), nil
}

// StartScan starts a scan of about total repositories, in place of an earlier one.
func (s *Store) StartScan(ctx context.Context, installation int64, total int) error {
	_, err := s.changeScan(ctx, installation, "start", func(ctx context.Context, q *sqlc.Queries, row *sqlc.Scan, now int64) error {
		*row = sqlc.Scan{Total: int64(total), StartedAt: now}
		return q.ForgetScanned(ctx, installation)
	})
	return err
}

// ListPage adds the repositories of a page to a running scan; last means that no page
// follows.
func (s *Store) ListPage(ctx context.Context, installation int64, page int, repositories []int64, last bool) (source.Scan, error) {
	return s.changeScan(ctx, installation, "go on with", func(ctx context.Context, q *sqlc.Queries, row *sqlc.Scan, now int64) error {
		if row.StartedAt == 0 || row.FinishedAt != 0 {
			return nil
		}
		for _, repository := range repositories {
			if err := q.PutScanned(ctx, installation, repository); err != nil {
				return err
			}
		}
		row.Page = max(row.Page, int64(page))
		if !last {
			return nil
		}
		listed, err := q.CountScanned(ctx, installation)
		row.Listed, row.Total = true, listed
		endScan(row, now)
		return err
	})
}

// StepScan counts a repository as read, unless it is counted already or no running scan
// has it. The last one finishes the scan.
func (s *Store) StepScan(ctx context.Context, installation, repository int64) (source.Scan, error) {
	return s.changeScan(ctx, installation, "go on with", func(ctx context.Context, q *sqlc.Queries, row *sqlc.Scan, now int64) error {
		if row.StartedAt == 0 || row.FinishedAt != 0 {
			return nil
		}
		counted, err := q.MarkScanned(ctx, installation, repository)
		row.Done += counted
		endScan(row, now)
		return err
	})
}

func endScan(row *sqlc.Scan, now int64) {
	if row.Listed && row.Done >= row.Total {
		row.FinishedAt = now
	}
}

// changeScan changes the scan of an installation and returns its new state.
func (s *Store) changeScan(ctx context.Context, installation int64, what string, change func(context.Context, *sqlc.Queries, *sqlc.Scan, int64) error) (after source.Scan, err error) {
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
			after = scan(row)
			if row == before {
				return nil
			}
			return q.PutScan(ctx, sqlc.PutScanParams(row))
		})
	}
	if err != nil {
		return source.Scan{}, fmt.Errorf("%s the scan of installation %d: %w", what, installation, err)
	}
	return after, nil
}

func scan(row sqlc.Scan) source.Scan {
	return source.Scan{Total: int(row.Total), Done: int(row.Done), Running: row.StartedAt != 0 && row.FinishedAt == 0}
}
