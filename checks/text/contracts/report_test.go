package contracttext

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"plimsoll/checks/text/texttest"
)

// wholePages are the scenarios that are kept as whole pages: they show how the sections
// come together and how a report is cut. All others are compared section by section.
var wholePages = []string{"two-consumers-break", "more-than-fits"}

func TestContractReportGolden(t *testing.T) {
	for name, report := range everyScenario() {
		t.Run(name, func(t *testing.T) {
			before := texttest.MustJSON(t, report)
			run, comment := ContractReport(report), ContractComment(report)
			if slices.Contains(wholePages, name) {
				texttest.Golden(t, name+".golden.md", texttest.Page(run, comment))
			}
			if after := texttest.MustJSON(t, report); after != before {
				t.Error("writing the report has changed it")
			}
			texttest.WithinLimits(t, run)
			rest := run.Summary
			for _, section := range sections {
				text := strings.TrimSpace(section.text(newView(report)))
				if !section.summary || text == "" || name == "more-than-fits" {
					continue
				}
				_, after, found := strings.Cut(rest, text)
				if !found {
					t.Errorf("the summary lacks the section %s, or has it too early:\n%s", section.name, run.Summary)
				}
				rest = after
			}
			v := newView(report)
			for _, section := range []string{v.movedSection(), v.adviceSection(), v.caveats()} {
				if comment.Needed && !strings.Contains(comment.Text, strings.TrimSpace(section)) {
					t.Errorf("the comment lacks %q", section)
				}
			}
			if strings.TrimSpace(rest) != "" && name != "more-than-fits" {
				t.Errorf("the summary says more than its sections: %q", rest)
			}
		})
	}
}

func TestSections(t *testing.T) {
	for _, section := range sections {
		t.Run(section.name, func(t *testing.T) {
			texttest.Section(t, section.name, everyScenario(), func(r Report) string { return section.text(newView(r)) })
		})
	}
}

// sections of a report; those of the summary in their order.
var sections = []struct {
	name    string
	summary bool
	text    func(v *view) string
}{
	{"title", false, func(v *view) string { return fmt.Sprintf("%s: %s", v.conclusion(), v.title()) }},
	{"moved", true, (*view).movedSection},
	{"consumers", true, func(v *view) string { return v.effectSection("in the details") }},
	{"broken", true, (*view).brokenSection},
	{"advice", true, (*view).adviceSection},
	{"caveats", true, (*view).caveats},
	{"waiting", true, (*view).acknowledgeFold},
	{"uses", true, (*view).usesSection},
	{"links", true, (*view).linksSection},
	{"safe", true, (*view).safeSection},
	{"registrations", true, (*view).registrationSection},
	{"footer", true, (*view).footer},
	{"changes", false, func(v *view) string { return v.changesSection(mostInComment, "in the check run") }},
	{"details", false, (*view).text},
	{"annotations", false, func(v *view) string { return texttest.Annotations(v.run()) }},
	{"comment", false, func(v *view) string {
		// What is around the sections, which are those of the summary.
		comment := v.comment()
		if comment.Text == "" {
			return ""
		}
		paragraphs := strings.Split(strings.TrimSpace(comment.Text), "\n\n")
		return fmt.Sprintf("%s\n…\n%s\nneeded: %v, owners: %v", paragraphs[0], paragraphs[len(paragraphs)-1], comment.Needed, comment.Owners)
	}},
}

// everyScenario is every report that a test shows.
func everyScenario() map[string]Report {
	all := scenarios()
	maps.Copy(all, acknowledgedReports())
	all["since-baseline"], all["only-private-on-public"] = sinceBaseline(), onlyPrivate()
	return all
}
