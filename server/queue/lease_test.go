package queue

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"plimsoll/server/store/sqlc"
)

// claimOne claims the one job that is due.
func claimOne(t *testing.T, q *Queue) Job {
	t.Helper()
	jobs, err := q.claim(t.Context())
	if err != nil || len(jobs) != 1 {
		t.Fatalf("claimed %d jobs, %v; want 1", len(jobs), err)
	}
	return jobs[0]
}

func expectNoneDue(t *testing.T, q *Queue) {
	t.Helper()
	if jobs, err := q.claim(t.Context()); err != nil || len(jobs) != 0 {
		t.Fatalf("claimed %+v, %v; want none", jobs, err)
	}
}

func TestALeaseThatEndedIsTakenOverAndTheFirstWorkerIsFenced(t *testing.T) {
	each(t, Config{Owner: "first", Lease: time.Minute}, func(t *testing.T, b *bench) {
		second := b.replica(Config{Owner: "second", Lease: time.Minute})
		b.enqueue(Job{ID: "j", Installation: 1, Kind: "judge", Key: "pull/1"})
		mine := claimOne(t, b.Queue)
		b.advance(time.Minute - time.Millisecond)
		expectNoneDue(t, second)
		b.advance(time.Millisecond)
		theirs := claimOne(t, second)
		if theirs.ID != mine.ID || theirs.Attempt != 2 {
			t.Errorf("taken over: %+v", theirs)
		}
		// Whatever the first worker reports now is not taken.
		for _, err := range []error{nil, errors.New("502"), Permanent(errors.New("x")), Snooze{Until: b.clock().Add(time.Hour)}} {
			if outcome, stored := b.settle(t.Context(), mine, err, nil); outcome != outcomeLost || stored != nil {
				t.Errorf("settling with %v: %s, %v", err, outcome, stored)
			}
		}
		if stats, err := b.Stats(t.Context()); err != nil || len(stats.Paused) != 0 {
			t.Errorf("the fenced worker paused %v, %v", stats.Paused, err)
		}
		if outcome, err := second.settle(t.Context(), theirs, nil, nil); outcome != outcomeDone || err != nil {
			t.Errorf("second worker: %s, %v", outcome, err)
		}
		if job := b.job("j"); job.State != Done {
			t.Errorf("job: %+v", job)
		}
	})
}

func TestTheSameOwnerIsFencedByTheAttempt(t *testing.T) {
	each(t, Config{Lease: time.Minute}, func(t *testing.T, b *bench) {
		b.enqueue(Job{ID: "j", Kind: "judge"})
		old := claimOne(t, b.Queue)
		b.advance(time.Minute)
		claimOne(t, b.Queue)
		if outcome, err := b.settle(t.Context(), old, nil, nil); outcome != outcomeLost || err != nil {
			t.Errorf("%s, %v", outcome, err)
		}
		b.expectCounts(0, 1, 0)
	})
}

func TestAHeartbeatExtendsTheLease(t *testing.T) {
	each(t, Config{Owner: "first", Lease: time.Minute}, func(t *testing.T, b *bench) {
		second := b.replica(Config{Owner: "second", Lease: time.Minute})
		b.Register("judge", func(ctx context.Context, _ Job) error {
			for range 5 {
				b.advance(20 * time.Second)
				b.heartbeat(ctx)
				expectNoneDue(t, second)
			}
			return ctx.Err()
		})
		b.enqueue(Job{ID: "j", Kind: "judge"})
		b.runDue()
		if job := b.job("j"); job.State != Done {
			t.Errorf("job: %+v", job)
		}
	})
}

func TestAHeartbeatTellsAWorkerThatItsLeaseIsLost(t *testing.T) {
	each(t, Config{Owner: "first", Lease: time.Minute}, func(t *testing.T, b *bench) {
		second := b.replica(Config{Owner: "second", Lease: time.Minute})
		b.Register("judge", func(ctx context.Context, _ Job) error {
			b.advance(2 * time.Minute)
			claimOne(t, second)
			b.heartbeat(ctx)
			<-ctx.Done()
			b.note(context.Cause(ctx).Error())
			return ctx.Err()
		})
		b.enqueue(Job{ID: "j", Kind: "judge"})
		b.mustRun(t)
		b.expectRan(ErrLeaseLost.Error())
		b.expectCounts(0, 1, 0) // the second worker's
	})
}

func TestHoldingAJobExtendsItsLease(t *testing.T) {
	each(t, Config{Owner: "first", Lease: time.Minute}, func(t *testing.T, b *bench) {
		second := b.replica(Config{Owner: "second", Lease: time.Minute})
		b.Register("judge", func(ctx context.Context, _ Job) error {
			for range 5 {
				b.advance(50 * time.Second)
				if err := Hold(ctx); err != nil {
					return err
				}
				expectNoneDue(t, second)
			}
			b.advance(2 * time.Minute) // nobody has taken it over
			return Hold(ctx)
		})
		b.enqueue(Job{ID: "j", Kind: "judge"})
		b.runDue()
		if job := b.job("j"); job.State != Done {
			t.Errorf("job: %+v", job)
		}
	})
}

