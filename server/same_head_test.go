package server_test

import (
	"testing"

	"plimsoll/checks"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// stays expects the newest run of plimsoll/contracts on a head, which decides the required
// check, to be ours and to fail: whatever has happened.
func (w *world) stays(head, after string) {
	w.t.Helper()
	newest, ok := w.shop.NewestCheck(head, checks.ContractsRun)
	if !ok || newest.Conclusion != "failure" || newest.App != w.shop.Checks(head, onContracts)[0].App {
		w.t.Errorf("after %s the required check is %q by %q:\n%s", after, newest.Conclusion, newest.App, w.GitHub.RenderAll())
	}
}

// A pull request that breaks a consumer stays red, whoever opens its head again elsewhere.
// GitHub decides a required check by the newest run of its name on the commit.
func TestTheSameHeadOpenedAgain(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
		// On dev the price is gone already: the same head changes no contract there.
		w.shop.Branch("dev", w.shop.CommitAs("ana", "drop-price", "Drop the price", map[string]string{"openapi.yaml": without("price")}))
		first := w.pull("drop-price", map[string]string{"README.md": "no price"})
		w.expect(first, "failure", "web")
		head := first.HeadSHA()
		const intoDev = checks.ContractsRun + " (dev)"
		writer := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "drop-price", Base: "dev", Author: "ana"})
		w.Settle()
		w.stays(head, "a second pull request into dev")
		if got := w.shop.Checks(head, intoDev); len(got) != 1 || got[0].Conclusion != "success" {
			t.Errorf("what it says about dev stands under %s: %+v", intoDev, got)
		}

		fork := w.shop.Fork("eve")
		fork.Branch("same", head)
		outsider := w.shop.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: fork, Head: "same", Base: "dev", Author: "eve"})
		w.Settle()
		w.stays(head, "a fork's pull request into dev")

		w.shop.Branch("twin", head)
		twin := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "twin", Base: "dev", Author: "ana"})
		w.Settle()
		w.stays(head, "another branch into dev")
		twin.Retarget("ana", "main")
		w.Settle()
		w.stays(head, "another branch into main")
		twin.Retarget("ana", "dev")
		w.Settle()
		w.stays(head, "another branch back into dev")

		for _, pull := range []*simulator.PullRequest{writer, outsider, twin} {
			pull.Close()
			w.Settle()
			w.stays(head, "a second one was closed")
			pull.Reopen()
			w.Settle()
			w.stays(head, "a second one was reopened")
			pull.Comment("ana", "/plimsoll recheck")
			w.Settle()
			w.stays(head, "a second one was checked again")
		}
		first.Close()
		w.Settle()
		w.stays(head, "it was closed itself")
		first.Reopen()
		w.Settle()
		w.stays(head, "it was reopened itself")
		w.alive()
	})
}

// Nor does a run of the same name that somebody else makes change what counts.
func TestSomebodyElsesCheckRun(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
		pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
		head := pull.HeadSHA()
		for range 3 {
			w.shop.ForeignCheckRun(simulator.GitHubActions, head, checks.ContractsRun, "success")
			w.Settle()
			w.stays(head, "a workflow job of our name")
		}
		before := len(w.shop.Checks(head, onContracts))
		w.shop.ForeignCheckRun(simulator.GitHubActions, head, "build", "success")
		w.Settle()
		if got := len(w.shop.Checks(head, onContracts)); got != before {
			t.Errorf("%d check runs of ours, %d before somebody built", got, before)
		}
		w.alive()
	})
}

// For a branch that the organisation protects the bare name speaks as well, and the gravest
// verdict of all pull requests with the head counts.
func TestProtectedBranches(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	w.repository(".github", map[string]string{"plimsoll.yml": "version: 1\npolicy:\n  protected: [\"release/*\"]\n"})
	w.Settle()
	first := w.shop.CommitAs("ana", "drop-price", "Drop the price", map[string]string{"openapi.yaml": without("price")})
	w.shop.Branch("release/1", first)
	w.shop.Branch("unprotected", first)
	head := w.shop.CommitAs("ana", "drop-price", "Say so", map[string]string{"README.md": "no price"})
	for i, base := range []string{"main", "release/1", "unprotected"} {
		w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "drop-price", Base: base, Author: "ana"})
		w.Settle()
		w.stays(head, "a pull request into "+base)
		if got, want := len(w.shop.Checks(head)), []int{2, 2, 4}[i]; got != want {
			w.t.Errorf("%d check runs after the pull request into %s, want %d", got, base, want)
		}
	}
	w.alive()
}
