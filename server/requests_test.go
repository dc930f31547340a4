package server_test

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// spent counts the requests of a kind.
func spent(used []simulator.Exchange) string {
	counts := map[string]int{}
	for _, call := range used {
		counts[call.Operation]++
	}
	parts := []string{strconv.Itoa(len(used)) + ":"}
	for _, operation := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, strconv.Itoa(counts[operation])+" "+operation)
	}
	return strings.Join(parts, " ")
}

// What pull requests cost of GitHub's limit, by request. docs/architecture.md has the table.
func TestRequestsOfPullRequests(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn})
		for _, c := range []struct {
			name  string
			files map[string]string
			want  string
		}{
			{"nothing touched", map[string]string{"README.md": "more"},
				"4: 2 checks/create 1 pulls/get 1 repos/compare-commits-with-basehead"},
			{"contract, harmless", map[string]string{"openapi.yaml": without("color")},
				"5: 2 checks/create 1 git/get-blob 1 pulls/get 1 repos/compare-commits-with-basehead"},
			{"contract, breaks", map[string]string{"openapi.yaml": without("price")},
				"6: 2 checks/create 1 git/get-blob 1 issues/create-comment 1 pulls/get 1 repos/compare-commits-with-basehead"},
		} {
			if got := spent(w.Used(func() { w.pull(strings.ReplaceAll(c.name, ", ", "-"), c.files) })); got != c.want {
				t.Errorf("%s: %s\nexpected %s", c.name, got, c.want)
			}
		}
	})
}

// What a deployment costs that is verified within five minutes.
func TestRequestsOfADeployment(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		watchingOn(t, dsn, "", func(*watching) {}, func(t *testing.T, w *watching) {
			_, before := w.change("before")
			w.verified(before)
			_, commit := w.change("good")
			w.service.runs(commit, http.StatusOK)
			got := spent(w.Used(func() {
				// As in life, each event is worked off before the next one comes; those that come
				// together are read together, and cost less.
				d := w.orders.Deploy("production", commit, simulator.DeployOptions{Creator: "bob"})
				w.Settle()
				d.Status("in_progress", "")
				w.Settle()
				d.Status("success", w.url)
				w.Settle()
				w.pass(6)
			}))
			const want = "16: 1 checks/create 5 checks/update 1 issues/create-comment 1 issues/list-comments 1 repos/compare-commits-with-basehead " +
				"3 repos/get-deployment 3 repos/list-deployment-statuses 1 repos/list-pull-requests-associated-with-commit"
			if got != want {
				t.Errorf("%s\nexpected %s", got, want)
			}
		})
	})
}
