package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
)

// visible changes who may read a repository.
func visible(repo *simulator.Repository, to string) {
	if to == "internal" {
		repo.SetInternal()
		return
	}
	repo.SetPrivate(to == "private")
}

// A page names what everybody may read who can read the page: the attack is a consumer that
// fewer people may read, its honest twin one that they all may.
func TestWhoIsNamedWhere(t *testing.T) {
	named := map[string]map[string]bool{ // by page, then by consumer
		"public":   {"public": true, "internal": false, "private": false},
		"internal": {"public": true, "internal": true, "private": false},
		"private":  {"public": true, "internal": true, "private": true},
	}
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
		pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
		w.expect(pull, "failure", "1 consumer breaks: web")
		for _, page := range []string{"public", "internal", "private"} {
			for _, consumer := range []string{"internal", "private", "public"} {
				visible(w.shop, page)
				visible(w.web, consumer)
				w.Settle()
				if named[page][consumer] {
					w.expectNewest(pull, "failure", "1 consumer breaks: web")
					continue
				}
				w.expectNewest(pull, "failure", "1 private consumer")
				w.tellsNothing(pull)
			}
		}
		w.alive()
	})
}

// expectNewest holds the newest check run of a pull request to a conclusion and a text.
func (w *world) expectNewest(pull *simulator.PullRequest, conclusion, text string) {
	w.t.Helper()
	all := pull.Checks(onContracts)
	if len(all) == 0 {
		w.t.Fatalf("no check run:\n%s", w.GitHub.Render(pull))
	}
	newest := all[0]
	for _, check := range all {
		if check.ID > newest.ID {
			newest = check
		}
	}
	if newest.Conclusion != conclusion || !strings.Contains(newest.Title+"\n"+newest.Summary, text) {
		w.t.Errorf("expected %s with %q:\n%s", conclusion, text, w.GitHub.Render(pull))
	}
}

// An entry of the ledger is as old as the ledger: who may read what it names counts as it is
// now. cleo reads the provider alone.
func TestLedgerNamesWhatMayBeReadNow(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		a := newAsking(w)
		shows := func(when string, expected bool) {
			t.Helper()
			_, body, _ := a.ask(a.cleo, "ledger?repository=acme/shop")
			if !strings.Contains(body, `"kind":"can-i-deploy"`) || strings.Contains(body, "acme/web") != expected {
				t.Errorf("%s, expected it to be named: %v:\n%s", when, expected, body)
			}
			if _, body, _ := a.ask(a.ana, "ledger?repository=acme/shop"); !strings.Contains(body, "acme/web") {
				t.Errorf("%s: not named for somebody who may read it:\n%s", when, body)
			}
		}
		a.runs(w.shop, "production", "main")
		shows("private then and now", false)
		w.web.SetPrivate(false)
		w.Settle()
		shows("private then, public now", true)
		a.runs(w.shop, "production", "main")
		shows("public then and now", true)
		w.web.SetInternal()
		w.Settle()
		shows("public then, internal now", false)
		w.web.SetPrivate(true)
		w.Settle()
		shows("public then, private now", false)
	})
}

// What is reported of a rollback names a consumer only while everybody may read it who can
// read the repository: the check run, the comment on the pull request, and the page.
func TestRollbackNamesWhatMayBeReadNow(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		provides := strings.Replace(back(byDeployment), "    environments:\n", "    provides: [{api: orders, spec: openapi.yaml}]\n    environments:\n", 1)
		w.orders.CommitAs("ana", "main", "Declare", map[string]string{".github/plimsoll.yml": provides, "openapi.yaml": without("price")})
		w.Settle()
		_, good := w.change("good")
		w.verified(good)
		w.orders.CommitAs("ana", "price", "Add the price", map[string]string{"openapi.yaml": shopContract})
		pull := w.orders.OpenPullRequest(simulator.PullRequestOptions{Head: "price", Author: "ana"})
		bad, err := pull.Merge(simulator.Squash)
		if err != nil {
			t.Fatal(err)
		}
		w.orders.SetPrivate(false)
		web := w.GitHub.NewRepository("acme/zz-web", simulator.RepositoryOptions{Private: true})
		web.CommitAs("ben", "main", "Use it", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "api: shop", "api: orders")})
		w.Settle()
		web.Deploy("production", "main", simulator.DeployOptions{Creator: "ben"}).Status("success", "")
		w.fails(bad)
		w.proposed(pull, "The older contract would break consumers that deployed since")
		shows := func(when string, expected bool) {
			t.Helper()
			_, page := w.get(w.details(bad))
			for place, text := range map[string]string{"the pull request": w.GitHub.Render(pull), "the check run": w.GitHub.RenderCommit(w.orders, bad), "the page": page} {
				if strings.Contains(text, "zz-web") != expected {
					t.Errorf("%s: %s, expected it to be named: %v:\n%s", when, place, expected, text)
				}
			}
		}
		shows("private", false)
		web.SetPrivate(false)
		w.Settle()
		shows("made public", true)
		web.SetInternal()
		w.Settle()
		shows("made internal", false)
		w.orders.SetInternal()
		w.Settle()
		shows("both internal", true)
		web.SetPrivate(true)
		w.Settle()
		shows("made private", false)
	})
}

