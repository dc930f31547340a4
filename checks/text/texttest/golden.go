package texttest

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/checks"
)

var update = flag.Bool("update", false, "write the golden files")

// Golden compares with testdata/name.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v (write it with: go test -update)", err)
	}
	if string(want) != got {
		t.Errorf("%s differs; go test -update, and read what changed\n--- got\n%s\n--- want\n%s", path, got, want)
	}
}

// Page renders a run and its comment as one file that a person can read.
func Page(run checks.CheckRun, comment checks.Comment) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s · %s · %s\n%s\n\n", run.Name, run.Conclusion, run.ExternalID, run.Title)
	fmt.Fprintf(&b, "=== summary\n\n%s\n", ends(run.Summary))
	fmt.Fprintf(&b, "=== text\n\n%s\n", ends(run.Text))
	fmt.Fprintf(&b, "=== annotations (%d)\n\n%s", len(run.Annotations), Annotations(run))
	if comment.Text == "" {
		b.WriteString("\n=== comment: none\n")
	} else {
		fmt.Fprintf(&b, "\n=== comment, needed: %v\n\n%s", comment.Needed, comment.Body(comment.Owners))
	}
	return b.String()
}

// Annotations renders the annotations and the buttons of a run.
func Annotations(run checks.CheckRun) string {
	var b strings.Builder
	for i, a := range run.Annotations {
		if i == 12 {
			fmt.Fprintf(&b, "… %d more\n", len(run.Annotations)-i)
			break
		}
		fmt.Fprintf(&b, "%s:%d-%d [%d-%d] %s: %s\n", a.Path, a.StartLine, a.EndLine, a.StartColumn, a.EndColumn, a.Level, a.Title)
		fmt.Fprintf(&b, "    %s\n", strings.ReplaceAll(a.Message, "\n", "\n    "))
	}
	for _, a := range run.Actions {
		fmt.Fprintf(&b, "[%s] %s (%s)\n", a.Label, a.Description, a.Identifier)
	}
	return b.String()
}

// ends leaves the middle of a very long text out of the golden file.
func ends(s string) string {
	lines := strings.SplitAfter(s, "\n")
	if len(s) < 30_000 {
		return s
	}
	return strings.Join(lines[:24], "") + fmt.Sprintf("\n[… %d bytes in all …]\n\n", len(s)) + strings.Join(lines[len(lines)-12:], "")
}

// MustJSON gives a value in a form that can be compared.
func MustJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// WithinLimits fails a test whose check run is larger than GitHub takes.
func WithinLimits(t *testing.T, run checks.CheckRun) {
	t.Helper()
	for what, size := range map[string][2]int{
		"summary": {len(run.Summary), checks.MaxSummaryBytes}, "text": {len(run.Text), checks.MaxTextBytes},
		"annotations": {len(run.Annotations), checks.MaxAllAnnotations}, "actions": {len(run.Actions), checks.MaxActions},
	} {
		if size[0] > size[1] {
			t.Errorf("%s is %d, over %d", what, size[0], size[1])
		}
	}
}
