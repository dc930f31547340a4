package queue

import (
	"context"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/store/sqlc"
)

// periodic is a job that every replica stores once per bucket of time, under one
// name, so that it runs once.
type periodic struct {
	kind     string
	interval time.Duration
	last     int64 // the bucket stored last by this process
}

// Every has a job of a kind run once per interval, by whichever replica takes it,
// and when a process starts: what it is to find may have happened while none ran.
// While one waits, the next is left out. Register the kind too.
func (q *Queue) Every(kind string, interval time.Duration) {
	if interval < time.Second || interval > minKeep/2 {
		panic(fmt.Sprintf("queue: interval of %s must be between a second and %v, is %v", kind, minKeep/2, interval))
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.periodic = append(q.periodic, &periodic{kind: kind, interval: interval, last: -1})
}

// schedule stores periodic jobs until ctx ends.
func (q *Queue) schedule(ctx context.Context) {
	for {
		if err := q.schedulePeriodic(ctx); err != nil && ctx.Err() == nil {
			zerolog.Ctx(ctx).Error().Err(err).Msg("can't store periodic jobs")
		}
		if !awaitTime(ctx, q.config.Poll) {
			return
		}
	}
}

// schedulePeriodic stores the periodic jobs whose bucket has begun.
func (q *Queue) schedulePeriodic(ctx context.Context) error {
	now, err := q.store.Now(ctx)
	if err != nil {
		return fmt.Errorf("schedule periodic jobs: %w", err)
	}
	q.mu.Lock()
	list := q.periodic
	q.mu.Unlock()
	for _, p := range list {
		bucket := now.UnixMilli() / p.interval.Milliseconds()
		if bucket == p.last {
			continue
		}
		name := fmt.Sprintf("%s@%d/%d", p.kind, p.interval.Milliseconds(), bucket)
		if err := q.enqueuePeriodic(ctx, now, Job{Kind: p.kind, Key: p.kind, Dedupe: name}, p.last < 0); err != nil {
			return err
		}
		p.last = bucket
	}
	return nil
}

// enqueuePeriodic stores a job unless its bucket has one; at a start in any case,
// merged with one that waits.
func (q *Queue) enqueuePeriodic(ctx context.Context, now time.Time, job Job, start bool) error {
	again := job
	again.Dedupe = ""
	err := q.store.Tx(ctx, func(ctx context.Context, queries *sqlc.Queries) error {
		before, err := queries.CountNamed(ctx, job.Dedupe)
		if err != nil {
			return err
		}
		if before > 0 && start {
			_, err = q.EnqueueIn(ctx, queries, now, again)
			return err
		}
		_, err = q.EnqueueIn(ctx, queries, now, job)
		return err
	})
	if err != nil {
		return fmt.Errorf("schedule %s: %w", job.Kind, err)
	}
	q.Wake()
	return nil
}

// kindPrune deletes what is kept no longer.
const kindPrune = "queue.prune"

func (q *Queue) prune(ctx context.Context, _ Job) error {
	now, err := q.store.Now(ctx)
	if err != nil {
		return err
	}
	before := now.Add(-q.config.Keep).UnixMilli()
	err = q.store.Tx(ctx, func(ctx context.Context, queries *sqlc.Queries) error {
		if _, err := queries.PruneJobs(ctx, before); err != nil {
			return err
		}
		if _, err := queries.PruneDeliveries(ctx, before); err != nil {
			return err
		}
		if _, err := queries.PruneAskedDeliveries(ctx, before); err != nil {
			return err
		}
		_, err := queries.PrunePauses(ctx, now.UnixMilli())
		return err
	})
	if err != nil {
		return fmt.Errorf("delete finished jobs: %w", err)
	}
	// A day: a registration that is just being written refers to its content last.
	if _, err := q.store.PruneContents(ctx, now.Add(-24*time.Hour)); err != nil || q.config.Prune == nil {
		return err
	}
	return q.config.Prune(ctx, now)
}
