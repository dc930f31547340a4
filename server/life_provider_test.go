package server_test

import (
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// Consumers that write a provider's old name go on counting.
func TestProviderRenamed(t *testing.T) {
	everyLife(t, `
		acme/store pull 2 (open)
		comment by plimsoll[bot] (edited 2×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 commit2 price production web
		check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 commit2 price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
		check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`, func(t *testing.T, w *lived) {
		w.web.CommitAs("ana", "main", "Name it in full", map[string]string{".github/plimsoll.yml": strings.Replace(webFile, "api: shop", "api: acme/shop/shop", 1)})
		w.Settle()
		w.shop.Rename("store")
		w.Settle()
		w.blocked.Push("More", map[string]string{"README.md": "more"})
		w.Settle()
		w.expect(w.blocked, "failure", "1 consumer breaks: web", "production")
	})
}

// A provider that is archived can't be written to: nothing is tried, and when it
// comes back its pull requests are evaluated again.
func TestProviderArchived(t *testing.T) {
	everyLife(t, "", func(t *testing.T, w *lived) {
		w.shop.Archive()
		w.Settle()
		used := w.Used(func() { w.deployed("production", w.moved) })
		if got := evaluated(used); len(got) != 0 {
			t.Errorf("judged in an archived repository: %v", got)
		}
		w.shop.Unarchive()
		w.Settle()
		w.expect(w.blocked, "success", "The consumer has migrated.")
	})
}

func TestProviderDeleted(t *testing.T) {
	everyLife(t, "", func(t *testing.T, w *lived) {
		w.shop.Delete()
		w.Settle()
		if got := evaluated(w.Used(func() { w.deployed("production", w.moved) })); len(got) != 0 {
			t.Errorf("judged in a deleted repository: %v", got)
		}
		w.dangling("consumer/"+id(w.web), "api/shop")
	})
}

// An API moves to another repository: consumers that use its short name follow it.
func TestAPIMovesToAnotherRepository(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
		market := w.repository("market", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(shopFile, "name: shop", "name: market"), "openapi.yaml": shopContract})
		w.Settle()
		market.CommitAs("ana", "change", "Drop the price", map[string]string{"openapi.yaml": without("price")})
		there := market.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
		here := w.pull("change", map[string]string{"openapi.yaml": without("price")})
		w.expect(there, "failure", "1 consumer breaks: web", "belongs to")
		w.expect(here, "failure", "1 consumer breaks: web")
		w.shop.CommitAs("ana", "main", "It lives in market now", map[string]string{".github/plimsoll.yml": strings.Replace(shopFile, "    provides:\n      - api: shop\n        spec: openapi.yaml\n", "", 1)})
		w.Settle()
		w.expect(there, "failure", "1 consumer breaks: web")
		w.expect(here, "success", "No contract changed")
		if page := w.GitHub.Render(there); strings.Contains(page, "The short name") {
			t.Errorf("only one provides it now:\n%s", page)
		}
		testbedtest.Outcome(t, w.GitHub.Render(there), `
			acme/market pull 1 (open)
			comment by plimsoll[bot] (edited 1×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; market 1 4 3; 3; # ×3`)
		w.alive()
	})
}
