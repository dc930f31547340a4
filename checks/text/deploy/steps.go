package deploytext

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

// steps explain the decision, one step after the other.
func (d Deployed) steps() []Step {
	steps := []Step{d.watchedStep()}
	if len(d.Run.Plan.Signals) > 0 {
		steps = append(steps, d.countsStep())
	}
	if d.Signals != nil {
		for _, m := range d.Signals.Metrics {
			steps = append(steps, Step{Title: "Signal: " + checks.Plain(d.signalName(m.Name)), Lines: d.signalLines(m)})
		}
		steps = append(steps, d.rulesStep())
	}
	if probes := d.probeEvidence(); len(probes) > 0 {
		step := Step{Title: "Probes"}
		for _, p := range probes {
			step.Lines = append(step.Lines, p.Name+" "+p.Says+".")
		}
		steps = append(steps, step)
	}
	return append(steps, d.answerStep())
}

func (d Deployed) watchedStep() Step {
	plan := d.Run.Plan
	if !plan.Declared {
		return Step{Title: "What was verified", Lines: []string{"Nothing. No verification is declared for the environment."}}
	}
	lines := []string{fmt.Sprintf("From %s UTC: a sample every %s for at most %s, with %s and %s.", d.Run.Began.UTC().Format("15:04:05"),
		lasting(plan.Every), lasting(plan.For), checks.Count(len(plan.Probes), "probe"), checks.Count(len(d.watched()), "signal"))}
	samples := len(d.Samples)
	if d.Run.Verdict != nil {
		samples = d.Run.Verdict.Samples // they may not be kept any more
	}
	lines = append(lines, fmt.Sprintf("%d of %d samples were taken.", samples, d.Run.Last()+1))
	if h := d.History; h != nil && len(h.Changed) > 0 {
		lines = append(lines, fmt.Sprintf("The deployment changed %s. Each has its own signals, compared with unchanged operations.", checks.Plain(strings.Join(h.Changed[:min(len(h.Changed), mostChanged)], ", "))))
	}
	return Step{Title: "What was verified", Lines: lines}
}

// countsStep says from when on signals count, and what they are compared with.
func (d Deployed) countsStep() Step {
	step := Step{Title: "What is compared"}
	j := d.Signals
	if j == nil {
		step.Lines = []string{"No signal was evaluated."}
		return step
	}
	t := j.Thresholds
	before, guard := seconds(t.Baseline), seconds(j.Guard)
	step.Lines = append(step.Lines,
		fmt.Sprintf("The time from %s after the deployment is compared with %s before it, without other roll-outs, incidents and unverified deployments. Earlier samples do not count, because instances are still starting.", guard, before),
		fmt.Sprintf("The same comparison at up to %s other times of the last %d days, without a deployment, shows how much the signals vary by chance.", grouped(float64(t.MostPlacebo)), t.History/86400),
		fmt.Sprintf("All signals and samples together raise a false alarm for at most %s of harmless deployments. Each signal gets a share of that.", percent(t.Alpha)))
	if d.History != nil {
		deployments, unsettled, failed := 0, 0, 0
		for _, cut := range d.History.Cuts {
			switch cut.Why {
			case deploy.CutDeployment:
				deployments++
			case deploy.CutUnsettled:
				deployments, unsettled = deployments+1, unsettled+1
			case deploy.CutFailed:
				failed++
			}
		}
		if deployments > 0 {
			line := fmt.Sprintf("Earlier deployments in that time: %d. %d were verified and are included.", deployments, len(d.History.Verified))
			if unsettled > 0 {
				line += fmt.Sprintf(" The time after %s is excluded, up to the next one.", checks.Count(unsettled, "unverified deployment"))
			}
			step.Lines = append(step.Lines, line)
		}
		if failed > 0 {
			step.Lines = append(step.Lines, fmt.Sprintf("The time of %s is excluded as well, up to the next deployment that succeeded.", checks.Count(failed, "failed deployment")))
		}
	}
	return step
}

