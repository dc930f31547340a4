package server_test

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed/testbedtest"
)

// Production that was deployed long ago, before more review apps than GitHub lists at
// once, is found by its name, and the reading stays bounded.
func TestProductionBehindManyReviewApps(t *testing.T) {
	t.Run("transient", func(t *testing.T) { productionBehindReviewApps(t, true, 10) })
	t.Run("not told apart", func(t *testing.T) { productionBehindReviewApps(t, false, 30) })
}

func productionBehindReviewApps(t *testing.T, transient bool, most int) {
	w := newLive(t, "")
	early := w.GitHub.NewRepository("globex/early", simulator.RepositoryOptions{Private: true})
	early.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "web", "early")})
	old := early.Head("main")
	shop := w.GitHub.NewRepository("globex/shop", simulator.RepositoryOptions{Private: true})
	shop.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract})
	early.Deploy("production", old, simulator.DeployOptions{}).Status("success", "")
	moved := early.CommitAs("ana", "main", "Do without the price", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webMoved, "web", "early")})
	for i := range 120 {
		early.Deploy(fmt.Sprint("pr-", i), moved, simulator.DeployOptions{Transient: transient}).Status("success", "")
	}
	calls := w.Used(func() { w.GitHub.Install("globex") })
	statuses := 0
	for _, call := range calls {
		if call.Operation == "repos/list-deployment-statuses" {
			statuses++
		}
	}
	if statuses != most+1 { // and production
		t.Errorf("the statuses of %d deployments were asked for: %s", statuses, testbedtest.Routes(calls))
	}
	shop.CommitAs("ana", "change", "Drop the price", map[string]string{"openapi.yaml": without("price")})
	pull := shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
	w.Settle()
	w.expect(pull, "failure", "1 consumer breaks: early", "production", old[:7])
}

// Reading the record again of a repository of which all is known costs the list and
// one request a place.
func TestReadingTheRecordAgainIsCheap(t *testing.T) {
	w := newLive(t, "")
	for range 5 {
		w.deployed("production", w.old)
		w.deployed("staging", w.moved)
	}
	w.Settle()
	calls := w.Used(func() {
		w.web.CommitAs("ana", "main", "Name a place", map[string]string{".github/plimsoll.yml": webMoved + "    environments: {production: {}, staging: {}}\n"})
	})
	var asked []string
	for _, call := range calls {
		if strings.Contains(call.Operation, "deployment") {
			asked = append(asked, call.Operation)
		}
	}
	if len(asked) != 3 {
		t.Errorf("%d requests: %v", len(asked), asked)
	}
}
