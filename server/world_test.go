package server_test

import (
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// shopContract is a small contract; shopWithout gives it without one line of text.
const shopContract = `openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /items/{id}:
    get:
      operationId: getItem
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        "200":
          description: The item
          content:
            application/json:
              schema:
                type: object
                properties:
                  name:
                    type: string
                  price:
                    type: integer
                  color:
                    type: string
`

const shopFile = `version: 1
components:
  - name: shop
    owner: "@acme/shop"
    provides:
      - api: shop
        spec: openapi.yaml
`

const webFile = `version: 1
components:
  - name: web
    owner: "@acme/web"
    consumes:
      - api: shop
        operations:
          - op: GET /items/{id}
            reads: [name, price]
`

// without gives the contract without a property.
func without(property string) string {
	return strings.Replace(shopContract, "                  "+property+":\n                    type: "+typeOf[property]+"\n", "", 1)
}

var typeOf = map[string]string{"name": "string", "price": "integer", "color": "string"}

// The check runs, by the names that people put into their branch protection.
const (
	onContracts = "plimsoll/contracts"
	onReadiness = "plimsoll/readiness"
)

// world is an organisation with one provider and one consumer.
type world struct {
	*testbedtest.Testbed
	t            *testing.T
	shop, web    *simulator.Repository
	installation *simulator.Installation
}

func newWorld(t *testing.T, o testbed.Options) *world {
	t.Helper()
	if o.DSN == "" {
		o.DSN = storetest.SQLite(t)
	}
	w := &world{Testbed: testbedtest.Open(t, o), t: t}
	w.shop = w.repository("shop", map[string]string{".github/plimsoll.yml": shopFile, "openapi.yaml": shopContract, "README.md": "shop"})
	w.web = w.repository("web", map[string]string{".github/plimsoll.yml": webFile})
	w.installation = w.GitHub.Install("acme")
	w.Settle()
	return w
}

func (w *world) repository(name string, files map[string]string) *simulator.Repository {
	repo := w.GitHub.NewRepository("acme/"+name, simulator.RepositoryOptions{Private: true})
	repo.CommitAs("ana", "main", "Begin", files)
	return repo
}

// pull opens a pull request of a new branch that changes files, and settles.
func (w *world) pull(branch string, files map[string]string) *simulator.PullRequest {
	w.t.Helper()
	w.shop.CommitAs("ana", branch, "Change "+branch, files)
	pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: branch, Author: "ana"})
	w.Settle()
	return pull
}

// expect holds the one check run of a pull request's head to a conclusion and to
// texts that its title or summary must show.
func (w *world) expect(pull *simulator.PullRequest, conclusion string, texts ...string) simulator.Check {
	w.t.Helper()
	return w.expectUnder(onContracts, pull, conclusion, texts...)
}

// expectInto is expect for a pull request into a branch that is not protected: its check
// has another name.
func (w *world) expectInto(base string, pull *simulator.PullRequest, conclusion string, texts ...string) simulator.Check {
	w.t.Helper()
	return w.expectUnder(onContracts+" ("+base+")", pull, conclusion, texts...)
}

func (w *world) expectUnder(name string, pull *simulator.PullRequest, conclusion string, texts ...string) simulator.Check {
	w.t.Helper()
	checks := pull.Checks(name)
	if len(checks) != 1 {
		w.t.Fatalf("%d check runs on %s, expected one:\n%s", len(checks), pull.HeadSHA(), w.GitHub.Render(pull))
	}
	if checks[0].Conclusion != conclusion {
		w.t.Errorf("concluded %q, expected %q:\n%s", checks[0].Conclusion, conclusion, w.GitHub.Render(pull))
	}
	for _, text := range texts {
		if !strings.Contains(checks[0].Title+"\n"+checks[0].Summary, text) {
			w.t.Errorf("the check does not say %q:\n%s", text, w.GitHub.Render(pull))
		}
	}
	return checks[0]
}

// await waits for what a periodic job brings about.
func (w *world) await(what string, happened func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for !happened() {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s did not come", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
