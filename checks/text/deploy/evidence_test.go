package deploytext

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/checks/text/texttest"
	"plimsoll/deploy/ledger"
)

// TestEvidence: what the page about a deployment says, without its plots.
func TestEvidence(t *testing.T) {
	texttest.Section(t, "evidence", scenarios(), func(d Deployed) string {
		var b strings.Builder
		facts := func(title string, facts []Fact) {
			fmt.Fprintf(&b, "%s\n", title)
			for _, fact := range facts {
				fmt.Fprintf(&b, "  %s: %s\n", fact.Name, fact.Text)
			}
		}
		e := DeploymentEvidence(d)
		fmt.Fprintf(&b, "%s: %s\n%s\n%s\n%s\n", e.Outcome, e.Title, e.Headline, e.Sentence, strings.Join(e.Next, "\n"))
		for _, moment := range e.Timeline {
			fmt.Fprintf(&b, "at %s: %s\n", moment.At.UTC().Format("15:04:05"), moment.Text)
		}
		for _, link := range e.Links {
			fmt.Fprintf(&b, "link %s: %s\n", link.Text, link.Address)
		}
		facts("deployment", e.Deployment)
		for _, step := range e.Steps {
			fmt.Fprintf(&b, "step: %s\n  %s\n", step.Title, strings.Join(step.Lines, "\n  "))
		}
		for _, s := range e.Signals {
			fmt.Fprintf(&b, "signal %s (%s)\n  %s\n  %s\n  band: %s\n", s.Name, s.Level, ChartDescription(s), s.Sentence(), s.Band)
			if s.Result != nil {
				fmt.Fprintf(&b, "  %s\n", UnusualDescription(s))
			}
		}
		for _, p := range e.Probes {
			fmt.Fprintf(&b, "probe %s: %s\n", p.Name, p.Says)
		}
		for _, missing := range e.Missing {
			fmt.Fprintf(&b, "missing: %s\n", missing)
		}
		facts("plan", e.Plan)
		return b.String()
	})
}

func TestMetrics(t *testing.T) {
	lead, restore, rate := int64(3*3600+120), int64(5400), 0.25
	known := ledger.TargetMetrics{
		Deployments: 12, Frequency: 1.7, WentBack: 2, Lead: ledger.LeadTime{Duration: ledger.Duration{Median: &lead, Known: 10, Of: 12}, Commits: 31},
		Failures: ledger.FailureRate{Rate: &rate, Failed: 2, Concluded: 8, Investigate: 1, Inconclusive: 1, Superseded: 1, Open: 1}, Restore: ledger.Duration{Median: &restore, Known: 1, Of: 2},
	}
	unknown := ledger.TargetMetrics{Deployments: 1, Frequency: 0.03, Lead: ledger.LeadTime{Duration: ledger.Duration{Of: 1}}, Restore: ledger.Duration{Of: 1}}
	weekly := ledger.TargetMetrics{Deployments: 3, Frequency: 0.4}
	text := func(k ledger.TargetMetrics) string {
		var b strings.Builder
		for _, line := range MetricsLines(k) {
			fmt.Fprintf(&b, "%s: %s\n", line[0], line[1])
		}
		return b.String()
	}
	texttest.Table(t, "metrics", []texttest.Line{{About: "known", Text: text(known)}, {About: "not known", Text: text(unknown)}, {About: "no failures", Text: text(weekly)}})
}
