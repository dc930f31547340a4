package deploytext

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"plimsoll/checks"
	"plimsoll/checks/text/texttest"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/deploy/signal"
)

func TestSections(t *testing.T) {
	concluded := func(say func(d Deployed) string) func(Deployed) string {
		return func(d Deployed) string {
			if d.Run.Verdict == nil {
				return ""
			}
			return say(d)
		}
	}
	for name, say := range map[string]func(Deployed) string{
		"title":    Deployed.shortTitle,
		"verdict":  concluded(Deployed.verdictSentence),
		"next":     concluded(Deployed.next),
		"signals":  Deployed.signalTable,
		"probes":   Deployed.probeTable,
		"terminal": func(d Deployed) string { return strings.Join(DeploymentPlain(d), "\n") },
		"run": func(d Deployed) string {
			run := DeploymentRun(d)
			return fmt.Sprintf("%s %s\n%s", run.Conclusion, run.ExternalID, texttest.Annotations(run))
		},
	} {
		t.Run(name, func(t *testing.T) { texttest.Section(t, name, scenarios(), say) })
	}
}

// The run, the comment and the issue are made of the sections: each has those that say
// something, and the status fits.
func TestReportsHoldTheirSections(t *testing.T) {
	for name, d := range scenarios() {
		run := DeploymentRun(d)
		holds := func(what, text string, sections ...string) {
			for _, section := range sections {
				if section = strings.TrimSpace(section); !strings.Contains(text, section) {
					t.Errorf("%s: the %s lacks %q:\n%s", name, what, section, text)
				}
			}
		}
		holds("summary", run.Summary, d.signalTable(), d.probeTable())
		if n := len([]rune(DeploymentStatusText(d))); n == 0 || n > checks.MaxStatusDescription {
			t.Errorf("%s: a status of %d characters", name, n)
		}
		if d.Run.Verdict == nil {
			continue
		}
		holds("summary", run.Summary, d.verdictSentence(), d.next())
		holds("comment", DeploymentComment(d), d.verdictSentence(), d.next(), checks.DeploymentMarker)
		title, body := DeploymentIssue(d, []int{3, 4})
		holds("issue", body, d.verdictSentence(), d.rollbackText(), "It contains #3 and #4.", checks.IssueMarker(d.Run.ID()))
		if want := "orders in production failed verification with c0ffee1"; title != want {
			t.Errorf("%s: issue %q, want %q", name, title, want)
		}
	}
}

func TestPages(t *testing.T) {
	d := withRollback(bad(), deploy.Rollback{State: deploy.RollbackPerformed, Made: 12})
	verified := scenarios()["verified"]
	texttest.Table(t, "pages", []texttest.Line{
		{About: "comment", Text: DeploymentComment(verified)},
		{About: "Markdown at a terminal", Text: DeploymentMarkdown(verified)},
		{About: "summary", Text: DeploymentRun(d).Summary},
		{About: "evidence is shown not any more", Text: fmt.Sprint(EvidenceRefused(true, false, false))},
		{About: "evidence was requested too often", Text: fmt.Sprint(EvidenceRefused(false, true, false))},
		{About: "evidence can't be made", Text: fmt.Sprint(EvidenceRefused(false, false, true))},
		{About: "no evidence", Text: fmt.Sprint(EvidenceRefused(false, false, false))},
		{About: "who sees it, private", Text: EvidenceOpenTo(repository, noon)},
		{About: "who sees it, internal", Text: EvidenceOpenTo(contracts.RepositoryRef{Private: true, Internal: true}, noon)},
		{About: "who sees it, public", Text: EvidenceOpenTo(contracts.RepositoryRef{}, noon)},
	})
}

