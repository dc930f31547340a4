package queue

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"plimsoll/server/store/sqlc"
)

// claimTimeout bounds one claim. A claim is not given up when the process is to
// end: it could have been committed, and would rest until its lease ends.
const claimTimeout = 15 * time.Second

// claim takes up to n due jobs for this process, the first due first.
func (q *Queue) claim(ctx context.Context, n int) ([]Job, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimTimeout)
	defer cancel()
	now, err := q.store.Now(ctx)
	if err != nil {
		return nil, fmt.Errorf("claim jobs: %w", err)
	}
	params := sqlc.ClaimJobsParams{
		Owner: q.config.Owner, LeaseEnd: now.Add(q.config.Lease).UnixMilli(), Now: now.UnixMilli(), Most: int32(n),
	}
	var rows []sqlc.Job
	err = q.store.Tx(ctx, func(ctx context.Context, queries *sqlc.Queries) error {
		var err error
		if q.store.SkipsLocked() {
			rows, err = queries.ClaimJobsSkippingLocked(ctx, sqlc.ClaimJobsSkippingLockedParams(params))
		} else {
			rows, err = queries.ClaimJobs(ctx, params)
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim jobs: %w", err)
	}
	slices.SortFunc(rows, func(a, b sqlc.Job) int {
		return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	jobs := make([]Job, len(rows))
	for i, row := range rows {
		jobs[i] = fromRow(row)
	}
	return jobs, nil
}

// recover gives back, on SQLite, the jobs that a killed process left running: it
// was the only one. On PostgreSQL their leases have to end.
func (q *Queue) recover(ctx context.Context) error {
	if q.store.SkipsLocked() {
		return nil
	}
	now, err := q.store.Now(ctx)
	if err == nil {
		err = q.store.Tx(ctx, func(ctx context.Context, queries *sqlc.Queries) error {
			_, err := queries.EndAllLeases(ctx, now.UnixMilli())
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("give back the jobs of the process before: %w", err)
	}
	return nil
}
