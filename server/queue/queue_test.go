package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/server/store"
)

func TestJobsOfAKeyAndKindAreMerged(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		b.Register("judge", func(_ context.Context, job Job) error { b.note(job.Key + string(job.Args)); return nil })
		b.Register("other", func(_ context.Context, job Job) error { b.note("other " + string(job.Args)); return nil })
		b.enqueue(
			Job{Installation: 1, Kind: "judge", Key: "pull/1", Args: args("first")},
			Job{Installation: 1, Kind: "judge", Key: "pull/1", Args: args("second")},
			Job{Installation: 1, Kind: "judge", Key: "pull/2", Args: args("third")},
		)
		b.advance(time.Millisecond)
		b.enqueue(
			Job{Installation: 1, Kind: "judge", Key: "pull/1", Args: args("newest")},
			Job{Installation: 1, Kind: "other", Key: "pull/1", Args: args("kinds are apart")},
			Job{Installation: 2, Kind: "judge", Key: "pull/1", Args: args("installations are apart")},
			Job{Installation: 1, Kind: "other", Args: args("no key, no merging")},
			Job{Installation: 1, Kind: "other", Args: args("no key, no merging")},
		)
		if n := b.runDue(); n != 6 {
			t.Errorf("%d jobs ran, want 6", n)
		}
		slices.Sort(b.ran)
		b.expectRan(`other "kinds are apart"`, `other "no key, no merging"`, `other "no key, no merging"`,
			`pull/1"installations are apart"`, `pull/1"newest"`, `pull/2"third"`)
		b.expectCounts(0, 0, 0)
	})
}

func TestOneJobOfAKeyRunsAtATime(t *testing.T) {
	each(t, Config{Workers: 8}, func(t *testing.T, b *bench) {
		for i := range 5 {
			kind := fmt.Sprintf("step%d", i)
			b.Register(kind, func(_ context.Context, job Job) error { b.note(job.Kind); return nil })
			b.enqueue(Job{Installation: 1, Kind: kind, Key: "pull/1"})
			b.advance(time.Millisecond)
		}
		for i := range 5 {
			jobs, err := b.claim(t.Context())
			if err != nil || len(jobs) != 1 {
				t.Fatalf("claim %d: %d jobs, %v; want 1", i, len(jobs), err)
			}
			b.work(t.Context(), jobs[0])
		}
		b.expectRan("step0", "step1", "step2", "step3", "step4")
	})
}

func TestARetryWaitsLongerEachTimeAndEndsDead(t *testing.T) {
	each(t, Config{MaxFailures: 3, Backoff: time.Second}, func(t *testing.T, b *bench) {
		down := errors.New("502")
		b.Register("judge", func(_ context.Context, job Job) error { b.note(fmt.Sprint(job.Attempt)); return down })
		b.enqueue(Job{ID: "j", Installation: 1, Kind: "judge", Key: "pull/1"})
		for _, wait := range []time.Duration{time.Second, 2 * time.Second} {
			b.runDue()
			b.advance(wait - time.Millisecond)
			if n := b.runDue(); n != 0 {
				t.Errorf("ran %d jobs before the %v were over", n, wait)
			}
			b.advance(time.Millisecond)
		}
		b.runDue()
		b.expectRan("1", "2", "3")
		b.expectCounts(0, 0, 1)
		dead, err := b.Dead(t.Context(), 1, 10)
		if err != nil || len(dead) != 1 || dead[0].LastError != "502" {
			t.Fatalf("dead: %+v, %v", dead, err)
		}
		// An operator runs it again, when GitHub is well.
		down = nil
		if err := b.Retry(t.Context(), "j"); err != nil {
			t.Fatal(err)
		}
		b.runDue()
		b.expectRan("1")
		b.expectCounts(0, 0, 0)
		if err := b.Retry(t.Context(), "j"); !errors.Is(err, ErrNotDead) {
			t.Errorf("a second Retry: %v", err)
		}
	})
}

