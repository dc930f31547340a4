package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/api"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

const canContract = `openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /items/{id}:
    get:
      operationId: getItem
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  name: {type: string}
                  price: {type: integer}
                  color: {type: string}
`

// asked runs a command against a server and gives all that it prints, and its status.
func asked(t *testing.T, env map[string]string, args ...string) string {
	t.Helper()
	var stdout, stderr bytes.Buffer
	err := run(context.Background(), args, func(name string) string { return env[name] }, &stdout, &stderr)
	text := "$ plimsoll " + strings.Join(args, " ") + "\n" + stdout.String() + stderr.String() + fmt.Sprintf("[%d]\n\n", terminal.StatusOf(err))
	if server := env["PLIMSOLL_SERVER"]; server != "" {
		text = strings.ReplaceAll(text, server, "SERVER")
	}
	return text
}

// The questions through the real server: what a person reads in the terminal, what a
// program gets, and the exit status.
func TestCanCommands(t *testing.T) {
	s := testbedtest.Open(t, testbed.Options{DSN: storetest.SQLite(t)})
	repository := func(name string, files map[string]string) *simulator.Repository {
		repo := s.GitHub.NewRepository("acme/"+name, simulator.RepositoryOptions{Private: true})
		repo.CommitAs("ana", "main", "Begin", files)
		repo.Grant("ana", "write")
		return repo
	}
	shop := repository("shop", map[string]string{
		".github/plimsoll.yml": "version: 1\ncomponents:\n  - name: shop\n    provides: [{api: shop, spec: openapi.yaml}]\n", "openapi.yaml": canContract,
	})
	web := repository("web", map[string]string{
		".github/plimsoll.yml": "version: 1\ncomponents:\n  - name: web\n    consumes:\n      - api: shop\n        operations:\n          - op: getItem\n            reads: [name, price]\n",
	})
	s.GitHub.Install("acme")
	s.Settle()
	for _, repo := range []*simulator.Repository{shop, web} {
		d := repo.Deploy("production", "main", simulator.DeployOptions{Creator: "bob"})
		d.Status("in_progress", "")
		d.Status("success", "")
		s.Settle()
	}
	drop := shop.CommitAs("ana", "drop", "Drop the price", map[string]string{"openapi.yaml": strings.Replace(canContract, "                  price: {type: integer}\n", "", 1)})
	s.Settle()

	env := map[string]string{"PLIMSOLL_SERVER": s.URL(), "GITHUB_TOKEN": s.GitHub.UserToken("ana"), "GITHUB_REPOSITORY": "acme/shop"}
	var all strings.Builder
	for _, args := range [][]string{
		{"can-i-deploy", "--repository", "acme/shop", "--commit", drop, "--environment", "production"},
		{"can-i-deploy", "--repository", "acme/shop", "--commit", shop.Head("main"), "--environment", "production"},
		{"can-i-deploy", "--repository", "acme/web", "--commit", web.Head("main"), "--environment", "staging"},
		{"can-i-deploy", "--repository", "acme/web", "--component", "webb", "--commit", web.Head("main"), "--environment", "staging"},
		{"can-i-deploy", "--repository", "acme/nothing", "--commit", drop, "--environment", "production"},
		{"can-i-deploy", "--repository", "acme/shop", "--commit", drop, "--environment", "production", "--format", "json"},
		{"can-remove", "--api", "acme/shop/shop", "getItem", "price"},
		{"can-remove", "--api", "acme/shop/shop", "GET /items/{id}", "color"},
		{"can-remove", "--api", "acme/shop/shop", "getItem", "colour"},
		{"can-remove", "--api", "acme/shop/shop", "getItem", "--sends"},
		{"can-remove", "--api", "shop", "getItem"},
		{"who-uses", "acme/shop/shop"},
		{"who-uses", "acme/shop/shop", "--format", "json"},
		{"who-uses", "acme/web/web"},
		{"who-uses", "shop"},
	} {
		all.WriteString(asked(t, env, args...))
	}
	testbedtest.Golden(t, "can.txt", all.String())
	if strings.Contains(all.String(), env["GITHUB_TOKEN"]) {
		t.Error("the token was printed")
	}

	t.Chdir(t.TempDir())
	e := newEditor(t, env)
	for _, commit := range []string{drop, shop.Head("main")} {
		e.same(env, "can-i-deploy", arguments{"repository": "acme/shop", "commit": commit, "environment": "production"},
			"can-i-deploy", "--repository", "acme/shop", "--commit", commit, "--environment", "production")
	}
	e.same(env, "can-i-deploy", arguments{"repository": "acme/web", "component": "webb", "commit": web.Head("main"), "environment": "staging"},
		"can-i-deploy", "--repository", "acme/web", "--component", "webb", "--commit", web.Head("main"), "--environment", "staging")
	e.same(env, "can-remove", arguments{"api": "acme/shop/shop", "operation": "getItem", "field": "price"}, "can-remove", "--api", "acme/shop/shop", "getItem", "price")
	e.same(env, "can-remove", arguments{"api": "acme/shop/shop", "operation": "getItem", "field": "id", "sends": true, "environment": "production"},
		"can-remove", "--api", "acme/shop/shop", "--sends", "--environment", "production", "getItem", "id")
	e.same(env, "can-remove", arguments{"api": "acme/shop/shop", "operation": "getItem", "sends": true}, "can-remove", "--api", "acme/shop/shop", "--sends", "getItem")
	e.same(env, "who-uses", arguments{"api": "acme/shop/shop"}, "who-uses", "acme/shop/shop")
	e.same(env, "who-uses", arguments{"api": "acme/gone/gone"}, "who-uses", "acme/gone/gone")
	e.same(env, "deployment-status", arguments{}, "running")
	e.same(env, "deployment-status", arguments{"repository": "acme/web", "component": "web", "environment": "production"},
		"running", "--repository", "acme/web", "--component", "web", "--environment", "production")
}

