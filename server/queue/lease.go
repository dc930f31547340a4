package queue

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/store"
	"plimsoll/server/store/sqlc"
)

// heartbeats extends the leases of running jobs every third of a lease until ctx
// ends.
func (q *Queue) heartbeats(ctx context.Context) {
	ticker := time.NewTicker(q.config.Lease / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			q.heartbeat(ctx)
		}
	}
}

// heartbeat extends the leases of all running jobs. It stops a job whose lease another
// worker holds, or can't have been extended in time.
func (q *Queue) heartbeat(ctx context.Context) {
	lost, err := q.extend(ctx, q.atWork())
	if err != nil {
		zerolog.Ctx(ctx).Error().Err(err).Msg("can't extend the leases of running jobs")
	}
	for _, w := range lost {
		if w.returned.Load() {
			continue // it has ended in the meantime
		}
		zerolog.Ctx(ctx).Warn().Str("job", w.job.ID).Str("kind", w.job.Kind).Msg("lost the lease of a running job")
		w.cancel(ErrLeaseLost)
	}
}

// atWork gives the jobs that run in this process.
func (q *Queue) atWork() []*work {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Collect(maps.Values(q.running))
}

// extend extends leases in one transaction and gives the jobs that lost theirs.
func (q *Queue) extend(ctx context.Context, works []*work) (lost []*work, err error) {
	if len(works) == 0 {
		return nil, nil
	}
	asked := time.Now()
	// The fence would hide which jobs are lost.
	ctx, cancel := context.WithTimeout(store.WithFence(ctx, nil), q.config.Lease/3)
	defer cancel()
	now, err := q.store.Now(ctx)
	if err == nil {
		err = q.store.Tx(ctx, func(ctx context.Context, queries *sqlc.Queries) error {
			lost = nil
			for _, w := range works {
				rows, err := queries.ExtendLease(ctx, sqlc.ExtendLeaseParams{
					LeaseEnd: now.Add(q.config.Lease).UnixMilli(), Now: now.UnixMilli(),
					ID: w.job.ID, Owner: w.job.worker, Attempt: w.job.fence,
				})
				if err != nil {
					return err
				}
				if rows == 0 {
					lost = append(lost, w)
				}
			}
			return nil
		})
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil {
		lost = nil
		for _, w := range works {
			if time.Since(w.extended) >= q.config.Lease {
				lost = append(lost, w)
			}
		}
		return lost, err
	}
	for _, w := range works {
		w.extended, w.leaseEnd = asked, now.Add(q.config.Lease)
	}
	return lost, nil
}

// Hold makes sure that the job of ctx still belongs to this process, and will for half
// a lease at least. Call it before an effect that can't be undone: a process that was
// suspended does not know that another one has done its job meanwhile. It fails with
// ErrLeaseLost, which ends ctx as well, or where the database gives no answer. Outside
// of jobs it does nothing.
func Hold(ctx context.Context) error {
	w, ok := ctx.Value(workKey{}).(*work)
	if !ok {
		return nil
	}
	return w.queue.hold(ctx, w)
}

func (q *Queue) hold(ctx context.Context, w *work) error {
	now, err := q.store.Now(ctx)
	if err != nil {
		return fmt.Errorf("check the lease of the job: %w", err)
	}
	if q.leaseEnd(w).Sub(now) >= q.config.Lease/2 {
		return nil // nobody else takes a job before its lease ends
	}
	lost, err := q.extend(ctx, []*work{w})
	switch {
	case len(lost) > 0:
		zerolog.Ctx(ctx).Warn().Msg("lost the lease of the job before a request")
		w.cancel(ErrLeaseLost)
		return ErrLeaseLost
	case err != nil:
		return fmt.Errorf("extend the lease of the job: %w", err)
	}
	return nil
}

// fence lets a job write to the database as long as it belongs to this process. It is asked
// in the transaction that writes: what a process read before it was suspended must not
// overwrite what another one, which has done the job meanwhile, has stored.
func (w *work) fence(ctx context.Context, queries *sqlc.Queries) error {
	held, err := queries.HoldsJob(ctx, w.job.ID, w.job.worker, w.job.fence)
	if err != nil {
		return fmt.Errorf("check the lease of the job: %w", err)
	}
	if held == 0 {
		zerolog.Ctx(ctx).Warn().Msg("lost the lease of the job before it could write")
		w.cancel(ErrLeaseLost)
		return ErrLeaseLost
	}
	return nil
}

func (q *Queue) leaseEnd(w *work) time.Time {
	q.mu.Lock()
	defer q.mu.Unlock()
	return w.leaseEnd
}

// abandon gives back the jobs that did not return although their contexts ended.
// The fence keeps what they may still report out of the database.
func (q *Queue) abandon(ctx context.Context) {
	for _, w := range q.atWork() {
		end := ending{state: Ready, outcome: outcomeGivenBack, now: true, text: ErrShutdown.Error()}
		if err := q.record(ctx, w.job, end); err != nil {
			zerolog.Ctx(ctx).Error().Err(err).Str("job", w.job.ID).Msg("can't give back a job; it will run again when its lease ends")
		}
	}
}
