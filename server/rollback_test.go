package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

// back is watchedFile with lines below the environment, such as how to go back.
func back(lines string) string {
	return strings.Replace(watchedFile, "      production:\n", "      production:\n        "+strings.ReplaceAll(lines, "\n", "\n        ")+"\n", 1)
}

// byDeployment has production rolled back by a deployment.
const byDeployment = "on_failure: [comment, status, rollback]\nrollback: {by: deployment}"

// declares replaces the repository's file.
func (w *watching) declares(file string) {
	w.orders.CommitAs("ana", "main", "Declare", map[string]string{".github/plimsoll.yml": file})
	w.Settle()
}

// fails has a commit deployed that goes bad.
func (w *watching) fails(commit string) *simulator.Deployment {
	w.t.Helper()
	w.service.runs(commit, http.StatusServiceUnavailable)
	d := w.deploy(commit)
	w.pass(3)
	w.concluded(commit, "failure", "Roll back orders in production")
	return d
}

// rollbacks are the deployments that go back.
func (w *watching) rollbacks() []*simulator.Deployment {
	return slices.DeleteFunc(w.orders.Deployments(), func(d *simulator.Deployment) bool { return d.Task() != "rollback" })
}

// rolledBack is the one deployment that goes back, to a commit.
func (w *watching) rolledBack(commit string) *simulator.Deployment {
	w.t.Helper()
	all := w.rollbacks()
	if len(all) != 1 || all[0].SHA() != commit || all[0].Environment() != "production" {
		w.t.Fatalf("%d deployments go back, expected one to %s", len(all), commit)
	}
	return all[0]
}

// told holds the one comment of a pull request about its deployments to what it contains.
func (w *watching) told(pull *simulator.PullRequest, parts ...string) {
	w.t.Helper()
	var found []string
	for _, c := range pull.Comments() {
		if strings.Contains(c.Body, "<!-- plimsoll:deploy -->") {
			found = append(found, c.Body)
		}
	}
	if len(found) != 1 {
		w.t.Fatalf("%d comments about deployments, expected one", len(found))
	}
	for _, part := range parts {
		if !strings.Contains(found[0], part) {
			w.t.Errorf("it is told:\n%s\nexpected %q", found[0], part)
		}
	}
}

// Declared by deployment: what went bad is deployed away, watched, and told to be over.
func TestRollbackByDeployment(t *testing.T) {
	everyWatching(t, "verify/rollback.md", func(t *testing.T, w *watching) {
		w.declares(back(byDeployment))
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.fails(bad)
		d := w.rolledBack(good)
		w.told(pull, "**Rolling back to [`"+good[:7])
		w.service.runs(good, http.StatusOK)
		d.Status("in_progress", "")
		d.Status("success", w.url)
		w.Settle()
		w.pass(5)
		w.told(pull, "**Rolled back to [`"+good[:7], "and verified.**")
		w.pass(3)
		w.rolledBack(good)
	})
}

// Without a word in the file it is proposed, with what to type.
func TestRollbackIsProposed(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot] (edited 1×): ❌ orders production 3 3; ⏪ commit1; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: failure: 3 ×2; ❌ orders production 3 3; ⏪ commit1; -; GET /healthz 0 3; GET /version 3 3; [rollback]
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure`, func(t *testing.T, w *watching) {
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.fails(bad)
		if n := len(w.rollbacks()); n != 0 {
			t.Errorf("%d deployments go back, expected none", n)
		}
		w.told(pull, "**Roll back to [`"+good[:7], "Automatic rollback is off", "`/plimsoll rollback production`")
	})
}

// workflow is one that rolls back by hand, and declares what it takes.
const workflow = "on:\n  workflow_dispatch:\n    inputs:\n      sha: {type: string}\n      environment: {type: string}\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps: [{run: ./deploy}]\n"

// byWorkflow has production rolled back by that workflow.
const byWorkflow = "on_failure: [comment, status, rollback]\nrollback: {by: workflow, workflow: rollback.yml}"

// A workflow takes a branch and inputs; the deployment that it makes is known by its
// commit and its time.
func TestRollbackByWorkflow(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot] (edited 1×): ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot] (edited 2×): ✅ commit1; ❌ orders production 3 3
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success (replaced)
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: failure: ✅ commit1; ❌ orders production 3 3; GET /healthz 0 3; GET /version 3 3
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure
		acme/orders: workflow rollback.yml started on main`, func(t *testing.T, w *watching) {
		w.orders.CommitAs("ana", "main", "Add the way back", map[string]string{".github/plimsoll.yml": back(byWorkflow), ".github/workflows/rollback.yml": workflow})
		w.Settle()
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.fails(bad)
		started := w.orders.Dispatches()
		if len(started) != 1 || started[0].Workflow != "rollback.yml" || started[0].Ref != "main" || started[0].Inputs["sha"] != good || started[0].Inputs["environment"] != "production" {
			t.Fatalf("started: %+v", started)
		}
		w.pass(1)
		w.service.runs(good, http.StatusOK)
		w.deploy(good)
		w.pass(6)
		w.told(pull, "**Rolled back to [`"+good[:7], "and verified.**")
		if n := len(w.orders.Dispatches()); n != 1 {
			t.Errorf("%d workflows were started, expected one", n)
		}
	})
}

