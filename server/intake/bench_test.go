package intake_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/palantir/go-githubapp/githubapp"

	"plimsoll/server/intake"
	"plimsoll/server/queue"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// go-githubapp's in-memory queue as policy-bot sets it up by default, and what an
// event costs a worker at the least: a request to GitHub.
const (
	memoryQueue   = 100
	memoryWorkers = 10
	memoryWork    = 50 * time.Millisecond
)

// BenchmarkWebhooks takes webhooks of 8 KB from 1, 8 and 64 clients: stored with
// fsync on SQLite and on PostgreSQL, and put into go-githubapp's in-memory
// QueueAsyncScheduler, which refuses what does not fit and forgets the rest when
// the process ends. It reports webhooks taken per second and webhooks lost.
func BenchmarkWebhooks(b *testing.B) {
	backends := []struct {
		name string
		make func(b *testing.B) http.Handler
	}{
		{"sqlite", func(b *testing.B) http.Handler { return benchIntake(b, storetest.SQLite(b)) }},
		{"postgres", func(b *testing.B) http.Handler { return benchIntake(b, storetest.DurablePostgres(b)) }},
		{"memory", func(*testing.B) http.Handler {
			return githubapp.NewEventDispatcher([]githubapp.EventHandler{sleeper{}}, secret,
				githubapp.WithScheduler(githubapp.QueueAsyncScheduler(memoryQueue, memoryWorkers)))
		}},
	}
	for _, backend := range backends {
		for _, clients := range []int{1, 8, 64} {
			b.Run(fmt.Sprintf("%s/clients=%d", backend.name, clients), func(b *testing.B) {
				benchWebhooks(b, backend.make(b), clients)
			})
		}
	}
}

type sleeper struct{}

func (sleeper) Handles() []string { return []string{"pull_request"} }

func (sleeper) Handle(context.Context, string, string, []byte) error {
	time.Sleep(memoryWork)
	return nil
}

func benchIntake(b *testing.B, dsn string) http.Handler {
	b.Helper()
	s := storetest.Open(b, store.Options{DSN: dsn})
	q, err := queue.New(s, queue.Config{})
	if err != nil {
		b.Fatal(err)
	}
	in, err := intake.New(intake.Config{Secrets: []string{secret}}, &recorder{}, s, q)
	if err != nil {
		b.Fatal(err)
	}
	return in
}

func benchWebhooks(b *testing.B, handler http.Handler, clients int) {
	padding := strings.Repeat("x", 8<<10)
	var next, taken, lost atomic.Int64
	var group sync.WaitGroup
	b.ResetTimer()
	for range clients {
		group.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, request("pull_request", fmt.Sprintf("d-%d", n), fmt.Sprintf(`{"pull":%d,"x":"%s"}`, n, padding)))
				if w.Code == http.StatusOK {
					taken.Add(1)
				} else {
					lost.Add(1)
				}
			}
		})
	}
	group.Wait()
	b.StopTimer()
	b.ReportMetric(float64(taken.Load())/b.Elapsed().Seconds(), "webhooks/s")
	b.ReportMetric(float64(lost.Load()), "lost")
	b.ReportMetric(float64(b.N), "sent")
}
