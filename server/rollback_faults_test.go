package server_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"plimsoll/deploy/ledger"
	"plimsoll/server/simulator"
	"plimsoll/server/store"
)

// rollbackCalls are the calls that a roll back makes, with its issue, from the verdict
// to its end.
var rollbackCalls = []string{
	"repos/create-deployment", "repos/list-deployments", "repos/get-deployment", "repos/list-deployment-statuses", "repos/create-deployment-status",
	"checks/update", "issues/create", "issues/list-for-repo", "issues/update", "issues/create-comment", "issues/update-comment", "issues/list-comments",
	"repos/list-pull-requests-associated-with-commit",
}

// faulted goes bad and back to good, with faults on the way, and finds one deployment, one
// comment, one issue, closed with one comment. It gives the commit that went bad.
func (w *watching) faulted(name, good string, faults ...simulator.Fault) (bad string) {
	w.t.Helper()
	pull, bad := w.change("bad-" + name)
	made, opened := len(w.rollbacks()), len(w.orders.Issues())
	w.service.runs(bad, http.StatusServiceUnavailable)
	w.deploy(bad)
	w.clock.move(time.Millisecond) // what failed is tried again
	var remove []func()
	for _, f := range faults {
		remove = append(remove, w.GitHub.Fault(f))
	}
	w.pass(3)
	w.retried()
	all := w.rollbacks()
	if len(all) != made+1 {
		w.t.Fatalf("%s: %d deployments go back, expected one", name, len(all)-made)
	}
	w.service.runs(good, http.StatusOK)
	all[made].Status("success", w.url)
	w.retried()
	w.pass(5)
	w.retried()
	for _, f := range remove {
		f()
	}
	w.clock.move(0)
	if n := len(w.rollbacks()); n != made+1 {
		w.t.Errorf("%s: %d deployments go back, expected one", name, n-made)
	}
	w.told(pull, "**Rolled back to [`"+good[:7], "and verified.**")
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
	if runs := w.orders.Checks(bad, "plimsoll/deploy"); len(runs) != 1 {
		w.t.Errorf("%s: %d check runs, expected one", name, len(runs))
	}
	w.clock.set(w.clock.Now().Add(25 * time.Hour)) // the next one is another day's
	w.Settle()
	return bad
}

const withIssue = "on_failure: [comment, status, issue, rollback]\nrollback: {by: deployment}"

// Whatever call fails on the way, without an effect, after it, or with the answer lost:
// one deployment goes back, and each is told and entered once.
func TestRollbackThroughFaults(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.declares(back(withIssue))
		_, good := w.change("good")
		w.verified(good)
		var bad []string
		for i, call := range rollbackCalls {
			rounds := [][]simulator.Fault{{{Status: http.StatusBadGateway}, {Close: true}, {After: true, Close: true}}}
			if answered := (simulator.Fault{After: true, Status: http.StatusInternalServerError}); strings.Contains(call, "create") {
				rounds = append(rounds, []simulator.Fault{answered}) // what is found to be made already is not made again
			} else {
				rounds[0] = append(rounds[0], answered)
			}
			for j, faults := range rounds {
				for k := range faults {
					faults[k].Operation = call
				}
				bad = append(bad, w.faulted(fmt.Sprintf("%d-%d", i, j), good, faults...))
			}
		}
		for _, commit := range bad {
			w.entered(commit, map[ledger.EntryKind]int{ledger.EntryVerdict: 1, ledger.EntryRollback: 2})
		}
	})
}

// retried has what failed tried again, as often as it may fail.
func (w *watching) retried() {
	w.t.Helper()
	for range 6 {
		w.clock.set(w.clock.Now().Add(time.Second))
		w.Settle()
	}
}

// entered counts the entries about a commit in the ledger, by kind.
func (w *watching) entered(commit string, want map[ledger.EntryKind]int) {
	w.t.Helper()
	from, err := store.OpenReading(w.t.Context(), store.Options{DSN: w.dsn})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = from.Close() }()
	found := map[ledger.EntryKind]int{}
	for entry, err := range from.Ledger(w.t.Context(), w.app.ID(), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if _, counted := want[entry.Kind]; counted && entry.Commit == commit {
			found[entry.Kind]++
		}
	}
	if !maps.Equal(found, want) {
		w.t.Errorf("the ledger has %v about %s, expected %v", found, commit, want)
	}
}

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
		_, good := w.change("good")
		w.verified(good)
		bad := w.faulted("doubled", good)
		w.entered(bad, map[ledger.EntryKind]int{ledger.EntryVerdict: 1, ledger.EntryRollback: 2})
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
			fix := w.GitHub.Fault(simulator.Fault{Operation: call, After: true, Close: true, Times: simulator.Always})
			w.pass(1)
			if err := w.StopServer(); err != nil {
				t.Fatal(err)
			}
			fix()
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
