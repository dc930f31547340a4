package server_test

import (
	"net/http"
	"testing"

	"plimsoll/deploy/ledger"
	"plimsoll/handlers/work"
	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/testbed/testbedtest"
)

// sweep looks for gates that wait, as is done every few minutes.
func (w *watching) sweep() {
	w.t.Helper()
	if err := w.Server.Queue().Enqueue(w.t.Context(), queue.Job{Kind: work.KindGates, Key: work.KindGates}); err != nil {
		w.t.Fatal(err)
	}
	w.Settle()
}

// losing has GitHub lose the events of protection rules.
func losing(w *watching) {
	w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
		if d.Event == "deployment_protection_rule" {
			return simulator.Vanish
		}
		return simulator.Send
	})
}

// A gate whose event was lost is found and answered, once; what waits for somebody else
// is left alone, and where nothing waits it costs one request.
func TestGateWhoseEventWasLost(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders staging 4
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders staging 4; GET /healthz 4 4
		acme/orders: deployment of commit1 to production: deploy, by bob
		gate production approved: ✅ production; orders staging; commit1 orders; orders`, func(t *testing.T, w *watching) {
		gated(w)
		_, good := w.change("good")
		w.service.runs(good, http.StatusOK)
		w.stage(good)
		w.pass(4)
		if used := w.Used(w.sweep); len(used) != 1 {
			t.Errorf("%d requests where nothing waits: %s", len(used), testbedtest.Routes(used))
		}
		losing(w)
		w.orders.RequireReview("production")
		d := w.ask(good)
		w.answered(d)
		w.sweep()
		w.answered(d, "production approved|verified in `staging`")
		w.pass(1)
		if used := w.Used(w.sweep); len(used) != 2 {
			t.Errorf("%d requests for a gate that waits for somebody else: %s", len(used), testbedtest.Routes(used))
		}
		w.answered(d, "production approved")

		w.orders.Environment("staging", false)
		w.orders.RequireReview("staging")
		w.sweep()
		w.entries(ledger.EntryGate, good, 1)
	})
}

// A gate that can't be answered stays shut and says so; the periodic job has it answered
// once that is fixed.
func TestGateThatCannotBeAnswered(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders staging 4
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders staging 4; GET /healthz 4 4
		acme/orders: deployment of commit1 to production: deploy, by bob
		gate production report: ⏳ production
		gate production approved: ✅ production; orders staging; commit1 orders; orders`, func(t *testing.T, w *watching) {
		w.dies = 1
		gated(w)
		_, good := w.change("good")
		w.service.runs(good, http.StatusOK)
		w.stage(good)
		w.pass(4)
		losing(w)
		d := w.ask(good)
		fix := w.GitHub.Fault(simulator.Fault{Operation: "repos/get-deployment", Status: http.StatusInternalServerError, Times: simulator.Always})
		w.sweep()
		for range 20 {
			w.pass(1)
		}
		w.answered(d, "report|can't evaluate the gate|tries again")
		w.sweep()
		w.pass(2)
		w.answered(d, "report|can't evaluate the gate|tries again")
		fix()
		w.sweep()
		w.pass(1)
		w.answered(d, "report|can't evaluate the gate", "production approved|verified in `staging`")
	})
}

// A missing permission is named; nothing is approved without what it would have read.
func TestGateWithoutAPermission(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.dies = 2 // the answer that is kept of the deployment as well
		gated(w)
		_, good := w.change("good")
		w.service.runs(good, http.StatusOK)
		w.stage(good)
		w.pass(4)
		fix := w.GitHub.Fault(simulator.Fault{
			Operation: "git/get-tree", Status: http.StatusForbidden, Message: "Resource not accessible by integration", Times: simulator.Always,
			Header: http.Header{"X-Accepted-Github-Permissions": {"contents=read"}},
		})
		w.orders.CommitAs("ana", "side", "Another", map[string]string{"main.go": "package main // side"})
		side := w.orders.Deploy("production", "side", simulator.DeployOptions{Creator: "bob", WorkflowRun: true})
		w.Settle()
		w.answered(side, "report|the permission contents: read is missing|accept the App's permissions")
		fix()
		w.sweep()
		w.answered(side, "report|is missing", "report|not deployed to `staging` yet")
	})
}

// Events that come twice and a lost answer of GitHub's end in one answer and one entry,
// also across a restart.
func TestGateAnswersOnce(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		gated(w)
		_, good := w.change("good")
		w.service.runs(good, http.StatusOK)
		w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if d.Event == "deployment_protection_rule" {
				return simulator.Double
			}
			return simulator.Send
		})
		d := w.ask(good)
		w.answered(d, "report|not deployed")
		w.GitHub.Fault(simulator.Fault{Operation: "actions/review-custom-gates-for-run", Skip: 1, After: true, Close: true})
		w.stage(good)
		w.pass(2)
		if err := w.StopServer(); err != nil {
			t.Fatal(err)
		}
		w.open(w.GitHub)
		w.pass(6)
		w.answered(d, "report|not deployed", "report|verification in progress", "production approved|verified in `staging`")
		w.sweep()
		w.pass(1)
		w.answered(d, "report|not deployed", "report|verification in progress", "production approved|verified in `staging`")
		w.entries(ledger.EntryGate, good, 1)
	})
}
