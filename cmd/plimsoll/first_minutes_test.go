package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"plimsoll/server/simulator"
	"plimsoll/server/testbed/browsertest"
)

// What a stranger does, in a browser: sets the server up, installs the App, signs in, watches
// how the repositories are read, opens a pull request, and reads the verdict there and on the
// dashboard. It prints how long that takes.
func TestFirstMinutesInABrowser(t *testing.T) {
	tab := browsertest.Open(t, false)
	github := simulator.New(simulator.Options{})
	if err := github.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = github.Close()
		for _, violation := range github.Violations() {
			t.Errorf("against GitHub's description: %s", violation)
		}
	})
	github.Organization("acme")
	github.Member("acme", "ana", "admin")
	for name, content := range map[string]map[string]string{"shop": firstProvider, "web": {".github/plimsoll.yml": firstConsumer}} {
		github.NewRepository("acme/"+name, simulator.RepositoryOptions{Private: true}).CommitAs("ana", "main", "Begin", content)
	}
	began := time.Now()
	done := func(what string) { t.Logf("%5.1f s: %s", time.Since(began).Seconds(), what) }
	look := func(name string) {
		t.Helper()
		for _, width := range []int64{375, 1280} {
			tab.Size(width, 800)
			tab.Fits()
			tab.Accessible()
			tab.Shot(fmt.Sprintf("%s-%d", name, width))
		}
	}
	fill := func(field, value string) {
		t.Helper()
		tab.Do(chromedp.SetValue(chromedp.CSS("#"+field), value))
	}
	press := func(selector string) {
		t.Helper()
		for !browsertest.Evaluate[bool](tab, fmt.Sprintf(`(() => { const e = document.querySelector(%q); if (document.readyState !== "complete" || !e) return false; e.click(); return true })()`, selector)) {
			time.Sleep(20 * time.Millisecond)
		}
	}

	started := setUpAgainst(t, github)
	tab.Shows(started.at, "main", "Paste the token")
	look("setup-token")
	fill("token", started.token)
	press("button")
	tab.Shows("", "main", "Organisation that owns the App")
	look("setup-choose")
	fill("web_url", github.URL())
	fill("organisation", "acme")
	fill("public_url", started.at)
	press("button")
	tab.Shows("", "main", "GitHub will ask you to confirm")
	press("button")
	tab.Shows("", "h1", "Create GitHub App for acme")
	press("main button")
	tab.Shows("", "main", "The server is starting")
	if browsertest.Evaluate[string](tab, `getComputedStyle(document.querySelector("a.button")).textDecorationLine`) != "none" {
		t.Error("the last page has lost its style sheet")
	}
	look("setup-done")
	done("the App is registered")
	press("a.button")
	tab.Shows("", "main", "Install on acme")
	press("main button")
	tab.Shows("", "h1", "Authorize")
	press(`button[value="ana"]`)
	tab.Shows("", "main", "Nothing needs attention", "2 components in 2 repositories") // by itself, once they are read
	look("first-overview")
	done("signed in, and all repositories are read")

	shop := github.FindRepository("acme/shop")
	shop.CommitAs("ana", "drop-price", "Drop the price", map[string]string{"openapi.yaml": strings.Replace(firstProvider["openapi.yaml"], "price:", "cost:", 1)})
	pull := shop.OpenPullRequest(simulator.PullRequestOptions{Head: "drop-price", Author: "ana", Title: "Drop the price"})
	deadline := time.Now().Add(time.Minute)
	for len(pull.Checks("plimsoll/contracts")) == 0 || pull.Checks("plimsoll/contracts")[0].Conclusion == "" {
		if time.Now().After(deadline) {
			t.Fatalf("no verdict:\n%s", started.log)
		}
		time.Sleep(20 * time.Millisecond)
	}
	tab.Shows(pull.URL()+"/checks", "body", "1 consumer breaks: web")
	done("the first verdict is on the pull request")
	fmt.Printf("From nothing to the first verdict with a server: %.1f s\n", time.Since(began).Seconds())
	for tab.Shows(started.at+"/", "h1", ""); !browsertest.Evaluate[bool](tab, `document.body.innerText.includes("acme/shop#1")`); tab.Shows(started.at+"/", "h1", "") {
		if time.Now().After(deadline) {
			t.Fatal("the overview does not show the pull request")
		}
		time.Sleep(100 * time.Millisecond) // what is registered is read every 2 s at most
	}
	tab.Shows("", "main", "breaks web")
	done("and on the dashboard")

	pages := browsertest.Evaluate[[]string](tab, `[...document.querySelectorAll("header.bar nav a, main a[href^='/']")].map(a => a.getAttribute("href"))`)
	if pages = append(pages, "/apis/acme/shop/shop", "/apis/acme/shop/shop/deploy", "/apis/acme/shop/shop/deprecations", "/absent"); !slices.Contains(pages, "/operations") || len(pages) < 11 {
		t.Errorf("an owner of the organisation that owns the App is offered the pages %q", pages)
	}
	for _, page := range pages {
		tab.Shows(started.at+page, "h1", "")
		look("first" + strings.ReplaceAll(page, "/", "-"))
	}
	tab.Shows(started.at+"/ledger", "h1", "")
	press("form.leave button")
	tab.Shows("", "h1", "You are signed out")
	look("signed-out")
	tab.Shows(started.at+"/components", "h1", "Authorize")
	if found := browsertest.Evaluate[string](tab, "location.search"); !strings.Contains(found, "code_challenge=") {
		t.Errorf("sent to %s", found)
	}
}

var firstProvider = map[string]string{
	".github/plimsoll.yml": "version: 1\ncomponents:\n  - name: shop\n    provides:\n      - {api: shop, spec: openapi.yaml}\n",
	"openapi.yaml": `openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /items/{id}:
    get:
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
                  name: {type: string}
                  price: {type: integer}
`,
}

const firstConsumer = `version: 1
components:
  - name: web
    consumes:
      - api: shop
        operations:
          - op: GET /items/{id}
            reads: [name, price]
`