// To an outsider a private API is like one that does not exist: the same words, the same
// conclusion, the same requests to GitHub. The honest twin asks about a public API.
func TestForkFindsNoPrivateAPI(t *testing.T) {
	eachWorld(t, func(t *testing.T, w *world) {
		w.deploys(w.shop, "production", "main")
		hidden := w.repository("zzhidden", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(shopFile, "shop", "zzhidden"), "openapi.yaml": shopContract})
		w.deploys(hidden, "production", "main")
		w.web.SetPrivate(false)
		w.shop.SetPrivate(false)
		w.Settle()
		fork, n := w.web.Fork("eve"), 0
		asks := func(api, body string) (page string, operations []string) {
			t.Helper()
			n++
			branch := fmt.Sprintf("ask-%d", n)
			file := strings.ReplaceAll(webFile, "api: shop", "api: "+api)
			fork.CommitAs("eve", branch, "Ask", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(file, "components:", "components:  # "+branch)})
			var pull *simulator.PullRequest
			for _, used := range w.Used(func() {
				pull = w.web.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: fork, Head: branch, Author: "eve", Body: body})
			}) {
				operations = append(operations, used.Operation)
			}
			slices.Sort(operations)
			check := w.expectUnder(onContracts, pull, map[bool]string{true: "success", false: "neutral"}[api == "acme/shop/shop"])
			text := check.Conclusion + check.Title + check.Summary + check.Text + fmt.Sprintf("%+v", check.Annotations)
			if body != "" {
				text = strings.ReplaceAll(text, strings.TrimPrefix(body, "Depends-on: "), "a link")
			}
			for _, own := range []string{api, pull.HeadSHA(), pull.HeadSHA()[:7]} {
				text = strings.ReplaceAll(text, own, "…")
			}
			return text, operations
		}
		for _, body := range []string{"", "Depends-on: acme/zzhidden#1", "Depends-on: acme/nothing#1"} {
			page, operations := asks("zzhidden", body)
			for _, other := range []string{"zzhiddem", "acme/zzhidden/zzhidden", "acme/zzhidden/other", "acme/nothing/zzhidden"} {
				if also, requests := asks(other, body); also != page || !slices.Equal(requests, operations) {
					t.Errorf("%s and %s differ (%q):\n%s\n%v\n\n%s\n%v", "zzhidden", other, body, page, operations, also, requests)
				}
			}
		}
		asks("acme/shop/shop", "")
	})
}

// What a probe finds can be a secret that a repository has its probe ask for: it is shown
// only as far as it is a commit.
func TestProbeShowsNoSecret(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		_, old := w.change("old")
		for found, shown := range map[string]string{
			"sk_live_zz51Habcdef": "differs", "0123456789abcdef0123456789abcdee": "differs", "90210123": "differs", old: "sha is " + old[:7],
		} {
			_, commit := w.change("c-" + found[:4])
			w.service.runs(found, http.StatusOK)
			w.deploy(commit)
			w.pass(2)
			_, page := w.get(w.details(commit))
			text := w.GitHub.RenderCommit(w.orders, commit) + page
			if !strings.Contains(text, shown) || shown == "differs" && strings.Contains(text, found) {
				t.Errorf("%s is found, expected %q:\n%s", found, shown, text)
			}
		}
	})
}
