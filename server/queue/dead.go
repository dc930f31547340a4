package queue

import (
	"context"
	"errors"
	"fmt"
	"time"

	"plimsoll/server/store"
	"plimsoll/server/store/sqlc"
)

// Filter picks jobs.
type Filter struct {
	// State of the jobs; needed.
	State State
	// Installation whose jobs; AnyInstallation: all of them.
	Installation int64
	// Kind of the jobs; "": every kind.
	Kind string
	// Most is how many at the most.
	Most int
}

// AnyInstallation is the Filter.Installation of all installations.
const AnyInstallation int64 = -1

// Jobs lists jobs: the ready and running ones in the order in which they are due, the
// others beginning with the one that ended last.
func (q *Queue) Jobs(ctx context.Context, f Filter) ([]Job, error) {
	read := q.store.Read()
	var rows []sqlc.Job
	var err error
	if f.State == Dead {
		rows, err = read.ListDeadJobs(ctx, f.Installation, f.Kind, int32(f.Most))
	} else {
		rows, err = read.ListJobsInState(ctx, sqlc.ListJobsInStateParams{
			State: string(f.State), Installation: f.Installation, Kind: f.Kind, Most: int32(f.Most),
		})
	}
	if err != nil {
		return nil, fmt.Errorf("list %s jobs: %w", f.State, err)
	}
	jobs := make([]Job, len(rows))
	for i, row := range rows {
		jobs[i] = fromRow(row)
	}
	return jobs, nil
}

// Dead lists the dead jobs of an installation, the newest first, at most limit.
func (q *Queue) Dead(ctx context.Context, installation int64, limit int) ([]Job, error) {
	return q.Jobs(ctx, Filter{State: Dead, Installation: installation, Most: limit})
}

// Job gives a job, or an error that wraps io/fs.ErrNotExist.
func (q *Queue) Job(ctx context.Context, id string) (Job, error) {
	row, err := q.store.Read().GetJob(ctx, id)
	if err != nil {
		return Job{}, fmt.Errorf("get job %s: %w", id, store.NotExist(err))
	}
	return fromRow(row), nil
}

// ErrNotDead means that a job can't be revived because it is not dead.
var ErrNotDead = errors.New("the job is not dead")

// Retry revives a dead job: it is ready again, with all its tries. Where a newer job of
// its key and kind is ready, that one does its work. The error wraps ErrNotDead, or
// io/fs.ErrNotExist where there is no such job.
func (q *Queue) Retry(ctx context.Context, id string) error {
	now, err := q.store.Now(ctx)
	if err == nil {
		err = q.store.Tx(ctx, func(ctx context.Context, queries *sqlc.Queries) error {
			return q.RetryIn(ctx, queries, now, id)
		})
	}
	if err != nil {
		return fmt.Errorf("run job %s again: %w", id, err)
	}
	q.Wake()
	return nil
}

// RetryIn is Retry as part of a transaction. Call Wake after the commit.
func (q *Queue) RetryIn(ctx context.Context, queries *sqlc.Queries, now time.Time, id string) error {
	row, err := queries.GetJob(ctx, id)
	if err != nil {
		return store.NotExist(err)
	}
	if State(row.State) != Dead {
		return fmt.Errorf("%w: %s", ErrNotDead, row.State)
	}
	newer, err := queries.ReadyJobOf(ctx, row.Installation, row.Key, row.Kind)
	if store.Missing(err) {
		_, err = queries.ReviveJob(ctx, id, now.UnixMilli())
		return err
	}
	if err != nil {
		return err
	}
	if _, err := queries.SupersedeDeadJob(ctx, id, "coalesced into "+newer, now.UnixMilli()); err != nil {
		return err
	}
	return queries.MoveDeliveries(ctx, id, newer)
}
