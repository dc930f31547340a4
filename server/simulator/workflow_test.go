package simulator_test

import (
	"net/http"
	"testing"
)

// What cannot be started: a workflow that is not there, one that takes no hand, an
// input that it does not declare, a commit instead of a branch.
func TestDispatchRefusals(t *testing.T) {
	w := newWorld(t)
	w.orders.Commit("main", "Add workflows", map[string]string{
		".github/workflows/a.yml": "on:\n  workflow_dispatch:\n    inputs:\n      commit: {type: string}\n",
		".github/workflows/b.yml": "on: [push]\n",
	})
	token := w.token(nil)
	for _, c := range []struct {
		file, body string
		status     int
	}{
		{"a.yml", `{"ref":"main","inputs":{"commit":"x"}}`, http.StatusNoContent},
		{"a.yml", `{"ref":"main"}`, http.StatusNoContent},
		{"a.yml", `{"ref":"main","inputs":{"sha":"x"}}`, http.StatusUnprocessableEntity},
		{"a.yml", `{"ref":"` + w.orders.Head("main") + `"}`, http.StatusUnprocessableEntity},
		{"b.yml", `{"ref":"main"}`, http.StatusUnprocessableEntity},
		{"c.yml", `{"ref":"main"}`, http.StatusNotFound},
	} {
		if status, _, body := w.send("POST", "/repos/acme/orders/actions/workflows/"+c.file+"/dispatches", token, c.body); status != c.status {
			t.Errorf("%s %s: %d %s, expected %d", c.file, c.body, status, body, c.status)
		}
	}
	if n := len(w.orders.Dispatches()); n != 2 {
		t.Errorf("%d workflows were started, expected two", n)
	}
}
