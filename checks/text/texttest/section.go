package texttest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
)

// Section compares one section of a report, in every scenario in which it says something,
// with one golden file: a sentence is in the file of its section, and in no other.
func Section[R any](t *testing.T, name string, scenarios map[string]R, text func(R) string) {
	t.Helper()
	var b strings.Builder
	var silent []string
	for _, scenario := range slices.Sorted(maps.Keys(scenarios)) {
		section := strings.TrimRight(text(scenarios[scenario]), "\n")
		if section == "" {
			silent = append(silent, scenario)
			continue
		}
		fmt.Fprintf(&b, "=== %s\n\n%s\n\n", scenario, strings.TrimRight(ends(section), "\n"))
	}
	if len(silent) > 0 {
		fmt.Fprintf(&b, "=== says nothing: %s\n", strings.Join(silent, ", "))
	}
	Golden(t, "sections/"+name+".golden.md", b.String())
}
