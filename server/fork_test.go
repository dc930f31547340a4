package server_test

import (
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// fromFork opens a pull request of a fork that changes files, and settles.
func (w *world) fromFork(files map[string]string) *simulator.PullRequest {
	w.t.Helper()
	fork := w.shop.Fork("eve")
	fork.CommitAs("eve", "change", "Change", files)
	pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: fork, Head: "change", Author: "eve"})
	w.Settle()
	return pull
}

// Whatever a fork writes about how it is to be evaluated, it is evaluated as the base
// branch says.
func TestForkIsEvaluatedByTheBaseBranch(t *testing.T) {
	const file = ".github/plimsoll.yml"
	instead := func(old, now string) string { return strings.Replace(shopFile, old, now, 1) }
	for name, files := range map[string]map[string]string{
		"on_break":           {file: instead("spec: openapi.yaml", "spec: openapi.yaml\n        on_break: warn")},
		"ignored":            {file: instead("spec: openapi.yaml", "spec: openapi.yaml\n        rules: [{rule: '*', ignore: true, reason: mine, until: 2027-01-31}]")},
		"lowered":            {file: instead("spec: openapi.yaml", "spec: openapi.yaml\n        rules: [{rule: '*', level: info}]")},
		"external":           {file: instead("spec: openapi.yaml", "spec: openapi.yaml\n        external: false")},
		"owner":              {file: instead("@acme/shop", "@eve")},
		"API dropped":        {file: instead("    provides:\n      - api: shop\n        spec: openapi.yaml\n", "")},
		"API renamed":        {file: instead("api: shop", "api: store")},
		"component renamed":  {file: instead("name: shop", "name: store")},
		"file removed":       {file: simulator.Deleted},
		"file broken":        {file: "version: 1\ncomponents: [\n"},
		"spec elsewhere":     {file: instead("spec: openapi.yaml", "spec: old.yaml"), "old.yaml": shopContract},
		"spec even worse":    {file: instead("spec: openapi.yaml", "spec: old.yaml"), "old.yaml": strings.Replace(without("price"), "name:\n                    type: string", "name:\n                    type: integer", 1)},
		"spec is not there":  {file: instead("spec: openapi.yaml", "spec: none.yaml")},
		"code owners":        {"CODEOWNERS": "* @eve\n", ".github/CODEOWNERS": "* @eve\n"},
		"consumer forged":    {file: shopFile + strings.ReplaceAll(strings.TrimPrefix(webFile, "version: 1\ncomponents:\n"), "[name, price]", "[name]")},
		"organisation's own": {".github/plimsoll.yml": shopFile + "defaults:\n  on_break: warn\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, testbed.Options{Queue: brisk()})
			files["openapi.yaml"] = without("price")
			pull := w.fromFork(files)
			page := w.GitHub.Render(pull)
			w.expect(pull, "failure", "web")
			if strings.Contains(page, "@eve`") || strings.Contains(page, "cc @eve") {
				t.Errorf("an owner that the fork wrote is named:\n%s", page)
			}
			w.alive()
		})
	}
}

// A fork that moves the contract away has to wait for somebody who may write: the
// base branch says where the contract lies.
func TestForkMovesTheContract(t *testing.T) {
	moved := map[string]string{"openapi.yaml": simulator.Deleted, "api/shop.yaml": shopContract,
		".github/plimsoll.yml": strings.Replace(shopFile, "spec: openapi.yaml", "spec: api/shop.yaml", 1)}
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
		pull := w.fromFork(moved)
		w.expect(pull, "failure", "openapi.yaml", "a pull request from a fork can't move it")
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			acme/shop pull 1 (open)
			check plimsoll/contracts: failure: ❌ shop; openapi.yaml:1 failure; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		w.expect(w.pull("move", moved), "success")
		w.alive()
	})
}

// A fork that rewrites everything at once: what a person sees, and "Re-run" and
// "Re-run all", of which GitHub tells without the pull request's number.
func TestForkThatRewritesItsPolicy(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
		pull := w.fromFork(map[string]string{
			"openapi.yaml": without("price"), "old.yaml": shopContract, "CODEOWNERS": "* @eve\n",
			".github/plimsoll.yml": strings.NewReplacer("@acme/shop", "@eve", "spec: openapi.yaml", "spec: old.yaml\n        on_break: warn").Replace(shopFile),
		})
		first := w.expect(pull, "failure", "1 consumer breaks: web")
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot]: ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web; cc @acme/web
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		pull.Rerequest("plimsoll/contracts")
		w.Settle()
		second := w.expect(pull, "failure", "1 consumer breaks: web")
		pull.Suite().Rerequest()
		w.Settle()
		third := w.expect(pull, "failure", "1 consumer breaks: web")
		if first.ID == second.ID || second.ID == third.ID || third.ExternalID != "pr/1" {
			t.Errorf("expected three runs of pr/1: %d, %d, %d %s", first.ID, second.ID, third.ID, third.ExternalID)
		}
		if n := len(pull.Comments()); n != 1 {
			t.Errorf("%d comments after three runs", n)
		}
		if _, err := pull.Merge(simulator.MergeCommit); err != nil {
			t.Fatal(err)
		}
		w.Settle()
		// Merged by somebody who may, its word counts.
		w.expect(w.pull("next", map[string]string{"old.yaml": without("price")}), "neutral", "web", "on_break: warn")
		w.alive()
	})
}