func TestCanCommandsComplain(t *testing.T) {
	const sha = "0123456789012345678901234567890123456789"
	question := []string{"can-i-deploy", "--repository", "acme/shop", "--commit", sha, "--environment", "production"}
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.Header.Get("Authorization") {
		case "Bearer bad":
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprint(w, `{"error":"GitHub does not accept the token","hint":"it may have ended"}`)
		case "Bearer escape":
			fmt.Fprint(w, `{"answer":"no","reasons":[{"answer":"no","text":"web \u001b[2J\u202ebreaks"}]}`)
		case "Bearer moved":
			http.Redirect(w, r, "https://elsewhere.example/", http.StatusFound)
		default:
			fmt.Fprint(w, "<html>Welcome</html>")
		}
	}))
	defer refusing.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, each := range map[string]struct {
		env    map[string]string
		args   []string
		status terminal.Answer
		says   string
	}{
		"no server":               {map[string]string{"GITHUB_TOKEN": "x"}, question, terminal.Bad, "--server is required: give the server's URL, or set PLIMSOLL_SERVER"},
		"no token":                {map[string]string{"PLIMSOLL_SERVER": refusing.URL}, question, terminal.Bad, "set PLIMSOLL_TOKEN or GITHUB_TOKEN"},
		"no address":              {map[string]string{"PLIMSOLL_SERVER": "plimsoll", "GITHUB_TOKEN": "x"}, question, terminal.Bad, "expected a URL"},
		"in the clear":            {map[string]string{"PLIMSOLL_SERVER": "http://plimsoll.example", "GITHUB_TOKEN": "x"}, question, terminal.Bad, "use https"},
		"nobody answers":          {map[string]string{"PLIMSOLL_SERVER": gone.URL, "GITHUB_TOKEN": "x"}, question, terminal.Bad, "no answer from"},
		"another server":          {map[string]string{"PLIMSOLL_SERVER": refusing.URL, "GITHUB_TOKEN": "x"}, question, terminal.Bad, "is not a Plimsoll server"},
		"it leads elsewhere":      {map[string]string{"PLIMSOLL_SERVER": refusing.URL, "GITHUB_TOKEN": "moved"}, question, terminal.Bad, "is not a Plimsoll server"},
		"a token that is refused": {map[string]string{"PLIMSOLL_SERVER": refusing.URL, "GITHUB_TOKEN": "bad"}, question, terminal.Bad, "GitHub does not accept the token (it may have ended)"},
		"the first token counts":  {map[string]string{"PLIMSOLL_SERVER": refusing.URL, "GITHUB_TOKEN": "x", "PLIMSOLL_TOKEN": "bad"}, question, terminal.Bad, "does not accept"},
		"signs for the terminal":  {map[string]string{"PLIMSOLL_SERVER": refusing.URL, "GITHUB_TOKEN": "escape"}, question, terminal.No, "web [2Jbreaks"},
		"no environment":          {nil, []string{"can-i-deploy"}, terminal.Bad, "--environment is required"},
		"no such format":          {nil, []string{"can-remove", "x", "--format", "xml"}, terminal.Bad, "use one of text, json"},
		"no API":                  {nil, []string{"can-remove", "x"}, terminal.Bad, "owner/repo/api"},
	} {
		t.Run(name, func(t *testing.T) {
			text := asked(t, each.env, each.args...)
			if !strings.Contains(text, each.says) || !strings.HasSuffix(text, fmt.Sprintf("[%d]\n\n", each.status)) {
				t.Errorf("expected %q and status %d:\n%s", each.says, each.status, text)
			}
			if strings.ContainsRune(text, '\x1b') {
				t.Errorf("signs that a terminal obeys: %q", text)
			}
		})
	}
}

// No consumer is known while repositories are still unread: the answer says so.
func TestWhoUsesBeforeEverythingIsRead(t *testing.T) {
	got := consumersText(&terminal.Terminal{}, api.ConsumersAnswer{API: "acme/shop/shop"})
	want := "acme/shop/shop has no known consumers.\nNot every repository of the account has been read: there may be more consumers.\n"
	if got != want {
		t.Errorf("got %q", got)
	}
}
