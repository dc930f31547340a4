package server_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
)

// gaveUp holds the one dead job to an error with what to do about it: on GitHub nobody can
// be told.
func (w *world) gaveUp(parts ...string) {
	w.t.Helper()
	jobs, err := w.Server.Queue().Dead(w.t.Context(), w.installation.ID(), 5)
	if err != nil || len(jobs) != 1 {
		w.t.Fatalf("%+v, %v; expected one dead job", jobs, err)
	}
	for _, part := range parts {
		if !strings.Contains(jobs[0].LastError, part) {
			w.t.Errorf("its error is %q, expected %q in it", jobs[0].LastError, part)
		}
	}
}

// Nothing can be written to an archived repository: the operator reads why, and what
// helps.
func TestArchivedIsToldToTheOperator(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.while("repos/compare-commits-with-basehead", func(*simulator.PullRequest) { w.shop.Archive() })
	w.gaveUp("archived", "Unarchive the repository. Its open pull requests are then checked again.")
	w.shop.Unarchive()
	w.Settle()
	w.expect(w.shop.PullRequest(1), "failure", "web")
}

func TestSuspendedIsToldToTheOperator(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.while("repos/compare-commits-with-basehead", func(*simulator.PullRequest) { w.installation.Suspend() })
	w.gaveUp("suspended", "An owner of the account has to lift the suspension under Settings, GitHub Apps, Configure.")
}

// What is known of a suspended account may be old: questions are not answered by it, and
// people who may read the repository are told why. Nobody else is.
func TestQuestionsAboutASuspendedAccount(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		a := newAsking(w)
		path := "can-i-deploy?repository=acme/shop&environment=production&commit=" + a.shop.Head("main")
		a.installation.Suspend()
		a.Settle()
		status, body, _ := a.ask(a.ana, path)
		var told struct{ Error, Hint string }
		if status != http.StatusConflict || json.Unmarshal([]byte(body), &told) != nil || !strings.Contains(told.Error, "suspended") || !strings.Contains(told.Hint, "lift the suspension") {
			t.Errorf("%d %s", status, body)
		}
		if status, body, _ := a.ask(a.otto, path); status != http.StatusNotFound || strings.Contains(body, "suspended") {
			t.Errorf("by somebody who may not read it: %d %s", status, body)
		}
		a.installation.Unsuspend()
		a.Settle()
		if status, body, _ := a.ask(a.ana, path); status != http.StatusOK {
			t.Errorf("afterwards: %d %s", status, body)
		}
	})
}

// Somebody who asks for a check of a repository that takes no part is told so; nobody
// else there hears of us.
func TestRecheckWhereNobodyTakesPart(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	plain := w.repository("plain", map[string]string{"README.md": "plain"})
	w.Settle()
	plain.CommitAs("ana", "change", "Change", map[string]string{"README.md": "changed"})
	pull := plain.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
	w.Settle()
	if runs := pull.Checks(); len(runs) != 0 {
		t.Errorf("unasked: %+v", runs)
	}
	pull.Comment("ana", "/plimsoll recheck")
	w.Settle()
	for _, check := range []string{onContracts, onReadiness} {
		if runs := pull.Checks(check); len(runs) != 1 || runs[0].Conclusion != "success" || runs[0].Title != "Not enrolled: nothing was checked" || !strings.Contains(runs[0].Summary, "plimsoll discover") {
			t.Errorf("%s: %+v", check, runs)
		}
	}
	pull.Push("More", map[string]string{"README.md": "more"})
	w.Settle()
	if runs := pull.Checks(); len(runs) != 0 {
		t.Errorf("unasked again: %+v", runs)
	}
	w.alive()
}

// can-i-deploy says where it goes by the last that is known of a consumer.
func TestCanIDeployNamesTheArchived(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		a := newAsking(w)
		drop := a.shop.CommitAs("ana", "drop", "Drop the price", map[string]string{"openapi.yaml": without("price")})
		a.web.Archive()
		a.Settle()
		status, body, _ := a.ask(a.ana, "can-i-deploy?repository=acme/shop&environment=production&commit="+drop)
		if status != http.StatusOK || !strings.Contains(body, `"answer":"no"`) || !strings.Contains(body, "its repository is archived (last known state)") {
			t.Errorf("%d %s", status, body)
		}
	})
}
