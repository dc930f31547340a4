package deploytext

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

// whereShown says where every look is shown, with the page behind it where there is one.
func (d Deployed) whereShown() string {
	text := fmt.Sprintf("All samples: check run `%s`", checks.DeployRun)
	if d.DetailsURL != "" {
		text += ". Measurements and decision: [evidence](" + d.DetailsURL + ")"
	}
	return text
}

// Evidence is what the page about a verification says. All of it is plain text, with
// outsiders' words in it; the page escapes it.
type Evidence struct {
	Title string
	// Headline is the outcome in a few words, Outcome its kind.
	Headline string
	Outcome  Outcome
	// Sentence gives the reason, or how far the verification is; Next says what to do.
	Sentence string
	Next     []string
	// Timeline says what happened, in order; Links lead to GitHub's pages about it.
	Timeline []Moment
	Links    []PageLink
	// Deployment says what was deployed, when, and who did it.
	Deployment []Fact
	Steps      []Step
	Signals    []SignalEvidence
	Probes     []ProbeEvidence
	// Missing are the declared signals that were not looked at, and why.
	Missing []string
	// Plan is the configuration that was used.
	Plan []Fact
}

// Outcome is how a page's headline is marked.
type Outcome string

// The outcomes. Restored: it failed, and the target works again.
const (
	OutcomeWatching     Outcome = "watching"
	OutcomeVerified     Outcome = "verified"
	OutcomeFailed       Outcome = "failed"
	OutcomeRestored     Outcome = "restored"
	OutcomeInvestigate  Outcome = "investigate"
	OutcomeInconclusive Outcome = "inconclusive"
)

// Fact is a name with what stands for it; Code: it is an outsider's, or a machine's.
type Fact struct {
	Name, Text string
	Code       bool
}

// Step is one of the steps of a decision.
type Step struct {
	Title string
	Lines []string
}

// SignalEvidence says what one signal showed. Result is nil where it was not evaluated.
type SignalEvidence struct {
	Watched deploy.Watched
	// Index is that of the signal in the history.
	Index int
	// Level is how grave it is, for its mark.
	Level               Level
	Result              *signal.Result
	Name, Before, After string
	Says                string
	// Band says what the shaded band of its plot is.
	Band    string
	Queries []Fact
}

// Level is how grave what a signal showed is.
type Level string

// The levels. A signal that says neither harm nor its absence is open.
const (
	LevelBad  Level = "bad"
	LevelWarn Level = "warn"
	LevelGood Level = "good"
	LevelOpen Level = "open"
)

// ProbeEvidence says what became of one probe; the results are by look.
type ProbeEvidence struct {
	Name, Says string
	Results    []ProbeSample
}

// ProbeSample is one result of a probe. Passed and Asked: it failed where only the second
// holds.
type ProbeSample struct {
	At            time.Time
	Passed, Asked bool
	Took          time.Duration
	Says          string
}

// DeploymentEvidence says what the page about a verification shows.
func DeploymentEvidence(d Deployed) Evidence {
	e := Evidence{
		Title: d.where(checks.InPlain) + ": " + d.standing(), Headline: d.title(), Outcome: d.outcomeKind(), Sentence: d.plainSentence(), Next: d.plainNext(),
		Timeline: d.timeline(), Links: d.links(), Deployment: d.deployment(),
		Signals: d.signalEvidence(), Probes: d.probeEvidence(), Missing: d.notMeasured(), Plan: d.configuration(),
	}
	e.Steps = d.steps()
	return e
}

func (d Deployed) standing() string {
	if d.Run.Verdict == nil {
		return "in progress"
	}
	return string(d.Run.Verdict.Answer)
}

// outcomeKind follows the outcome of a rollback where there is one.
func (d Deployed) outcomeKind() Outcome {
	verdict := d.Run.Verdict
	if verdict == nil {
		return OutcomeWatching
	}
	switch verdict.Answer {
	case deploy.Verified:
		return OutcomeVerified
	case deploy.RollBack:
		if d.restored() {
			return OutcomeRestored
		}
		return OutcomeFailed
	case deploy.Investigate:
		return OutcomeInvestigate
	}
	return OutcomeInconclusive
}