func TestASnoozePutsTheWholeInstallationToSleep(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		reset := b.now.Add(time.Hour)
		var err error = limited{reset}
		b.Register("judge", func(_ context.Context, job Job) error {
			b.note(fmt.Sprintf("%s try %d", job.Key, job.Attempt))
			if job.Installation == 1 {
				return err
			}
			return nil
		})
		b.enqueue(Job{Installation: 1, Kind: "judge", Key: "pull/1"})
		b.runDue()
		b.advance(time.Second)
		b.enqueue(Job{Installation: 1, Kind: "judge", Key: "pull/2"}, Job{Installation: 2, Kind: "judge", Key: "pull/3"})
		b.runDue()
		b.expectRan("pull/1 try 1", "pull/3 try 1")
		if stats, err := b.Stats(t.Context()); err != nil || !stats.Paused[1].Equal(reset) || len(stats.Paused) != 1 {
			t.Errorf("paused: %v, %v", stats.Paused, err)
		}
		b.advance(time.Hour)
		err = nil
		b.runDue()
		slices.Sort(b.ran)
		b.expectRan("pull/1 try 1", "pull/2 try 1") // a snooze is not counted
	})
}

func TestASnoozeOfOneJobLeavesTheOthers(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		until := b.now.Add(time.Minute)
		b.Register("judge", func(_ context.Context, job Job) error {
			b.note(job.Key)
			if job.Key == "pull/1" && b.clock().Before(until) {
				return Snooze{Until: until, Scope: ThisJob}
			}
			return nil
		})
		b.enqueue(Job{Installation: 1, Kind: "judge", Key: "pull/1"}, Job{Installation: 1, Kind: "judge", Key: "pull/2"})
		b.runDue()
		slices.Sort(b.ran)
		b.expectRan("pull/1", "pull/2")
		b.advance(time.Minute)
		b.runDue()
		b.expectRan("pull/1")
	})
}

func TestAPanicIsTheJobsErrorAlone(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		b.Register("bad", func(context.Context, Job) error { panic("oh") })
		b.Register("good", func(_ context.Context, job Job) error { b.note(job.Kind); return nil })
		b.enqueue(Job{ID: "j", Kind: "bad"}, Job{Kind: "good"})
		b.runDue()
		b.expectRan("good")
		if job := b.job("j"); job.State != Ready || job.LastError != "panic: oh" || job.Attempt != 2 {
			t.Errorf("job: %+v", job)
		}
	})
}

func TestAPermanentErrorIsNotTriedAgain(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		b.Register("judge", func(context.Context, Job) error { return fmt.Errorf("publish: %w", forbidden{}) })
		b.enqueue(Job{ID: "j", Kind: "judge"})
		b.runDue()
		if job := b.job("j"); job.State != Dead || job.LastError != "publish: forbidden" {
			t.Errorf("job: %+v", job)
		}
	})
}

func TestAnUnknownKindWaitsForAReplicaThatKnowsIt(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		b.enqueue(Job{ID: "j", Kind: "event/new"})
		b.runDue()
		if job := b.job("j"); job.State != Ready || !strings.Contains(job.LastError, `"event/new"`) {
			t.Errorf("job: %+v", job)
		}
		b.Register("event", func(_ context.Context, job Job) error { b.note(job.Kind); return nil })
		b.advance(time.Minute)
		b.runDue()
		b.expectRan("event/new")
	})
}

func TestAJobThatFailsBehindANewerOneIsMergedIntoIt(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		b.Register("judge", func(ctx context.Context, job Job) error {
			b.note(string(job.Args))
			if string(job.Args) != `"old"` {
				return nil
			}
			b.enqueue(Job{ID: "new", Installation: 1, Kind: "judge", Key: "pull/1", Args: args("new")})
			if newer, err := b.Superseded(ctx, job); err != nil || !newer {
				t.Errorf("superseded %v, %v", newer, err)
			}
			return errors.New("502")
		})
		b.enqueue(Job{ID: "old", Installation: 1, Kind: "judge", Key: "pull/1", Args: args("old")})
		b.runDue()
		b.expectRan(`"old"`, `"new"`)
		if job := b.job("old"); job.State != Done || !strings.Contains(job.LastError, "coalesced into new") {
			t.Errorf("old job: %+v", job)
		}
		b.expectCounts(0, 0, 0)
	})
}

func TestDedupeStoresAJobOnce(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		b.Register("sweep", func(context.Context, Job) error { b.note("sweep"); return nil })
		for range 3 {
			b.enqueue(Job{Kind: "sweep", Dedupe: "sweep@1"})
		}
		b.runDue()
		b.enqueue(Job{Kind: "sweep", Dedupe: "sweep@1"})
		b.runDue()
		b.expectRan("sweep")
	})
}

