package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
)

// proposed has nothing go back by itself, and the pull request told why.
func (w *watching) proposed(pull *simulator.PullRequest, why string) {
	w.t.Helper()
	if n := len(w.rollbacks()); n != 0 {
		w.t.Errorf("%d deployments go back, expected none", n)
	}
	w.told(pull, "**Roll back to [`", why, "`/plimsoll rollback production`")
}

// What looks like a migration is not undone by itself.
func TestRollbackOverAMigration(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.declares(back(byDeployment))
		_, good := w.change("good")
		w.verified(good)
		w.orders.CommitAs("ana", "schema", "Change the schema", map[string]string{"db/migrations/0002_drop.sql": "DROP TABLE a;"})
		pull := w.orders.OpenPullRequest(simulator.PullRequestOptions{Head: "schema", Author: "ana"})
		bad, err := pull.Merge(simulator.Squash)
		if err != nil {
			t.Fatal(err)
		}
		w.Settle()
		w.fails(bad)
		w.proposed(pull, "`db/migrations/0002_drop.sql`")
	})
}

// The old contract lacks what a consumer has come to use since: going back breaks it.
func TestRollbackThatBreaksAConsumer(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot] (edited 1×): ❌ orders production 3 3; ⏪ commit1; -; .github/plimsoll.yml:9 commit2 price production web
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit3
		check plimsoll/deploy: failure: 3 ×2; ❌ orders production 3 3; ⏪ commit1; -; .github/plimsoll.yml:9 commit2 price production web; GET /healthz 0 3; GET /version 3 3; [rollback]
		acme/orders: deployment of commit3 to production: deploy, by bob
		status failure
		acme/web: commit commit2
		check plimsoll/deploy: neutral: ❔ production web`, func(t *testing.T, w *watching) {
		provides := strings.Replace(back(byDeployment), "    environments:\n", "    provides: [{api: orders, spec: openapi.yaml}]\n    environments:\n", 1)
		w.orders.CommitAs("ana", "main", "Declare", map[string]string{".github/plimsoll.yml": provides, "openapi.yaml": without("price")})
		w.Settle()
		_, good := w.change("good")
		w.verified(good)
		w.orders.CommitAs("ana", "price", "Add the price", map[string]string{"openapi.yaml": shopContract})
		pull := w.orders.OpenPullRequest(simulator.PullRequestOptions{Head: "price", Author: "ana"})
		bad, err := pull.Merge(simulator.Squash)
		if err != nil {
			t.Fatal(err)
		}
		web := w.GitHub.NewRepository("acme/web", simulator.RepositoryOptions{Private: true})
		web.CommitAs("ben", "main", "Use it", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "api: shop", "api: orders")})
		w.Settle()
		web.Deploy("production", "main", simulator.DeployOptions{Creator: "ben"}).Status("success", "")
		w.fails(bad)
		w.proposed(pull, "The older contract would break consumers that deployed since")
	})
}

// The commit that was verified before is found bad as well: the cause is elsewhere, and
// nothing goes back any further.
func TestRollbackThatDoesNotHelp(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot] (edited 2×): ❌ orders production 3 3; commit1 11000003
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 3 (merged)
		comment by plimsoll[bot] (edited 2×): ❌ commit2; ❌ orders production 3 3
		comment by carol: /plimsoll rollback; :confused:
		comment by plimsoll[bot]: /plimsoll rollback
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit3
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: success (replaced)
		check plimsoll/deploy: failure: ❌ orders production 3 3; commit1 11000003; GET /healthz 0 3; GET /version 3 3
		acme/orders: commit commit1
		check plimsoll/deploy: failure: ❌ commit2; ❌ orders production 3 3; GET /healthz 0 3; GET /version 3 3
		acme/orders: deployment of commit1 to production: deploy, by bob
		status failure
		acme/orders: deployment of commit2 to production: rollback, by plimsoll[bot]
		status failure`, func(t *testing.T, w *watching) {
		w.declares(back(byDeployment))
		w.orders.Grant("carol", "admin")
		_, older := w.change("older")
		w.verified(older)
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		w.fails(bad)
		d := w.rolledBack(good)
		w.service.runs(good, http.StatusServiceUnavailable)
		d.Status("success", w.url)
		w.Settle()
		w.pass(4)
		w.told(pull, "**Not caused by this deployment:**", "although it was verified before")
		w.pass(3)
		w.rolledBack(good)
		pull.Comment("carol", "/plimsoll rollback")
		w.Settle()
		w.rolledBack(good)
	})
}

