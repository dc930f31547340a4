package deploy

import (
	"slices"
	"time"
)

// Answer is what a verification comes to.
type Answer string

// The answers. A verification that goes on has none.
const (
	Verified     Answer = "verified"
	Investigate  Answer = "investigate"
	RollBack     Answer = "roll back"
	Inconclusive Answer = "inconclusive"
	// Superseded: a newer deployment has taken its place.
	Superseded Answer = "superseded"
)

// ReasonKind says what a reason is about.
type ReasonKind string

// The reasons, from the gravest.
const (
	// ReasonProbeFails: a probe failed Failed times of the last Of.
	ReasonProbeFails ReasonKind = "probe-fails"
	// ReasonOldVersion: no answer named the deployed commit.
	ReasonOldVersion ReasonKind = "old-version"
	// ReasonProbeUnsteady: a probe failed now and then (Failed of Of).
	ReasonProbeUnsteady ReasonKind = "probe-unsteady"
	// ReasonNotProbed: a probe could not be made.
	ReasonNotProbed ReasonKind = "not-probed"
	// ReasonNoAddress: nobody says where the environment is reached.
	ReasonNoAddress ReasonKind = "no-address"
	// ReasonNotDeclared: no verification is declared.
	ReasonNotDeclared ReasonKind = "not-declared"
	// ReasonTooFew: fewer looks were taken than are needed (Failed of Of).
	ReasonTooFew ReasonKind = "too-few-samples"
	// ReasonNotJudged: signals are declared (Of) and were not judged.
	ReasonNotJudged ReasonKind = "signals-not-judged"
	// ReasonProbesPass: every probe passed, in Of looks.
	ReasonProbesPass ReasonKind = "probes-pass"
	// ReasonNewer: a newer deployment has succeeded in the place.
	ReasonNewer ReasonKind = "newer-deployment"
)

// Reason is one reason for an answer, in numbers; the words are made elsewhere.
type Reason struct {
	Kind ReasonKind `json:"kind"`
	// Subject is the probe ("GET /healthz"); empty: the whole.
	Subject string `json:"subject,omitempty"`
	Failed  int    `json:"failed,omitempty"`
	Of      int    `json:"of,omitempty"`
	// Last is the last result of the probe.
	Last *ProbeResult `json:"last,omitempty"`
}

// Verdict is the answer with its reasons, the gravest first.
type Verdict struct {
	Answer  Answer    `json:"answer"`
	At      time.Time `json:"at"`
	Samples int       `json:"samples"`
	Reasons []Reason  `json:"reasons"`
	// Thresholds that were used, for the record.
	Thresholds Thresholds `json:"thresholds"`
}

// Thresholds are the numbers that decide about probes.
type Thresholds struct {
	// Failing: a probe fails for good where it failed FailedOf times of the last Window looks.
	FailedOf int `json:"failed_of"`
	Window   int `json:"window"`
	// Steady is how many of a hundred looks must have passed for "verified".
	Steady int `json:"steady_percent"`
	// Taken is how many of a hundred looks must have been taken at all.
	Taken int `json:"taken_percent"`
}

// DefaultThresholds decide where nothing else is said (verification.md, "Rescue rules").
var DefaultThresholds = Thresholds{FailedOf: 3, Window: 5, Steady: 90, Taken: 50}

// Decide gives the verdict by the samples taken so far, sorted by number, as of now; ok
// is false while it is too early. It depends on nothing but its arguments: what is
// stored gives the same verdict again.
func Decide(v Verification, samples []Sample, now time.Time) (verdict Verdict, ok bool) {
	verdict = Verdict{At: now, Samples: len(samples), Thresholds: DefaultThresholds}
	if !v.Plan.Declared {
		verdict.Answer, verdict.Reasons = Inconclusive, []Reason{{Kind: ReasonNotDeclared}}
		return verdict, true
	}
	if len(v.Plan.Probes) > 0 && v.URL == "" {
		verdict.Answer, verdict.Reasons = Inconclusive, []Reason{{Kind: ReasonNoAddress}}
		return verdict, true
	}
	probes := tallies(v, samples)
	if failing := reasons(probes, tally.failing); len(failing) > 0 {
		verdict.Answer, verdict.Reasons = RollBack, failing
		return verdict, true
	}
	if _, _, more := v.Next(samples, now); more {
		return Verdict{}, false
	}
	return verdict.atTheEnd(v, samples, probes), true
}

