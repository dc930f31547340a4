package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// backlog stores n due jobs of an installation, each with a key of its own.
func (b *bench) backlog(installation int64, n int) {
	b.t.Helper()
	jobs := make([]Job, n)
	for i := range jobs {
		jobs[i] = Job{Installation: installation, Kind: "pull", Key: fmt.Sprintf("pull/%d", i)}
	}
	b.enqueue(jobs...)
}

// claimed claims once, counts the jobs as running, and gives whose they are, sorted.
func (b *bench) claimed() (installations []int64) {
	b.t.Helper()
	jobs, err := b.claim(b.t.Context())
	if err != nil {
		b.t.Fatal(err)
	}
	for _, job := range jobs {
		b.poolOf(job).begin(job.Installation)
		installations = append(installations, job.Installation)
	}
	slices.Sort(installations)
	return installations
}

// rested forgets that jobs run.
func (b *bench) rested(installations []int64) {
	for _, installation := range installations {
		b.pools[0].end(installation)
	}
}

func TestOneJobBesideThousandsIsClaimedWithinTwoClaims(t *testing.T) {
	for name, c := range map[string]struct {
		workers     int
		busy, other int64
	}{
		"one worker":    {1, 5, 9},
		"eight workers": {8, 5, 1},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, Config{Workers: c.workers}, func(t *testing.T, b *bench) {
				b.backlog(c.busy, 5_000)
				b.rested(b.claimed()) // it has begun already
				b.advance(time.Minute)
				b.backlog(c.other, 1)
				first := b.claimed()
				b.rested(first)
				if second := b.claimed(); !slices.Contains(first, c.other) && !slices.Contains(second, c.other) {
					t.Errorf("claimed jobs of %v and then of %v, expected the one of %d among them", first, second, c.other)
				}
			})
		})
	}
}

func TestInstallationsTakeTurns(t *testing.T) {
	// With few jobs a claim sees all of them, with many it goes from installation to
	// installation.
	for name, jobs := range map[string]int{"few": 3, "many": mostAtSight} {
		t.Run(name, func(t *testing.T) {
			each(t, Config{Workers: 1}, func(t *testing.T, b *bench) {
				for _, installation := range []int64{3, 0, 7} {
					b.backlog(installation, jobs)
					b.advance(time.Second)
				}
				for n, want := range []int64{3, 7, 0, 3, 7, 0, 3, 7, 0} {
					got := b.claimed()
					if !slices.Equal(got, []int64{want}) {
						t.Errorf("claim %d: %v, expected %d", n, got, want)
					}
					b.rested(got)
				}
			})
		})
	}
}

func TestFreeWorkersAreDealtOutOneByOne(t *testing.T) {
	for name, jobs := range map[string]int{"few": 6, "many": mostAtSight} {
		t.Run(name, func(t *testing.T) {
			each(t, Config{Workers: 8}, func(t *testing.T, b *bench) {
				b.backlog(1, jobs)
				b.backlog(2, 1)
				b.backlog(3, jobs)
				if got, want := b.claimed(), []int64{1, 1, 1, 1, 2, 3, 3, 3}; !slices.Equal(got, want) {
					t.Errorf("claimed jobs of %v, expected %v", got, want)
				}
			})
		})
	}
}

