package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/server/store"
	"plimsoll/server/store/sqlc"
)

// work is a job that runs in this process.
type work struct {
	queue  *Queue
	job    Job
	cancel context.CancelCauseFunc
	// extended is when the lease was taken or last extended, by this machine's
	// monotonic clock; leaseEnd is when it ends, by the clock of the database.
	extended, leaseEnd time.Time
	// returned: the job's function did; what is left is to store how it ended.
	returned atomic.Bool
}

func (q *Queue) work(ctx context.Context, job Job) {
	logger := zerolog.Ctx(ctx).With().Str("job", job.ID).Str("kind", job.Kind).Str("key", job.Key).
		Int64("installation", job.Installation).Int("attempt", job.Attempt).Logger()
	ctx = logger.WithContext(ctx)
	w := &work{queue: q, job: job, extended: time.Now(), leaseEnd: job.RunAt}
	jobCtx, cancel := context.WithCancelCause(store.WithFence(context.WithValue(ctx, workKey{}, w), w.fence))
	defer cancel(nil)
	jobCtx, stop := context.WithTimeoutCause(jobCtx, q.config.Timeout, ErrTimeout)
	defer stop()

	w.cancel = cancel
	q.begin(w)
	defer q.end(job.ID)

	started := time.Now()
	err := q.do(jobCtx, job)
	w.returned.Store(true)
	cause := context.Cause(jobCtx)
	outcome, settled := q.settle(context.WithoutCancel(ctx), job, err, cause)
	q.observe(job.Kind, outcome, time.Since(started))
	switch {
	case settled != nil:
		logger.Error().Err(settled).AnErr("job_error", err).Msg("can't store how the job ended; it will run again when its lease ends")
	case err != nil:
		logger.WithLevel(levelOf(err)).Err(err).Str("outcome", string(outcome)).Msg("job did not succeed")
	default:
		logger.Debug().Msg("job done")
	}
}

// levelOf is the level at which the log reports a job that did not succeed. That a job
// waits for something in use needs no attention.
func levelOf(err error) zerolog.Level {
	if class, snooze := classify(err); class == classSnooze && snooze.Scope == ThisJob {
		return zerolog.DebugLevel
	}
	return zerolog.WarnLevel
}

func (q *Queue) begin(w *work) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.running[w.job.ID] = w
}

func (q *Queue) end(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.running, id)
}

// runsHere reports whether a job runs in this process.
func (q *Queue) runsHere(id string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.running[id] != nil
}

func (q *Queue) runningJobs() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.running)
}

// do calls the function of the job's kind; a panic is the job's error.
func (q *Queue) do(ctx context.Context, job Job) (err error) {
	if job.Attempt > q.config.MaxFailures {
		return Permanent(errors.New("the lease ran out too often: the job may be what ends the process"))
	}
	fn := q.registeredFor(job.Kind).fn
	if fn == nil {
		return fmt.Errorf("this server does not handle jobs of kind %q", job.Kind)
	}
	defer func() {
		if v := recover(); v != nil {
			failure := &PanicError{Value: v, Stack: debug.Stack()}
			zerolog.Ctx(ctx).Error().Str("stack", string(failure.Stack)).Msg(failure.Error())
			err = failure
		}
	}()
	return fn(ctx, job)
}

// outcome of one run of a job.
type outcome string

const (
	outcomeDone      outcome = "done"
	outcomeRetry     outcome = "retry"
	outcomeSnooze    outcome = "snooze"
	outcomeShared    outcome = "shared-fault"
	outcomeDead      outcome = "dead"
	outcomeGivenBack outcome = "given-back"
	outcomeLost      outcome = "lease-lost"
)

// settle stores how a job ended.
func (q *Queue) settle(ctx context.Context, job Job, err, cause error) (outcome, error) {
	if errors.Is(cause, ErrLeaseLost) {
		return outcomeLost, nil // another worker's word counts
	}
	end := q.endingOf(ctx, job, err, cause)
	// The effect has happened: a database that is away for a moment must not make
	// it happen again.
	var stored error
	for pause := 100 * time.Millisecond; pause < q.config.Lease/2; pause *= 2 {
		if stored = q.conclude(ctx, job, end); stored == nil {
			return end.outcome, nil
		}
		if errors.Is(stored, ErrLeaseLost) {
			return outcomeLost, nil
		}
		if errors.Is(stored, store.ErrClosed) {
			break
		}
		time.Sleep(pause)
	}
	return end.outcome, stored
}

// ending is what becomes of a job after a run.
type ending struct {
	state   State
	outcome outcome
	failed  int64
	wait    time.Duration // for Ready: from now
	now     bool          // for Ready: in its old place, before newer jobs of the key
	pause   *Snooze       // nothing runs until it is over
	whole   bool          // the pause holds for the installation, not for the job alone
	text    string
}

