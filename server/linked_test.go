package server_test

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// linked opens a pull request whose text says what it depends on, and settles.
func (w *world) linked(repo *simulator.Repository, branch, body string, files map[string]string) *simulator.PullRequest {
	w.t.Helper()
	repo.CommitAs("ana", branch, "Change "+branch, files)
	pull := repo.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ana", Body: body})
	w.Settle()
	return pull
}

// A consumer that uses what only the provider's pull request adds: safe in that
// order. When that is merged, the check follows.
func TestConsumerLinkedWithTheProvider(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		provider := w.pull("weight", map[string]string{"openapi.yaml": with(weight)})
		pull := w.linked(w.web, "weight", "Shows the weight.\n\nDepends-on: acme/shop#1\n", reading("name, weight", ""))
		w.expect(pull, "neutral", "Safe if acme/shop#1 is deployed first")
		w.page(pull, "linked/consumer.md")
		provider.Push("Take it out again", map[string]string{"openapi.yaml": shopContract})
		w.Settle()
		w.expect(pull, "failure", "It does not change this result")
		provider.Push("Bring it back", map[string]string{"openapi.yaml": with(weight)})
		w.Settle()
		w.expect(pull, "neutral")
		provider.Close()
		w.Settle()
		w.expect(pull, "failure", "was closed without a merge")
		w.page(pull, `
			acme/web pull 1 (open)
			check plimsoll/contracts: neutral (replaced)
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: neutral (replaced)
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9:27 shop web; ⚠️; .github/plimsoll.yml:9 failure; [recheck]
			check plimsoll/readiness: success`)
		provider.Reopen()
		w.Settle()
		w.expect(pull, "neutral")
		if _, err := provider.Merge(simulator.Squash); err != nil {
			t.Fatal(err)
		}
		w.Settle()
		w.expect(pull, "success", "is merged")
	})
}

// A provider's pull request that breaks a consumer says that it is safe after the
// consumer's, and goes on blocking until that runs.
func TestProviderLinkedWithTheConsumer(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		consumer := w.linked(w.web, "free", "", reading("name", ""))
		pull := w.linked(w.shop, "drop", "Depends on: "+w.GitHub.URL()+"/acme/web/pull/1", map[string]string{"openapi.yaml": without("price")})
		w.expect(pull, "failure", "It migrates `web`. **Safe if `acme/web#1` is deployed first.**")
		w.page(pull, `
			acme/shop pull 1 (open)
			comment by plimsoll[bot]: ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web; cc @acme/web
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web; commit2 web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		consumer.Push("Read it again", reading("name, price, color", ""))
		w.Settle()
		w.expect(pull, "failure", "It does not migrate `web`.")
		consumer.Push("Let it be", reading("name", ""))
		w.Settle()
		if _, err := consumer.Merge(simulator.Squash); err != nil {
			t.Fatal(err)
		}
		w.Settle()
		w.expect(pull, "success", "is merged")
	})
}

// Two that name each other are each evaluated with the other's head.
func TestLinkedInACircle(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		renamed := strings.Replace(shopContract, "price:", "cost:", 1)
		provider := w.linked(w.shop, "rename", "Depends-on: acme/web#1", map[string]string{"openapi.yaml": renamed})
		w.expect(provider, "failure", "`acme/web#1` does not exist or can't be read, so it is ignored")
		consumer := w.linked(w.web, "rename", "Depends-on: acme/shop#1", reading("name, cost", ""))
		w.expect(consumer, "neutral", "This and acme/shop#1 need each other: neither can be deployed first", "**Neither can be deployed first.**")
		w.expect(provider, "failure", "It migrates `web`, but to something that only this pull request adds. **Neither can be deployed first.**")
		w.page(provider, `
			acme/shop pull 1 (open)
			comment by plimsoll[bot]: ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web; cc @acme/web
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web; commit2 web; 1; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		w.page(consumer, `
			acme/web pull 1 (open)
			check plimsoll/contracts: neutral: 1; ⚠️ .github/plimsoll.yml:9:27 shop web; commit1 shop web; .github/plimsoll.yml:9 warning; [recheck]
			check plimsoll/readiness: success`)
	})
}

// An edit of the text that changes the links has the pull request evaluated again; any
// other edit does not.
func TestEditedLinks(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.pull("weight", map[string]string{"openapi.yaml": with(weight)})
	pull := w.linked(w.web, "weight", "", reading("name, weight", ""))
	w.expect(pull, "failure")
	if used := w.Used(func() { pull.Edit("", "Shows the weight.", "") }); len(used) != 0 {
		t.Errorf("an edit that changes no link asks GitHub for %s", testbedtest.Routes(used))
	}
	pull.Edit("", "Shows the weight.\r\n\r\nDepends-On: acme/shop#1\r\n", "")
	w.Settle()
	w.expect(pull, "neutral", "acme/shop#1")
	pull.Edit("", "Shows the weight.\n```\nDepends-on: acme/shop#1\n```\n", "")
	w.Settle()
	w.expect(pull, "failure")
}

// Neither a fork's text nor a fork's head excuses what is missing: it is said, and
// the result stays.
func TestForksExcuseNothing(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		theirs := w.shop.Fork("eve")
		theirs.CommitAs("eve", "weight", "Add the weight", map[string]string{"openapi.yaml": with(weight)})
		own := w.shop.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: theirs, Head: "weight", Author: "eve"})
		w.Settle()
		byFork := w.linked(w.web, "weight", fmt.Sprintf("Depends-on: acme/shop#%d", own.Number()), reading("name, weight", ""))
		w.expect(byFork, "failure", "`acme/shop#1` will add it.", "comes from a fork, so this does not count until that one is merged")
		w.page(byFork, `
			acme/web pull 1 (open)
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9:27 shop web; commit1 shop web; .github/plimsoll.yml:9 failure; [recheck]
			check plimsoll/readiness: success`)

		w.pull("weight", map[string]string{"openapi.yaml": with(weight)})
		fork := w.web.Fork("eve")
		fork.CommitAs("eve", "weight", "Guess", reading("name, weight", ""))
		ofFork := w.web.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: fork, Head: "weight", Author: "eve", Body: "Depends-on: acme/shop#2"})
		w.Settle()
		w.expect(ofFork, "failure", "comes from a fork")

		drop := w.shop.Fork("mallory")
		drop.CommitAs("mallory", "drop", "Drop", map[string]string{"openapi.yaml": without("price")})
		w.linked(w.web, "free", "", reading("name", ""))
		blocked := w.shop.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: drop, Head: "drop", Author: "mallory", Body: "Depends-on: acme/web#3"})
		w.Settle()
		w.expect(blocked, "failure", "1 consumer breaks: web")
	})
}

