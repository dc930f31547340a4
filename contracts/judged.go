package contracts

import "slices"

// JudgedHit is what one change means for the version that was judged.
type JudgedChange struct {
	Change   Change
	Verdict  Verdict
	Reason   Reason
	Evidence []Evidence
}

// Judged is what is known of one consumer version against one contract.
type Judged struct {
	// Hits are the changes that hit it, the gravest first.
	Changes []JudgedChange
	// Missing is what it declares to use and the contract does not have.
	Missing []RegistrationProblem
	// Baseline is what is wrong with the contract that it says it was written for;
	// nil: nothing.
	Baseline *Problem
}

// add takes over what hits the one consumer that the findings are of.
func (j *Judged) Add(findings []Finding) {
	for i := range findings {
		hit := findings[i].Only()
		if hit == nil {
			continue
		}
		one := JudgedChange{Change: findings[i].Change, Verdict: hit.Verdict, Reason: hit.Reason, Evidence: hit.Evidence}
		at := slices.IndexFunc(j.Changes, func(h JudgedChange) bool { return h.Change.Fingerprint == one.Change.Fingerprint })
		switch {
		case at < 0:
			j.Changes = append(j.Changes, one)
		case one.Verdict.Rank() > j.Changes[at].Verdict.Rank():
			j.Changes[at] = one
		}
	}
	slices.SortStableFunc(j.Changes, func(a, b JudgedChange) int { return b.Verdict.Rank() - a.Verdict.Rank() })
}

// Merge takes over what another contract means for the same version: where several
// run at once the graver counts.
func (j *Judged) Merge(other Judged) {
	hits := slices.Clone(j.Changes)
	for _, one := range other.Changes {
		at := slices.IndexFunc(hits, func(h JudgedChange) bool { return h.Change.Fingerprint == one.Change.Fingerprint })
		switch {
		case at < 0:
			hits = append(hits, one)
		case one.Verdict.Rank() > hits[at].Verdict.Rank():
			hits[at] = one
		}
	}
	slices.SortStableFunc(hits, func(a, b JudgedChange) int { return b.Verdict.Rank() - a.Verdict.Rank() })
	j.Changes = hits
	for _, one := range other.Missing {
		if !slices.ContainsFunc(j.Missing, func(p RegistrationProblem) bool { return p.Problem == one.Problem }) {
			j.Missing = append(slices.Clip(j.Missing), one)
		}
	}
	if j.Baseline == nil {
		j.Baseline = other.Baseline
	}
}

// Without leaves out the hits by changes that are known from elsewhere.
func (j *Judged) Without(other Judged) {
	j.Changes = slices.DeleteFunc(slices.Clone(j.Changes), func(h JudgedChange) bool {
		return slices.ContainsFunc(other.Changes, func(o JudgedChange) bool { return o.Change.Fingerprint == h.Change.Fingerprint })
	})
}

// verdict is the gravest among the hits.
func (j *Judged) Verdict() Verdict {
	if len(j.Changes) == 0 {
		return Unaffected
	}
	return j.Changes[0].Verdict
}
