package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
)

// asked counts the requests of one operation.
func (r *reconciled) asked(operation string) (times int) {
	for _, e := range r.GitHub.Requests() {
		if e.Operation == operation {
			times++
		}
	}
	return times
}

// Once a day one query tells which repositories are not what they were. The others are not
// looked at, and what GitHub sent no event for is found: a deployment and a command. Where
// the query fails, every repository is looked at.
func TestDailyLook(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		r.GitHub.Install("acme")
		r.Settle()
		pull := r.dropped()
		r.Settle()
		r.later(25 * time.Hour)
		r.later(25 * time.Hour)
		looks, lists := r.asked("graphql"), r.asked("pulls/list")
		r.later(25 * time.Hour)
		if l, p := r.asked("graphql")-looks, r.asked("pulls/list")-lists; l != 1 || p != 0 {
			t.Errorf("%d queries and %d lists of pull requests on a day without changes, expected 1 and none", l, p)
		}
		vanishing := func(change func()) {
			r.GitHub.OnDelivery(func(*simulator.Delivery) simulator.Fate { return simulator.Vanish })
			change()
			r.GitHub.OnDelivery(nil)
			r.later(25 * time.Hour)
		}
		vanishing(func() {
			r.clock.set(r.clock.Now().Add(5 * time.Hour)) // long after the last list
			pull.Comment("ana", "/plimsoll can-remove GET /items/{id} price")
			r.clock.set(r.clock.Now().Add(-5 * time.Hour))
		})
		if n := len(pull.Comments()); n != 3 {
			t.Errorf("%d comments, expected the command and two of ours:\n%s", n, r.GitHub.Render(pull))
		}
		r.later(25 * time.Hour)
		lists = r.asked("pulls/list")
		vanishing(func() { r.web.Deploy("production", "main", simulator.DeployOptions{}).Status("success", "") })
		if p := r.asked("pulls/list") - lists; p != 1 {
			t.Errorf("%d repositories were looked at, expected the one that was deployed", p)
		}
		r.expect(pull, "failure", "production")

		r.GitHub.Fault(simulator.Fault{Status: http.StatusForbidden, Body: `{"message":"Resource not accessible by integration"}`, Times: simulator.Always,
			Match: func(q *http.Request) bool { return strings.HasSuffix(q.URL.Path, "/graphql") }})
		lists = r.asked("pulls/list")
		r.later(25 * time.Hour)
		if p := r.asked("pulls/list") - lists; p != 2 {
			t.Errorf("%d repositories were looked at without the query, expected both", p)
		}
	})
}
