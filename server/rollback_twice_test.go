package server_test

import (
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

// second is the deployment that GitHub makes of a job with `environment:`, which the deployment
// that rolls back has started.
func (w *watching) second(commit string) *simulator.Deployment {
	w.t.Helper()
	d := w.orders.Deploy("production", commit, simulator.DeployOptions{Creator: "github-actions[bot]", WorkflowRun: true})
	d.Status("in_progress", "")
	w.pass(1)
	return d
}

// A deployment that rolls back is carried out by a job with `environment:`, for which GitHub
// makes a second deployment: both are the same rollback.
func TestRollbackThatIsDeployedTwice(t *testing.T) {
	for name, c := range map[string]struct {
		reported bool // the job sets the status of the first one, too
		status   int  // of the service afterwards
		want     string
	}{
		"both succeed":            {true, http.StatusOK, "and verified.**"},
		"only the second":         {false, http.StatusOK, "and verified.**"},
		"both, and it is bad too": {true, http.StatusServiceUnavailable, "fails as well"},
	} {
		t.Run(name, func(t *testing.T) {
			everyWatching(t, "", func(t *testing.T, w *watching) {
				w.declares(back(byDeployment))
				_, good := w.change("good")
				w.verified(good)
				pull, bad := w.change("bad")
				w.fails(bad)
				first := w.rolledBack(good)
				w.service.runs(good, c.status)
				second := w.second(good)
				second.Status("success", w.url)
				if c.reported {
					first.Status("success", w.url)
				}
				w.pass(25)
				w.told(pull, c.want)
				w.rolledBack(good) // and nothing else
				for _, comment := range pull.Comments() {
					if strings.Contains(comment.Body, "Nothing picked up") {
						t.Errorf("the second deployment is not known to roll back:\n%s", comment.Body)
					}
				}
			})
		})
	}
}
