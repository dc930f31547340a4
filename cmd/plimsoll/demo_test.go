package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"plimsoll/cmd/plimsoll/internal/git/gittest"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

func TestDemoTellsTheStory(t *testing.T) {
	told := plimsoll(t, "demo", "--exit")
	for line := range strings.SplitSeq(told.stdout, "\n") {
		if utf8.RuneCountInString(line) > 100 {
			t.Errorf("longer than 100 characters: %s", line)
		}
	}
	if told.status != terminal.Fine || told.stderr != "" {
		t.Fatalf("exit status %d: %s", told.status, told.stderr)
	}
	for _, want := range []string{
		"plimsoll/contracts: failure", "2 consumers break: billing, checkout-web",
		"reads orders[].lines[].sku (.github/plimsoll.yml:13)", "pacts/checkout-web-orders.json:21",
		"1 of 2 consumers migrated.",
		"plimsoll/contracts: success", "Both consumers have migrated.",
		"orders in production is verified", "Roll back orders in production: GET /orders: errors 0.",
		"comment /plimsoll rollback production on a pull request of this deployment", "Rolled back to ",
		"simulated metric server", "Plimsoll's dashboard", "(sign in as ana)",
		"/acme/orders/pull/1", "/acme/orders/commit/", "plimsoll serve",
	} {
		if !strings.Contains(strings.Join(strings.Fields(told.stdout), " "), want) {
			t.Errorf("the story does not say %q:\n%s", want, told.stdout)
		}
	}
}

// Somebody's own repositories: each branch is evaluated as a pull request.
func TestDemoOnAFolder(t *testing.T) {
	folder := t.TempDir()
	repository(t, filepath.Join(folder, "acme", "shop"), map[string]string{
		"main":   "openapi: 3.0.3\ninfo: {title: S, version: \"1\"}\npaths:\n  /a:\n    get: {responses: {\"200\": {description: ok}}}\n",
		"change": "openapi: 3.0.3\ninfo: {title: S, version: \"1\"}\npaths: {}\n",
	}, "version: 1\ncomponents:\n  - name: shop\n    provides: [{api: shop, spec: api.yaml}]\n")
	repository(t, filepath.Join(folder, "acme", "web"), map[string]string{"main": ""},
		"version: 1\ncomponents:\n  - name: web\n    consumes: [{api: shop, operations: [{op: GET /a}]}]\n")
	told := plimsoll(t, "demo", "--exit", "--load", folder)
	if told.status != terminal.Fine || told.stderr != "" {
		t.Fatalf("exit status %d: %s", told.status, told.stderr)
	}
	if want := "/acme/shop/pull/1  failure: 1 consumer breaks: web"; !strings.Contains(told.stdout, want) {
		t.Errorf("the answer is not %q:\n%s", want, told.stdout)
	}
}

// repository makes a git repository with a plimsoll.yml whose branches differ in api.yaml.
func repository(t *testing.T, dir string, branches map[string]string, file string) {
	t.Helper()
	gittest.Write(t, dir, map[string]string{"plimsoll.yml": file})
	gittest.Commit(t, dir)
	if content := branches["main"]; content != "" {
		gittest.Write(t, dir, map[string]string{"api.yaml": content})
		gittest.Commit(t, dir)
	}
	if content := branches["change"]; content != "" {
		gittest.Run(t, dir, "checkout", "-q", "-b", "change")
		gittest.Write(t, dir, map[string]string{"api.yaml": content})
		gittest.Commit(t, dir)
		gittest.Run(t, dir, "checkout", "-q", "main")
	}
}

func TestServeRefusesToStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "server.yml")
	content := "githb: {}\ngithub:\n  app: {integration_id: 1, private_key_file: nope.pem, webhook_secrets: [\"\"]}\ndatabase: mysql:x\n"
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	told := plimsoll(t, "serve", "--config", file)
	if told.status != terminal.Bad {
		t.Errorf("exit status %d, expected %d", told.status, terminal.Bad)
	}
	for _, want := range []string{":1:1: githb: unknown key", "did you mean github", "private_key_file", "webhook secret is empty", "database"} {
		if !strings.Contains(told.stderr, want) {
			t.Errorf("the refusal does not say %q:\n%s", want, told.stderr)
		}
	}
}