// restored reports whether the headline says that the target works again: rolled back and
// verified, or verified with a later deployment.
func (d Deployed) restored() bool {
	m := d.Run.Rollback
	return m != nil && m.Outcome == deploy.Verified && !d.elsewhere()
}

// plainSentence gives the reason for the outcome in one sentence, or how far the
// verification is. It is empty where the headline gives the reason.
func (d Deployed) plainSentence() string {
	if d.Run.Verdict == nil {
		return fmt.Sprintf("One sample every %s until %s UTC. The verdict may come earlier.", lasting(d.Run.Plan.Every), d.Run.Ends().UTC().Format("15:04"))
	}
	why := checks.Unmarked(strings.Join(d.reasonWords(d.Run.Verdict.Reasons, checks.InProse), "; "))
	if strings.HasSuffix(d.title(), why) {
		return "" // the headline says it
	}
	return checks.UpperFirst(why) + "."
}

// plainNext says what to do: what the check run says, and something where that says nothing.
func (d Deployed) plainNext() []string {
	switch {
	case d.Run.Verdict == nil:
		return []string{"Nothing to do yet. This page updates itself."}
	case d.restored():
		return nil
	}
	if text := d.next(); text != "" {
		text = strings.NewReplacer("⏪ ", "", checks.MarkBad+" ", "", checks.MarkWarn+" ", "", verdictMarks[deploy.Inconclusive]+" ", "").Replace(text)
		return strings.FieldsFunc(checks.Unmarked(text), func(r rune) bool { return r == '\n' })
	}
	switch d.Run.Verdict.Answer {
	case deploy.Verified:
		return nil
	case deploy.Investigate:
		return []string{"Investigate the signals below. The change is unusual, but not large enough for a rollback."}
	case deploy.Superseded:
		return []string{"See the newer deployment."}
	}
	return []string{"Check the service yourself. This is neither a pass nor a failure."}
}

func (d Deployed) deployment() []Fact {
	facts := []Fact{{Name: "Repository", Text: checks.Plain(d.Repository.FullName())}, {Name: "Commit", Text: checks.Plain(d.Run.Commit), Code: true}}
	add := func(name, text string, code bool) {
		if text != "" {
			facts = append(facts, Fact{Name: name, Text: checks.Plain(text), Code: code})
		}
	}
	add("Deployed", d.Run.DeployedAt().UTC().Format("2006-01-02 15:04:05")+" UTC", false)
	if !d.Run.Succeeded.IsZero() {
		add("Heard of", d.Run.Began.UTC().Format("2006-01-02 15:04:05")+" UTC", false)
	}
	add("By", d.Run.Creator, true)
	add("Previous commit", d.Run.Before, true)
	add("Last verified commit", d.Run.Verified, true)
	add("URL", d.Run.URL, true)
	add("Artifact", d.Run.Artifact, true)
	add("Task", d.Run.Task, true)
	if d.Run.Verdict != nil {
		add("Decided", d.Run.Verdict.At.UTC().Format("2006-01-02 15:04:05")+" UTC", false)
	}
	return facts
}

