package server_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"plimsoll/config"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

var acmeGroup = []config.Organisation{{Name: "acme-group", Accounts: []config.Account{"acme", "acme-labs"}}}

// newJoined is a world whose consumer lives in a second account; its App is not installed
// there yet.
func newJoined(t *testing.T, o testbed.Options) *world {
	t.Helper()
	w := &world{Testbed: testbedtest.Open(t, o), t: t}
	w.shop = w.repository("shop", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract, "README.md": "shop"})
	w.web = w.in("acme-labs", "web", webFile)
	w.installation = w.GitHub.Install("acme")
	w.Settle()
	return w
}

// in makes a private repository of an account with a repository file.
func (w *world) in(account, name, file string) *simulator.Repository {
	repo := w.GitHub.NewRepository(account+"/"+name, simulator.RepositoryOptions{Private: true})
	repo.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": file})
	return repo
}

// Accounts that the operator joins are looked through together: a consumer in one of them is
// found, named and waited for like one of the provider's own account. While one of them can't
// be read, nothing is safe.
func TestJoinedAccounts(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newJoined(t, testbed.Options{DSN: dsn, Queue: brisk(), Organisations: acmeGroup})
		pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
		w.expectNewest(pull, "neutral", "`acme-labs` can't be read, but belongs to `acme-group`. Install Plimsoll there, or end its suspension.")

		w.conditions(`"missing_accounts":["acme-labs"]`)

		labs := w.GitHub.Install("acme-labs")
		w.Settle()
		w.expectNewest(pull, "failure", "1 consumer breaks: web")
		if page := w.GitHub.Render(pull); !strings.Contains(page, "acme-labs/web") {
			t.Errorf("the consumer is not named:\n%s", page)
		}
		visible(w.shop, "public")
		w.Settle()
		w.expectNewest(pull, "failure", "1 private consumer")
		if page := w.GitHub.Render(pull); strings.Contains(page, "acme-labs") {
			t.Errorf("a private consumer of another account is named on a public page:\n%s", page)
		}
		visible(w.shop, "internal")
		visible(w.web, "internal")
		w.Settle()
		w.expectNewest(pull, "failure", "1 consumer breaks: web")
		visible(w.shop, "private")
		visible(w.web, "private")
		w.Settle()

		// The consumer's side: what it asks for is looked up in the other account.
		w.web.CommitAs("ana", "more", "Use more", map[string]string{".github/plimsoll.yml": strings.Replace(webFile, "price", "price, size", 1)})
		asks := w.web.OpenPullRequest(simulator.PullRequestOptions{Head: "more", Author: "ana"})
		w.Settle()
		w.expectNewest(asks, "failure", "size")
		w.shop.CommitAs("ana", "main", "Offer it", map[string]string{"openapi.yaml": strings.Replace(shopContract, "color", "size", 1)})
		w.Settle()
		w.expectNewest(asks, "success", "")

		w.web.CommitAs("ana", "main", "Move", map[string]string{".github/plimsoll.yml": strings.Replace(webFile, ", price", "", 1)})
		w.Settle()
		w.expectNewest(pull, "success", "Read 2 of 2 repositories of `acme-group`")

		labs.Suspend()
		w.Settle()
		w.expectNewest(w.pull("drop-name", map[string]string{"openapi.yaml": without("color")}), "neutral", "`acme-labs` can't be read")
		w.alive()
	})
}

// Only the operator joins accounts. A repository that claims to belong together with another
// account, and an account that takes the name of a joined one, stay apart.
func TestAccountsThatAreNotJoined(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newJoined(t, testbed.Options{DSN: dsn, Queue: brisk(), Organisations: acmeGroup})
		w.GitHub.Install("acme-labs")
		w.in("globex", ".github", "version: 1\norganisations: [{name: acme-group, accounts: [acme, globex]}]\n")
		spy := w.in("globex", "spy", strings.ReplaceAll(webFile, "api: shop", "api: acme/shop/shop"))
		w.GitHub.Install("globex")
		w.Settle()
		pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
		apart := func(when string) {
			t.Helper()
			w.expectNewest(pull, "failure", "1 consumer breaks: web")
			if page := w.GitHub.Render(pull); strings.Contains(page, "globex") || strings.Contains(page, "spy") {
				t.Errorf("%s: another account's consumer is named:\n%s", when, page)
			}
			spy.CommitAs("ana", "guess", "Guess", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "api: shop", "api: acme/shop/shop # "+when)})
			guess := spy.OpenPullRequest(simulator.PullRequestOptions{Head: "guess", Author: "ana"})
			w.Settle()
			if page := w.GitHub.Render(guess); strings.Contains(page, "color") || strings.Contains(page, "@acme/shop") {
				t.Errorf("%s: another account learns of the API:\n%s", when, page)
			}
			guess.Close()
			w.Settle()
		}
		apart("claimed by a file")
		w.GitHub.RenameAccount("acme-labs", "acme-research")
		w.Settle()
		w.GitHub.RenameAccount("globex", "acme-labs")
		w.Settle()
		pull.Push("More", map[string]string{"README.md": "more"})
		w.Settle()
		apart("taken name")
		w.conditions(`"renamed_accounts":[{"name":"acme-labs","account":"acme-research","taken_by":`)
		if page := w.GitHub.Render(pull); !strings.Contains(page, "acme-research/web") {
			t.Errorf("the renamed account is not joined any more:\n%s", page)
		}
		w.alive()
	})
}

// conditions holds what operators see at /readyz to a text.
func (w *world) conditions(text string) {
	w.t.Helper()
	response, err := http.Get(w.AdminURL() + "/readyz")
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }() // it is read below
	body, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(body), text) {
		w.t.Errorf("%v, expected %s:\n%s", err, text, body)
	}
}
