package patch

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/checks/readiness"
)

// applied applies a patch with git to a folder of files, and returns what they are then.
func applied(t *testing.T, patch string, contents map[string][]byte, names ...string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range contents {
		if content == nil {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git := exec.CommandContext(t.Context(), "git", "apply")
	git.Dir, git.Stdin = dir, strings.NewReader(patch)
	git.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_CONFIG_NOSYSTEM=1")
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, patch)
	}
	after := map[string]string{}
	for _, name := range names {
		content, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			t.Fatalf("%v\n%s", err, patch)
		}
		after[name] = string(content)
	}
	return after
}

// Git makes of a patch what readiness.PasteAll makes of the edits: of files of any length, with and
// without a last line end, and whether or not the patch has lost its own.
func TestApplies(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 43))
	contents := map[string][]byte{}
	var findings []readiness.Compared
	var names []string
	for file := range 60 {
		name := fmt.Sprintf("folder/%d.yml", file)
		names = append(names, name)
		var content []byte
		if file%6 > 0 {
			content = []byte{}
			for line := range r.IntN(30) {
				content = fmt.Appendf(content, "line %d\n", line+1)
			}
			if r.IntN(3) == 0 && len(content) > 0 {
				content = content[:len(content)-1]
			}
		}
		contents[name] = content
		lines := len(linesOf(content))
		for range 1 + r.IntN(4) {
			s := readiness.Snippet{File: name, Text: fmt.Sprintf("new %d\n\n  more\n", r.IntN(100))}
			if lines > 0 {
				s.After = r.IntN(lines + 1)
				s.Replaces = min(r.IntN(3), lines-s.After)
			}
			findings = append(findings, readiness.Compared{Finding: readiness.Finding{Component: "orders", Fix: []readiness.Snippet{s}}})
		}
	}
	edits := readiness.Edits(findings)
	patch, left := Of(edits, contents)
	if len(left) > 0 {
		t.Fatalf("%d edits are left out", len(left))
	}
	var snippets []readiness.Snippet
	for _, e := range edits {
		snippets = append(snippets, e.Snippet)
	}
	for _, text := range []string{patch, strings.TrimRight(patch, "\n")} {
		after := applied(t, text, contents, names...)
		for _, name := range names {
			if want := string(readiness.PasteAll(name, contents[name], snippets)); after[name] != want {
				t.Errorf("%s: git makes of it\n%q\nwant\n%q\nfrom\n%q\n%s", name, after[name], want, contents[name], patch)
			}
		}
	}
}

// What git could not apply is left out and said: a file that is not known, one with other
// line ends, a path that would have to be quoted.
func TestLeavesOut(t *testing.T) {
	var edits []readiness.Edit
	for _, name := range []string{"a b.yml", "crlf.yml", "fine.yml", "unknown.yml", "ü.yml"} {
		edits = append(edits, readiness.Edit{Snippet: readiness.Snippet{File: name, After: 1, Text: "new\n"}})
	}
	contents := map[string][]byte{"a b.yml": []byte("a\n"), "crlf.yml": []byte("a\r\nb\r\n"), "fine.yml": []byte("a\n"), "ü.yml": []byte("a\n")}
	patch, left := Of(edits, contents)
	var names []string
	for _, e := range left {
		names = append(names, e.File)
	}
	if got := strings.Join(names, ", "); got != "a b.yml, crlf.yml, unknown.yml, ü.yml" {
		t.Errorf("left out: %s", got)
	}
	if got := applied(t, patch, contents, "fine.yml")["fine.yml"]; got != "a\nnew\n" {
		t.Errorf("%q", got)
	}
	if patch, left := Of(edits[3:4], contents); patch != "" || len(left) != 1 {
		t.Errorf("a patch of nothing: %q", patch)
	}
}
