package readinesstext

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"plimsoll/checks/readiness"
	"plimsoll/checks/text/texttest"
)

// The edits take at most half of the text, what does not fit is counted, and the
// findings are told all the same.
func TestReadinessEditsLeaveRoom(t *testing.T) {
	const size = 1000
	edits := func(n, of int) (all []readiness.Edit) {
		for i := range n {
			all = append(all, readiness.Edit{Snippet: readiness.Snippet{File: "a.yml", After: 10 + i, Text: strings.Repeat("x", of)}, Components: []string{"orders"}})
		}
		return all
	}
	rest := size - len(snippetWords(edits(1, 0)[0].Snippet))
	all := edits(3, rest)
	for room, want := range map[int]string{3 * size: "", 3*size - 1: "1 more fix left out here. `plimsoll check --readiness --fix` applies all of them.", size - 1: "3 more fixes left out here."} {
		left := room
		got := editWords(all, &left)
		if shown := strings.Count(got, "xxx\n```"); shown != room/size || !strings.Contains(got, want) || want == "" && strings.Contains(got, "left out") {
			t.Errorf("room for %d bytes: %d of %d shown\n%.200s", room, shown, len(all), got)
		}
	}

	c := kept("orders", 3)
	for i := range 60 {
		f := noProbes(i + 1)
		f.Subject, f.Fix[0].Text = fmt.Sprint(i), strings.Repeat("x", longestSnippet-1)+"\n"
		c = lacks(c, blocks(f))
	}
	run := ReadinessReport(readinessOf(c))
	texttest.WithinLimits(t, run)
	// The first of the rule is in both: its details give the reason.
	if got := strings.Count(run.Summary, "- ❌") + strings.Count(run.Text, "### ❌") - 1; got != 60 {
		t.Errorf("the page has %d gaps, want 60", got)
	}
	if !strings.HasPrefix(run.Text, "Patch for the new gaps: too long to be shown. `plimsoll check --readiness --fix` fixes a checkout.") {
		t.Errorf("it does not say that the patch is left out:\n%.300s", run.Text)
	}
}

// Git applies what a person copies from the page: a patch for the new gaps, and one for all,
// each with every line once.
func TestReadinessPatchApplies(t *testing.T) {
	r := everythingAtOnce()
	added := slices.Concat(r.Report.Blocking(), r.Report.Added())
	text := ReadinessReport(r).Text
	for _, each := range []struct {
		heading string
		fixes   []readiness.Compared
		lines   map[string]int
	}{
		{"Patch for the new gaps", added, map[string]int{"+      endpoint: GET /healthz\n": 1, "            timeoutSeconds: 2\n": 0}},
		{"Patch for all gaps, new and existing", slices.Concat(added, r.Report.Old()), map[string]int{"+      endpoint: GET /healthz\n": 2, "            timeoutSeconds: 2\n": 1}},
	} {
		_, rest, _ := strings.Cut(text, "<summary>"+each.heading+"</summary>")
		_, rest, _ = strings.Cut(rest, "```diff\n")
		patch, _, found := strings.Cut(rest, "\n```\n")
		if !found {
			t.Fatalf("no %s:\n%s", each.heading, text)
		}
		maps.Copy(each.lines, map[string]int{"+    health:\n": 2, "group: deploy-production": 1, "            - get: /healthz\n": 1, "      production:\n": 1, "# billing: runbook": 1})
		for line, want := range each.lines {
			if got := strings.Count(patch, line); got != want {
				t.Errorf("%s: %q is in it %d times, want %d", each.heading, line, got, want)
			}
		}
		dir := patched(t, r.Contents, patch)
		var snippets []readiness.Snippet
		for _, e := range readiness.Edits(each.fixes) {
			snippets = append(snippets, e.Snippet)
		}
		for file, content := range r.Contents {
			got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
			if want := string(readiness.PasteAll(file, content, snippets)); err != nil || string(got) != want {
				t.Errorf("%s: %s: %v\n%s\nwant\n%s", each.heading, file, err, got, want)
			}
		}
	}
}

// patched is a folder with files to which git has applied a patch.
func patched(t *testing.T, contents map[string][]byte, patch string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for file, content := range contents {
		if content == nil {
			continue
		}
		path := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	git := exec.CommandContext(t.Context(), "git", "apply")
	git.Dir, git.Stdin, git.Env = dir, strings.NewReader(patch), append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	if out, err := git.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, patch)
	}
	return dir
}

// Without a fix that can be put in there is no patch. A file whose characters a page can't
// show is not patched: its fixes are to be pasted.
func TestReadinessWithoutPatch(t *testing.T) {
	if by := ReadinessReport(readinessOf(lacks(kept("orders", 3), blocks(byHand())))).Text; strings.Contains(by, "--fix") || strings.Contains(by, "patch") {
		t.Errorf("nothing to paste:\n%s", by)
	}
	odd := readinessOf(oldGap("orders", 3))
	for file, content := range odd.Contents {
		odd.Contents[file] = append(content, "\u202e\n"...)
	}
	if text := ReadinessReport(odd).Text; strings.Contains(text, "```diff") || !strings.Contains(text, "fixes to paste</summary>") {
		t.Errorf("a patch of a file with hidden characters:\n%s", text)
	}
}