// signalEvidence says what each signal showed, evaluated or not. The signals that decided
// come first.
func (d Deployed) signalEvidence() []SignalEvidence {
	var all []SignalEvidence
	for i, w := range d.watched() {
		e := SignalEvidence{Watched: w, Index: i, Level: d.level(w.Name), Name: checks.Plain(d.signalName(w.Name)), Before: "not evaluated", After: "not evaluated", Says: "no response reported the deployed commit"}
		if d.Run.Verdict != nil && d.Run.Verdict.Answer == deploy.Superseded {
			e.Says = "a newer deployment replaced it first"
		}
		if d.Signals != nil {
			for _, m := range d.Signals.Metrics {
				if m.Name == w.Name {
					e.Result, e.Before, e.After, e.Says, e.Band = &m, sampleWords(m, m.Before), sampleWords(m, m.After), d.resultWords(m), bandWords(m)
				}
			}
		}
		for _, q := range []Fact{{Name: "bad", Text: w.Bad}, {Name: "total", Text: w.Total}, {Name: "value", Text: w.Value}} {
			if q.Text != "" {
				e.Queries = append(e.Queries, Fact{Name: q.Name, Text: checks.PlainBlock(q.Text), Code: true})
			}
		}
		all = append(all, e)
	}
	slices.SortStableFunc(all, func(a, b SignalEvidence) int {
		return cmp.Compare(d.concern(a.Watched.Name), d.concern(b.Watched.Name))
	})
	return all
}

// level is how grave what a signal showed is: only one that the verdict names is bad.
func (d Deployed) level(name string) Level {
	if verdict := d.Run.Verdict; verdict != nil {
		for _, reason := range verdict.Reasons {
			if reason.Signal == nil || reason.Signal.Metric != name {
				continue
			}
			switch verdict.Answer {
			case deploy.RollBack:
				return LevelBad
			case deploy.Investigate:
				return LevelWarn
			}
		}
	}
	if d.Signals != nil {
		if m := d.result(name); m.After.Points > 0 && m.Bound.Known && m.Bound.Excluded {
			return LevelGood
		}
	}
	return LevelOpen
}

// concern orders signals: those that the verdict names first, then by how rare what they
// show is.
func (d Deployed) concern(name string) float64 {
	if d.Run.Verdict != nil {
		for i, reason := range d.Run.Verdict.Reasons {
			if reason.Signal != nil && reason.Signal.Metric == name {
				return float64(i - len(d.Run.Verdict.Reasons))
			}
		}
	}
	if d.Signals == nil {
		return 0
	}
	if m := d.result(name); m.Calibrated {
		return m.P
	}
	return 1
}

func (d Deployed) probeEvidence() []ProbeEvidence {
	var all []ProbeEvidence
	for _, sample := range d.Samples {
		for i, r := range sample.Probes {
			if i >= len(all) {
				all = append(all, ProbeEvidence{Name: checks.Plain(r.Name())})
			}
			says := r.Says()
			all[i].Results = append(all[i].Results, ProbeSample{At: sample.At, Passed: r.Passed(), Asked: r.Counts(), Took: r.Took, Says: checks.Plain(says)})
		}
	}
	for i := range all {
		passed, asked := 0, 0
		for _, r := range all[i].Results {
			if r.Passed {
				passed++
			}
			if r.Asked {
				asked++
			}
		}
		all[i].Says = fmt.Sprintf("passed %d of %d times", passed, asked)
		if refused := len(all[i].Results) - asked; refused > 0 {
			all[i].Says += fmt.Sprintf(", not requested %s", checks.Count(refused, "time"))
		}
	}
	return all
}

// notMeasured says which declared signals were not looked at.
func (d Deployed) notMeasured() []string {
	var all []string
	if d.History == nil {
		if len(d.Run.Plan.Signals) > 0 {
			all = append(all, d.noHistory())
		}
		return all
	}
	for _, gap := range d.History.Gaps[:min(len(d.History.Gaps), mostSignalRows)] {
		all = append(all, gapWords(gap, checks.InPlain))
	}
	for _, missing := range d.History.Missing[:min(len(d.History.Missing), mostSignalRows)] {
		all = append(all, checks.Plain(missing))
	}
	return all
}

// noHistory says why nothing is shown of the signals that are declared.
func (d Deployed) noHistory() string {
	for i := len(d.Samples) - 1; i >= 0; i-- {
		if gap := d.Samples[i].Gap; gap != nil {
			return "no reference samples: " + gapWords(*gap, checks.InPlain)
		}
	}
	if d.Run.Verdict == nil {
		return "the metric server was not queried yet"
	}
	return "the reference samples are missing or were deleted"
}
