package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

var errDown = errors.New("github answered 502")

// outage has every job of installation 1 fail with a shared error while down says so.
func (b *bench) outage(down func(job Job) bool) {
	b.Register("pull", func(_ context.Context, job Job) error {
		if job.Installation == 1 && down(job) {
			return fmt.Errorf("judge: %w", Shared(errDown))
		}
		b.note(fmt.Sprintf("%d %s", job.Installation, job.Key))
		return nil
	})
}

func (b *bench) pausedFor() time.Duration {
	b.t.Helper()
	stats, err := b.Stats(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	if until, ok := stats.Paused[1]; ok {
		return until.Sub(b.clock())
	}
	return 0
}

// GitHub is down for five hours: that counts one try of one job, and everything is done
// afterwards.
func TestAFaultThatSubjectsShareCountsNoTry(t *testing.T) {
	each(t, Config{MaxFailures: 3}, func(t *testing.T, b *bench) {
		down := true
		b.outage(func(Job) bool { return down })
		for i := range 4 {
			b.enqueue(Job{ID: fmt.Sprint("j", i), Installation: 1, Kind: "pull", Key: fmt.Sprintf("pull/%d", i)})
		}
		b.enqueue(Job{Installation: 2, Kind: "pull", Key: "pull/9"})
		b.runDue()
		b.expectRan("2 pull/9")
		if pause := b.pausedFor(); pause != 5*time.Second {
			t.Errorf("paused for %v, expected 5 s", pause)
		}
		for range 5 * 60 / 2 {
			b.advance(2 * time.Minute)
			b.runDue()
		}
		if pause := b.pausedFor(); pause > 5*time.Minute {
			t.Errorf("paused for %v", pause)
		}
		tries := 0
		for i := range 4 {
			job := b.job(fmt.Sprint("j", i))
			if tries += job.Attempt - 1; job.State != Ready {
				t.Errorf("after five hours: %+v", job)
			}
		}
		if tries != 1 {
			t.Errorf("%d tries were counted, expected that of the first job", tries)
		}
		down = false
		b.advance(5 * time.Minute)
		b.runDue()
		slices.Sort(b.ran)
		b.expectRan("1 pull/0", "1 pull/1", "1 pull/2", "1 pull/3")
		if len(b.circuits.of) != 0 {
			t.Errorf("the circuit is still open: %+v", *b.circuits.of[1])
		}
	})
}

// The pauses grow up to their bound, once for all jobs that ran at the same time, and begin
// anew after a success.
func TestPausesGrowUntilAJobSucceeds(t *testing.T) {
	each(t, Config{Backoff: 10 * time.Second, MaxPause: time.Minute}, func(t *testing.T, b *bench) {
		down := true
		b.outage(func(Job) bool { return down })
		store := func() {
			for i := range 8 {
				b.enqueue(Job{Installation: 1, Kind: "pull", Key: fmt.Sprintf("pull/%d", i)})
			}
		}
		store()
		for _, want := range []time.Duration{10, 20, 40, 60, 60, 10, 20} {
			if want == 10 {
				down = false
				b.advance(time.Minute)
				b.runDue()
				down = true
				store()
			}
			b.runDue()
			if got := b.pausedFor(); got != want*time.Second {
				t.Errorf("paused for %v, expected %v", got, want*time.Second)
			}
			b.advance(b.pausedFor())
		}
	})
}

// What fails while others succeed, or alone, is not shared: its tries count, and nobody
// waits for it.
func TestAFaultOfOneSubjectIsItsOwn(t *testing.T) {
	for name, others := range map[string]bool{"alone": false, "while others succeed": true} {
		t.Run(name, func(t *testing.T) {
			each(t, Config{MaxFailures: 5, Workers: 1}, func(t *testing.T, b *bench) {
				b.outage(func(job Job) bool { return job.Key == "pull/large" })
				b.enqueue(Job{ID: "large", Installation: 1, Kind: "pull", Key: "pull/large"})
				for i := range 5 {
					b.runDue()
					if pause := b.pausedFor(); pause != 0 {
						t.Fatalf("try %d: the installation is paused for %v", i+1, pause)
					}
					if others {
						b.enqueue(Job{Installation: 1, Kind: "pull", Key: "pull/small"})
						b.runDue()
					}
					b.advance(b.config.MaxBackoff)
				}
				if job := b.job("large"); job.State != Dead || job.Attempt != 6 {
					t.Errorf("%+v", job)
				}
			})
		})
	}
}

// A key that is refused for three days kills nothing: everything is done afterwards. Many
// subjects that are at fault themselves are found out by what succeeds beside them, however
// many they are: their tries count.
func TestAFaultOfDays(t *testing.T) {
	for name, others := range map[string]bool{"of all": false, "of ten subjects": true} {
		t.Run(name, func(t *testing.T) {
			each(t, Config{MaxFailures: 3, Workers: 2}, func(t *testing.T, b *bench) {
				down := true
				b.outage(func(job Job) bool { return down && job.Key != "list" })
				for i := range 10 {
					b.enqueue(Job{Installation: 1, Kind: "pull", Key: fmt.Sprintf("pull/%d", i)})
				}
				for range 3 * 24 {
					if others {
						b.enqueue(Job{Installation: 1, Kind: "pull", Key: "list"})
					}
					for range 6 {
						b.runDue()
						b.advance(10 * time.Minute)
					}
				}
				if others {
					b.expectCounts(0, 0, 10)
					if !slices.Contains(b.ran, "1 list") {
						t.Error("the list never had its turn")
					}
					return
				}
				b.expectCounts(10, 0, 0)
				down = false
				b.runDue()
				b.expectCounts(0, 0, 0)
			})
		})
	}
}

// A shared fault of a job of no installation pauses nothing.
func TestSharedFaultsOfTheServersOwnWork(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		b.Register("sweep", func(context.Context, Job) error { return Shared(errDown) })
		b.enqueue(Job{ID: "a", Kind: "sweep", Key: "a"}, Job{ID: "b", Kind: "sweep", Key: "b"})
		b.runDue()
		for _, id := range []string{"a", "b"} {
			if job := b.job(id); job.State != Ready || job.Attempt != 2 {
				t.Errorf("%+v", job)
			}
		}
	})
}
