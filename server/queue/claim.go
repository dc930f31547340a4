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

// mostAtSight is how many due jobs a claim reads to find out which installations have some.
// If there are more, it reads the installations one by one.
const mostAtSight = 64

// claim takes due jobs for the free workers of every pool.
func (q *Queue) claim(ctx context.Context) ([]Job, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), claimTimeout)
	defer cancel()
	now, err := q.store.Now(ctx)
	if err != nil {
		return nil, fmt.Errorf("claim jobs: %w", err)
	}
	var dealt []*turns
	err = q.store.Tx(ctx, func(ctx context.Context, queries *sqlc.Queries) error {
		c := claimer{
			queries: queries, now: now.UnixMilli(), leaseEnd: now.Add(q.config.Lease).UnixMilli(),
			owner: q.config.Owner, skipsLocked: q.store.SkipsLocked(), runsHere: q.runsHere,
		}
		dealt = nil
		for _, pool := range q.pools {
			if t := pool.turns(); t.free > 0 {
				dealt = append(dealt, t)
			}
		}
		return c.claim(ctx, dealt)
	})
	if err != nil {
		return nil, fmt.Errorf("claim jobs: %w", err)
	}
	var rows []sqlc.Job
	for _, t := range dealt {
		t.pool.passed(t.last)
		rows = append(rows, t.rows...)
	}
	slices.SortFunc(rows, func(a, b sqlc.Job) int {
		return cmp.Or(cmp.Compare(a.CreatedAt, b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	claim := q.claims.Add(1)
	jobs := make([]Job, len(rows))
	for i, row := range rows {
		jobs[i] = fromRow(row)
		jobs[i].claim = claim
	}
	return jobs, nil
}

// claimer claims jobs in one transaction.
type claimer struct {
	queries       *sqlc.Queries
	now, leaseEnd int64
	owner         string
	skipsLocked   bool
	runsHere      func(id string) bool
}

func (c claimer) claim(ctx context.Context, pools []*turns) error {
	ended, err := c.queries.ListEndedLeases(ctx, c.now)
	if err != nil {
		return err
	}
	due, err := c.queries.ListFirstDue(ctx, c.now, mostAtSight+1)
	if err != nil {
		return err
	}
	for _, t := range pools {
		// What a worker left behind has waited for its whole lease.
		if err := c.takeOver(ctx, t, ended); err != nil {
			return err
		}
		if len(due) <= mostAtSight {
			err = c.deal(ctx, t, t.inTurn(due))
		} else {
			err = c.goRound(ctx, t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// takeOver claims running jobs of a pool whose lease ended. A job that runs in this very
// process is left to it: its next heartbeat extends the lease.
func (c claimer) takeOver(ctx context.Context, t *turns, ended []sqlc.ListEndedLeasesRow) error {
	for _, job := range ended {
		if job.Pool != t.pool.name || t.free == 0 || t.room(job.Installation) == 0 || c.runsHere(job.ID) {
			continue
		}
		rows, err := c.queries.TakeOverJob(ctx, sqlc.TakeOverJobParams{Owner: c.owner, LeaseEnd: c.leaseEnd, Now: c.now, ID: job.ID})
		if err != nil {
			return err
		}
		t.take(job.Installation, rows)
	}
	return nil
}

// goRound deals to all installations with due jobs in turn, reading no more of them than
// it takes to give every free worker a job.
func (c claimer) goRound(ctx context.Context, t *turns) error {
	r := ring{start: t.last, after: t.last}
	for t.free > 0 && !r.over {
		// Those that have their share get none, so more are needed.
		waiting, err := c.next(ctx, t.pool.name, &r, t.free+t.full())
		if err != nil {
			return err
		}
		if err := c.deal(ctx, t, waiting); err != nil {
			return err
		}
	}
	return nil
}

// next gives the next installations of a ring that have a due job, at most so many.
func (c claimer) next(ctx context.Context, pool string, r *ring, most int) ([]int64, error) {
	var found []int64
	for len(found) < most && !r.over {
		more, err := c.queries.ListDueInstallations(ctx, sqlc.ListDueInstallationsParams{
			Pool: pool, Now: c.now, After: r.after, Until: r.until(), Most: int32(most - len(found)),
		})
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
		r.advance(found, len(found) == most)
	}
	return found, nil
}

// deal gives the free workers to installations one after the other, one job at a time,
// until there are no more workers or no more jobs.
func (c claimer) deal(ctx context.Context, t *turns, waiting []int64) error {
	for t.free > 0 && len(waiting) > 0 {
		wanted := t.deal(waiting)
		var more []int64
		for i, installation := range waiting {
			if wanted[i] == 0 {
				continue
			}
			rows, err := c.jobsOf(ctx, t.pool.name, installation, wanted[i])
			if err != nil {
				return err
			}
			t.take(installation, rows)
			if len(rows) == wanted[i] {
				more = append(more, installation)
			}
		}
		waiting = more
	}
	return nil
}

func (c claimer) jobsOf(ctx context.Context, pool string, installation int64, most int) ([]sqlc.Job, error) {
	params := sqlc.ClaimJobsParams{
		Pool: pool, Installation: installation, Owner: c.owner, LeaseEnd: c.leaseEnd, Now: c.now, Most: int32(most),
	}
	if c.skipsLocked {
		return c.queries.ClaimJobsSkippingLocked(ctx, sqlc.ClaimJobsSkippingLockedParams(params))
	}
	return c.queries.ClaimJobs(ctx, params)
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
