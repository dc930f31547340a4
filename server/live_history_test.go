package server_test

import (
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed/testbedtest"
)

// What a commit without a usable file uses nobody knows: the default branch's
// declaration stands for it, and it is said so.
func TestLiveCommitWithoutAFile(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		late := w.repository("late", map[string]string{"README.md": "late"})
		bare := late.Head("main")
		late.CommitAs("ana", "main", "Take part", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "web", "late")})
		w.Settle()
		late.Deploy("production", bare, simulator.DeployOptions{}).Status("success", "")
		w.Settle()
		pull := w.dropPrice()
		w.expect(pull, "failure", "1 consumer breaks: late", "production", bare[:7])
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot]: ❌ 1; ❌ .github/plimsoll.yml:9 @acme/late commit1 commit2 late price production; cc @acme/late
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/late commit1 commit2 late price production; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		calls := w.Used(func() { late.Deploy("production", bare, simulator.DeployOptions{}).Status("success", "") })
		for _, call := range calls {
			if strings.HasPrefix(call.Operation, "git/") {
				t.Errorf("the commit was read again: %s", call.Path)
			}
		}
	})
}

// What ran before the App came is read from GitHub's record.
func TestDeploymentsFromBeforeInstallation(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		early := w.GitHub.NewRepository("globex/early", simulator.RepositoryOptions{Private: true})
		early.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "web", "early")})
		old := early.Head("main")
		shop := w.GitHub.NewRepository("globex/shop", simulator.RepositoryOptions{Private: true})
		shop.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
		for range 3 {
			early.Deploy("production", old, simulator.DeployOptions{}).Status("success", "")
			early.Deploy("staging", old, simulator.DeployOptions{}).Status("failure", "")
		}
		early.CommitAs("ana", "main", "Do without the price", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webMoved, "web", "early")})
		calls := w.Used(func() { w.GitHub.Install("globex") })
		asked := 0
		for _, call := range calls {
			if strings.HasPrefix(call.Operation, "repos/list-deployment") {
				asked++
			}
		}
		if asked > 6 { // two lists, the newest of production, three failures in staging
			t.Errorf("%d requests for what runs: %s", asked, testbedtest.Routes(calls))
		}
		shop.CommitAs("ana", "change", "Drop the price", map[string]string{"openapi.yaml": without("price")})
		pull := shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
		w.Settle()
		w.expect(pull, "failure", "1 consumer breaks: early", "production", old[:7])
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			globex/shop pull 1 (open)
			comment by plimsoll[bot]: ❌ 1; ❌ .github/plimsoll.yml:9 @acme/early commit1 early price production
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/early commit1 early price production; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
	})
}