func TestReasonClauses(t *testing.T) {
	last := probed(false)
	d := watched(5, 3)
	var lines []texttest.Line
	for _, r := range []deploy.Reason{
		{Kind: deploy.ReasonProbeFails, Failed: 3, Of: 3, Last: &last}, {Kind: deploy.ReasonOldVersion, Of: 20, Last: &last}, {Kind: deploy.ReasonProbeUnsteady, Failed: 2, Of: 20, Last: &last},
		{Kind: deploy.ReasonNotProbed, Last: &last}, {Kind: deploy.ReasonNoAddress}, {Kind: deploy.ReasonNotDeclared}, {Kind: deploy.ReasonTooFew, Failed: 2, Of: 20},
		{Kind: deploy.ReasonNotMeasured, Gap: &deploy.Gap{Kind: deploy.GapUnreachable}}, {Kind: deploy.ReasonNotServed}, {Kind: deploy.ReasonProbesPass, Of: 20},
		{Kind: deploy.ReasonNewer}, {Kind: deploy.ReasonInterrupted, Failed: 2, Of: 20}, {Kind: "a-younger-reason"},
	} {
		r.Subject = "GET /healthz"
		lines = append(lines, texttest.Line{About: string(r.Kind), Text: d.reasonClause(r, checks.InProse) + "\n" + d.reasonClause(r, checks.InPlain)})
	}
	texttest.Table(t, "look-reasons", lines)
}

func TestSignalReasons(t *testing.T) {
	d := measured(deploy.RollBack, []signal.Result{errorsRose(), slowStayed()})
	var lines []texttest.Line
	for _, code := range []signal.Code{
		signal.Alarm, signal.AlarmWithoutEffect, signal.Suspicious, signal.SuspiciousUncalibrated, signal.RollBackLimit, signal.InvestigateLimit, signal.Burning, signal.Gross, signal.UnusualTraffic, signal.NoReference,
		signal.ProbeFailing, signal.Vanished, signal.Disagree, signal.Excluded, signal.WithinLimits, signal.NotExcluded, signal.NoHistory, signal.FewPlacebos,
		signal.NoData, signal.NoAnswer, signal.NothingWatched, signal.TooEarly, signal.ProbesPassed, "a_younger_reason",
	} {
		r := signal.Reason{Code: code, Metric: "errors", Value: 0.095, Limit: 0.05, Count: 12000, Of: 30, Seconds: 1260}
		lines = append(lines, texttest.Line{About: string(code), Text: d.signalWords([]string{"`errors`"}, r, checks.InProse) + "\n" + d.signalWords([]string{"errors", "slow requests"}, r, checks.InPlain)})
	}
	texttest.Table(t, "signal-reasons", lines)
}

func TestGaps(t *testing.T) {
	var lines []texttest.Line
	for _, kind := range []deploy.GapKind{deploy.GapDatasource, deploy.GapUnreachable, deploy.GapNoMetrics, deploy.GapQuery, deploy.GapMany, deploy.GapTooMany, "a-younger-one"} {
		lines = append(lines, texttest.Line{About: string(kind), Text: gapWords(deploy.Gap{Kind: kind}, checks.InProse) + "\n" + gapWords(deploy.Gap{Kind: kind, Signal: "errors", Detail: "what *it* says"}, checks.InProse)})
	}
	texttest.Table(t, "gaps", lines)
}

