package queue

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Run runs jobs until ctx ends; then it takes no more, lets running ones finish
// for Config.Grace, ends their contexts, and gives back what is left. It logs to
// the logger of ctx. Call it once.
func (q *Queue) Run(ctx context.Context) error {
	if err := q.recover(ctx); err != nil {
		if ctx.Err() != nil {
			return nil // asked to end before it began
		}
		return err
	}
	// Jobs, heartbeats and the clock of periodic jobs outlive ctx by the grace.
	jobsCtx, endJobs := context.WithCancelCause(context.WithoutCancel(ctx))
	defer endJobs(nil)
	var background sync.WaitGroup
	background.Go(func() { q.heartbeats(jobsCtx) })
	background.Go(func() { q.listen(ctx) })
	background.Go(func() { q.schedule(ctx) })

	var working sync.WaitGroup
	q.fetch(ctx, jobsCtx, &working)

	finished := make(chan struct{})
	go func() {
		working.Wait()
		close(finished)
	}()
	if !awaitFor(finished, q.config.Grace) {
		zerolog.Ctx(ctx).Info().Int("jobs", q.runningJobs()).Msg("giving back jobs that did not finish in time")
		endJobs(ErrShutdown)
		if !awaitFor(finished, q.config.Settle) {
			q.abandon(context.WithoutCancel(ctx))
		}
	}
	endJobs(nil)
	background.Wait()
	return nil
}

// awaitFor reports whether done was closed within d.
func awaitFor(done <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

// fetch claims jobs for free workers until ctx ends.
func (q *Queue) fetch(ctx, jobsCtx context.Context, working *sync.WaitGroup) {
	for ctx.Err() == nil {
		if q.anyFree() {
			jobs, err := q.claim(ctx)
			if err != nil {
				zerolog.Ctx(ctx).Error().Err(err).Msg("can't claim jobs")
			}
			for _, job := range jobs {
				q.startJob(jobsCtx, job, working)
			}
		}
		q.rest(ctx)
	}
}

// anyFree reports whether a worker of any pool has nothing to do.
func (q *Queue) anyFree() bool {
	return slices.ContainsFunc(q.pools, func(p *pool) bool { return p.free() > 0 })
}

// startJob gives a claimed job to a worker.
func (q *Queue) startJob(ctx context.Context, job Job, working *sync.WaitGroup) {
	pool := q.poolOf(job)
	pool.begin(job.Installation)
	working.Go(func() {
		defer q.wakeHere() // the next job of the key, and the free worker
		defer pool.end(job.Installation)
		q.work(ctx, job)
	})
}

// rest waits until something may be due.
func (q *Queue) rest(ctx context.Context) {
	timer := time.NewTimer(q.config.Poll)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-q.wake:
	case <-timer.C:
	}
}

// RunDue runs the jobs that are due now, and those that become due by that, and
// gives how many ran. It is for tests and for commands that end; a job that is
// put off until later is left.
func (q *Queue) RunDue(ctx context.Context) (ran int, err error) {
	for {
		jobs, err := q.claim(ctx)
		if err != nil {
			return ran, err
		}
		if len(jobs) == 0 {
			return ran, nil
		}
		var working sync.WaitGroup
		for _, job := range jobs {
			q.startJob(ctx, job, &working)
		}
		working.Wait()
		ran += len(jobs)
	}
}