func TestAJobOfAnotherWorkerCannotBeHeld(t *testing.T) {
	each(t, Config{Owner: "first", Lease: time.Minute}, func(t *testing.T, b *bench) {
		second := b.replica(Config{Owner: "second", Lease: time.Minute})
		b.Register("judge", func(ctx context.Context, _ Job) error {
			b.advance(time.Minute)
			claimOne(t, second)
			err := Hold(ctx)
			if !errors.Is(err, ErrLeaseLost) || !errors.Is(context.Cause(ctx), ErrLeaseLost) {
				t.Errorf("held: %v, the context's end: %v", err, context.Cause(ctx))
			}
			return err
		})
		b.enqueue(Job{ID: "j", Kind: "judge"})
		b.mustRun(t)
		b.expectCounts(0, 1, 0) // the second worker's
	})
}

// What a worker read before it was suspended must not overwrite what another one, which has
// done the job meanwhile, has stored.
func TestAJobOfAnotherWorkerCannotWrite(t *testing.T) {
	each(t, Config{Owner: "first", Lease: time.Minute}, func(t *testing.T, b *bench) {
		second := b.replica(Config{Owner: "second", Lease: time.Minute})
		write := func(ctx context.Context, value string) error {
			return b.store.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error { return q.PutPause(ctx, 7, 1, value) })
		}
		b.Register("judge", func(ctx context.Context, _ Job) error {
			if err := write(ctx, "held"); err != nil {
				t.Errorf("while it holds the job: %v", err)
			}
			b.advance(time.Minute)
			if err := write(ctx, "not taken over"); err != nil {
				t.Errorf("while nobody else has taken it over: %v", err)
			}
			claimOne(t, second)
			if err := write(t.Context(), "the other"); err != nil {
				t.Error(err)
			}
			err := write(ctx, "overtaken")
			if !errors.Is(err, ErrLeaseLost) || !errors.Is(context.Cause(ctx), ErrLeaseLost) {
				t.Errorf("written: %v, the context's end: %v", err, context.Cause(ctx))
			}
			return err
		})
		b.enqueue(Job{ID: "j", Kind: "judge"})
		b.mustRun(t)
		b.expectCounts(0, 1, 0) // the second worker's
		pauses, err := b.store.Read().ListPauses(t.Context(), 0)
		if err != nil || len(pauses) != 1 || pauses[0].Reason != "the other" {
			t.Errorf("stored: %+v, %v", pauses, err)
		}
	})
}

func TestOutsideOfJobsThereIsNothingToHold(t *testing.T) {
	if err := Hold(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestAProcessDoesNotTakeOverWhatItRuns(t *testing.T) {
	each(t, Config{Lease: time.Minute, Workers: 4}, func(t *testing.T, b *bench) {
		b.Register("judge", func(context.Context, Job) error {
			b.advance(time.Hour)
			expectNoneDue(t, b.Queue)
			b.note("ran")
			return nil
		})
		b.enqueue(Job{ID: "j", Kind: "judge"})
		b.runDue()
		b.expectRan("ran")
	})
}

// mustRun claims once and does what was claimed.
func (b *bench) mustRun(t *testing.T) {
	t.Helper()
	b.work(t.Context(), claimOne(t, b.Queue))
}

func TestAJobThatKeepsEndingTheProcessIsDead(t *testing.T) {
	each(t, Config{MaxFailures: 3, Lease: time.Minute}, func(t *testing.T, b *bench) {
		b.Register("judge", func(context.Context, Job) error { b.note("ran"); return nil })
		b.enqueue(Job{ID: "j", Kind: "judge"})
		for range 3 {
			claimOne(t, b.Queue) // and then the process is killed
			b.advance(time.Minute)
		}
		b.mustRun(t)
		b.expectRan()
		if job := b.job("j"); job.State != Dead || !strings.Contains(job.LastError, "the lease ran out too often") {
			t.Errorf("job: %+v", job)
		}
	})
}

func TestRecoveryGivesBackAtOnceOnSQLite(t *testing.T) {
	each(t, Config{Lease: time.Hour}, func(t *testing.T, b *bench) {
		b.Register("judge", func(_ context.Context, job Job) error { b.note(string(job.Args)); return nil })
		b.enqueue(Job{Installation: 1, Kind: "judge", Key: "pull/1", Args: args("old")})
		claimOne(t, b.Queue)
		b.advance(time.Second)
		b.enqueue(Job{Installation: 1, Kind: "judge", Key: "pull/1", Args: args("new")})
		if err := b.recover(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.runDue()
		if b.store.SkipsLocked() {
			b.expectRan() // another replica may be at it
			b.advance(time.Hour)
			b.runDue()
		}
		b.expectRan(`"old"`, `"new"`)
	})
}

func TestAJobThatIsGivenBackKeepsItsPlaceAndItsTries(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		b.enqueue(Job{ID: "a", Installation: 1, Kind: "a", Key: "pull/1"})
		job := claimOne(t, b.Queue)
		b.advance(time.Second)
		b.enqueue(Job{ID: "b", Installation: 1, Kind: "b", Key: "pull/1"})
		b.advance(time.Second)
		if outcome, err := b.settle(t.Context(), job, context.Canceled, ErrShutdown); outcome != outcomeGivenBack || err != nil {
			t.Fatalf("%s, %v", outcome, err)
		}
		if again := claimOne(t, b.Queue); again.ID != "a" || again.Attempt != 1 {
			t.Errorf("claimed %+v, want a, not counted", again)
		}
	})
}
