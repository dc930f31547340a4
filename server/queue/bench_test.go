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
