package server_test

import (
	"net/http"
	"testing"
	"time"

	"plimsoll/deploy/ledger"
	"plimsoll/server/simulator"
)

// startable declares a workflow that goes back, and has a commit verified before one that
// is merged.
func (w *watching) startable() (good string, pull *simulator.PullRequest, bad string) {
	w.t.Helper()
	w.orders.CommitAs("ana", "main", "Add the way back", map[string]string{".github/plimsoll.yml": back(byWorkflow), ".github/workflows/rollback.yml": workflow})
	w.Settle()
	_, good = w.change("good")
	w.verified(good)
	pull, bad = w.change("bad")
	return good, pull, bad
}

// started counts the workflows that were started.
func (w *watching) started(want int) {
	w.t.Helper()
	if n := len(w.orders.Dispatches()); n != want {
		w.t.Errorf("%d workflows were started, expected %d", n, want)
	}
}

const startWorkflow = "actions/create-workflow-dispatch"

// GitHub's answer to the start is lost, and it lists the run late: nothing is started
// twice.
func TestRollbackWhoseStartIsLost(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		good, pull, bad := w.startable()
		w.orders.ListRunsLate(3 * time.Minute)
		w.GitHub.Fault(simulator.Fault{Operation: startWorkflow, After: true, Close: true})
		w.fails(bad)
		w.pass(2)
		w.started(1)
		w.told(pull, "**Rolling back to [`"+good[:7])
		w.pass(8)
		w.started(1)
		w.service.runs(good, http.StatusOK)
		w.deploy(good)
		w.pass(6)
		w.started(1)
		w.told(pull, "**Rolled back to [`"+good[:7], "and verified.**")
		w.entered(bad, map[ledger.EntryKind]int{ledger.EntryVerdict: 1, ledger.EntryRollback: 2})
	})
}

// A run that is never listed is known by what it brings.
func TestRollbackWhoseStartIsKnownByItsDeployment(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		good, pull, bad := w.startable()
		w.orders.ListRunsLate(24 * time.Hour)
		w.GitHub.Fault(simulator.Fault{Operation: startWorkflow, After: true, Status: http.StatusBadGateway})
		w.fails(bad)
		w.service.runs(good, http.StatusOK)
		w.deploy(good)
		w.pass(8)
		w.started(1)
		w.told(pull, "**Rolled back to [`"+good[:7], "and verified.**")
	})
}

// What GitHub has not taken is started once more after a while.
func TestRollbackWhoseStartIsRefusedOnce(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		good, pull, bad := w.startable()
		w.GitHub.Fault(simulator.Fault{Operation: startWorkflow, Status: http.StatusBadGateway})
		w.fails(bad)
		w.pass(2)
		w.started(0)
		w.pass(6)
		w.started(1)
		w.told(pull, "**Rolling back to [`"+good[:7])
	})
}

// In the end nobody knows whether it runs: that is said, and somebody may ask again.
func TestRollbackOfWhichNobodyKnows(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot] (edited 1×): ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot] (edited 4×): ✅ commit1; ❌ orders production 3 3
		comment by carol: /plimsoll rollback; :+1:
		comment by plimsoll[bot]: /plimsoll rollback; ⏪ commit1 orders production
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success (replaced)
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: failure: ✅ commit1; ❌ orders production 3 3; GET /healthz 0 3; GET /version 3 3
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure
		acme/orders: workflow rollback.yml started on main
		acme/orders: workflow rollback.yml started on main
		acme/orders: workflow rollback.yml started on main`, func(t *testing.T, w *watching) {
		w.orders.Grant("carol", "write")
		good, pull, bad := w.startable()
		w.orders.ListRunsLate(24 * time.Hour)
		w.GitHub.Fault(simulator.Fault{Operation: startWorkflow, After: true, Close: true, Times: 2})
		w.fails(bad)
		w.pass(14)
		w.started(2)
		w.told(pull, "**Unknown whether the rollback to [`"+good[:7], "no run is listed", "`/plimsoll rollback production`")
		w.pass(30)
		w.started(2)
		pull.Comment("carol", "/plimsoll rollback")
		w.Settle()
		w.started(3)
		w.told(pull, "**Rolling back to [`"+good[:7], "requested by `carol`")
		w.service.runs(good, http.StatusOK)
		w.deploy(good)
		w.pass(6)
		w.told(pull, "**Rolled back to [`"+good[:7], "and verified.**")
	})
}

