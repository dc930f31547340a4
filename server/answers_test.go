package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plimsoll/server/api/apitest"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// asking puts questions to the server over HTTP and writes down what it answers.
type asking struct {
	*live
	// ana may read everything, cleo the provider alone, otto nothing of the account.
	ana, cleo, otto string
	text            strings.Builder
}

const appFile = `version: 1
components:
  - name: app
    consumes:
      - api: acme/shop/shop
        operations:
          - op: getItem
            reads: [color]
`

// newAsking has the provider run in production at its first commit, and the web as it
// was when it read the price. app is private, and cleo may not see it.
func newAsking(w *live) *asking {
	a := &asking{live: w, ana: w.GitHub.UserToken("ana"), cleo: w.GitHub.UserToken("cleo"), otto: w.GitHub.UserToken("otto")}
	app := w.repository("app", map[string]string{".github/plimsoll.yml": appFile})
	for _, repo := range []*simulator.Repository{w.shop, w.web, app} {
		repo.Grant("ana", "write")
	}
	w.shop.Grant("cleo", "read")
	w.Settle()
	a.runs(w.shop, "production", "main")
	a.runs(w.web, "production", w.old)
	a.runs(app, "production", "main")
	return a
}

// runs brings a commit somewhere.
func (a *asking) runs(repo *simulator.Repository, environment, ref string) {
	d := repo.Deploy(environment, ref, simulator.DeployOptions{Creator: "bob"})
	d.Status("in_progress", "")
	d.Status("success", "")
	a.Settle()
}

func (a *asking) chapter(format string, args ...any) {
	fmt.Fprintf(&a.text, "## "+format+"\n", args...)
}

// get asks with a token and writes question and answer down.
func (a *asking) get(token, path string, query ...string) (status int, body string) {
	a.t.Helper()
	values := url.Values{}
	for i := 0; i+1 < len(query); i += 2 {
		values.Set(query[i], query[i+1])
	}
	status, body, header := a.ask(token, path+"?"+values.Encode())
	var shown bytes.Buffer
	if json.Indent(&shown, []byte(body), "", "  ") != nil {
		shown.Reset()
		shown.WriteString(body)
	}
	fmt.Fprintf(&a.text, "GET %s %s\n%d\n%s\n\n", path, strings.Join(query, " "), status, strings.TrimSpace(shown.String()))
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"} {
		if header.Get(name) != want {
			a.t.Errorf("%s: header %s is %q, expected %q", path, name, header.Get(name), want)
		}
	}
	return status, body
}

func (a *asking) ask(token, path string) (int, string, http.Header) {
	a.t.Helper()
	req, err := http.NewRequestWithContext(a.t.Context(), http.MethodGet, a.URL()+"/api/v1/"+path, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	apitest.Expect(a.t, req, res.StatusCode, res.Header, body)
	return res.StatusCode, string(body), res.Header
}

func (a *asking) deploy(token string, repo *simulator.Repository, commit, environment string) {
	a.get(token, "can-i-deploy", "repository", repo.FullName(), "commit", commit, "environment", environment)
}

func (a *asking) golden(name string) {
	a.t.Helper()
	testbedtest.Golden(a.t, "answers/"+name+".txt", a.text.String())
}

func TestCanIDeploy(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		a := newAsking(w)
		drop := a.shop.CommitAs("ana", "drop", "Drop the price", map[string]string{"openapi.yaml": without("price")})
		a.Settle()
		a.chapter("a provider that breaks a consumer which runs there")
		a.deploy(a.ana, a.shop, drop, "production")
		a.chapter("asked by somebody who may not see the consumers")
		a.deploy(a.cleo, a.shop, drop, "production")
		a.chapter("nobody has heard of that environment")
		a.deploy(a.ana, a.shop, drop, "prodution")
		a.chapter("a provider whose contract stays the same")
		a.deploy(a.cleo, a.shop, a.shop.Head("main"), "production")

		rollout := a.web.Deploy("production", a.moved, simulator.DeployOptions{Creator: "bob"})
		rollout.Status("in_progress", "")
		a.Settle()
		a.chapter("during the consumer's rollout both commits count")
		a.deploy(a.ana, a.shop, drop, "production")
		rollout.Status("success", "")
		a.Settle()
		a.chapter("after the consumer's rollout")
		a.deploy(a.ana, a.shop, drop, "production")

		a.chapter("a consumer of what runs there")
		a.deploy(a.ana, a.web, a.moved, "production")
		a.chapter("a consumer where no deployment of the provider is known: never yes")
		a.deploy(a.ana, a.web, a.moved, "staging")
		ahead := a.web.CommitAs("ana", "ahead", "Read the weight", map[string]string{".github/plimsoll.yml": strings.Replace(webFile, "price", "weight", 1)})
		a.Settle()
		a.chapter("a consumer that is ahead of what runs there")
		a.deploy(a.ana, a.web, ahead, "production")
		a.shop.Deploy("production", drop, simulator.DeployOptions{Creator: "bob"}).Status("in_progress", "")
		a.Settle()
		a.chapter("a consumer during the provider's rollout to a commit without what it reads")
		a.deploy(a.ana, a.web, w.old, "production")
		a.golden("can-i-deploy")
	})
}

