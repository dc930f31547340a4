package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/testbed/browsertest"
	"plimsoll/server/testbed/testbedtest"
)

const (
	htmlBase = `openapi: 3.0.3
info: {title: Orders, version: "1"}
paths:
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  id: {type: string}
                  sku: {type: string}
                  state: {type: string, enum: [open, paid]}
                  note: {type: string}
  /internal/orders:
    get:
      responses: {"200": {description: ok, content: {application/json: {schema: {type: object, properties: {total: {type: integer}}}}}}}
`
	htmlRules = `version: 1
components:
  - name: orders
    provides:
      - api: orders
        spec: base.yaml
        rules:
          - {rule: "*", operation: "GET /internal/**", ignore: true, reason: "no clients outside the team", until: 2999-01-31}
`
)

// htmlFolder has two versions of a contract, two consumers and rules. evil stands in every text
// that somebody else writes.
func htmlFolder(t *testing.T, evil string) {
	t.Helper()
	head := strings.NewReplacer("                  sku: {type: string}\n", "", "[open, paid]", "[open, paid, shipped]", "{total: {type: integer}}", "{}",
		"                  note: {type: string}\n", "                  note: {type: string}\n                  more: {type: string}\n").Replace(htmlBase)
	consumer := func(name, reads string) string {
		return "version: 1\ncomponents:\n  - name: " + name + "\n    owner: \"@acme/" + name + "\"\n    consumes:\n      - api: orders\n        operations:\n          - op: GET /orders/{id}\n            reads: [" + reads + "]\n"
	}
	hostile := func(text string) string { return strings.ReplaceAll(text, "note", evil) }
	checkFolder(t, map[string]string{
		"base.yaml": hostile(htmlBase), "head.yaml": hostile(strings.ReplaceAll(head, "                  note: {type: string}\n", "")),
		"consumers/web.yml": consumer("web", "id, sku, state"), "consumers/bff.yml": consumer("bff", "id, state, '\"gone"+strings.ReplaceAll(evil, "'", "")+"\"'"),
		"rules.yml": strings.Replace(htmlRules, "no clients", "no "+strings.ReplaceAll(strings.Trim(evil, "'"), "\"", "'")+" clients", 1),
	})
}

func htmlReport(t *testing.T) string {
	t.Helper()
	status, stdout, stderr := runLine(t, strings.Fields("check --base base.yaml --head head.yaml --consumers consumers --rules-from rules.yml --format html")...)
	if status != terminal.No || stderr != "" {
		t.Fatalf("status %d: %s", status, stderr)
	}
	return stdout
}

func TestCheckHTML(t *testing.T) {
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	htmlFolder(t, "note")
	page := htmlReport(t)
	t.Chdir(here)
	testbedtest.Golden(t, "check.html", page)
}

// Whatever contracts, declarations and rules say, the page has only the elements of its
// template, and asks nobody for anything.
func TestCheckHTMLOfHostileFiles(t *testing.T) {
	elements := func(page string) map[string]bool {
		found := map[string]bool{}
		for z := html.NewTokenizer(strings.NewReader(page)); ; {
			switch z.Next() {
			case html.ErrorToken:
				return found
			case html.StartTagToken, html.SelfClosingTagToken:
				token := z.Token()
				found[token.Data] = true
				for _, a := range token.Attr {
					found[token.Data+" "+a.Key] = true
					if a.Key == "href" && !regexp.MustCompile(`^#change-\d+$`).MatchString(a.Val) || a.Key == "src" {
						t.Errorf("<%s> leads to %q", token.Data, a.Val)
					}
				}
			}
		}
	}
	htmlFolder(t, "note")
	plain := elements(htmlReport(t))
	const evil = `'</style></code><script>alert(1)</script><img src=x onerror=alert(2)><a href="javascript:alert(3)">{{.Style}}'`
	htmlFolder(t, evil)
	page := htmlReport(t)
	if !strings.Contains(page, "&lt;script&gt;alert(1)") {
		t.Error("the hostile text is not on the page; this test shows nothing")
	}
	for element := range elements(page) {
		if !plain[element] {
			t.Errorf("the page has <%s>", element)
		}
	}
}

// A contract that changes everywhere gives a page of bounded size.
func TestCheckHTMLIsBounded(t *testing.T) {
	properties := func(kind string, more int) string {
		var b strings.Builder
		for i := range 3000 {
			b.WriteString("                  p" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + "_" + strings.Repeat("0", 4) + strconv.Itoa(i) + ": {type: " + kind + "}\n")
		}
		for i := range more {
			b.WriteString("                  n" + strconv.Itoa(i) + ": {type: " + kind + "}\n")
		}
		return b.String()
	}
	contract := func(more int) string {
		return strings.Replace(htmlBase, "                  sku: {type: string}\n", properties("string", more), 1)
	}
	checkFolder(t, map[string]string{"base.yaml": contract(0), "head.yaml": contract(2000)})
	_, page, _ := runLine(t, strings.Fields("check --base base.yaml --head head.yaml --format html")...)
	if !strings.Contains(page, "1500 more.") || len(page) > 2<<20 {
		t.Errorf("%d bytes", len(page))
	}
}

// The page as a person sees it, in light and dark, on a screen and on a phone. With
// PLIMSOLL_SHOTS=FOLDER the pictures are kept.
func TestCheckHTMLInABrowser(t *testing.T) {
	light, dark := browsertest.Open(t, false), browsertest.Open(t, true)
	htmlFolder(t, "note")
	page := htmlReport(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/report" && r.URL.Path != "/favicon.ico" {
			t.Errorf("the page asks for %s", r.URL.Path)
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page))
	}))
	t.Cleanup(server.Close)
	for _, look := range []struct {
		name          string
		tab           *browsertest.Tab
		width, height int64
		ground        string
	}{
		{"light", light, 1280, 800, "rgb(255, 255, 255)"}, {"dark", dark, 1280, 800, "rgb(13, 17, 23)"},
		{"phone", light, 375, 812, "rgb(255, 255, 255)"}, {"phone-dark", dark, 375, 812, "rgb(13, 17, 23)"},
	} {
		t.Run(look.name, func(t *testing.T) {
			tab := look.tab.In(t)
			tab.Size(look.width, look.height)
			tab.Shows(server.URL+"/report", "h1", "breaking")
			if ground := browsertest.Evaluate[string](tab, `getComputedStyle(document.body).backgroundColor`); ground != look.ground {
				t.Errorf("the ground is %s, expected %s", ground, look.ground)
			}
			tab.Fits()
			tab.Shot("check-" + look.name)
			browsertest.Evaluate[bool](tab, `document.querySelectorAll("details").forEach(d => d.open = true); true`)
			tab.Fits()
			tab.Accessible()
			tab.Quiet()
		})
	}
}
