package contracttext

import (
	"strings"
	"testing"

	"plimsoll/checks"
	"plimsoll/checks/markdowntest"
	"plimsoll/checks/text/texttest"
	"plimsoll/contracts"
)

func TestNotices(t *testing.T) {
	for name, run := range map[string]checks.CheckRun{
		"nothing-touched": NothingTouched(headSHA, 17),
		"not-enrolled":    NotEnrolled(headSHA, 17),
	} {
		t.Run(name, func(t *testing.T) {
			texttest.Golden(t, "notice-"+name+".golden.md", texttest.Page(run, checks.Comment{}))
			if run.Title == "" || strings.TrimSpace(run.Summary) == "" {
				t.Error("GitHub demands a title and a summary")
			}
			if wrong := markdowntest.Inert(run.Summary); len(wrong) > 0 {
				t.Error(wrong)
			}
		})
	}
}

func TestProblemsAreBounded(t *testing.T) {
	r := fileBroken()
	for range 5_000 {
		r.FileProblems = append(r.FileProblems, contracts.Problem{Position: contracts.Position{File: ".github/plimsoll.yml", Line: 3}, Message: strings.Repeat("ß", 5_000)})
	}
	run := ContractReport(r)
	texttest.WithinLimits(t, run)
	if !strings.Contains(run.Summary, "4982 more problems.") {
		t.Errorf("does not say how many are left out:\n%s", run.Summary[len(run.Summary)-600:])
	}
}
