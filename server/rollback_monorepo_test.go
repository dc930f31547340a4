package server_test

import (
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

// besideOrders is a repository file whose production is deployed by one workflow for two
// components.
func besideOrders(lines string) string {
	return back(byWorkflow) + "  - name: mail\n    environments:\n      production:\n" + lines
}

// A workflow that takes no component would roll back others too: that is left to a person. One
// that takes the component, or is for this component alone, is started.
func TestRollbackByAWorkflowOfSeveral(t *testing.T) {
	const same = "        rollback: {by: workflow, workflow: rollback.yml}\n"
	for name, c := range map[string]struct {
		file, input string
		performed   bool
	}{
		"others have the same workflow":     {besideOrders(same), "", false},
		"others have none":                  {besideOrders("        url: https://mail.acme.dev\n"), "", false},
		"it takes the component":            {besideOrders(same), "      component: {type: string}\n", true},
		"others have a workflow of theirs":  {besideOrders(strings.Replace(same, "rollback.yml", "mail.yml", 1)), "", true},
		"others are not in the environment": {strings.Replace(besideOrders(same), "  - name: mail\n    environments:\n      production:", "  - name: mail\n    environments:\n      staging:", 1), "", true},
	} {
		t.Run(name, func(t *testing.T) {
			everyWatching(t, "", func(t *testing.T, w *watching) {
				w.declares(c.file)
				w.orders.CommitAs("ana", "main", "Add the workflow", map[string]string{
					".github/workflows/rollback.yml": "on:\n  workflow_dispatch:\n    inputs:\n      commit: {type: string}\n" + c.input + "jobs:\n  deploy:\n    runs-on: ubuntu-latest\n    steps: [{run: ./deploy}]\n",
				})
				w.orders.Grant("carol", "write")
				deploy := func(commit string, status int) {
					w.service.runs(commit, status)
					d := w.orders.Deploy("production", commit, simulator.DeployOptions{Creator: "bob", Payload: map[string]any{"component": "orders"}})
					d.Status("success", w.url)
					w.Settle()
					w.pass(5)
				}
				_, good := w.change("good")
				deploy(good, http.StatusOK)
				pull, bad := w.change("bad")
				deploy(bad, http.StatusServiceUnavailable)
				w.concluded(bad, "failure", "Roll back orders in production")
				started := len(w.orders.Dispatches())
				if c.performed != (started == 1) {
					t.Errorf("%d workflows were started, expected one: %v", started, c.performed)
				}
				if c.performed {
					return
				}
				w.told(pull, "The workflow `rollback.yml` has no input `component`, so it would roll back `mail` too.")
				w.say(pull, "carol", "/plimsoll rollback production")
				if n := len(w.orders.Dispatches()); n != 1 {
					t.Errorf("%d workflows were started after a person asked, expected one", n)
				}
			})
		})
	}
}
