package deploytext

import (
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// TestLogLink: only a workflow run of the repository is called so; what else a status names
// shows its host, or is no link.
func TestLogLink(t *testing.T) {
	d := Deployed{WebURL: "https://github.test", Repository: contracts.RepositoryRef{Owner: "acme", Name: "orders"}}
	for log, want := range map[string]string{
		"https://github.test/acme/orders/actions/runs/7/job/8": "Workflow run",
		"https://github.test/eve/orders/actions/runs/7":        "Deployment log on github.test",
		"https://github.test/acme/orders/actions/runs/../../x": "Deployment log on github.test",
		"https://ci.example/7":                                 "Deployment log on ci.example",
		"https://user:secret@ci.example/7":                     "",
		"javascript:alert(1)":                                  "",
		"":                                                     "",
	} {
		d.Run.LogURL = log
		if link, _ := d.logLink(); link.Text != want {
			t.Errorf("%s: %q, expected %q", log, link.Text, want)
		}
	}
}

// TestTimelineOfARollback: it has started once GitHub has taken it, not when it was tried.
func TestTimelineOfARollback(t *testing.T) {
	began := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	d := Deployed{}
	d.Run.Began, d.Run.Commit = began, "c0ffee1111"
	d.Run.Verdict = &deploy.Verdict{Answer: deploy.RollBack, At: began.Add(5 * time.Minute)}
	d.Run.Rollback = &deploy.Rollback{State: deploy.RollbackPerforming, ToCommit: "d00d1e2222", Intended: began.Add(6 * time.Minute)}
	says := func(text string) bool {
		for _, moment := range d.timeline() {
			if strings.Contains(moment.Text, text) {
				return true
			}
		}
		return false
	}
	if says("started") {
		t.Error("a rollback that GitHub has not taken has started")
	}
	d.Run.Rollback.State, d.Run.Rollback.Performed, d.Run.Rollback.AskedBy = deploy.RollbackPerformed, began.Add(7*time.Minute), "ben"
	if !says("Rollback to d00d1e2 started at the request of ben") {
		t.Errorf("%+v", d.timeline())
	}
}
