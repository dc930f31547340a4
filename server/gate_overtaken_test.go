package server_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
)

// approvedGates counts the answers "approved" to production's gates.
func approvedGates(all []*simulator.Deployment) (approved int) {
	for _, d := range all {
		if strings.Contains(strings.Join(d.Gate(), "\n"), "production approved") {
			approved++
		}
	}
	return approved
}

// staged has a new commit that works deployed to staging.
func (w *watching) staged(name string) (commit string) {
	w.t.Helper()
	_, commit = w.change(name)
	w.service.runs(commit, http.StatusOK)
	w.stage(commit)
	return commit
}

// A merge every two minutes, each deployed to staging, whose verification takes three, and then
// waiting for production: none is overtaken.
func TestGateWhileCommitsComeFasterThanVerdicts(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		gated(w)
		var asked []*simulator.Deployment
		for i := range 8 {
			commit := w.staged(fmt.Sprintf("merge-%d", i))
			asked = append(asked, w.ask(commit))
			w.passBy(2, 10*time.Second)
			if done := approvedGates(asked); i >= 2 && done < i-1 {
				t.Errorf("%d minutes after the first merge, %d of %d commits may go to production", 2*i+2, done, len(asked))
			}
		}
		w.passBy(4, 10*time.Second)
		if done := approvedGates(asked); done != len(asked) {
			t.Errorf("%d of %d commits may go to production", done, len(asked))
		}
		if answers := asked[3].Gate(); !strings.Contains(answers[len(answers)-1], "verified in `staging`. A newer commit that contains this one") {
			t.Errorf("the last answer is %s", answers[len(answers)-1])
		}
	})
}

// A merge every 5 minutes, verified for 30 minutes in staging: every commit may go to production
// within two windows, for hours on end. PLIMSOLL_DAY=full: for a day, as `make nightly` does.
func TestGateAllDay(t *testing.T) {
	const window, between = 30, 5 // minutes
	minutes := 3 * window
	if os.Getenv("PLIMSOLL_DAY") == "full" {
		minutes = 24 * 60
	}
	everyWatching(t, "", func(t *testing.T, w *watching) {
		gated(w)
		w.declares(strings.Replace(gatedFile, "for: 3m, every: 1m", "for: 30m, every: 5m", 1))
		type merge struct {
			at    int
			asked *simulator.Deployment
		}
		var waiting []merge
		longest, passed := 0, 0
		for minute := 0; minute <= minutes; minute++ {
			if minute%between == 0 && minute <= minutes-2*window {
				waiting = append(waiting, merge{minute, w.ask(w.staged(fmt.Sprintf("merge-%d", minute)))})
			}
			w.passBy(1, 30*time.Second)
			waiting = slices.DeleteFunc(waiting, func(m merge) bool {
				if approvedGates([]*simulator.Deployment{m.asked}) == 0 {
					return false
				}
				longest, passed = max(longest, minute-m.at), passed+1
				return true
			})
		}
		if len(waiting) > 0 || longest > 2*window {
			t.Errorf("%d of %d commits may not go to production; the slowest of the others took %d minutes", len(waiting), len(waiting)+passed, longest)
		}
		t.Logf("%d commits may go to production, each within %d minutes", passed, longest)
	})
}

// A gate does not have a verification finished whose commit was taken away: what answers then is
// the version before.
func TestGateOfACommitThatWasTakenAway(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		gated(w)
		good := w.staged("good")
		w.pass(4)
		w.concluded(good, "success", "verified")
		suspect := w.staged("suspect")
		asked := w.ask(suspect)
		w.pass(1)
		w.service.runs(good, http.StatusOK)
		w.stage(good)
		w.concluded(suspect, "neutral", "was superseded")
		w.pass(4)
		w.answered(asked, "report|verification in progress in `staging`", "production rejected|not verified in `staging`")
	})
}

// A commit whose verification was superseded before its gate asked goes on once a later one
// that contains it is verified, but not if it is known to be bad.
func TestGateOfACommitThatALaterOneContains(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		gated(w)
		first := w.staged("first")
		w.pass(1)
		second := w.staged("second")
		w.concluded(first, "neutral", "was superseded")
		asked := w.ask(first)
		w.answered(asked, "production rejected|not verified in `staging`")
		w.pass(4)
		w.concluded(second, "success", "verified")
		w.answered(w.ask(first), "production approved|verified in `staging` with the later commit|"+second[:7])

		// An older commit than what runs in production is contained as well, and does not count.
		_, old := w.change("old")
		third := w.staged("third")
		w.pass(4)
		w.answered(w.ask(old), "report|not deployed to `staging` yet")
		w.deploy(third)
		w.pass(6)
		_, skipped := w.change("skipped")
		fourth := w.staged("fourth")
		w.pass(4)
		w.answered(w.ask(old), "report|not deployed to `staging` yet")
		w.answered(w.ask(skipped), "production approved|with the later commit|"+fourth[:7])

		// A verified commit that has failed since stands for none.
		_, waits := w.change("waits")
		fifth := w.staged("fifth")
		w.pass(4)
		w.service.runs(fifth, http.StatusServiceUnavailable)
		w.stage(fifth)
		w.pass(4)
		w.answered(w.ask(waits), "report|not deployed to `staging` yet")

		_, bad := w.change("bad")
		w.service.runs(bad, http.StatusServiceUnavailable)
		w.stage(bad)
		w.pass(4)
		w.concluded(bad, "failure", "Roll back")
		repaired := w.staged("repaired")
		w.pass(4)
		w.concluded(repaired, "success", "verified")
		w.answered(w.ask(bad), "production rejected|not verified in `staging` (roll back)")
	})
}

// What a gate does about an inconclusive verification is declared for each environment.
func TestGateAfterAnInconclusiveVerification(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		gated(w)
		inconclusive := func(name string) (commit string) {
			_, commit = w.change(name)
			w.service.runs(commit, http.StatusOK)
			d := w.orders.Deploy("staging", commit, simulator.DeployOptions{Creator: "bob"})
			d.Status("success", "") // without an address nothing can be probed
			w.Settle()
			w.pass(4)
			w.concluded(commit, "neutral", "Inconclusive")
			return commit
		}
		declare := func(after string) {
			w.declares(strings.Replace(gatedFile, "after: [staging]", "after: ["+after+"]", 1))
		}
		w.answered(w.ask(inconclusive("rejected")), "production rejected|not verified in `staging` (inconclusive)")
		declare("{environment: staging, inconclusive: allow}")
		w.answered(w.ask(inconclusive("allowed")), "production approved|was inconclusive, which the repository allows")
		declare("{environment: staging, inconclusive: hold}")
		held := inconclusive("held")
		asked := w.ask(held)
		w.answered(asked, "report|was inconclusive. The gate waits for another verdict")
		w.stage(held)
		w.pass(4)
		answers := asked.Gate()
		if last := answers[len(answers)-1]; !strings.Contains(last, "production approved") || !strings.Contains(last, "verified in `staging`") {
			t.Errorf("the last answer is %s", last)
		}
	})
}
