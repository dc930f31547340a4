package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store"
)

// What was found bad after a roll back is told so in every place, and who asks to roll it
// back hears what is so.
func TestRollbackIsToldTruly(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.declares(back(byDeployment))
		w.orders.Grant("carol", "admin")
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.fails(bad)
		d := w.rolledBack(good)
		d.Status("success", w.url)
		w.service.runs(good, http.StatusServiceUnavailable)
		w.Settle()
		w.say(pull, "carol", "/plimsoll rollback")
		w.saw(pull, "was already rolled back from this pull request")
		w.pass(4)
		w.concluded(bad, "failure", "Not caused by this deployment: orders in production")
		runs := w.orders.Checks(good, "plimsoll/deploy")
		if !slices.ContainsFunc(runs, func(c simulator.Check) bool {
			return strings.HasPrefix(c.Title, "Not caused by this deployment: orders")
		}) {
			t.Errorf("of what went back: %+v", runs)
		}
		w.say(pull, "carol", "/plimsoll rollback production")
		w.saw(pull, "That commit failed verification too, so the cause is elsewhere")
		w.rolledBack(good)
	})
}

// Who may not is refused, and the ledger knows who has tried.
func TestRollbackWithoutPermissionIsEntered(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.orders.Grant("rob", "read")
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.fails(bad)
		w.say(pull, "rob", "/plimsoll rollback")
		w.saw(pull, "needs write access")
		w.orders.Press("rob", bad, "plimsoll/deploy", "rollback")
		w.Settle()
		from, err := store.OpenReading(t.Context(), store.Options{DSN: w.dsn})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = from.Close() }()
		refused := 0
		for entry, err := range from.Ledger(t.Context(), w.app.ID(), 0) {
			if err != nil {
				t.Fatal(err)
			}
			if entry.Actor == "rob" {
				refused++
			}
		}
		if refused != 0 || len(w.rollbacks()) != 0 {
			t.Errorf("%d entries of an outsider in the ledger, expected none; %d deployments go back", refused, len(w.rollbacks()))
		}
	})
}