// Nobody picks up the deployment that goes back: it is said, and somebody may ask again.
func TestRollbackThatNobodyPicksUp(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot] (edited 1×): ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot] (edited 4×): ✅ commit1; ❌ orders production 3 3
		comment by plimsoll[bot]: ⏪ commit1 orders production
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success (replaced)
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: failure: ✅ commit1; ❌ orders production 3 3; GET /healthz 0 3; GET /version 3 3
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure
		acme/orders: deployment of commit1 to production: rollback, by plimsoll[bot]
		acme/orders: deployment of commit1 to production: rollback, by plimsoll[bot]`, func(t *testing.T, w *watching) {
		w.declares(back(byDeployment))
		w.orders.Grant("carol", "write")
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.fails(bad)
		w.rolledBack(good)
		w.pass(13)
		w.told(pull, "**Rolling back to [`"+good[:7])
		w.pass(4)
		w.told(pull, "**The rollback to [`"+good[:7], "did not complete", "Nothing picked up deployment")
		w.orders.Press("carol", bad, "plimsoll/deploy", "rollback")
		w.Settle()
		all := w.rollbacks()
		if len(all) != 2 {
			t.Fatalf("%d deployments go back, expected a second one", len(all))
		}
		w.told(pull, "**Rolling back to [`"+good[:7], "requested by `carol`")
		w.service.runs(good, http.StatusOK)
		all[1].Status("success", w.url)
		w.Settle()
		w.pass(20)
		w.told(pull, "**Rolled back to [`"+good[:7], "and verified.**")
		w.entered(bad, map[ledger.EntryKind]int{ledger.EntryVerdict: 1, ledger.EntryRollback: 4})
	})
}

// What goes back fails: told at once; picked up late after all, it is over.
func TestRollbackThatFails(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.declares(back(byDeployment))
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.fails(bad)
		d := w.rolledBack(good)
		d.Status("in_progress", "")
		w.Settle()
		w.pass(40)
		w.told(pull, "**Rolling back to [`"+good[:7])
		d.Status("failure", "")
		w.Settle()
		w.told(pull, "**The rollback to [`"+good[:7], "The rollback, deployment", "`/plimsoll rollback production`")
		w.service.runs(good, http.StatusOK)
		d.Status("success", w.url)
		w.Settle()
		w.pass(6)
		w.told(pull, "**Rolled back to [`"+good[:7], "and verified.**")
		w.rolledBack(good)
	})
}

// Work that is given up says so; asked again, it goes on where it was.
func TestRollbackThatIsGivenUp(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.dies = 1
		w.declares(back(byDeployment))
		w.orders.Grant("carol", "write")
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		fix := w.GitHub.Fault(simulator.Fault{Operation: "repos/create-deployment", Status: http.StatusInternalServerError, Times: simulator.Always})
		w.fails(bad)
		for range 20 {
			w.pass(1)
		}
		w.told(pull, "was started", "Plimsoll failed repeatedly", "`/plimsoll rollback production`")
		fix()
		pull.Comment("carol", "/plimsoll rollback")
		w.Settle()
		w.rolledBack(good)
		w.told(pull, "**Rolling back to [`"+good[:7])
	})
}

// Statuses come in any order: that it has arrived before that it has begun, and late
// that the bad one was taken down.
func TestRollbackWithReorderedStatuses(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.declares(back(withIssue))
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		undone := w.fails(bad)
		d := w.rolledBack(good)
		w.service.runs(good, http.StatusOK)
		w.GitHub.OnDelivery(func(told *simulator.Delivery) simulator.Fate {
			if told.Event == "deployment_status" {
				return simulator.Hold
			}
			return simulator.Send
		})
		d.Status("in_progress", "")
		w.GitHub.OnDelivery(nil)
		d.Status("success", w.url)
		w.Settle()
		w.pass(2)
		undone.Status("inactive", "")
		w.GitHub.Release()
		w.Settle()
		w.pass(4)
		w.told(pull, "**Rolled back to [`"+good[:7], "and verified.**")
		w.concluded(bad, "failure", "Rolled back orders in production to "+good[:7])
		if all := w.orders.Issues(); len(all) != 1 || all[0].State != "closed" {
			t.Errorf("issues: %+v", all)
		}
		w.rolledBack(good)
		w.entered(bad, map[ledger.EntryKind]int{ledger.EntryVerdict: 1, ledger.EntryRollback: 2})
		w.entered(good, map[ledger.EntryKind]int{ledger.EntryVerdict: 2})
	})
}