func TestPeriodicJobsRunOncePerIntervalAndAtAStart(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		other := b.replica(Config{Owner: "other"})
		for _, q := range []*Queue{b.Queue, other} {
			q.Register("sweep", func(context.Context, Job) error { b.note("sweep"); return nil })
			q.Every("sweep", time.Minute)
		}
		for range 3 {
			for _, q := range []*Queue{b.Queue, other} {
				if err := q.schedulePeriodic(t.Context()); err != nil {
					t.Fatal(err)
				}
				b.runDue()
			}
			b.advance(time.Minute)
		}
		b.expectRan("sweep", "sweep", "sweep", "sweep") // one an interval, one when the other started
	})
}

func TestFinishedJobsAreKeptAndThenDeleted(t *testing.T) {
	each(t, Config{Keep: 8 * 24 * time.Hour}, func(t *testing.T, b *bench) {
		b.Register("judge", func(context.Context, Job) error { return nil })
		b.Register("bad", func(context.Context, Job) error { return forbidden{} })
		b.enqueue(Job{ID: "j", Kind: "judge"}, Job{ID: "dead", Kind: "bad"})
		b.runDue()
		b.advance(7 * 24 * time.Hour)
		if err := b.prune(t.Context(), Job{}); err != nil {
			t.Fatal(err)
		}
		if job := b.job("j"); job.State != Done {
			t.Errorf("after a week: %+v", job)
		}
		b.advance(2 * 24 * time.Hour)
		if err := b.prune(t.Context(), Job{}); err != nil {
			t.Fatal(err)
		}
		if _, err := b.store.Read().GetJob(t.Context(), "j"); !store.Missing(err) {
			t.Errorf("after nine days: %v", err)
		}
		b.expectCounts(0, 0, 1) // what is dead is for people to look at
	})
}

// What else is to be deleted is told the database's time, and its error is the job's.
func TestOthersPruneWithTheQueue(t *testing.T) {
	refused := errors.New("refused")
	each(t, Config{}, func(t *testing.T, b *bench) {
		var told []time.Time
		b.config.Prune = func(_ context.Context, now time.Time) error {
			told = append(told, now)
			return refused
		}
		b.advance(time.Hour)
		now, err := b.store.Now(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := b.prune(t.Context(), Job{}); !errors.Is(err, refused) {
			t.Errorf("error %v, expected %v", err, refused)
		}
		if len(told) != 1 || !told[0].Equal(now) {
			t.Errorf("told %v, expected %v once", told, now)
		}
	})
}

func TestFinishedJobsMayBeKeptForever(t *testing.T) {
	each(t, Config{Keep: Forever}, func(t *testing.T, b *bench) {
		b.Register("judge", func(context.Context, Job) error { return nil })
		b.enqueue(Job{ID: "j", Kind: "judge"})
		b.runDue()
		b.advance(50 * 365 * 24 * time.Hour)
		if err := b.prune(t.Context(), Job{}); err != nil {
			t.Fatal(err)
		}
		if job := b.job("j"); job.State != Done {
			t.Errorf("job: %+v", job)
		}
	})
}

func TestLoadsOfInstallations(t *testing.T) {
	each(t, Config{MaxFailures: 1}, func(t *testing.T, b *bench) {
		b.Register("fails", func(context.Context, Job) error { return errors.New("broken") })
		b.Register("does", func(context.Context, Job) error { return nil })
		b.enqueue(Job{Installation: 1, Kind: "fails"}, Job{Installation: 3, Kind: "does"})
		b.runDue()
		b.enqueue(Job{Installation: 2, Kind: "does"})
		if jobs, err := b.claim(t.Context()); err != nil || len(jobs) != 1 {
			t.Fatalf("%d jobs, %v", len(jobs), err)
		}
		soon, late := b.clock().Add(time.Hour).Truncate(time.Millisecond), b.clock().Add(2*time.Hour)
		b.enqueue(Job{Installation: 2, Kind: "does"}, Job{Installation: 2, Kind: "does"}, Job{Installation: 2, Kind: "does", RunAt: late}, Job{Installation: 2, Kind: "does", RunAt: soon},
			Job{Kind: "does", RunAt: soon})
		loads, err := b.Loads(t.Context())
		want := []Load{{Waiting: 1, Next: soon}, {Installation: 1, Dead: 1}, {Installation: 2, Due: 2, Waiting: 2, Running: 1, Next: soon}}
		same := func(a, b Load) bool { next := a.Next.Equal(b.Next); a.Next = b.Next; return next && a == b }
		if err != nil || !slices.EqualFunc(loads, want, same) {
			t.Errorf("%+v, %v, expected %+v", loads, err, want)
		}
	})
}
