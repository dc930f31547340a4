package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
)

// faulted goes bad and back, with each call failing in each way on the way, and finds
// one deployment, one comment, one issue, closed with one comment.
func (w *watching) faulted(name string, faults ...simulator.Fault) {
	w.t.Helper()
	_, good := w.change("good-" + name)
	w.verified(good)
	pull, bad := w.change("bad-" + name)
	made, opened := len(w.rollbacks()), len(w.orders.Issues())
	w.service.runs(bad, http.StatusServiceUnavailable)
	w.deploy(bad)
	var remove []func()
	for _, f := range faults {
		remove = append(remove, w.GitHub.Fault(f))
	}
	w.pass(6)
	all := w.rollbacks()
	if len(all) != made+1 {
		w.t.Fatalf("%s: %d deployments go back, expected one", name, len(all)-made)
	}
	for i, f := range faults {
		if strings.Contains(f.Operation, "deployment") {
			remove[i]() // else it would hit the reading of the event, whose repetition waits for a clock that stands
		}
	}
	w.service.runs(good, http.StatusOK)
	all[made].Status("success", w.url)
	w.Settle()
	w.pass(8)
	for _, f := range remove {
		f()
	}
	if n := len(w.rollbacks()); n != made+1 {
		w.t.Errorf("%s: %d deployments go back, expected one", name, n-made)
	}
	w.told(pull, "**Rolled back to [`"+good[:7], "verified.**")
	issues := w.orders.Issues()
	if len(issues) != opened+1 || issues[opened].State != "closed" || len(issues[opened].Comments) != 1 {
		w.t.Errorf("%s: issues: %+v", name, issues[opened:])
	}
	failures := 0
	for _, d := range w.orders.Deployments() {
		if d.SHA() == bad {
			failures += strings.Count(strings.Join(d.Statuses(), "\n"), "failure")
		}
	}
	if failures != 1 {
		w.t.Errorf("%s: %d failures were reported, expected one", name, failures)
	}
	w.clock.set(w.clock.Now().Add(25 * time.Hour)) // the next one is another day's
	w.Settle()
}

const withIssue = "on_failure: [comment, status, issue, rollback]\nrollback: {by: deployment}"

// Statuses that come twice and late undo nothing twice.
func TestRollbackThroughDoubledEvents(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.declares(back(withIssue))
		w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if strings.HasPrefix(d.Event, "deployment") || d.Event == "check_run" {
				return simulator.Double
			}
			return simulator.Send
		})
		w.faulted("doubled")
	})
}

// A server that ends at any step goes on there: each call fails until the server is
// started anew.
func TestRollbackThroughRestarts(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.declares(back(withIssue))
		for i, call := range []string{"repos/create-deployment", "checks/update", "issues/create", "issues/update-comment"} {
			_, good := w.change(fmt.Sprintf("good-%d", i))
			w.verified(good)
			pull, bad := w.change(fmt.Sprintf("bad-%d", i))
			made, opened := len(w.rollbacks()), len(w.orders.Issues())
			w.service.runs(bad, http.StatusServiceUnavailable)
			w.deploy(bad)
			w.pass(1)
			mend := w.GitHub.Fault(simulator.Fault{Operation: call, After: true, Close: true, Times: simulator.Always})
			w.pass(1)
			if err := w.StopServer(); err != nil {
				t.Fatal(err)
			}
			mend()
			w.open(w.GitHub)
			w.pass(3)
			if n := len(w.rollbacks()); n != made+1 {
				t.Fatalf("%s: %d deployments go back, expected one", call, n-made)
			}
			if n := len(w.orders.Issues()); n != opened+1 {
				t.Errorf("%s: %d issues, expected one", call, n-opened)
			}
			w.told(pull, "**Rolling back to [`"+good[:7])
			w.clock.set(w.clock.Now().Add(25 * time.Hour))
			w.Settle()
		}
	})
}