// One in a day by itself; the next is for people.
func TestRollbackASecondTime(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.declares(back(byDeployment))
		_, good := w.change("good")
		w.verified(good)
		_, bad := w.change("bad")
		w.fails(bad)
		w.service.runs(good, http.StatusOK)
		w.rolledBack(good).Status("success", w.url)
		w.Settle()
		w.pass(6)
		again, worse := w.change("worse")
		w.fails(worse)
		w.told(again, "A second rollback within 24 hours")
		w.rolledBack(good)
		w.service.runs(good, http.StatusOK)
		w.deploy(good)
		w.pass(6)
		w.clock.set(w.clock.Now().Add(25 * time.Hour))
		_, later := w.change("later")
		w.fails(later)
		if n := len(w.rollbacks()); n != 2 {
			t.Errorf("%d deployments go back, expected a second one after a day", n)
		}
	})
}

// Nothing was verified before: there is nothing to go back to, and it is said.
func TestRollbackToNothing(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.declares(back(byDeployment))
		_, first := w.change("first")
		w.service.runs(first, http.StatusOK)
		w.deploy(first) // and superseded before it is verified
		pull, bad := w.change("bad")
		w.fails(bad)
		w.told(pull, "**Not rolled back:**", "No earlier commit was verified there")
		if n := len(w.rollbacks()); n != 0 {
			t.Errorf("%d deployments go back, expected none", n)
		}
	})
}

// `by: none` and an empty list are obeyed: no button, no comment, no status.
func TestRollbackThatNobodyWants(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by carol: /plimsoll rollback; :confused:
		comment by plimsoll[bot]: /plimsoll rollback; ❌ orders production; -
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: failure: 3 ×2; ❌ orders production 3 3; -; GET /healthz 0 3; GET /version 3 3`, func(t *testing.T, w *watching) {
		w.declares(back("on_failure: []\nrollback: {by: none}"))
		w.orders.Grant("carol", "admin")
		_, good := w.change("good")
		w.verified(good)
		pull, bad := w.change("bad")
		d := w.fails(bad)
		pull.Comment("carol", "/plimsoll rollback")
		w.Settle()
		if n := len(w.rollbacks()) + len(w.orders.Issues()); n != 0 || strings.Contains(strings.Join(d.Statuses(), " "), "failure") {
			t.Errorf("%d deployments and issues, and the statuses %q", n, d.Statuses())
		}
	})
}

// One issue for a deployment that went bad, closed when the place is verified again.
func TestIssueAboutADeployment(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders issue 3 (closed): ✅ commit1 orders production; ❌ orders production 3 3; GET /healthz 0 3; GET /version 3 3
		comment by plimsoll[bot]: ✅ commit1 orders production
		acme/orders pull 4 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit2
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit3
		check plimsoll/deploy: failure: ✅ commit1 orders production; ❌ orders production 3 3; GET /healthz 0 3; GET /version 3 3
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6`, func(t *testing.T, w *watching) {
		w.declares(back("on_failure: [issue]"))
		_, good := w.change("good")
		w.verified(good)
		_, bad := w.change("bad")
		w.fails(bad)
		if all := w.orders.Issues(); len(all) != 1 || all[0].State != "open" {
			t.Fatalf("issues: %+v", all)
		}
		_, fix := w.change("mend")
		w.service.runs(fix, http.StatusOK)
		w.deploy(fix)
		w.pass(5)
		if all := w.orders.Issues(); len(all) != 1 || all[0].State != "closed" || len(all[0].Comments) != 1 {
			t.Errorf("issues: %+v", all)
		}
	})
}