// spoken are the reasons of a signal that are shown next to its statistic.
var spoken = []signal.Code{signal.RollBackLimit, signal.InvestigateLimit, signal.Gross, signal.Burning, signal.Vanished, signal.SuspiciousUncalibrated, signal.NoHistory, signal.NoReference, signal.UnusualTraffic, signal.BothWorse,
	signal.FewPlacebos, signal.NoData, signal.NoAnswer, signal.TooEarly, signal.WithinLimits}

// signalLines tell what one signal showed and how that was weighed.
func (d Deployed) signalLines(m signal.Result) []string {
	lines := []string{fmt.Sprintf("Before: %s. After: %s.", sampleWords(m, m.Before), sampleWords(m, m.After))}
	if when := d.referenceWords(m); when != "" {
		lines = append(lines, when)
	}
	if line := versionsLine(m); line != "" {
		lines = append(lines, line)
	}
	if (m.After.Points > 0 || m.ByVersion) && m.Calibrated {
		lines = append(lines, fmt.Sprintf("%s. p = %s (roll back ≤ %s); corrected for all signals %s (review ≤ %s).",
			checks.UpperFirst(d.rarity(m)), figure(m.P), figure(m.Alpha), figure(m.Corrected), figure(d.Signals.Thresholds.Suspicion)))
		if m.VerifiedPlacebos > 0 {
			lines = append(lines, fmt.Sprintf("%d of these windows are earlier, verified deployments.", m.VerifiedPlacebos))
		}
		if m.Control > 0 {
			lines = append(lines, fmt.Sprintf("Adjusted for drift on unchanged operations (weight %s).", figure(m.Control)))
		}
	}
	if m.After.Points > 0 || m.ByVersion {
		lines = append(lines, effectWords(m))
	}
	if b := m.Bound; b.Known {
		text := fmt.Sprintf("%s confident: at most %s (limit %s).", percent(d.Signals.Thresholds.Confidence), change(m, math.Max(b.Upper, 0)), change(m, b.Margin))
		if !b.Excluded {
			text = fmt.Sprintf("A change of up to %s can't be ruled out (limit %s).", change(m, b.Upper), change(m, b.Margin))
			if b.Seconds > 0 && d.Run.Verdict == nil {
				text += fmt.Sprintf(" Deciding takes about %s more at this traffic.", lasting((time.Duration(b.Seconds) * time.Second).Round(time.Minute)))
			}
		}
		lines = append(lines, text)
	}
	for _, r := range d.Signals.Reasons {
		if r.Metric == m.Name && slices.Contains(spoken, r.Code) {
			lines = append(lines, "Also: "+d.signalWords([]string{checks.Plain(m.Name)}, r, checks.InPlain)+".")
		}
	}
	if m.Dropped > 0 {
		lines = append(lines, fmt.Sprintf("Ignored data points (not valid measurements): %d.", m.Dropped))
	}
	return lines
}

// referenceWords says when the time was that the deployment is compared with, where it is not
// the time right before it began.
func (d Deployed) referenceWords(m signal.Result) string {
	n, began := len(m.Reference), d.Run.Began.Unix()
	if started := d.Run.Started; !started.IsZero() {
		began = min(began, started.Unix())
	}
	if d.History != nil {
		began -= 2 * d.History.Step // a step that has begun does not count as quiet
	}
	if n == 0 || n == 1 && m.Reference[0].To >= began {
		return ""
	}
	var spans []string
	for _, r := range m.Reference[max(0, n-mostSpans):] {
		from, to := time.Unix(r.From, 0).UTC(), time.Unix(r.To, 0).UTC()
		spans = append(spans, from.Format("02 Jan 15:04")+" to "+to.Format("15:04"))
	}
	text := "Compared with the last quiet and usual time, " + checks.Join(spans, len(spans)) + " UTC"
	if n > mostSpans {
		text += fmt.Sprintf(" and %s", checks.Count(n-mostSpans, "earlier span"))
	}
	return text + "."
}

