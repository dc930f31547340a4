package queue

import (
	"context"
	"fmt"
	"testing"
	"time"

	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// BenchmarkJobs claims, runs and finishes jobs that do nothing, eight at a time,
// with fsync; and again behind 10,000 due jobs of an installation that sleeps.
func BenchmarkJobs(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.DurablePostgres} {
		for _, asleep := range []int{0, 10_000} {
			b.Run(fmt.Sprintf("%s/asleep=%d", name, asleep), func(b *testing.B) {
				q, err := New(storetest.Open(b, store.Options{DSN: dsn(b)}), Config{})
				if err != nil {
					b.Fatal(err)
				}
				q.Register("job", func(_ context.Context, job Job) error {
					if job.Installation == 2 {
						return Snooze{Until: time.Now().Add(time.Hour)}
					}
					return nil
				})
				fill(b, q, 2, asleep)
				if asleep > 0 {
					if _, err := q.RunDue(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
				fill(b, q, 1, b.N)
				b.ResetTimer()
				if n, err := q.RunDue(b.Context()); err != nil || n != b.N {
					b.Fatalf("ran %d of %d, %v", n, b.N, err)
				}
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
			})
		}
	}
}

// BenchmarkClaim claims one job, beside ready jobs of one other installation and jobs for
// later of many others.
func BenchmarkClaim(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.DurablePostgres} {
		for _, beside := range []struct{ ready, later int }{{0, 0}, {5_000, 0}, {0, 1_000}, {5_000, 1_000}} {
			b.Run(fmt.Sprintf("%s/ready=%d/later=%d", name, beside.ready, beside.later), func(b *testing.B) {
				q, err := New(storetest.Open(b, store.Options{DSN: dsn(b)}), Config{Workers: 1})
				if err != nil {
					b.Fatal(err)
				}
				fill(b, q, 1, beside.ready)
				later := make([]Job, beside.later)
				for i := range later {
					later[i] = Job{Installation: int64(10 + i), Kind: "job", Key: "key", RunAt: time.Now().Add(time.Hour)}
				}
				if err := q.Enqueue(b.Context(), later...); err != nil {
					b.Fatal(err)
				}
				var claiming time.Duration
				for b.Loop() {
					fill(b, q, 2, 1)
					begun := time.Now()
					jobs, err := q.claim(b.Context())
					claiming += time.Since(begun)
					if err != nil || len(jobs) != 1 {
						b.Fatalf("claimed %d, %v", len(jobs), err)
					}
					if _, err := q.settle(b.Context(), jobs[0], nil, nil); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(claiming.Microseconds())/float64(b.N), "µs/claim")
			})
		}
	}
}

func fill(b *testing.B, q *Queue, installation int64, n int) {
	b.Helper()
	jobs := make([]Job, n)
	for i := range jobs {
		jobs[i] = Job{Installation: installation, Kind: "job", Key: fmt.Sprintf("key/%d", i)}
	}
	if err := q.Enqueue(b.Context(), jobs...); err != nil {
		b.Fatal(err)
	}
}