func TestAnInstallationHasAtMostHalfOfTheWorkers(t *testing.T) {
	for workers, half := range map[int]int{1: 1, 2: 1, 3: 1, 8: 4} {
		t.Run(fmt.Sprint(workers), func(t *testing.T) {
			each(t, Config{Workers: workers}, func(t *testing.T, b *bench) {
				b.backlog(1, 100)
				begun, release := make(chan int64, 200), make(chan struct{})
				b.Register("pull", func(_ context.Context, job Job) error {
					begun <- job.Installation
					<-release
					return nil
				})
				var working sync.WaitGroup
				claim := func() map[int64]int {
					jobs, err := b.claim(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					by := map[int64]int{}
					for _, job := range jobs {
						b.startJob(t.Context(), job, &working)
						by[<-begun]++
					}
					return by
				}
				if by := claim(); by[1] != half {
					t.Errorf("%d of %d workers work for one installation, expected %d", by[1], workers, half)
				}
				b.backlog(2, 100)
				if by := claim(); by[1] != 0 || by[2] != min(half, workers-half) {
					t.Errorf("then claimed %v, expected %d of installation 2 alone", by, min(half, workers-half))
				}
				close(release)
				working.Wait()
				if by := claim(); by[1] > half || by[2] > half || by[1]+by[2] == 0 {
					t.Errorf("when all had ended, claimed %v", by)
				}
				working.Wait()
			})
		})
	}
}

// Also what a killed process left behind is taken over by half of the workers, and does
// not keep the others from their turn.
func TestLeasesThatEndedAreTakenOverFairly(t *testing.T) {
	each(t, Config{Owner: "killed", Lease: time.Minute, Workers: 16}, func(t *testing.T, b *bench) {
		b.backlog(1, 100)
		if n := len(b.claimed()); n != 8 {
			t.Fatalf("claimed %d", n)
		}
		b.advance(time.Minute)
		b.backlog(2, 1)
		next := &bench{Queue: b.replica(Config{Owner: "next", Workers: 8}), t: t}
		if got, want := next.claimed(), []int64{1, 1, 1, 1, 2}; !slices.Equal(got, want) {
			t.Errorf("claimed jobs of %v, expected %v", got, want)
		}
	})
}

func TestAPausedInstallationHasNoTurn(t *testing.T) {
	for name, jobs := range map[string]int{"few": 3, "many": 2 * mostAtSight} {
		t.Run(name, func(t *testing.T) {
			each(t, Config{Workers: 1}, func(t *testing.T, b *bench) {
				b.Register("pull", func(_ context.Context, job Job) error {
					if job.Installation == 1 {
						return Snooze{Until: b.clock().Add(time.Hour)}
					}
					b.note(job.Key)
					return nil
				})
				b.backlog(1, jobs)
				b.runDue()
				b.backlog(2, 2)
				if n := b.runDue(); n != 2 {
					t.Errorf("%d jobs ran, expected 2", n)
				}
				b.expectRan("pull/0", "pull/1")
				b.expectCounts(jobs, 0, 0)
			})
		})
	}
}

// Observations that hang, of as many installations as there are workers, hold up nothing
// else: they have workers of their own, of which one installation has half.
func TestObservationsDelayNothingElse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		const workers = 8
		q := newQueue(t, s, Config{Workers: workers, Pools: map[string]int{"observations": workers}})
		observing, release := make(chan int64, 100), make(chan struct{})
		q.RegisterIn("observations", "observe", func(ctx context.Context, job Job) error {
			observing <- job.Installation
			select {
			case <-release:
				return nil
			case <-ctx.Done():
				return ctx.Err()
			}
		})
		answered := make(chan string)
		q.Register("pull", func(_ context.Context, job Job) error {
			answered <- job.Key
			return nil
		})
		var jobs []Job
		for i := range 2 * workers {
			jobs = append(jobs, Job{Installation: int64(1 + i%workers), Kind: "observe/slow", Key: fmt.Sprintf("verify/%d", i)})
		}
		jobs = append(jobs, Job{Installation: 1, Kind: "observe", Key: "verify/more"}, Job{Installation: 1, Kind: "observe", Key: "verify/yet more"})
		if err := q.Enqueue(t.Context(), jobs...); err != nil {
			t.Fatal(err)
		}
		stop := start(t, q)
		by := map[int64]int{}
		for range workers {
			by[<-observing]++
		}
		if by[1] > workers/2 {
			t.Errorf("%d of %d observe for one installation", by[1], workers)
		}
		// All who observe are busy now.
		for i := range 20 {
			key := fmt.Sprintf("pull/%d", i)
			if err := q.Enqueue(t.Context(), Job{Installation: int64(1 + i%3), Kind: "pull", Key: key}); err != nil {
				t.Fatal(err)
			}
			if got := <-answered; got != key {
				t.Errorf("answered %s, expected %s", got, key)
			}
		}
		if n := len(observing); n != 0 {
			t.Errorf("%d more observe than there are workers", n)
		}
		close(release)
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
}

// A job keeps its pool when it is tried again, merged, or given back.
func TestAJobStaysInItsPool(t *testing.T) {
	each(t, Config{Workers: 1, MaxFailures: 2, Pools: map[string]int{"observations": 1}}, func(t *testing.T, b *bench) {
		b.RegisterIn("observations", "observe", func(context.Context, Job) error { return errors.New("502") })
		inPool := func(after string) {
			t.Helper()
			row, err := b.store.Read().GetJob(t.Context(), "j")
			if err != nil || row.Pool != "observations" {
				t.Errorf("after %s it is in the pool %q, %v", after, row.Pool, err)
			}
		}
		b.enqueue(Job{ID: "j", Installation: 1, Kind: "observe", Key: "verify/1"})
		b.enqueue(Job{Installation: 1, Kind: "observe", Key: "verify/1"})
		inPool("a merge")
		b.runDue()
		inPool("a failure")
		b.advance(time.Hour)
		b.runDue()
		b.expectCounts(0, 0, 1)
		if err := b.Retry(t.Context(), "j"); err != nil {
			t.Fatal(err)
		}
		inPool("it was revived")
	})
}
