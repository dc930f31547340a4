package benchmark

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write RESULTS.md")

// nabFiles is where a copy of NAB is, if it is.
var nabFiles = filepath.Join("..", "..", "..", "..", "shared", "data", "nab")

// TestResults runs the whole table and compares it with the committed one.
func TestResults(t *testing.T) {
	part := os.Getenv("PLIMSOLL_JUDGE")
	if part != "full" && part != "versions" && part != "rows" {
		t.Skip("the whole table takes minutes: PLIMSOLL_JUDGE=full runs it, versions and rows sections of it; TestTheJudgeKeepsItsBounds holds a part of it")
	}
	run := func(p Plan) []Tally {
		t.Helper()
		began := time.Now()
		tallies, err := Run(p)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%d harmless deployments a level, %d of each regression: %v", p.Harmless, p.Each, time.Since(began).Round(time.Second))
		return tallies
	}
	if part == "rows" {
		t.Log("\n" + GeneratorSections(rows(t)))
		return
	}
	var versions [][]Tally
	for _, s := range VersionScenarios() {
		versions = append(versions, run(s.Plan()))
	}
	if part == "versions" {
		compare(t, func(committed string) string {
			before, _, _ := strings.Cut(committed, VersionsHeading)
			_, after, _ := strings.Cut(committed, "\n## Real series")
			return before + VersionRows(versions) + "\n## Real series" + after
		})
		return
	}
	control := Table()
	control.Control, control.Rules, control.Harmless = true, false, 100
	r := Results{Versions: versions, Plain: run(Table()), Control: run(control)}
	// Seeds of the many must not be those of the table.
	many := Plan{Noise: Usual, Levels: Levels, Harmless: 500, First: 500}
	r.Many, r.Rows = run(many), rows(t)
	if _, err := os.Stat(nabFiles); err == nil {
		if r.NAB, err = JudgeNAB(os.DirFS(nabFiles)); err != nil {
			t.Fatal(err)
		}
	} else {
		t.Log("NAB (shared/data/nab) is not here: real series are not measured")
	}
	compare(t, func(string) string { return r.Markdown() })
}

func rows(t *testing.T) []Row {
	t.Helper()
	all := GeneratorRows()
	for i := range all {
		began := time.Now()
		if err := all[i].Fill(); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s (%v): %s", all[i].name(), time.Since(began).Round(time.Second), all[i].line())
	}
	return all
}

// compare compares RESULTS.md with what it should be, or writes that.
func compare(t *testing.T, wanted func(committed string) string) {
	t.Helper()
	committed, err := os.ReadFile("RESULTS.md")
	if err != nil {
		t.Fatal(err)
	}
	told := wanted(string(committed))
	t.Log("\n" + told)
	if *update {
		if err := os.WriteFile("RESULTS.md", []byte(told), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if string(committed) != told {
		t.Error("RESULTS.md says otherwise: read the difference, then -update")
	}
}
