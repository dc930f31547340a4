package deploy

import "slices"

// tally is what became of one probe over all samples.
type tally struct {
	subject string
	results []ProbeResult // those that say something of the environment
	refused *ProbeResult
	version bool // it asks for the deployed commit
	saw     bool // an answer named it
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
			t.subject = result.Name()
			if !result.Counts() {
				t.refused = &result
				continue
			}
			t.results = append(t.results, result)
			saw, expected := result.SawVersion()
			t.version, t.saw = t.version || expected, t.saw || saw
		}
	}
	return all
}

// harms reports whether a result is a failure of the environment. An answer that is as
// expected except for the commit is none: old pods still serve.
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