// A public pull request tells nothing of a private one that it names, not even that
// it is there.
func TestPrivateLinkOfAPublicPullRequest(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.web.SetPrivate(false)
		w.shop.SetPrivate(false)
		hidden := w.repository("zz-plans", fileOf("zz-planner", "name, price"))
		w.Settle()
		w.linked(hidden, "free", "", fileOf("zz-planner", "name"))
		pull := w.linked(w.shop, "drop", "Depends-on: acme/zz-plans#1\nDepends-on: acme/nothing#1, acme/web#99", map[string]string{"openapi.yaml": without("price")})
		w.expect(pull, "failure", "`acme/zz-plans#1` does not exist or can't be read, so it is ignored.",
			"`acme/nothing#1` does not exist or can't be read, so it is ignored.", "`acme/web#99` does not exist")
		w.page(pull, `
			acme/shop pull 1 (open)
			comment by plimsoll[bot]: ❌ 2; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web; ❌ 1; cc @acme/web
			check plimsoll/contracts: failure: 2; 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price web; ❌ 1; ⚠️ ×3; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
	})
}

// An API that only a linked pull request begins to provide.
func TestLinkedNewAPI(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.pull("stock", map[string]string{".github/plimsoll.yml": shopFile + "      - api: stock\n        spec: stock.yaml\n", "stock.yaml": shopContract})
	pull := w.linked(w.web, "stock", "Depends-on: acme/shop#1", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "api: shop", "api: stock")})
	w.expect(pull, "neutral", "Safe if acme/shop#1 is deployed first: it adds stock")
}

// A linked pull request that takes away what is used here warns.
func TestLinkedPullRequestTakesAway(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.pull("drop", map[string]string{"openapi.yaml": without("color")})
	pull := w.linked(w.web, "color", "Depends-on: acme/shop#1", reading("name, color", ""))
	w.expect(pull, "neutral", "acme/shop#1 removes a part of shop that is used here")
}
