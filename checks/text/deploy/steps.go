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

// steps tell how it was decided, one after the other.
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
		step := Step{Title: "The probes"}
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
		return Step{Title: "What was watched", Lines: []string{"Nothing: no verification is declared for the environment."}}
	}
	lines := []string{fmt.Sprintf("Watched was %s, from %s UTC on, every %s for %s at the longest: %s and %s.", d.where(checks.InPlain), d.Run.Began.UTC().Format("15:04:05"),
		lasting(plan.Every), lasting(plan.For), checks.Count(len(plan.Probes), "probe"), checks.Count(len(d.watched()), "signal"))}
	samples := len(d.Samples)
	if d.Run.Verdict != nil {
		samples = d.Run.Verdict.Samples // they may not be kept any more
	}
	lines = append(lines, fmt.Sprintf("%d of %d looks were taken.", samples, d.Run.Last()+1))
	if h := d.History; h != nil && len(h.Changed) > 0 {
		lines = append(lines, fmt.Sprintf("The deployment changed %s: looked at one by one, beside what it did not change.", checks.Plain(strings.Join(h.Changed[:min(len(h.Changed), mostChanged)], ", "))))
	}
	return Step{Title: "What was watched", Lines: lines}
}

// countsStep says from when on signals count, and what they are compared with.
func (d Deployed) countsStep() Step {
	step := Step{Title: "What counts"}
	j := d.Signals
	if j == nil {
		step.Lines = []string{"No signal was judged."}
		return step
	}
	t := j.Thresholds
	before, guard := seconds(t.Baseline), seconds(j.Guard)
	step.Lines = append(step.Lines,
		fmt.Sprintf("Compared is the time from %s after the deployment on (what is before that is instances starting, and does not count) with what was up to %s before it.", guard, before),
		fmt.Sprintf("What happens by itself is measured: the same comparison at up to %s quiet moments of the %d days before, where nothing was deployed.", grouped(float64(t.MostPlacebo)), t.History/86400),
		fmt.Sprintf("All signals and all looks together may raise a false alarm at %s of harmless deployments; each signal has its share of that.", percent(t.Alpha)))
	if d.History != nil {
		deployments, incidents := 0, 0
		for _, cut := range d.History.Cuts {
			if cut.Why == "incident" {
				incidents++
			} else {
				deployments++
			}
		}
		if deployments+incidents > 0 {
			step.Lines = append(step.Lines, fmt.Sprintf("Earlier deployments in that time: %d. Of them %d went well and count as quiet moments; the others are left out, and so is what they broke (%s).",
				deployments, len(d.History.Verified), checks.Count(incidents, "incident")))
		}
	}
	return step
}

// spoken are what a signal says besides its statistic.
var spoken = []signal.Code{signal.RollBackLimit, signal.InvestigateLimit, signal.Burning, signal.Vanished, signal.SuspiciousUncalibrated, signal.NoHistory,
	signal.FewPlacebos, signal.NoData, signal.NoAnswer, signal.TooEarly, signal.WithinLimits}

