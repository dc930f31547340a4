package server_test

import (
	"net/http"
	"testing"
	"time"

	"plimsoll/server/simulator"
)

// delayed is a server that is down at times.
type delayed struct {
	*watching
	resent map[int64]bool
}

// late deploys commits while the server is down, which comes back after some hours.
func (w *delayed) late(hours int, commits ...string) {
	w.t.Helper()
	if err := w.StopServer(); err != nil {
		w.t.Fatal(err)
	}
	for _, commit := range commits {
		d := w.orders.Deploy("production", commit, simulator.DeployOptions{Creator: "bob"})
		d.Status("in_progress", "")
		d.Status("success", w.url)
		w.clock.set(w.clock.Now().Add(time.Minute))
	}
	if err := w.GitHub.Flush(w.t.Context()); err != nil { // nobody takes the deliveries
		w.t.Fatal(err)
	}
	w.clock.set(w.clock.Now().Add(time.Duration(hours) * time.Hour))
	w.open(w.GitHub)
	for _, d := range w.GitHub.Deliveries() {
		if d.StatusCode/100 != 2 && !w.resent[d.ID] {
			w.resent[d.ID] = true
			w.GitHub.Redeliver(d.ID) // as reconciliation asks GitHub to
		}
	}
	w.Settle()
	w.pass(20)
}

// What was deployed while the server was down is verified from the time it is heard of, if it
// still runs: good and bad ones.
func TestDeploymentHeardLate(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, watching *watching) {
		w := &delayed{watching, map[int64]bool{}}
		_, good := w.change("good")
		w.verified(good)
		_, overtaken := w.change("overtaken")
		_, fine := w.change("fine")
		_, bad := w.change("bad")
		w.service.runs(fine, http.StatusOK)
		w.late(5, overtaken, fine)
		w.concluded(fine, "success", "orders in production is verified")
		w.concluded(overtaken, "neutral", "superseded") // it was heard of first
		w.service.runs(bad, http.StatusServiceUnavailable)
		w.late(5, bad)
		w.concluded(bad, "failure", "Roll back orders in production")
	})
}

// What was there before the App was installed, or ran for a day before it was heard of, is
// history.
func TestDeploymentHeardTooLate(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, watching *watching) {
		w := &delayed{watching, map[int64]bool{}}
		_, old := w.change("old")
		_, older := w.change("older")
		w.service.runs(old, http.StatusOK)
		w.late(5, old)
		if runs := w.orders.Checks(old, "plimsoll/deploy"); len(runs) != 0 {
			t.Errorf("verified although nothing was verified there before: %+v", runs)
		}
		w.verified(old)
		w.service.runs(older, http.StatusOK)
		w.late(30, older)
		if runs := w.orders.Checks(older, "plimsoll/deploy"); len(runs) != 0 {
			t.Errorf("verified although it has run for more than a day: %+v", runs)
		}
	})
}