// atTheEnd is the verdict when there is nothing more to look at.
func (verdict Verdict) atTheEnd(v Verification, samples []Sample, probes []tally) Verdict {
	wanted := v.Last() + 1
	old, unsteady, not := reasons(probes, tally.old), reasons(probes, tally.unsteady), reasons(probes, tally.notMade)
	switch {
	case len(old) > 0:
		verdict.Answer, verdict.Reasons = Investigate, append(old, unsteady...)
	case len(unsteady) > 0:
		verdict.Answer, verdict.Reasons = Investigate, unsteady
	case len(not) > 0:
		verdict.Answer, verdict.Reasons = Inconclusive, not
	case len(samples)*100 < wanted*verdict.Thresholds.Taken || len(v.Plan.Probes)+len(v.Plan.Signals) == 0:
		verdict.Answer, verdict.Reasons = Inconclusive, []Reason{{Kind: ReasonTooFew, Failed: len(samples), Of: wanted}}
	case len(v.Plan.Signals) > 0:
		// What was not looked at is never a pass.
		verdict.Answer, verdict.Reasons = Inconclusive, []Reason{{Kind: ReasonNotJudged, Of: len(v.Plan.Signals)}, {Kind: ReasonProbesPass, Of: len(samples)}}
	default:
		verdict.Answer, verdict.Reasons = Verified, []Reason{{Kind: ReasonProbesPass, Of: len(samples)}}
	}
	return verdict
}

// tally is what became of one probe over all samples.
type tally struct {
	subject string
	results []ProbeResult // those that say something of the environment
	refused *ProbeResult
	version bool // it asks for the deployed commit
	saw     bool // an answer named it
	passed  int
}

// tallies counts the results of each probe of the plan.
func tallies(v Verification, samples []Sample) []tally {
	all := make([]tally, len(v.Plan.Probes))
	for _, sample := range samples {
		for i, result := range sample.Probes {
			if i >= len(all) {
				break
			}
			t := &all[i]
			t.subject = result.Method + " " + result.Path
			if !result.Counts() {
				t.refused = &result
				continue
			}
			t.results = append(t.results, result)
			if result.Passed() {
				t.passed++
			}
			saw, expected := result.SawVersion()
			t.version, t.saw = t.version || expected, t.saw || saw
		}
	}
	return all
}

// harms tells whether a result is a failure of the environment. An answer that is as
// it should be but for the commit is none: old pods still serve.
func harms(r ProbeResult) bool {
	if r.Passed() {
		return false
	}
	onlyVersion := r.Outcome == ProbeField && !slices.ContainsFunc(r.Fields, func(f ProbedField) bool { return !f.Matches && !f.Version })
	return !onlyVersion
}

func (t tally) failing() *Reason {
	window := t.results[max(0, len(t.results)-DefaultThresholds.Window):]
	failed := 0
	for _, r := range window {
		if harms(r) {
			failed++
		}
	}
	if failed < DefaultThresholds.FailedOf {
		return nil
	}
	return t.reason(ReasonProbeFails, failed, len(window))
}

func (t tally) old() *Reason {
	if !t.version || t.saw {
		return nil
	}
	return t.reason(ReasonOldVersion, len(t.results), len(t.results))
}

func (t tally) unsteady() *Reason {
	failed := 0
	for _, r := range t.results {
		if harms(r) {
			failed++
		}
	}
	last := len(t.results) > 0 && harms(t.results[len(t.results)-1])
	if len(t.results) == 0 || !last && (len(t.results)-failed)*100 >= len(t.results)*DefaultThresholds.Steady {
		return nil
	}
	return t.reason(ReasonProbeUnsteady, failed, len(t.results))
}

func (t tally) notMade() *Reason {
	if len(t.results) > 0 || t.refused == nil {
		return nil
	}
	return &Reason{Kind: ReasonNotProbed, Subject: t.subject, Last: t.refused}
}

func (t tally) reason(kind ReasonKind, failed, of int) *Reason {
	r := &Reason{Kind: kind, Subject: t.subject, Failed: failed, Of: of}
	if n := len(t.results); n > 0 {
		r.Last = &t.results[n-1]
	}
	return r
}

func reasons(all []tally, of func(tally) *Reason) []Reason {
	var found []Reason
	for _, t := range all {
		if r := of(t); r != nil {
			found = append(found, *r)
		}
	}
	return found
}
