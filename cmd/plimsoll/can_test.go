package main

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing/object"

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
	text := "$ plimsoll " + strings.Join(args, " ") + "\n" + stdout.String() + stderr.String() + fmt.Sprintf("[%d]\n\n", statusOf(err))
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
	} {
		all.WriteString(asked(t, env, args...))
	}
	testbedtest.Golden(t, "can.txt", all.String())
	if strings.Contains(all.String(), env["GITHUB_TOKEN"]) {
		t.Error("the token was printed")
	}
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
		status int
		says   string
	}{
		"no server":               {map[string]string{"GITHUB_TOKEN": "x"}, question, statusBad, "which server? give --server URL, or set PLIMSOLL_SERVER"},
		"no token":                {map[string]string{"PLIMSOLL_SERVER": refusing.URL}, question, statusBad, "a GitHub token is needed"},
		"no address":              {map[string]string{"PLIMSOLL_SERVER": "plimsoll", "GITHUB_TOKEN": "x"}, question, statusBad, "expected an address"},
		"in the clear":            {map[string]string{"PLIMSOLL_SERVER": "http://plimsoll.example", "GITHUB_TOKEN": "x"}, question, statusBad, "only https"},
		"nobody answers":          {map[string]string{"PLIMSOLL_SERVER": gone.URL, "GITHUB_TOKEN": "x"}, question, statusBad, "does not answer"},
		"another server":          {map[string]string{"PLIMSOLL_SERVER": refusing.URL, "GITHUB_TOKEN": "x"}, question, statusBad, "is no Plimsoll server"},
		"it leads elsewhere":      {map[string]string{"PLIMSOLL_SERVER": refusing.URL, "GITHUB_TOKEN": "moved"}, question, statusBad, "is no Plimsoll server"},
		"a token that is refused": {map[string]string{"PLIMSOLL_SERVER": refusing.URL, "GITHUB_TOKEN": "bad"}, question, statusBad, "GitHub does not accept the token (it may have ended)"},
		"the first token counts":  {map[string]string{"PLIMSOLL_SERVER": refusing.URL, "GITHUB_TOKEN": "x", "PLIMSOLL_TOKEN": "bad"}, question, statusBad, "does not accept"},
		"signs for the terminal":  {map[string]string{"PLIMSOLL_SERVER": refusing.URL, "GITHUB_TOKEN": "escape"}, question, statusNo, "web [2Jbreaks"},
		"no environment":          {nil, []string{"can-i-deploy"}, statusBad, "--environment is needed"},
		"no such format":          {nil, []string{"can-remove", "x", "--format", "xml"}, statusBad, "known are text, json"},
		"no API":                  {nil, []string{"can-remove", "x"}, statusBad, "owner/repo/api"},
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

func TestRepositoryOfRemote(t *testing.T) {
	for address, want := range map[string]string{
		"git@github.com:acme/shop.git": "acme/shop", "https://github.com/acme/shop": "acme/shop", "https://github.com/acme/shop.git/": "acme/shop",
		"ssh://git@ghe.example:2222/acme/shop.git": "acme/shop", "/srv/git/shop.git": "", "https://example.com/a/b/c": "", "": "", "../shop": "",
	} {
		if got := repositoryOfRemote(address); got != want {
			t.Errorf("%s: %q, expected %q", address, got, want)
		}
	}
}

// Repository and commit are those of the git repository at hand.
func TestAtHand(t *testing.T) {
	checkFolder(t, map[string]string{"README.md": "x"})
	none := &terminal{env: func(string) string { return "" }}
	if _, err := repositoryAtHand(t.Context(), none, ""); err == nil {
		t.Error("a repository was found where there is none")
	}
	repo, err := git.PlainInit(".", false)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.CreateRemote(&config.RemoteConfig{Name: "origin", URLs: []string{"git@github.com:acme/shop.git"}}); err != nil {
		t.Fatal(err)
	}
	work, err := repo.Worktree()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := work.Add("README.md"); err != nil {
		t.Fatal(err)
	}
	head, err := work.Commit("x", &git.CommitOptions{Author: &object.Signature{Name: "x", Email: "x@example.com"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := repo.CreateTag("v1", head, nil); err != nil {
		t.Fatal(err)
	}
	repository, err := repositoryAtHand(t.Context(), none, "")
	if err != nil || repository != "acme/shop" {
		t.Errorf("repository %q, %v", repository, err)
	}
	for _, written := range []string{"", "HEAD", "v1"} {
		if commit, err := commitAtHand(t.Context(), written); err != nil || commit != head.String() {
			t.Errorf("commit %q: %q, %v", written, commit, err)
		}
	}
	if _, err := commitAtHand(t.Context(), "nothing"); err == nil {
		t.Error("a revision that is not there was found")
	}
}