// signalLines tell what one signal showed and how that was weighed.
func (d Deployed) signalLines(m signal.Result) []string {
	lines := []string{fmt.Sprintf("Before: %s. After: %s.", sampleWords(m, m.Before), sampleWords(m, m.After))}
	if m.After.Points > 0 && m.Calibrated {
		lines = append(lines, fmt.Sprintf("%s: p = %s. An alarm needs p of %s or less, this signal's share; corrected for all signals it is %s, and somebody should look from %s down.",
			checks.UpperFirst(byItself(m)), figure(m.P), figure(m.Alpha), figure(m.Corrected), figure(d.Signals.Thresholds.Suspicion)))
		if m.VerifiedPlacebos > 0 {
			lines = append(lines, fmt.Sprintf("Of the quiet moments %d are earlier deployments that went well.", m.VerifiedPlacebos))
		}
		if m.Control > 0 {
			lines = append(lines, fmt.Sprintf("What the deployment did not change moved as well, and was subtracted (times %s).", figure(m.Control)))
		}
	}
	if m.After.Points > 0 {
		lines = append(lines, effectWords(m))
	}
	if b := m.Bound; b.Known {
		text := fmt.Sprintf("Harm beyond %s is excluded, with %s confidence; to be verified, harm beyond %s must be.", harm(m, math.Max(b.Upper, 0)), percent(d.Signals.Thresholds.Confidence), harm(m, b.Margin))
		if !b.Excluded {
			text = fmt.Sprintf("Harm of up to %s can't be excluded; to be verified it must be less than %s.", harm(m, b.Upper), harm(m, b.Margin))
			if b.Seconds > 0 && d.Run.Verdict == nil {
				text += fmt.Sprintf(" That needs about %s more, at this traffic.", lasting((time.Duration(b.Seconds) * time.Second).Round(time.Minute)))
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
		lines = append(lines, fmt.Sprintf("Points that were no measurements, and were left out: %d.", m.Dropped))
	}
	return lines
}

// effectWords says how large the harm is, beside what a roll back needs.
func effectWords(m signal.Result) string {
	e := m.Effect
	var needs []string
	if e.Needed.Ratio > 0 {
		if m.Kind == signal.Proportion {
			needs = append(needs, figure(e.Needed.Ratio)+" times the level before")
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
	seen := "It is no worse than before"
	switch {
	case e.Relative <= 0:
	case m.Kind == signal.Proportion:
		seen = fmt.Sprintf("It is worse by %s, %s times the level before", harm(m, e.Difference), figure(1+e.Relative))
	case m.Kind == signal.Volume:
		seen = fmt.Sprintf("It is worse by %s than is usual at that time of day", percent(e.Relative))
	default:
		seen = fmt.Sprintf("It is worse by %s of the level before", percent(e.Relative))
	}
	if len(needs) == 0 {
		return seen + "."
	}
	outcome := "not reached"
	switch {
	case e.Gone:
		outcome = "reached, and gone again of late"
	case e.Holds:
		outcome = "reached"
	}
	return fmt.Sprintf("%s; a roll back needs %s: %s.", seen, strings.Join(needs, " and "), outcome)
}

// rulesStep says whether what was declared and the rules without statistics agree.
func (d Deployed) rulesStep() Step {
	step := Step{Title: "Do the rules agree?"}
	for _, r := range d.Signals.Reasons {
		switch r.Code {
		case signal.Disagree:
			step.Lines = append(step.Lines, "They do not: "+d.signalWords(nil, r, checks.InPlain)+".")
		case signal.ProbeFailing, signal.RollBackLimit, signal.InvestigateLimit, signal.Burning, signal.Vanished, signal.Alarm, signal.AlarmWithoutEffect, signal.Suspicious, signal.SuspiciousUncalibrated:
			step.Lines = append(step.Lines, "Against the deployment: "+d.signalWords([]string{checks.Plain(r.Metric)}, r, checks.InPlain)+".")
		}
	}
	if len(step.Lines) == 0 {
		step.Lines = []string{"Nothing speaks against the deployment: no alarm, no declared limit passed, no error budget used up, nothing that vanished."}
	}
	return step
}

func (d Deployed) answerStep() Step {
	step := Step{Title: "The answer", Lines: []string{d.plainSentence()}}
	if v := d.Run.Verdict; v != nil && len(d.Run.Plan.Probes) > 0 && v.Answer != deploy.Superseded {
		t := v.Thresholds
		step.Lines = append(step.Lines, fmt.Sprintf("A probe counts as failing where it fails %d of its last %d times, and as steady where it passes %d %% of them.", t.FailedOf, t.Window, t.Steady))
	}
	return step
}

// bandWords explains the shaded band of a signal's plot.
func bandWords(m signal.Result) string {
	if !m.Bound.Known {
		return "There is no band: too little is known of what happens by itself."
	}
	return fmt.Sprintf("The band is by how much the level after would seem worse than the level before by chance alone, in 95 of 100 cases: up to %s. "+
		"It is about the level of the whole time after; single points stray farther.", harm(m, m.Bound.Reach))
}
