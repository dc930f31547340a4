package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

// ran is what a command line gave.
type ran struct {
	status         terminal.Answer
	stdout, stderr string
}

// plimsoll runs a command line in the working directory.
func plimsoll(t *testing.T, args ...string) ran {
	t.Helper()
	var stdout, stderr strings.Builder
	err := run(t.Context(), args, func(string) string { return "" }, &stdout, &stderr)
	return ran{terminal.StatusOf(err), stdout.String(), stderr.String()}
}

// inFolder writes files into a new working directory.
func inFolder(t *testing.T, files map[string]string) {
	t.Helper()
	folder := t.TempDir()
	for name, content := range files {
		full := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Chdir(folder)
}

func TestValidate(t *testing.T) {
	inFolder(t, map[string]string{
		".github/plimsoll.yml": "version: 1\ncomponents:\n  - nmae: é\tx\n    owner: acme\n",
		"good/plimsoll.yml":    "version: 1\n",
		"near/plimsoll.yaml":   "version: 1\n",
		"evil.yml":             "version: 1\nx: \"\u009b31m\"\n",
	})
	got := plimsoll(t, "validate")
	want := `.github/plimsoll.yml:3:5: components[0].nmae: unknown key "nmae"
      - nmae: é	x
        ^
    did you mean name?
.github/plimsoll.yml:4:12: components[0].owner: expected @user or @organisation/team, found "acme"
        owner: acme
               ^
    write "@acme"
`
	if got.status != 2 || got.stdout != want || got.stderr != "" {
		t.Errorf("status %d, stderr %q\n%s\nexpected\n%s", got.status, got.stderr, got.stdout, want)
	}
	if got := plimsoll(t, "validate", "good"); got.status != 0 || got.stdout != "good/plimsoll.yml: valid\n" {
		t.Errorf("a good file: %+v", got)
	}
	if got := plimsoll(t, "validate", "near"); got.status != 2 || !strings.Contains(got.stderr, "near/plimsoll.yaml: this file is ignored") || !strings.Contains(got.stderr, "rename it to .github/plimsoll.yml") {
		t.Errorf("a near miss: %+v", got)
	}
	if got := plimsoll(t, "validate", "evil.yml"); strings.ContainsRune(got.stdout, '\u009b') {
		t.Errorf("the terminal is steered: %q", got.stdout)
	}
	for _, args := range [][]string{{"validate", "nowhere"}, {"validate", "--format", "xml"}, {"validate", "--unknown"}, {"unknown"}} {
		if got := plimsoll(t, args...); got.status != 2 || got.stdout != "" || strings.Count(got.stderr, "\n") != 1 {
			t.Errorf("%v: %+v", args, got)
		}
	}
}

func TestValidateJSON(t *testing.T) {
	inFolder(t, map[string]string{"plimsoll.yml": "version: 1\ncomponent: []\n"})
	got := plimsoll(t, "validate", "--format", "json")
	var result struct {
		Schema string
		Files  []string
		Errors []struct {
			File, Path, Message, Hint string
			Line, Column              int
		}
	}
	if err := json.Unmarshal([]byte(got.stdout), &result); err != nil || got.status != 2 {
		t.Fatalf("%v %+v", err, got)
	}
	if e := result.Errors[0]; result.Schema != "plimsoll.validate/v1" || len(result.Errors) != 1 || e.File != "plimsoll.yml" || e.Line != 2 || e.Column != 1 || e.Path != "component" || e.Hint != "did you mean components?" {
		t.Errorf("%+v", result)
	}
	if err := os.WriteFile("plimsoll.yml", []byte("version: 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := plimsoll(t, "validate", "--format", "json"); got.status != 0 || !strings.Contains(got.stdout, `"errors": []`) {
		t.Errorf("a good file: %+v", got)
	}
}

func TestSchemaCommand(t *testing.T) {
	got := plimsoll(t, "schema")
	var schema map[string]any
	if err := json.Unmarshal([]byte(got.stdout), &schema); err != nil || got.status != 0 || schema["$schema"] == nil {
		t.Errorf("%v %+v", err, got)
	}
}

func TestDiscoverCommand(t *testing.T) {
	inFolder(t, map[string]string{
		"shop/api/openapi.yaml": "openapi: 3.0.3\ninfo: {title: Shop, version: '1'}\npaths: {}\n",
		"shop/pacts/shop-payments.json": `{"consumer": {"name": "shop"}, "provider": {"name": "payments"}, "interactions": [
{"request": {"method": "GET", "path": "/payments/1"}, "response": {"status": 200, "body": {"id": 1}}}]}`,
		"shop/CODEOWNERS": "* @acme/shop\n",
	})
	got := plimsoll(t, "discover", "shop")
	want := "# A draft by `plimsoll discover`: read it, then keep it as .github/plimsoll.yml" + `
version: 1
components:
  - name: shop
    # owner: "@acme/shop"                      # CODEOWNERS says so: needs no line here
    provides:
      - api: shop
        spec: api/openapi.yaml                 # line 1: openapi 3.0.3
    consumes:
      - api: payments                          # pacts/shop-payments.json:1:53: pact
        import:                                # narrows the use to what these files list
          - pacts/shop-payments.json           # 1 operation
`
	if got.status != 0 || got.stdout != want || got.stderr != "" {
		t.Errorf("status %d stderr %q\n%s\nexpected\n%s", got.status, got.stderr, got.stdout, want)
	}
	if err := os.WriteFile("shop/plimsoll.yml", []byte(got.stdout), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := plimsoll(t, "validate", "shop"); got.status != 0 {
		t.Errorf("the draft is not valid: %+v", got)
	}
	if got := plimsoll(t, "discover", "shop", "--format", "json"); got.status != 0 || !strings.Contains(got.stdout, `"schema": "plimsoll.discover/v1"`) {
		t.Errorf("JSON: %+v", got)
	}
	if got := plimsoll(t, "discover", "nowhere"); got.status != 2 || got.stdout != "" {
		t.Errorf("no folder: %+v", got)
	}
}

// Every command explains itself with an example.
func TestHelpHasExamples(t *testing.T) {
	for _, c := range commands(&terminal.Terminal{}) {
		if c.Hidden {
			continue
		}
		got := plimsoll(t, c.Name(), "--help")
		if got.status != 0 || !strings.Contains(got.stdout, "Examples:") || !strings.Contains(got.stdout, "plimsoll "+c.Name()) {
			t.Errorf("%s --help: %+v", c.Name(), got)
		}
	}
}
