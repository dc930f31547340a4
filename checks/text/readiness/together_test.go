package readinesstext

import (
	"fmt"
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
	for room, want := range map[int]string{3 * size: "", 3*size - 1: "1 more edit left out here; `plimsoll check --readiness --fix` puts in all of it.", size - 1: "3 more edits left out here;"} {
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
	if got := strings.Count(run.Text, "### ❌"); got != 60 {
		t.Errorf("%d findings are told, want 60", got)
	}
	if !strings.Contains(run.Text, "\n57 more edits left out here;") {
		t.Errorf("it is not said how many are left out:\n%.300s", run.Text)
	}
}

// An old edit for lines that something new changes is shown with it, and otherwise
// nothing is shown a second time.
func TestReadinessEditsAreShownOnce(t *testing.T) {
	text := ReadinessReport(everythingAtOnce()).Text
	for line, want := range map[string]int{"      endpoint: GET /healthz\n": 2, "    health:\n": 3, "group: deploy-production": 1, "            timeoutSeconds: 2\n": 1, "            - get: /healthz\n": 1, "      production:\n": 1, "# billing: runbook": 1} {
		if got := strings.Count(text, line); got != want {
			t.Errorf("%q stands there %d times, want %d", line, got, want)
		}
	}
	onlyOld := ReadinessReport(readinessOf(oldGap("orders", 3))).Text
	if strings.Contains(onlyOld, "takes its place") || strings.Contains(onlyOld, "## Everything at once") || !strings.Contains(onlyOld, "<details><summary>For what was missing before: 3 edits</summary>") {
		t.Errorf("old ones alone:\n%s", onlyOld)
	}
	if by := ReadinessReport(readinessOf(lacks(kept("orders", 3), blocks(byHand())))).Text; strings.Contains(by, "--fix") || strings.Contains(by, "## What was found") {
		t.Errorf("nothing to paste:\n%s", by)
	}
}
