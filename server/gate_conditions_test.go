package server_test

import (
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

// built deploys a commit's artifact to an environment, and asks where that is gated.
func (w *watching) built(environment, commit, digest string) *simulator.Deployment {
	d := w.orders.Deploy(environment, commit, simulator.DeployOptions{
		Creator: "bob", WorkflowRun: environment == "production", Payload: map[string]any{"build": map[string]any{"image": "ghcr.io/acme/orders@sha256:" + strings.Repeat(digest, 64)}},
	})
	if environment != "production" {
		d.Status("success", w.url)
	}
	w.Settle()
	return d
}

// What is deployed is what was verified: another build of the same commit is refused;
// where nobody names one, nothing is said.
func TestGateOfAnotherArtifact(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders staging 4
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders staging 4; GET /healthz 4 4
		acme/orders: deployment of commit1 to production: deploy, by bob
		gate production rejected: ❌ production; orders staging; commit1 orders; orders
		acme/orders: deployment of commit1 to production: deploy, by bob
		gate production approved: ✅ production; orders staging; commit1 orders; orders
		acme/orders: deployment of commit1 to production: deploy, by bob
		gate production approved: ✅ production; orders staging; commit1 orders; orders`, func(t *testing.T, w *watching) {
		gated(w)
		_, commit := w.change("built")
		w.service.runs(commit, http.StatusOK)
		w.built("staging", commit, "a")
		w.pass(4)
		w.answered(w.built("production", commit, "b"), "production rejected|the artifact differs from the one verified in `staging`")
		w.answered(w.built("production", commit, "a"), "production approved|verified in `staging`")
		w.answered(w.ask(commit), "production approved|verified in `staging`")
	})
}

// What runs in production keeps what it has: a commit that takes away its runbook is
// refused by the rule's name, one that only ever lacked something is not.
func TestGateOfWhatIsNotReady(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: success: ✅ orders staging 4; GET /healthz 4 4
		acme/orders: deployment of commit2 to production: deploy, by bob
		gate production rejected: ❌ production; orders staging; commit1 orders 1; RB001; orders
		acme/orders: deployment of commit2 to production: deploy, by bob
		gate production approved: ✅ production; orders staging; commit1 orders; orders`, func(t *testing.T, w *watching) {
		file := strings.Replace(gatedFile, "    environments:\n", "    health:\n      runbook: docs/runbook.md\n    environments:\n", 1)
		w.orders.CommitAs("ana", "main", "Gate it", map[string]string{".github/plimsoll.yml": file, "docs/runbook.md": "# Orders"})
		w.orders.Environment("production", true)
		w.Settle()
		_, good := w.change("good")
		w.verified(good)
		// The runbook goes on a branch that nobody has merged.
		commit := w.orders.CommitAs("ana", "side", "Tidy up", map[string]string{"docs/runbook.md": simulator.Deleted})
		w.service.runs(commit, http.StatusOK)
		w.stage(commit)
		w.pass(4)
		w.answered(w.ask(commit), "production rejected|1 new gap compared with what runs here|`RB001` no runbook")

		waived := strings.Replace(file, "      runbook: docs/runbook.md\n", "      runbook: docs/runbook.md\n      waive:\n        - {rule: runbook, reason: \"it moves to the wiki\", until: 2026-11-30}\n", 1)
		w.orders.CommitAs("ana", "main", "Waive it", map[string]string{".github/plimsoll.yml": waived})
		w.Settle()
		w.answered(w.ask(commit), "production approved|no new blocking gaps")
	})
}
