package server_test

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// "Re-run" of the one check makes a new run of that one; "Re-run all", the button and
// the command make one of each.
func TestReadinessAgain(t *testing.T) {
	eachPlatform(t, func(t *testing.T, p *platform) {
		pull := p.pull("worse", worseStock())
		fork := p.fromFork(worseStock())
		authors := map[string]string{"branch": "ana", "fork": "eve"}
		for name, pull := range map[string]*simulator.PullRequest{"branch": pull, "fork": fork} {
			p.ready(pull, "failure")
			for _, c := range []struct {
				name string
				ask  func()
				want map[string]int
			}{
				{"re-run of readiness", func() { pull.Rerequest(onReadiness) }, map[string]int{onReadiness: 1}},
				{"re-run of contracts", func() { pull.Rerequest(onContracts) }, map[string]int{onContracts: 1}},
				{"re-run all", func() { pull.Suite().Rerequest() }, each(1)},
				{"the command", func() { pull.Comment(authors[name], "/plimsoll recheck") }, each(1)},
				{"the button", func() { pull.Press("ana", onReadiness, "recheck") }, each(1)},
			} {
				before := countRuns(p.GitHub)
				c.ask()
				p.Settle()
				made := countRuns(p.GitHub)
				for run := range made {
					if made[run] -= before[run]; made[run] == 0 {
						delete(made, run)
					}
				}
				if !maps.Equal(made, c.want) {
					t.Errorf("%s, %s: made %v, expected %v", name, c.name, made, c.want)
				}
				p.ready(pull, "failure", "2 new gaps block: stock")
			}
		}
	})
}

// What a merge group holds together is evaluated together, against where the base branch
// stands, and the run can be asked for again.
func TestReadinessOfAMergeGroup(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		p := newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk()}, nil)
		worse, docs := p.pull("worse", worseStock()), p.pull("docs", map[string]string{"README.md": "more"})
		head := p.group(docs, worse)
		page := func() string { return p.GitHub.RenderCommit(p.shop, head) }
		first := p.readyAt(p.shop.Checks(head, onReadiness), page, "failure", "2 new gaps block: stock", "Then queue the pull request again")
		testbedtest.Outcome(t, page(), `
			acme/platform: commit commit1
			check plimsoll/contracts: success
			check plimsoll/readiness: failure: 2; ❌ HC003 services/stock/k8s/app.yaml:11 stock ×2; orders 5 10 6; stock 14 15 2; 6; #❌; # ×4; services/stock/k8s/app.yaml:11 failure ×2`)
		p.shop.Rerequest(head, onReadiness)
		p.Settle()
		second := p.readyAt(p.shop.Checks(head, onReadiness), page, "failure")
		p.shop.Suite(head).Rerequest()
		p.Settle()
		if third := p.readyAt(p.shop.Checks(head, onReadiness), page, "failure"); first.ID == second.ID || second.ID == third.ID {
			t.Errorf("expected three runs: %d, %d, %d", first.ID, second.ID, third.ID)
		}
		if n := len(worse.Comments()) + len(docs.Comments()); n != 0 {
			t.Errorf("%d comments of a group", n)
		}
		calm := p.group(docs)
		p.readyAt(p.shop.Checks(calm, onReadiness), func() string { return p.GitHub.RenderCommit(p.shop, calm) }, "success", "This merge group changes no file")
		p.alive()
	})
}

// Whatever fails on the way of a pull request that touches manifests, at whichever
// call: in the end there is one run of each check, as without the fault.
func TestReadinessEveryCallMayFail(t *testing.T) {
	faults := map[string]simulator.Fault{
		"bad gateway":       {Status: http.StatusBadGateway, Body: "<html>502 Bad Gateway</html>"},
		"connection cut":    {Close: true},
		"answer lost":       {After: true, Close: true},
		"effect then error": {After: true, Status: http.StatusInternalServerError},
		"rate limit":        {Status: http.StatusTooManyRequests, RetryAfter: 1},
	}
	paths := map[string]int{
		"/repos/*/*/pulls/*": 1, "/repos/*/*/compare/*": 1, "/repos/*/*/git/trees/*": 1, "/repos/*/*/git/blobs/*": 1, "/repos/*/*/check-runs": 1, "/app/installations/*/access_tokens": 1,
	}
	// The second of some calls is readiness' own.
	second := map[string]int{"/repos/*/*/check-runs": 2, "/repos/*/*/git/blobs/*": 3, "/repos/*/*/git/trees/*": 2}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, at := range []map[string]int{paths, second} {
				for path, skip := range at {
					p := newPlatform(t, testbed.Options{Queue: brisk(), Clock: time.Now}, nil) // which a limit is measured by
					fault.Path, fault.Skip = path, skip-1
					p.GitHub.Fault(fault)
					pull := p.pull("billing", billingFiles())
					p.ready(pull, "failure", "7 new gaps block: billing")
					if runs := countRuns(p.GitHub); !maps.Equal(runs, each(1)) {
						t.Errorf("%s, call %d: the check runs %v were made, expected one each", path, skip, runs)
					}
					p.alive()
				}
			}
		})
	}
}

// Who asks for a new run of a check gets one, whatever fails on the way.
func TestAgainAndFaults(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"bad gateway":       {Status: http.StatusBadGateway},
		"effect then error": {After: true, Status: http.StatusInternalServerError},
		"rate limit":        {Status: http.StatusTooManyRequests, RetryAfter: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/repos/*/*/pulls/*", "/repos/*/*/compare/*", "/repos/*/*/check-runs"} {
				p := newPlatform(t, testbed.Options{Queue: brisk(), Clock: time.Now}, nil)
				pull := p.pull("worse", worseStock())
				fault.Path = path
				for _, check := range []string{onReadiness, onContracts} {
					p.GitHub.Fault(fault)
					pull.Rerequest(check)
					p.Settle()
					if runs := countRuns(p.GitHub); runs[check] != 2 {
						t.Errorf("%s: %d runs of %s, expected one more than there was", path, runs[check], check)
					}
				}
				p.ready(pull, "failure")
				p.alive()
			}
		})
	}
}
