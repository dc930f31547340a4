package server_test

import (
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/store/storetest"
)

// "Re-run" on the check run of a deployment answers, each time: what was measured stays, and
// the check run says so. GitHub's suite does not wait for ever.
func TestRerunOfAVerification(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		watchingOn(t, dsn, "", func(*watching) {}, func(t *testing.T, w *watching) {
			_, commit := w.change("good")
			w.service.runs(commit, http.StatusOK)
			w.deploy(commit)
			again := func(conclusion, text string) {
				t.Helper()
				w.orders.Rerequest(commit, "plimsoll/deploy")
				w.Settle()
				runs := w.orders.Checks(commit, "plimsoll/deploy")
				if len(runs) != 1 || runs[0].Conclusion != conclusion || !strings.Contains(runs[0].Summary, text) {
					t.Errorf("expected %q and %q, got %+v", conclusion, text, runs)
				}
			}
			again("", "verification is still in progress")
			w.pass(6)
			for i := range 3 {
				w.pass(1)
				if again("success", "nothing was measured again"); i == 1 {
					w.pass(1)
					w.orders.Suite(commit).Rerequest()
					w.Settle()
				}
				if status := w.orders.Suite(commit).Status(); status != "completed" {
					t.Errorf("the suite is %s", status)
				}
			}
		})
	})
}