// A workflow that is not there, or that takes no commit, is not started blindly.
func TestRollbackByAWorkflowThatCannot(t *testing.T) {
	for name, file := range map[string]map[string]string{
		"missing": {"main.go": "package main // no workflow"},
		"inputs":  {".github/workflows/rollback.yml": "on:\n  workflow_dispatch:\n    inputs:\n      environment: {type: string}\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps: [{run: ./deploy}]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			everyWatching(t, "", func(t *testing.T, w *watching) {
				file[".github/plimsoll.yml"] = back(byWorkflow)
				w.orders.CommitAs("ana", "main", "Declare", file)
				w.Settle()
				_, good := w.change("good")
				w.verified(good)
				pull, bad := w.change("bad")
				w.fails(bad)
				w.told(pull, "failed to start", map[string]string{"missing": "does not exist on the default branch", "inputs": "has no input for a commit"}[name])
				if n := len(w.orders.Dispatches()); n != 0 {
					t.Errorf("%d workflows were started, expected none", n)
				}
			})
		})
	}
}

// Somebody types it: who may write overrides what leaves it to people, and it is said.
func TestRollbackByCommand(t *testing.T) {
	everyWatching(t, "verify/rollback-command.md", func(t *testing.T, w *watching) {
		w.declares(back("irreversible: true\non_failure: [comment, rollback]\nrollback: {by: deployment}"))
		w.orders.Grant("carol", "write")
		w.orders.Grant("rob", "read")
		other, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.fails(bad)
		w.told(pull, "`irreversible: true`")
		pull.Comment("rob", "/plimsoll rollback")
		pull.Comment("carol", "/plimsoll rollback staging")
		other.Comment("carol", "/plimsoll rollback")
		w.Settle()
		if n := len(w.rollbacks()); n != 0 {
			t.Fatalf("%d deployments go back, expected none", n)
		}
		pull.Comment("carol", "/plimsoll rollback production")
		w.Settle()
		w.rolledBack(good)
		w.told(pull, "requested by `carol`", "Despite:", "`irreversible: true`")
		pull.Comment("carol", "/plimsoll rollback")
		w.Settle()
		w.rolledBack(good)
	})
}

// The button is on the check run of the deployment, and gone when it was pressed.
func TestRollbackByButton(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot] (edited 2×): ❌ orders production 3 3; ⏪ carol commit1 11000003; ⚠️; -
		comment by plimsoll[bot]
		comment by plimsoll[bot]: ⏪ commit1 orders production; ⚠️; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: failure: 3 ×2; ❌ orders production 3 3; ⏪ carol commit1 11000003; ⚠️; -; GET /healthz 0 3; GET /version 3 3
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure
		acme/orders: deployment of commit1 to production: rollback, by plimsoll[bot]`, func(t *testing.T, w *watching) {
		w.orders.Grant("carol", "maintain")
		w.orders.Grant("rob", "triage")
		_, good := w.change("good")
		w.verified(good)
		_, bad := w.change("bad")
		w.fails(bad)
		w.orders.Press("rob", bad, "plimsoll/deploy", "rollback")
		w.Settle()
		if n := len(w.rollbacks()); n != 0 {
			t.Fatalf("%d deployments go back, expected none", n)
		}
		w.orders.Press("carol", bad, "plimsoll/deploy", "rollback")
		w.Settle()
		w.rolledBack(good)
	})
}

// What is newer in the place is never undone, whoever asks.
func TestRollbackOfWhatIsNotCurrent(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot] (edited 1×): ❌ orders production 3 3; 11000003
		comment by carol: /plimsoll rollback; :confused:
		comment by plimsoll[bot]: /plimsoll rollback; ❌ orders production; 11000003
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 3 (merged)
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: failure: 3 ×2; ❌ orders production 3 3; 11000003; GET /healthz 0 3; GET /version 3 3
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure`, func(t *testing.T, w *watching) {
		w.declares(back(byDeployment))
		w.orders.Grant("carol", "admin")
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		_, fix := w.change("mend")
		w.service.runs(bad, http.StatusServiceUnavailable)
		w.deploy(bad)
		w.pass(1)
		newer := w.orders.Deploy("production", fix, simulator.DeployOptions{Creator: "bob"})
		newer.Status("in_progress", "")
		w.Settle()
		w.pass(2)
		w.concluded(bad, "failure", "Roll back")
		w.told(pull, "**Not rolled back:**", "is newer. A rollback would undo it")
		pull.Comment("carol", "/plimsoll rollback")
		w.Settle()
		if n := len(w.rollbacks()); n != 0 {
			t.Errorf("%d deployments go back, expected none", n)
		}
	})
}

// A newer deployment that begins between the decision and the call is found out: what
// was intended is looked at once more.
func TestRollbackIsOvertaken(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.declares(back(byDeployment))
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		_, fix := w.change("mend")
		w.GitHub.Fault(simulator.Fault{Operation: "repos/create-deployment", Status: http.StatusBadGateway, Before: func() {
			w.orders.Deploy("production", fix, simulator.DeployOptions{Creator: "bob"}).Status("in_progress", "")
		}})
		w.service.runs(bad, http.StatusServiceUnavailable)
		w.deploy(bad)
		w.pass(4)
		w.told(pull, "**Not rolled back:**", "is newer. A rollback would undo it")
		if n := len(w.rollbacks()); n != 0 {
			t.Errorf("%d deployments go back, expected none", n)
		}
	})
}

// In a dry run, what would be rolled back is told, and a person may still do it.
func TestRollbackInADryRun(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.declares(back(strings.Replace(byDeployment, "rollback]", "rollback, dry_run]", 1)))
		w.orders.Grant("carol", "write")
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.fails(bad)
		if all := w.rollbacks(); len(all) != 0 {
			t.Fatalf("%d deployments go back in a dry run", len(all))
		}
		w.told(pull, "**Dry run: Plimsoll would have rolled back to [`"+good[:7])
		pull.Comment("carol", "/plimsoll rollback production")
		w.Settle()
		w.rolledBack(good)
	})
}