// references say for the table when the time was that signals are compared with, where it is
// not the time right before.
func (d Deployed) references() (notes []string) {
	if d.Signals == nil {
		return nil
	}
	var said []string
	names := map[string][]string{}
	for _, m := range d.Signals.Metrics {
		words := d.referenceWords(m)
		if words == "" {
			continue
		}
		if names[words] == nil {
			said = append(said, words)
		}
		names[words] = append(names[words], checks.Escape(d.signalName(m.Name), checks.InProse))
	}
	for _, words := range said {
		if len(names[words]) < len(d.Signals.Metrics) {
			words = checks.Join(names[words], len(names[words])) + ": " + strings.ToLower(words[:1]) + words[1:]
		}
		notes = append(notes, words)
	}
	return notes
}

// mostSpans is how many spans of a reference are named.
const mostSpans = 3

// effectWords says how large the harm is, beside what a roll back needs.
func effectWords(m signal.Result) string {
	e, level := m.Effect, "the level before"
	if beside(m) {
		level = "the old version's"
	}
	var needs []string
	if e.Needed.Ratio > 0 {
		if m.Kind == signal.Proportion {
			needs = append(needs, figure(e.Needed.Ratio)+" × "+level)
		} else {
			needs = append(needs, percent(math.Abs(e.Needed.Ratio-1)))
		}
	}
	if e.Needed.Difference > 0 {
		if m.Kind == signal.Proportion {
			needs = append(needs, harm(m, e.Needed.Difference))
		} else {
			needs = append(needs, figure(e.Needed.Difference))
		}
	}
	seen := "Not worse than before"
	if beside(m) {
		seen = "Not worse than the old version"
	}
	switch {
	case e.Relative <= 0:
	case m.Kind == signal.Proportion:
		seen = fmt.Sprintf("Worse by %s, %s × %s", harm(m, e.Difference), figure(1+e.Relative), level)
	case m.Kind == signal.Volume:
		seen = fmt.Sprintf("%s less than usual at this time of day", percent(e.Relative))
	default:
		seen = fmt.Sprintf("Worse by %s of the level before", percent(e.Relative))
	}
	if len(needs) == 0 {
		return seen + "."
	}
	outcome := "not reached"
	switch {
	case e.Gone:
		outcome = "reached, but not any more"
	case e.Holds:
		outcome = "reached"
	}
	return fmt.Sprintf("%s. The threshold for a rollback is %s: %s.", seen, strings.Join(needs, " and "), outcome)
}

// rulesStep says whether what was declared and the rules without statistics agree.
func (d Deployed) rulesStep() Step {
	step := Step{Title: "Rules"}
	for _, r := range d.Signals.Reasons {
		switch r.Code {
		case signal.Disagree:
			step.Lines = append(step.Lines, "Conflict: "+d.signalWords(nil, r, checks.InPlain)+".")
		case signal.ProbeFailing, signal.Gross, signal.RollBackLimit, signal.InvestigateLimit, signal.Burning, signal.Vanished, signal.Alarm, signal.AlarmWithoutEffect, signal.Suspicious, signal.BothWorse, signal.SuspiciousUncalibrated:
			step.Lines = append(step.Lines, "Against this deployment: "+d.signalWords([]string{checks.Plain(r.Metric)}, r, checks.InPlain)+".")
		}
	}
	if len(step.Lines) == 0 {
		step.Lines = []string{"No rule speaks against this deployment: no alarm, no limit exceeded, no error budget burned, no signal lost."}
	}
	return step
}

func (d Deployed) answerStep() Step {
	step := Step{Title: "Verdict", Lines: []string{d.title() + "."}}
	if v := d.Run.Verdict; v != nil && len(d.Run.Plan.Probes) > 0 && v.Answer != deploy.Superseded {
		t := v.Thresholds
		step.Lines = append(step.Lines, fmt.Sprintf("A probe fails if %d of its last %d results failed. It is steady if at least %d %% passed.", t.FailedOf, t.Window, t.Steady))
	}
	return step
}

// bandWords explains the shaded band of a signal's plot.
func bandWords(m signal.Result) string {
	if !m.Bound.Known {
		return "No band: too little history."
	}
	return fmt.Sprintf("The band shows how far the level after may differ by chance (95 %%): up to %s. "+
		"It applies to the average level; single points vary more.", harm(m, m.Bound.Reach))
}
