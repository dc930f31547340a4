package server_test

import (
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/queue"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// Somebody grants the permission that was missing and presses "Redeliver" in the App's
// settings: the pull request is answered. What has an answer already gets no other one.
func TestRedeliverRevivesADeadJob(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
		w.expect(w.pull("before", map[string]string{"openapi.yaml": without("price")}), "failure", "web")
		grant := w.GitHub.Fault(simulator.Fault{
			Path: "/repos/*/*/compare/*", Times: simulator.Always, Status: http.StatusForbidden, Message: "Resource not accessible by integration",
		})
		pull := w.pull("change", map[string]string{"openapi.yaml": without("name")})
		w.expect(pull, "failure", "A permission is missing")
		dead := func() int {
			stats, err := w.Server.Queue().Stats(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return stats.Of(queue.Dead)
		}
		if n := dead(); n != 1 {
			t.Fatalf("%d jobs died, expected one", n)
		}
		grant()
		opened := w.opened()
		if len(opened) != 2 {
			t.Fatalf("%d pull requests were opened", len(opened))
		}

		// The delivery of the first pull request is done: nothing happens.
		if calls := w.Used(func() { w.GitHub.Redeliver(opened[0].ID) }); len(calls) != 0 {
			t.Errorf("a delivery that was answered caused %v", calls)
		}
		w.GitHub.Redeliver(opened[1].ID)
		w.Settle()
		if n := dead(); n != 0 {
			t.Errorf("%d jobs are dead, expected none", n)
		}
		checks := pull.Checks(onContracts)
		if last := checks[len(checks)-1]; last.Conclusion != "failure" || !strings.Contains(last.Summary, "`name`") {
			t.Errorf("the last answer: %+v", last)
		}
		if calls := w.Used(func() { w.GitHub.Redeliver(opened[1].ID) }); len(calls) != 0 {
			t.Errorf("a second redelivery caused %v", calls)
		}
	})
}

// opened gives the deliveries that told of an opened pull request.
func (w *world) opened() (opened []simulator.Delivery) {
	for _, d := range w.GitHub.Deliveries() {
		if d.Event == "pull_request" && d.Action == "opened" && !d.Redelivery {
			opened = append(opened, d)
		}
	}
	return opened
}
