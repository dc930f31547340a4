package intake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"plimsoll/handlers"
	"plimsoll/server/intake"
	"plimsoll/server/queue"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// ledger notes, for all replicas, which event of which pull request was handled.
type ledger struct {
	mu      sync.Mutex
	handled map[int][]int // pull request → events, in order
	total   int
	want    int
	all     chan struct{}
}

func (*ledger) Handles() []string { return []string{"pull_request"} }

// Route gives each event a kind of its own, so that none is merged with a later one.
func (*ledger) Route(event string, payload []byte) (handlers.Route, error) {
	var p struct{ Pull, N int }
	err := json.Unmarshal(payload, &p)
	return handlers.Route{Kind: fmt.Sprintf("%s/%d", event, p.N), Key: fmt.Sprintf("pull/%d", p.Pull), Installation: 7}, err
}

func (l *ledger) Handle(_ context.Context, _, _ string, payload []byte) error {
	var p struct{ Pull, N int }
	if err := json.Unmarshal(payload, &p); err != nil {
		return queue.Permanent(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.handled[p.Pull] = append(l.handled[p.Pull], p.N)
	if l.total++; l.total == l.want {
		close(l.all)
	}
	return nil
}

// TestTwoReplicasShareTheWebhooks sends 500 events of 50 pull requests, each twice,
// to two replicas by turns. Each is handled once, and those of a pull request in
// their order.
func TestTwoReplicasShareTheWebhooks(t *testing.T) {
	const pulls, events = 50, 10
	dsn := storetest.Postgres(t)
	l := &ledger{handled: map[int][]int{}, want: pulls * events, all: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	var replicas []*bench
	var running sync.WaitGroup
	defer func() { cancel(); running.Wait() }()
	for range 2 {
		s := storetest.Open(t, store.Options{DSN: dsn})
		q, err := queue.New(s, queue.Config{Workers: 4, Poll: 100 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		in, err := intake.New(intake.Config{Secrets: []string{secret}}, l, s, q)
		if err != nil {
			t.Fatal(err)
		}
		running.Go(func() {
			if err := q.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		replicas = append(replicas, &bench{Intake: in, store: s, queue: q})
	}
	for n := range events {
		var sending sync.WaitGroup // the events of one round come at once
		for pull := range pulls {
			sending.Go(func() {
				body := fmt.Sprintf(`{"Pull":%d,"N":%d}`, pull, n)
				for i := range 2 {
					if status, text := replicas[(pull+n+i)%2].send(request("pull_request", fmt.Sprintf("d-%d-%d", pull, n), body)); status != 200 {
						t.Errorf("%d %s", status, text)
					}
				}
			})
		}
		sending.Wait()
	}
	select {
	case <-l.all:
	case <-time.After(2 * time.Minute):
		t.Error("not all events were handled in two minutes")
	}
	cancel()
	running.Wait()
	for pull := range pulls {
		if got := l.handled[pull]; !slices.Equal(got, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}) {
			t.Errorf("pull request %d: handled %v", pull, got)
		}
	}
}