func (q *Queue) endingOf(ctx context.Context, job Job, err, cause error) ending {
	if err == nil {
		q.closeCircuit(ctx, job)
		return ending{state: Done, outcome: outcomeDone}
	}
	text := truncate(err.Error())
	if errors.Is(cause, ErrShutdown) {
		return ending{state: Ready, outcome: outcomeGivenBack, now: true, text: text}
	}
	kind, snooze := classify(err)
	switch kind {
	case classSnooze:
		whole := snooze.Scope == Installation && job.Installation != 0
		return ending{state: Ready, outcome: outcomeSnooze, now: whole, pause: &snooze, whole: whole, text: text}
	case classShared:
		if pause, shared := q.circuits.failed(job, q.claims.Load(), q.config); shared {
			end := ending{state: Ready, outcome: outcomeShared, whole: true, text: text}
			if pause > 0 {
				end.pause = &Snooze{For: pause}
				q.circuitPauses.Inc()
				zerolog.Ctx(ctx).Warn().Err(err).Int64("installation", job.Installation).Dur("pause", pause).
					Msg("paused the work of an installation: its jobs fail with a fault that they share; no try is counted")
			}
			return end
		}
	case classPermanent:
		q.closeCircuit(ctx, job)
		return ending{state: Dead, outcome: outcomeDead, failed: 1, text: text}
	}
	if job.Attempt >= q.config.MaxFailures {
		return ending{state: Dead, outcome: outcomeDead, failed: 1, text: text}
	}
	return ending{state: Ready, outcome: outcomeRetry, failed: 1, wait: q.config.backoff(job.Attempt), text: text}
}

// closeCircuit notes that a job came to its end.
func (q *Queue) closeCircuit(ctx context.Context, job Job) {
	if since := q.circuits.closed(job.Installation); !since.IsZero() {
		zerolog.Ctx(ctx).Info().Int64("installation", job.Installation).Time("since", since).
			Msg("the shared fault has ended: the work of the installation goes on")
	}
}

// truncate bounds an error's text, which may hold a whole answer of GitHub's.
func truncate(text string) string {
	const most = 2000
	if len(text) > most {
		text = text[:most] + "…"
	}
	return store.Clean(text)
}

// conclude does what a job's death asks for and stores the ending.
func (q *Queue) conclude(ctx context.Context, job Job, end ending) error {
	if end.state == Dead {
		if err := q.whenDead(ctx, job); err != nil {
			return err
		}
	}
	return q.record(ctx, job, end)
}

// record stores an ending, unless the lease was lost.
func (q *Queue) record(ctx context.Context, job Job, end ending) error {
	ctx, cancel := context.WithTimeout(ctx, claimTimeout)
	defer cancel()
	now, err := q.store.Now(ctx)
	if err != nil {
		return err
	}
	return q.store.Tx(ctx, func(ctx context.Context, queries *sqlc.Queries) error {
		if end.state != Ready {
			return finish(ctx, queries, job, end, now)
		}
		return requeue(ctx, queries, job, end, now)
	})
}

func finish(ctx context.Context, queries *sqlc.Queries, job Job, end ending, now time.Time) error {
	return fenced(queries.FinishJob(ctx, sqlc.FinishJobParams{
		State: string(end.state), LastError: end.text, Failed: end.failed, Now: now.UnixMilli(),
		ID: job.ID, Owner: job.worker, Attempt: job.fence,
	}))
}

// requeue makes a job ready again. Where a newer one of its key and kind waits, the
// newer one stands for both.
func requeue(ctx context.Context, queries *sqlc.Queries, job Job, end ending, now time.Time) error {
	at := now.Add(end.wait)
	if end.now {
		at = job.CreatedAt
	}
	if end.pause != nil {
		// At least a second: a reset in the past must not become a busy loop.
		until := end.pause.Until
		if until.IsZero() {
			until = now.Add(end.pause.For)
		}
		if soonest := now.Add(time.Second); until.Before(soonest) {
			until = soonest
		}
		if !end.whole {
			at = until
		} else if err := queries.PutPause(ctx, job.Installation, until.UnixMilli(), end.text); err != nil {
			return err
		}
	}
	newer, err := queries.ReadyJobOf(ctx, job.Installation, job.Key, job.Kind)
	if err == nil {
		end.text = truncate("coalesced into " + newer + " after: " + end.text)
		end.state, end.failed = Done, 0
		if err := finish(ctx, queries, job, end, now); err != nil {
			return err
		}
		return queries.MoveDeliveries(ctx, job.ID, newer)
	}
	if !store.Missing(err) {
		return err
	}
	return fenced(queries.RequeueJob(ctx, sqlc.RequeueJobParams{
		LastError: end.text, Failed: end.failed, RunAt: at.UnixMilli(), Now: now.UnixMilli(),
		ID: job.ID, Owner: job.worker, Attempt: job.fence,
	}))
}

// fenced turns "no such row" into a lost lease.
func fenced(rows int64, err error) error {
	if err == nil && rows == 0 {
		return ErrLeaseLost
	}
	return err
}