func TestRollbackReasons(t *testing.T) {
	var lines []texttest.Line
	add := func(about string, r deploy.RollbackReason) {
		lines = append(lines, texttest.Line{About: about, Text: strings.Join(Deployed{Repository: repository}.rollbackLines([]deploy.RollbackReason{r}, checks.Web{}), "\n")})
	}
	said := []contracts.AnswerReason{{Code: contracts.CodeConsumerBreaks, Answer: contracts.AnswerNo, Consumer: &contracts.AnswerVersion{Repository: "acme/web", Component: "web", Commit: commit}}}
	for _, kind := range []deploy.RollbackReasonKind{
		deploy.RollbackNoTarget, deploy.RollbackOfRollback, deploy.RollbackNotCurrent, deploy.RollbackUnderWay, deploy.RollbackForbidden, deploy.RollbackNotTaken, deploy.RollbackDeploymentFailed,
		deploy.RollbackSilent, deploy.RollbackNotKnown, deploy.RollbackGivenUp, deploy.RollbackNotDeclared, deploy.RollbackBreaks, deploy.RollbackUnclear, deploy.RollbackMigration,
		deploy.RollbackFilesUnknown, deploy.RollbackIrreversible, deploy.RollbackFar, deploy.RollbackOthersToo, deploy.RollbackDryRun, deploy.RollbackSecond, "a-younger-reason",
	} {
		add(string(kind), deploy.RollbackReason{Kind: kind, Deployment: 12, Commit: commit, At: noon, Files: []string{"db/1.sql", "db/2.sql"}, CanDeploy: said, Words: "deploy.yml", Count: 12, Components: []string{"mail", "web"}})
	}
	add("dry-run, of a signal", deploy.RollbackReason{Kind: deploy.RollbackDryRun, Signals: []string{"orders placed"}})
	for _, kind := range []deploy.RollbackReasonKind{deploy.RollbackOfRollback, deploy.RollbackNotCurrent, deploy.RollbackUnderWay, deploy.RollbackSilent} {
		add(string(kind)+", no deployment is known", deploy.RollbackReason{Kind: kind, Words: "deploy.yml"})
	}
	lines = append(lines,
		texttest.Line{About: "GitHub refuses", Text: RollbackRefusal(errors.New("422"))},
		texttest.Line{About: "no workflow", Text: RollbackRefusal(RollbackWorkflowMissing("deploy.yml"))},
		texttest.Line{About: "no input", Text: RollbackRefusal(fmt.Errorf("start it: %w", RollbackWorkflowWithoutInput("deploy.yml")))},
		texttest.Line{About: "description", Text: RollbackDescription(deploy.Rollback{Deployment: 11, Commit: commit, AskedBy: "carol"})},
	)
	texttest.Table(t, "rollback-reasons", lines)
}

func TestLedger(t *testing.T) {
	var lines []texttest.Line
	for _, kind := range []ledger.FaultKind{ledger.EntryMissing, ledger.EntryMisplaced, ledger.EntryChanged, ledger.EntryUnlinked, ledger.EntryBeyond, ledger.EntryCut, ledger.EntryOther, "a-younger-one"} {
		lines = append(lines, texttest.Line{About: string(kind), Text: LedgerFaultSentence(&ledger.Fault{Kind: kind, Sequence: 7, Found: 9}) + "\n" + LedgerFaultSentence(&ledger.Fault{Kind: kind, Sequence: 7, Found: 9, Noted: true})})
	}
	for _, kind := range []ledger.DifferenceKind{ledger.DifferentValue, ledger.DifferentEvaluator, ledger.DifferentThresholds, ledger.DifferentPlan, ledger.MissingHistory, ledger.DifferentHistory, ledger.DifferentEntry, ledger.Undecided} {
		lines = append(lines, texttest.Line{About: "difference: " + string(kind), Text: DifferenceSentence(ledger.Difference{Kind: kind, At: "reasons[0]", Was: "1", Is: "2"})})
	}
	lines = append(lines,
		texttest.Line{About: "runs, verified", Text: RunningWords(noon, "bob", "verified", false)},
		texttest.Line{About: "runs, no verification", Text: RunningWords(time.Time{}, "", "", false)},
		texttest.Line{About: "rolls out, watched", Text: RunningWords(noon, "bob", "watched", true)},
	)
	texttest.Table(t, "ledger", lines)
}

func TestPromises(t *testing.T) {
	promise := func(kind signal.Kind) signal.Promise {
		return signal.Promise{Metric: "errors", Kind: kind, Calibrated: true, PerMinute: 1491, Base: 0.00206, Excludes: 0.000538, Margin: 0.05, Sees: 0.000944}
	}
	tooMuch, unknown := promise(signal.Proportion), promise(signal.Series)
	tooMuch.Excludes, tooMuch.Seconds, unknown.Calibrated = 0.2, 7200, false
	section := func(promises ...signal.Promise) string {
		return PromisesSection([]Promised{{Component: "orders", Environment: "production", Watched: 30 * time.Minute, As: noon, Promises: promises}})
	}
	texttest.Table(t, "promises", []texttest.Line{
		{About: "each kind", Text: section(promise(signal.Proportion), promise(signal.Volume), promise(signal.Series))},
		{About: "not enough traffic", Text: section(tooMuch)},
		{About: "no history", Text: section(unknown)},
	})
}
