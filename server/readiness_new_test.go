package server_test

import (
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// Of three components one is new: what it lacks blocks, and what the others lacked
// before does not. Its author applies the patch of the check run, and it passes.
func TestReadinessOfANewComponent(t *testing.T) {
	eachPlatform(t, func(t *testing.T, p *platform) {
		files := billingFiles()
		pull := p.pull("billing", files)
		check := p.ready(pull, "failure", "new gaps block: billing", "- `billing` (new): ", "- `orders`: 5 of 10 in place (6 existing).", "- `stock`: 15 of 15 in place.")
		for _, f := range check.Annotations {
			if strings.Contains(f, " failure: ") && !strings.Contains(f, "billing") {
				t.Errorf("%s blocks", f)
			}
		}
		testbedtest.Golden(t, "readiness/new-component.md", p.GitHub.Render(pull))

		changed := applied(t, files, check, "Patch for the new gaps")
		if len(changed) == 0 {
			t.Fatal("the page has no patch")
		}
		pull.Push("Apply the patch", changed)
		p.Settle()
		p.ready(pull, "success", "No new gaps")
		testbedtest.Outcome(t, p.GitHub.Render(pull), `
			acme/platform pull 1 (open)
			check plimsoll/contracts: success
			check plimsoll/readiness: success: 35; 40; orders 5 10 6; stock 15 15; billing 15 15; 6; # ×5`)
		if _, err := pull.Merge(simulator.MergeCommit); err != nil {
			t.Fatal(err)
		}
		p.Settle()
		p.ready(p.pull("next", map[string]string{"services/billing/k8s/app.yaml": deployment("billing", "")}), "failure", "block", "has no readiness probe")
	})
}

// Who fixes what was missing for long is thanked; nobody has to.
func TestReadinessOfWhatIsFixed(t *testing.T) {
	eachPlatform(t, func(t *testing.T, p *platform) {
		pull := p.pull("probes", map[string]string{"services/orders/k8s/app.yaml": deployment("orders", bothProbes)})
		p.ready(pull, "success", "fixed, no new gaps")
		testbedtest.Outcome(t, p.GitHub.Render(pull), `
			acme/platform pull 1 (open)
			check plimsoll/contracts: success
			check plimsoll/readiness: success: 3; 22; 25; ✅ HC001 HC003 orders 2; orders 7 10 3; stock 15 15; 3; # ×3`)
	})
}

// On the day on which a repository enrols it is told where it stands; what is missing
// then is known, and what goes missing later blocks.
func TestReadinessOfDayOne(t *testing.T) {
	eachPlatform(t, func(t *testing.T, p *platform) {
		files := platformFiles()
		delete(files, ".github/plimsoll.yml")
		p.shop = p.repository("late", files)
		p.Settle()
		before := p.pull("before", map[string]string{"services/orders/k8s/app.yaml": deployment("orders", "") + "# more\n"})
		if checks := before.Checks(); len(checks) != 0 {
			t.Fatalf("a repository that takes no part got an answer: %s", checks[0].Title)
		}
		enrol := p.pull("enrol", map[string]string{".github/plimsoll.yml": begin + ordersFile + stockFile})
		p.ready(enrol, "neutral", "Day one", "Nothing blocks on day one")
		testbedtest.Golden(t, "readiness/day-one.md", p.GitHub.Render(enrol))
		if _, err := enrol.Merge(simulator.MergeCommit); err != nil {
			t.Fatal(err)
		}
		p.Settle()
		// What was open already is evaluated by the base branch's word as well, although
		// its own branch is older than that.
		p.ready(before, "success", "No new gaps")
		p.ready(p.pull("docs", map[string]string{"README.md": "more"}), "success", "No file changed that readiness checks")
		worse := p.pull("worse", map[string]string{"services/stock/k8s/app.yaml": deployment("stock", ""), "docs/runbooks/stock.md": simulator.Deleted})
		p.ready(worse, "failure", "3 new gaps block: stock")
		testbedtest.Outcome(t, p.GitHub.Render(worse), `
			acme/late pull 4 (open)
			check plimsoll/contracts: success
			check plimsoll/readiness: failure: 3; ❌ HC003 services/stock/k8s/app.yaml:11 stock ×2; ❌ .github/plimsoll.yml:16 RB001 stock; orders 5 10 6; stock 13 15 3; 6; #❌ ×2; # ×3; services/stock/k8s/app.yaml:11 failure ×2; [recheck]`)
	})
}

// A branch that is older than the repository file is evaluated by the base branch's
// word: nobody gets past it by starting from before.
func TestReadinessOfABranchOlderThanTheFile(t *testing.T) {
	files := platformFiles()
	delete(files, ".github/plimsoll.yml")
	p := newPlatform(t, testbed.Options{Queue: brisk()}, files)
	p.shop.CommitAs("ana", "old", "Break it", map[string]string{"services/stock/k8s/app.yaml": deployment("stock", "")})
	p.shop.CommitAs("ana", "main", "Enrol", map[string]string{".github/plimsoll.yml": begin + ordersFile + stockFile})
	p.Settle()
	pull := p.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "old", Author: "ana"})
	p.Settle()
	p.ready(pull, "failure", "2 new gaps block: stock")
	testbedtest.Outcome(t, p.GitHub.Render(pull), `
		acme/platform pull 1 (open)
		check plimsoll/contracts: success
		check plimsoll/readiness: failure: 2; ❌ HC003 services/stock/k8s/app.yaml:11 stock ×2; ⚠️ main orders stock; orders 5 10 6; stock 14 15 2; 6; #❌; # ×4; services/stock/k8s/app.yaml:11 failure ×2; [recheck]`)
	p.alive()
}
