package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// BenchmarkConsumers finds the 200 consumers of one API among 5,000 components of
// an installation.
func BenchmarkConsumers(b *testing.B) {
	for name, dsn := range map[string]func(testing.TB) string{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := storetest.Open(b, store.Options{DSN: dsn(b)})
			for i := range int64(5000) {
				api := fmt.Sprintf("api-%d", i%500)
				if i%25 == 0 {
					api = "orders"
				}
				registration := consumes(1000+i, fmt.Sprintf("service-%d", i), api)
				// Every consumer says something of its own.
				(*registration.Components[0].Consumes[0].Usage.Operations[0].Reads)[0].Text = fmt.Sprintf("items[].field%d", i)
				if _, err := s.Register(b.Context(), registration); err != nil {
					b.Fatal(err)
				}
			}
			var took []time.Duration
			b.ResetTimer()
			for b.Loop() {
				started := time.Now()
				consumers, err := s.Consumers(b.Context(), contracts.APIRef{Repository: repo(1, "orders"), Name: "orders"})
				if err != nil || len(consumers) != 200 {
					b.Fatalf("%d consumers, %v", len(consumers), err)
				}
				took = append(took, time.Since(started))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*95/100].Microseconds())/1000, "p95-ms")
		})
	}
}
