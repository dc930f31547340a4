package server_test

import (
	"net/http"
	"testing"

	"plimsoll/server/simulator"
)

// Whatever way a pull request was merged in, whoever it came from: the deployment that
// carries it is told of on it, and on no other.
func TestDeploymentFindsItsPullRequests(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 3 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 4 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 5 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 6 (open)
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6`, func(t *testing.T, w *watching) {
		_, first := w.change("before")
		w.verified(first)
		change := func(from *simulator.Repository, branch string) *simulator.PullRequest {
			from.CommitAs("ana", branch, "Change "+branch, map[string]string{branch + ".go": "package main // " + branch})
			from.CommitAs("ana", branch, "Change "+branch+" again", map[string]string{branch + ".go": "package main // again " + branch})
			pull := w.orders.OpenPullRequest(simulator.PullRequestOptions{Head: branch, HeadRepo: from, Author: "ana"})
			w.Settle()
			return pull
		}
		fork := w.orders.Fork("eve")
		pulls := map[string]*simulator.PullRequest{
			"merged": change(w.orders, "merged"), "squashed": change(w.orders, "squashed"), "rebased": change(w.orders, "rebased"),
			"forked": change(fork, "forked"), "open": change(w.orders, "open"),
		}
		var head string
		for _, m := range []struct {
			name   string
			method simulator.MergeMethod
		}{{"merged", simulator.MergeCommit}, {"squashed", simulator.Squash}, {"rebased", simulator.Rebase}, {"forked", simulator.MergeCommit}} {
			var err error
			if head, err = pulls[m.name].Merge(m.method); err != nil {
				t.Fatal(err)
			}
			w.Settle()
		}
		w.service.runs(head, http.StatusOK)
		w.deploy(head)
		w.pass(5)
		w.concluded(head, "success", "verified")
		for name, pull := range pulls {
			want := 1
			if name == "open" {
				want = 0
			}
			if n := len(pull.Comments()); n != want {
				t.Errorf("%s: %d comments, expected %d", name, n, want)
			}
		}
	})
}