func TestCanRemove(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		a := newAsking(w)
		remove := func(token string, more ...string) {
			a.get(token, "can-remove", append([]string{"api", "acme/shop/shop"}, more...)...)
		}
		a.chapter("a field that only what runs still reads")
		remove(a.ana, "operation", "GET /items/{item}", "field", "price")
		a.chapter("a field that a consumer reads which the asker may not see")
		remove(a.cleo, "operation", "getItem", "field", "color")
		a.chapter("only what runs in one environment")
		remove(a.ana, "operation", "getItem", "field", "color", "environment", "production")
		a.chapter("an operation")
		remove(a.ana, "operation", "getItem")
		a.chapter("a parameter")
		remove(a.ana, "operation", "getItem", "field", "id", "side", "request")
		a.chapter("a field that is not there")
		remove(a.ana, "operation", "getItem", "field", "prize")
		a.chapter("an operation that is not there")
		remove(a.ana, "operation", "GET /item/{id}")
		a.runs(a.web, "production", a.moved)
		a.chapter("a field that nobody reads any more")
		remove(a.ana, "operation", "getItem", "field", "price")
		a.golden("can-remove")
	})
}

func TestRegistryOverHTTP(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		a := newAsking(w)
		a.get(a.ana, "apis", "repository", "acme/web")
		a.get(a.ana, "apis/acme/shop/shop")
		a.chapter("to somebody who may see all, and to somebody who may not")
		a.get(a.ana, "apis/acme/shop/shop/consumers")
		a.get(a.cleo, "apis/acme/shop/shop/consumers")
		a.chapter("deployments")
		a.get(a.ana, "deployments", "repository", "acme/shop")
		_, body := a.get(a.ana, "ledger", "repository", "acme/shop")
		a.get(a.cleo, "ledger", "repository", "acme/shop")
		a.golden("registry")
		if lines := strings.Count(body, "\n"); lines != 2 {
			t.Errorf("the ledger has %d lines", lines)
		}
		if !strings.Contains(body, `"kind":"can-i-deploy"`) {
			t.Errorf("no answer is kept for a deployment:\n%s", body)
		}
	})
}

// What may not be read is answered like what is not there, whoever asks and however.
func TestRegistryIsClosed(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		a := newAsking(w)
		long := strings.Repeat("ä%00/", 300)
		commit := a.shop.Head("main")
		questions := []string{
			"apis?repository=%s", "apis/%s/shop", "apis/%s/shop/consumers", "can-i-deploy?repository=%s&environment=production&commit=" + commit,
			"can-remove?api=%s/shop&operation=getItem", "deployments?repository=%s", "deployments/1?repository=%s", "ledger?repository=%s",
		}
		_, nothing, _ := a.ask(a.otto, "apis?repository=acme/nothing")
		for _, question := range questions {
			path := fmt.Sprintf(question, "acme/shop")
			if status, body, header := a.ask("", path); status != http.StatusUnauthorized || header.Get("WWW-Authenticate") == "" || strings.Contains(body, "acme") {
				t.Errorf("%s without a token: %d %s", path, status, body)
			}
			if status, body, _ := a.ask("ghp_nobodyknowsthistoken", path); status != http.StatusUnauthorized {
				t.Errorf("%s with a token that is none: %d %s", path, status, body)
			}
			for _, repository := range []string{"acme/shop", "acme/nothing", "otto/shop"} {
				path := fmt.Sprintf(question, repository)
				if status, body, _ := a.ask(a.otto, path); status != http.StatusNotFound || body != nothing {
					t.Errorf("%s by somebody else: %d %s", path, status, body)
				}
			}
		}
		for _, path := range []string{
			"can-i-deploy?repository=acme/shop&environment=production&commit=main", "can-i-deploy?repository=acme/shop&commit=" + commit,
			"can-i-deploy?repository=acme/shop&environment=production&commit=" + strings.Repeat("0", 40),
			"can-i-deploy?repository=acme/shop&environment=production&component=" + url.QueryEscape("<b>\x1b[31m") + "&commit=" + commit,
			"can-i-deploy?repository=acme/shop&environment=" + url.QueryEscape(long) + "&commit=" + commit,
			"can-remove?api=acme/shop/shop", "can-remove?api=acme/shop&operation=x", "can-remove?api=acme/shop/shop&operation=" + url.QueryEscape(long),
			"can-remove?api=acme/shop/shop&operation=getItem&side=both", "can-remove?api=acme/shop/shop&operation=getItem&field=" + url.QueryEscape("\x00[["),
			"can-i-deploy?repository=" + strings.Repeat("x", 10_000), "can-i-deploy?repository=../../../etc/x", "can-i-deploy?repository=acme", "apis?repository=acme/shop&page=x",
			"apis?repository=acme/shop&page=99999999999999999999", "ledger?repository=acme/shop&after=-1", "deployments/0?repository=acme/shop", "deployments/x?repository=acme/shop", "nothing",
		} {
			status, body, _ := a.ask(a.ana, path)
			var told struct{ Error string }
			if status < 400 || status >= 500 || json.Unmarshal([]byte(body), &told) != nil || told.Error == "" || strings.ContainsRune(told.Error, '\x1b') || len(body) > 2000 {
				t.Errorf("%.100s: %d %.300s", path, status, body)
			}
		}
		if status, body, _ := a.ask(a.ana, "apis?repository=acme/shop&page=999"); status != http.StatusOK || strings.Contains(body, "next") {
			t.Errorf("behind the last page: %d %s", status, body)
		}
	})
}

