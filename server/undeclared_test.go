package server_test

import (
	"testing"

	"plimsoll/server/simulator"
)

// A production of which nobody says how to verify it: said once, nothing is asked, and
// nobody is bothered with it.
func TestDeploymentOfWhatDeclaresNothing(t *testing.T) {
	everyWatchingWith(t, `
		acme/orders pull 1 (merged)
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: neutral: ❔ orders production`, func(w *watching) {
		w.file = "version: 1\ncomponents:\n  - name: orders\n    owner: \"@acme/orders\"\n"
	}, func(t *testing.T, w *watching) {
		pull, commit := w.change("first")
		w.orders.Deploy("production", commit, simulator.DeployOptions{Creator: "bob"}).Status("success", w.url)
		w.Settle()
		w.pass(3)
		w.concluded(commit, "neutral", "Inconclusive for orders in production")
		if w.service.asked != 0 || len(pull.Comments()) != 0 {
			t.Errorf("asked %d times, %d comments", w.service.asked, len(pull.Comments()))
		}
	})
}
