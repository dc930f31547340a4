package alerts_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/checks/readiness/alerts"
)

var update = flag.Bool("update", false, "write the golden files anew")

// Every file of testdata/*.yml is read, and what came of it compared with the file
// beside it. The names of the cases say what they show.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/*.yml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yml")
		t.Run(name, func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			read, faults := alerts.Parse(name+".yml", data)
			got := describe(read, faults)
			golden := strings.TrimSuffix(file, ".yml") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func describe(read alerts.File, faults []alerts.Fault) string {
	var out strings.Builder
	for _, f := range faults {
		fmt.Fprintf(&out, "%s %s\n", f.Kind, f)
	}
	for _, g := range read.Groups {
		fmt.Fprintf(&out, "group %s at %d:%d\n", g.Name.Value, g.Line, g.Column)
		for _, r := range g.Rules {
			what, name := "alert", r.Alert.Value
			if r.Record.Value != "" {
				what, name = "record", r.Record.Value
			}
			fmt.Fprintf(&out, "  %s %s at %d:%d", what, name, r.Line, r.Column)
			if r.For.Value != "" {
				fmt.Fprintf(&out, ", for %s", r.For.Value)
			}
			if r.Language != "" {
				fmt.Fprintf(&out, ", %s", r.Language)
			}
			out.WriteByte('\n')
			for _, m := range r.Metrics() {
				fmt.Fprintf(&out, "    reads %s", m.Name)
				if m.Pattern {
					out.WriteString(" (pattern)")
				}
				out.WriteByte('\n')
			}
			if s, ok := r.Severity(); ok {
				fmt.Fprintf(&out, "    %s: %s at %d:%d\n", s.Key, s.Value.Value, s.Line, s.Column)
			}
			if b, ok := r.Runbook(alerts.Repository{Owner: "acme", Name: "orders"}); ok {
				fmt.Fprintf(&out, "    %s: %s → %q, no link: %t\n", b.Key, b.Value.Value, b.Paths, b.NoLink)
			}
		}
	}
	return out.String()
}
