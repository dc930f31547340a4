package server_test

import (
	"net/http"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server/store"
)

// What a verification measured goes after 90 days, which is the default; its verdict in
// the ledger can be decided again all the same.
func TestSamplesGoWithTime(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		_, commit := w.change("old")
		w.service.runs(commit, http.StatusOK)
		d := w.deploy(commit)
		w.pass(5)
		w.concluded(commit, "success", "verified")
		samples := func() int {
			if err := w.StopServer(); err != nil {
				t.Fatal(err)
			}
			db, err := store.Open(t.Context(), store.Options{DSN: w.dsn})
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			v := deploy.Verification{Repository: contracts.RepositoryRef{Installation: w.app.ID(), ID: w.orders.ID()}, Deployment: d.ID(), Target: deploy.Target{Component: "orders", Environment: "production"}}
			taken, err := db.Samples(t.Context(), v.Repository, v.ID())
			if err != nil {
				t.Fatal(err)
			}
			return len(taken)
		}
		for _, step := range []struct{ days, want int }{{0, 6}, {89, 6}, {2, 0}} {
			w.clock.set(w.clock.Now().Add(time.Duration(step.days) * 24 * time.Hour))
			if step.days > 0 {
				w.open(w.GitHub) // what is old is looked for at the start, and every hour
				awaitMetric(t, w.AdminURL(), `plimsoll_queue_runs_total{kind="queue.prune",outcome="done"} 1`)
			}
			if n := samples(); n != step.want {
				t.Errorf("%d days later there are %d samples, expected %d", step.days, n, step.want)
			}
		}
		w.open(w.GitHub)
		w.replays(commit)
	})
}