// A token that has lost its access, or is of no use any more, is found out; and the
// server can't be made to ask GitHub without end.
func TestQuestionsAreLimited(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		a := newAsking(w)
		before := len(a.GitHub.Requests())
		limited := 0
		for range 200 {
			status, _, header := a.ask(a.cleo, "deployments?repository=acme/shop")
			if status == http.StatusTooManyRequests {
				limited++
				if header.Get("Retry-After") == "" {
					t.Fatal("refused without saying until when")
				}
			} else if status != http.StatusOK {
				t.Fatalf("status %d", status)
			}
		}
		if asked := len(a.GitHub.RequestsSince(before, false)); limited == 0 || asked > 1 {
			t.Errorf("of 200 questions %d were refused, and GitHub was asked %d times", limited, asked)
		}
		before = len(a.GitHub.Requests())
		for i := range 100 {
			a.ask(fmt.Sprintf("ghp_guessed%030d", i), "deployments?repository=acme/shop")
		}
		if asked := len(a.GitHub.RequestsSince(before, false)); asked > 40 {
			t.Errorf("100 tokens that are none cost %d requests to GitHub", asked)
		}
	})
}

// Somebody who guesses tokens stops nobody else behind the same address, and a proxy is
// no address.
func TestBadTokensStopNobodyElse(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		var clock clock
		clock.set(testbedtest.Noon)
		w := &live{world: newWorld(t, testbed.Options{DSN: dsn, Queue: brisk(), Clock: clock.Now}), dsn: dsn}
		w.old = w.web.Head("main")
		a := newAsking(w)
		const path = "deployments?repository=acme/shop"
		if status, body, _ := a.ask(a.cleo, path); status != http.StatusOK {
			t.Fatalf("before: %d %s", status, body)
		}
		refused := 0
		for i := range 100 {
			if status, _, _ := a.ask(fmt.Sprintf("ghp_guessed%030d", i), path); status == http.StatusTooManyRequests {
				refused++
			}
		}
		if refused == 0 {
			t.Error("100 bad tokens were all looked up")
		}
		clock.set(clock.Now().Add(6 * time.Minute)) // what GitHub said of cleo's token is forgotten
		for i := range 100 {
			a.ask(fmt.Sprintf("ghp_again%032d", i), path)
		}
		if status, body, _ := a.ask(a.cleo, path); status != http.StatusOK {
			t.Errorf("a good token behind the address of bad ones: %d %s", status, body)
		}
		a.GitHub.RevokeToken(a.cleo)
		clock.set(clock.Now().Add(6 * time.Minute))
		if status, _, _ := a.ask(a.cleo, path); status != http.StatusUnauthorized {
			t.Errorf("a revoked token: %d", status)
		}
	})
}

// The question on a pull request: whoever reads it there sees the answer, and of
// private consumers of a public API only how many there are.
func TestCanRemoveOnAPullRequest(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		pull := w.pull("docs", map[string]string{"README.md": "more"})
		for _, line := range []string{"GET /items/{id} color", "getItem price", "getItem prize", ""} {
			pull.Comment("ana", "/plimsoll can-remove "+line)
			w.Settle()
		}
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			acme/shop pull 1 (open)
			comment by ana: /plimsoll can-remove GET /items/{id} color; :+1:
			comment by plimsoll[bot]: /plimsoll can-remove GET /items/{id} color; ✅ color; 1
			comment by ana: /plimsoll can-remove getItem price; :+1:
			comment by plimsoll[bot]: /plimsoll can-remove getItem price; ✅ price; 1
			comment by ana: /plimsoll can-remove getItem prize; :confused:
			comment by plimsoll[bot]: /plimsoll can-remove getItem prize; -
			comment by ana: /plimsoll can-remove; :confused:
			comment by plimsoll[bot]: /plimsoll can-remove
			check plimsoll/contracts: success
			check plimsoll/readiness: success`)

		w.shop.SetPrivate(false)
		w.Settle()
		pull.Comment("eve", "/plimsoll can-remove getItem name")
		w.Settle()
		text := w.GitHub.Render(pull)
		_, after, _ := strings.Cut(text, "can-remove getItem name")
		if !strings.Contains(after, "1 consumer that you may not see breaks") || strings.Contains(after, "acme/web") {
			t.Errorf("a private consumer on a public pull request:\n%s", after)
		}
	})
}
