package deploytext

import (
	"fmt"
	"strings"

	"plimsoll/checks"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/deploy/signal"
)

// DeploymentTitle says in one plain line how far the watching has come, or what it came
// to.
func DeploymentTitle(d Deployed) string { return d.title() }

// DeploymentMarkdown tells all that the check run tells, as Markdown.
func DeploymentMarkdown(d Deployed) string {
	d.byHand = true
	return "## " + checks.Escape(d.title(), checks.InProse) + "\n\n" + d.summary()
}

// DeploymentPlain tells what the check run tells, in plain lines for a terminal: why,
// what the signals and the probes showed, and what to do.
func DeploymentPlain(d Deployed) []string {
	var lines []string
	if verdict := d.Run.Verdict; verdict != nil {
		for i, reason := range verdict.Reasons {
			if !(i == 0 && strings.Contains(d.title(), ": ")) && !d.shownBeside(reason) { // the title says it, or the signal's line
				lines = append(lines, "because "+d.reasonClause(reason, checks.InPlain))
			}
		}
	}
	if d.Signals != nil {
		for i, m := range d.Signals.Metrics {
			if i == mostSignalRows {
				lines = append(lines, fmt.Sprintf("and %d more signals", len(d.Signals.Metrics)-i))
				break
			}
			older, newer := levels(m)
			lines = append(lines, fmt.Sprintf("%s: %s before, %s now; %s", checks.Escape(d.signalName(m.Name), checks.InPlain), sampleWords(m, older), sampleWords(m, newer), d.resultWords(m)))
		}
	}
	if h := d.History; h != nil {
		for _, gap := range h.Gaps[:min(len(h.Gaps), 5)] {
			lines = append(lines, "not evaluated: "+gapWords(gap, checks.InPlain))
		}
		for _, missing := range h.Missing[:min(len(h.Missing), 5)] {
			lines = append(lines, "not evaluated: "+checks.Escape(missing, checks.InPlain))
		}
	}
	lines = append(lines, d.probeLines()...)
	if next := d.nextByHand(); next != "" {
		lines = append(lines, next)
	}
	return lines
}

// nextByHand says what to do, where nobody else does anything.
func (d Deployed) nextByHand() string {
	switch verdict := d.Run.Verdict; {
	case verdict == nil:
		return ""
	case verdict.Answer == deploy.RollBack && d.Run.Verified != "":
		return "Next step: deploy " + checks.Escape(checks.Short(d.Run.Verified), checks.InPlain) + " again, the last verified commit, and find the cause."
	case verdict.Answer == deploy.RollBack:
		return "Next step: deploy the last commit that worked, and find the cause."
	case verdict.Answer == deploy.Inconclusive:
		return strings.NewReplacer("**", "", "`", "").Replace(d.inconclusiveNext())
	}
	return ""
}

// shownBeside tells whether the line of a signal says the same as a reason.
func (d Deployed) shownBeside(r deploy.Reason) bool {
	return d.Signals != nil && r.Signal != nil && (r.Signal.Code == signal.Excluded || r.Signal.Code == signal.WithinLimits)
}

// probeLines tell of each probe how often it passed, and its last result.
func (d Deployed) probeLines() []string {
	if len(d.Samples) == 0 {
		return nil
	}
	var lines []string
	for i, probe := range d.Samples[len(d.Samples)-1].Probes {
		passed := 0
		for _, sample := range d.Samples {
			if i < len(sample.Probes) && sample.Probes[i].Passed() {
				passed++
			}
		}
		name := probe.Name()
		lines = append(lines, checks.Escape(fmt.Sprintf("%s: passed %d of %d; last: %s", name, passed, len(d.Samples), probe.Says()), checks.InPlain))
	}
	return lines
}

// DifferenceSentence says what is not as it was when a verdict was decided.
func DifferenceSentence(d ledger.Difference) string {
	at, was, is := checks.Escape(d.At, checks.InPlain), checks.Escape(d.Was, checks.InPlain), checks.Escape(d.Is, checks.InPlain)
	switch d.Kind {
	case ledger.DifferentEntry:
		return "the entry was changed: its hash does not match its content"
	case ledger.DifferentPlan:
		return fmt.Sprintf("the plan was changed: its hash was %s and is %s", was, is)
	case ledger.MissingHistory:
		return "the reference samples were deleted (see retention.samples), so the verdict can't be replayed"
	case ledger.DifferentHistory:
		return fmt.Sprintf("the reference samples were changed: their hash was %s and is %s", was, is)
	case ledger.DifferentEvaluator:
		return fmt.Sprintf("the signals were evaluated by rules version %s; this program has version %s", was, is)
	case ledger.DifferentThresholds:
		return fmt.Sprintf("%s was %s and is %s", at, was, is)
	case ledger.Undecided:
		return "with the stored samples it is too early for a verdict"
	}
	return fmt.Sprintf("%s was %s and is %s", at, was, is)
}
