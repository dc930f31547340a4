package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/git/gittest"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

// onGitHub makes the folder a checkout of acme/shop, with all of it committed.
func onGitHub(t *testing.T, dir string) (commit string) {
	t.Helper()
	commit = gittest.Commit(t, dir)
	gittest.Run(t, dir, "remote", "add", "origin", "git@github.com:acme/shop.git")
	return commit
}

func content(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// everything is a component that lacks all that lines can be put in for.
func everything() map[string]string {
	return map[string]string{
		".github/plimsoll.yml": "version: 1\ncomponents:\n  - name: orders\n    environments:\n      production: {} # live\n",
		"deploy/app.yaml": "apiVersion: apps/v1\r\nkind: Deployment\r\nmetadata: {name: orders}\r\nspec:\r\n  template:\r\n    spec:\r\n      containers:\r\n      - name: app\r\n" +
			"        ports: [{containerPort: 8080}]\r\n        image: orders:1",
		".github/workflows/deploy.yml": "on: workflow_dispatch\njobs:\n  deploy:\n    runs-on: ubuntu-latest\n    environment: production\n    steps:\n      - uses: actions/checkout@v4\n      - run: ./deploy\n",
	}
}

func TestFixPutsEverythingIn(t *testing.T) {
	dir := checkFolder(t, everything())
	onGitHub(t, dir)
	if err := os.Chmod("deploy/app.yaml", 0o750); err != nil {
		t.Fatal(err)
	}
	status, stdout, stderr := runLine(t, "check", "--readiness", "--fix", "--fail-on", "any")
	if status != terminal.Fine || !strings.Contains(stdout, "No gaps.") {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
	want := `changed .github/plimsoll.yml: lines 4 to 9, lines 11 to 23
changed .github/workflows/deploy.yml: lines 1 to 6, lines 9 to 11, lines 16 to 17
changed deploy/app.yaml: lines 9 to 16
changed docs/runbooks/orders.md: lines 1 to 9
changed ops/alerts/orders.yml: lines 1 to 14
review before you commit: ports, paths and thresholds are guesses
`
	if stderr != want {
		t.Errorf("told\n%s\nwant\n%s", stderr, want)
	}
	if got := content(t, ".github/plimsoll.yml"); !strings.HasPrefix(got, "version: 1\ncomponents:\n  - name: orders\n    health:\n      endpoint: GET /healthz\n      alerts:\n") ||
		!strings.Contains(got, "      production: # live\n        verify:\n") || !strings.Contains(got, "    owner: \"@acme/orders\"\n") {
		t.Errorf("the repository file:\n%s", got)
	}
	manifest := content(t, "deploy/app.yaml")
	if strings.Count(manifest, "\n") != strings.Count(manifest, "\r\n") || !strings.HasSuffix(manifest, "        image: orders:1") || !strings.Contains(manifest, "        livenessProbe:\r\n") {
		t.Errorf("the manifest: %q", manifest)
	}
	if info, err := os.Stat("deploy/app.yaml"); err != nil || info.Mode().Perm() != 0o750 {
		t.Errorf("its mode: %v, %v", info.Mode(), err)
	}
	if left, _ := filepath.Glob("*/.plimsoll-*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if _, stdout, stderr = runLine(t, "check", "--readiness", "--fix"); stderr != "nothing to fix\n" {
		t.Errorf("a second time: %s%s", stdout, stderr)
	}
}

// What the text shows at once, the JSON says, and --fix does, are the same.
func TestFixIsWhatIsOffered(t *testing.T) {
	onGitHub(t, checkFolder(t, everything()))
	_, result := findings(t)
	_, text, _ := runLine(t, "check", "--readiness")
	_, shown, ok := strings.Cut(text, "\nAll fixes (--fix applies them;")
	if !ok || len(result.Edits) == 0 {
		t.Fatalf("nothing is offered:\n%s", text)
	}
	for _, e := range result.Edits {
		for line := range strings.Lines(e.Text) {
			if !strings.Contains(shown, strings.TrimRight(line, "\n")) {
				t.Errorf("%s:%d: %q is not shown:\n%s", e.File, e.After, line, shown)
			}
		}
		if !slices.Equal(e.Components, []string{"orders"}) || e.ByHand {
			t.Errorf("%s:%d: for %v, by hand %t", e.File, e.After, e.Components, e.ByHand)
		}
	}
	if got := strings.Count(shown, "+     health:"); got != 1 || strings.Contains(strings.Split(text, "\nAll fixes")[0], "health:\n") {
		t.Errorf("the key health is shown %d times:\n%s", got, text)
	}
	raw, err := json.Marshal(result.Edits[0])
	if want := `{"file":".github/plimsoll.yml","after":3,"replaces":0,"text":"`; err != nil || !strings.HasPrefix(string(raw), want) {
		t.Errorf("%s, %v", raw, err)
	}
	_, markdown, _ := runLine(t, "check", "--readiness", "--format", "markdown")
	if strings.Count(markdown, "    health:\n") != 1 || !strings.Contains(markdown, "<summary>Patch for the new gaps</summary>") {
		t.Errorf("markdown:\n%s", markdown)
	}
}

// Against a base only what is new is fixed.
func TestFixOfWhatIsNew(t *testing.T) {
	dir := checkFolder(t, readyFiles())
	base := onGitHub(t, dir)
	write(t, "billing/openapi.yaml", readyContract)
	write(t, ".github/plimsoll.yml", readyFile+billingComponent)
	if _, stdout, stderr := runLine(t, "check", "--readiness", "--fix", "--base", base); !strings.Contains(stdout, "No new gaps.") {
		t.Errorf("%s%s", stdout, stderr)
	}
	got, result := findings(t, "--base", base)
	if !slices.Equal(got, []string{"RB001 orders old", "OW001 orders old"}) || result.Edits != nil {
		t.Errorf("left: %v, offered %+v", got, result.Edits)
	}
	if head, _, _ := strings.Cut(content(t, ".github/plimsoll.yml"), "  - name: billing"); head != readyFile {
		t.Errorf("an old component was changed:\n%s", head)
	}
	if status, _, stderr := runLine(t, "check", "--fix", "--base", "a", "--head", "b"); status != terminal.Bad || !strings.Contains(stderr, "--fix needs --readiness") {
		t.Errorf("without --readiness: status %d, %s", status, stderr)
	}
}

// --fix stays inside the folder, goes through no symbolic link, and lets be what it did
// not judge.
func TestFixStaysInside(t *testing.T) {
	outside := t.TempDir()
	for name, c := range map[string]struct {
		runbook string
		prepare func() error
		says    string
	}{
		"a folder that is a link to the outside": {"docs/r.md", func() error { return os.Symlink(outside, "docs") }, "did not change docs/r.md: docs is a symbolic link"},
		"a folder that is a link to the inside":  {"docs/r.md", func() error { return os.Symlink("orders", "docs") }, "did not change docs/r.md: docs is a symbolic link"},
		"a file that is a link":                  {"r.md", func() error { return os.Symlink(filepath.Join(outside, "r.md"), "r.md") }, "did not change r.md: r.md is a symbolic link"},
		"a folder":                               {"r.md", func() error { return os.Mkdir("r.md", 0o755) }, "did not change r.md: it is not a regular file"},
		"a file where a folder would be":         {"orders/openapi.yaml/r.md", nil, "did not change orders/openapi.yaml/r.md: orders/openapi.yaml is not a folder"},
		"git's own":                              {".git/hooks/r.md", nil, "did not change .git/hooks/r.md: it belongs to git"},
		"git's own, in capitals":                 {"orders/.GIT/r.md", nil, "did not change orders/.GIT/r.md: it belongs to git"},
		"ignored": {"r.md", func() error {
			return os.WriteFile(".gitignore", []byte("r.md\n"), 0o644)
		}, "did not change r.md: it exists, and git ignores it"},
	} {
		t.Run(name, func(t *testing.T) {
			files := readyFiles()
			files[".github/plimsoll.yml"] += "      runbook: " + c.runbook + "\n"
			if name == "ignored" {
				files["r.md"] = "mine"
			}
			onGitHub(t, checkFolder(t, map[string]string{"README.md": "x"}))
			for file, text := range files {
				write(t, file, text)
			}
			if c.prepare != nil {
				if err := c.prepare(); err != nil {
					t.Fatal(err)
				}
			}
			_, stdout, stderr := runLine(t, "check", "--readiness", "--fix")
			if !strings.Contains(stderr, c.says+"\n") || !strings.Contains(stderr, "changed .github/plimsoll.yml: ") || !strings.Contains(stdout, "RB001") {
				t.Errorf("%q is not told:\n%s%s", c.says, stderr, stdout)
			}
			if there, _ := os.ReadDir(outside); len(there) > 0 {
				t.Errorf("written outside: %v", there)
			}
			if name == "ignored" && content(t, "r.md") != "mine" {
				t.Errorf("changed: %q", content(t, "r.md"))
			}
		})
	}
}
