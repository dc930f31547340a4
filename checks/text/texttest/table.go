package texttest

import (
	"fmt"
	"strings"
	"testing"
)

// Line is one text of a table: what it is about, and what is said.
type Line struct{ About, Text string }

// Table compares texts of one kind with one golden file, in their order.
func Table(t *testing.T, name string, lines []Line) {
	t.Helper()
	var b strings.Builder
	seen := map[string]bool{}
	for _, line := range lines {
		if seen[line.About] {
			t.Errorf("two texts are about %q", line.About)
		}
		seen[line.About] = true
		fmt.Fprintf(&b, "=== %s\n\n%s\n\n", line.About, strings.TrimRight(line.Text, "\n"))
	}
	Golden(t, "sections/"+name+".golden.md", b.String())
}
