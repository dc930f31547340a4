package queue

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// start runs a queue until stop is called; stop gives Run's error.
func start(t *testing.T, q *Queue) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- q.Run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return <-ended
	})
	t.Cleanup(func() { _ = stop() })
	return stop
}

func newQueue(t *testing.T, s *store.Store, config Config) *Queue {
	t.Helper()
	q, err := New(s, config)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestRunLetsARunningJobFinish(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		q := newQueue(t, s, Config{Grace: time.Minute})
		begun, finish := make(chan struct{}), make(chan struct{})
		q.Register("slow", func(ctx context.Context, _ Job) error {
			close(begun)
			<-finish
			return ctx.Err()
		})
		stop := start(t, q)
		if err := q.Enqueue(t.Context(), Job{ID: "j", Kind: "slow"}); err != nil {
			t.Fatal(err)
		}
		<-begun
		go close(finish)
		if err := stop(); err != nil {
			t.Fatal(err)
		}
		if row, err := s.Read().GetJob(t.Context(), "j"); err != nil || row.State != "done" {
			t.Errorf("job %+v, %v", row, err)
		}
	})
}

func TestRunGivesBackWhatDoesNotFinish(t *testing.T) {
	for name, obeys := range map[string]bool{"obedient": true, "stubborn": false} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				q := newQueue(t, s, Config{Grace: time.Millisecond, Settle: time.Hour})
				if !obeys {
					q.config.Settle = time.Millisecond
				}
				begun, release := make(chan struct{}), make(chan struct{})
				left := make(chan struct{})
				q.Register("slow", func(ctx context.Context, _ Job) error {
					defer close(left)
					close(begun)
					if obeys {
						<-ctx.Done()
						return ctx.Err()
					}
					<-release
					return nil
				})
				stop := start(t, q)
				if err := q.Enqueue(t.Context(), Job{ID: "j", Kind: "slow"}); err != nil {
					t.Fatal(err)
				}
				<-begun
				if err := stop(); err != nil {
					t.Fatal(err)
				}
				row, err := s.Read().GetJob(t.Context(), "j")
				if err != nil || row.State != "ready" || row.Failures != 0 {
					t.Errorf("job %+v, %v", row, err)
				}
				close(release)
				<-left
			})
		})
	}
}

// TestTwoReplicas runs 500 pull request events on two replicas of one database:
// each is handled once, and those of a pull request in their order.
func TestTwoReplicas(t *testing.T) {
	const pulls, steps = 50, 10
	dsn := storetest.Postgres(t)
	var (
		mu      sync.Mutex
		busy    = map[string]bool{}
		handled = map[string][]int{}
		by      = map[string]int{}
		total   int
		all     = make(chan struct{})
	)
	var replicas []*Queue
	for _, owner := range []string{"one", "two"} {
		q := newQueue(t, storetest.Open(t, store.Options{DSN: dsn}), Config{Owner: owner, Workers: 8, Poll: 100 * time.Millisecond})
		q.Register("pull", func(_ context.Context, job Job) error {
			var step int
			if _, err := fmt.Sscan(string(job.Args), &step); err != nil {
				return Permanent(err)
			}
			mu.Lock()
			if busy[job.Key] {
				t.Errorf("two jobs of %s at once", job.Key)
			}
			busy[job.Key] = true
			mu.Unlock()
			// The other replica has its chance here.
			if _, err := q.Superseded(t.Context(), job); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			busy[job.Key] = false
			handled[job.Key] = append(handled[job.Key], step)
			by[owner]++
			if total++; total == pulls*steps {
				close(all)
			}
			return nil
		})
		replicas = append(replicas, q)
	}
	var stops []func() error
	for _, q := range replicas {
		stops = append(stops, start(t, q))
	}
	// A kind per step, so that no event is merged: all 500 have to be handled.
	for step := range steps {
		for pull := range pulls {
			job := Job{Installation: 1, Kind: fmt.Sprintf("pull/%d", step), Key: fmt.Sprintf("pull/%d", pull), Args: []byte(fmt.Sprint(step))}
			if err := replicas[(pull+step)%2].Enqueue(t.Context(), job); err != nil {
				t.Fatal(err)
			}
		}
	}
	select {
	case <-all:
	case <-time.After(2 * time.Minute):
		t.Error("not all were handled in two minutes")
	}
	for _, stop := range stops {
		if err := stop(); err != nil {
			t.Error(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	want := []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
	for pull := range pulls {
		if got := handled[fmt.Sprintf("pull/%d", pull)]; !slices.Equal(got, want) {
			t.Errorf("pull request %d: handled %v", pull, got)
		}
	}
	if by["one"] == 0 || by["two"] == 0 {
		t.Errorf("one replica did everything: %v", by)
	}
	t.Logf("500 events: %v", by)
}

// TestAnotherReplicaIsWoken has a replica that never polls: it only hears of a job
// that another one stores.
func TestAnotherReplicaIsWoken(t *testing.T) {
	dsn := storetest.Postgres(t)
	config := Config{Poll: time.Hour}
	worker := newQueue(t, storetest.Open(t, store.Options{DSN: dsn}), config)
	ran := make(chan string, 100)
	worker.Register("pull", func(_ context.Context, job Job) error { ran <- job.Key; return nil })
	start(t, worker)
	other := newQueue(t, storetest.Open(t, store.Options{DSN: dsn}), config)
	for i := range 5 {
		// Each waits for the one before, so that none can ride on its wake.
		key := fmt.Sprint(i)
		if err := other.Enqueue(t.Context(), Job{Kind: "pull", Key: key}); err != nil {
			t.Fatal(err)
		}
		select {
		case got := <-ran:
			if got != key {
				t.Fatalf("ran %s, want %s", got, key)
			}
		case <-time.After(time.Minute):
			t.Fatalf("job %d was not heard of in a minute", i)
		}
	}
}
