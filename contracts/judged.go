package contracts

import "slices"

// JudgedChange is what one change means for the version that was judged.
type JudgedChange struct {
	Change   Change
	Verdict  Verdict
	Reason   Reason
	Evidence []Evidence
}

// Judged is what is known of one consumer version against one contract.
type Judged struct {
	// Changes are the changes that affect it, the most severe verdict first.
	Changes []JudgedChange
	// Missing is what it declares to use and the contract does not contain.
	Missing []RegistrationProblem
	// Baseline is the problem with the contract that it says it was written for, or nil.
	Baseline *Problem
}

// Add merges the findings of this consumer. Of two verdicts on the same change the more
// severe counts.
func (j *Judged) Add(findings []Finding) {
	var more []JudgedChange
	for i := range findings {
		if affected := findings[i].Only(); affected != nil {
			more = append(more, JudgedChange{Change: findings[i].Change, Verdict: affected.Verdict, Reason: affected.Reason, Evidence: affected.Evidence})
		}
	}
	j.Changes = mergeChanges(j.Changes, more)
}

// mergeChanges merges two lists into a new one in which each change occurs once.
func mergeChanges(list, more []JudgedChange) []JudgedChange {
	changes := slices.Clone(list)
	for _, one := range more {
		at := slices.IndexFunc(changes, func(c JudgedChange) bool { return c.Change.Fingerprint == one.Change.Fingerprint })
		switch {
		case at < 0:
			changes = append(changes, one)
		case one.Verdict.Rank() > changes[at].Verdict.Rank():
			changes[at] = one
		}
	}
	slices.SortStableFunc(changes, func(a, b JudgedChange) int { return b.Verdict.Rank() - a.Verdict.Rank() })
	return changes
}

// Merge adds what another contract means for the same version. Where several contracts
// are live at once, the more severe verdict counts.
func (j *Judged) Merge(other Judged) {
	j.Changes = mergeChanges(j.Changes, other.Changes)
	for _, one := range other.Missing {
		if !slices.ContainsFunc(j.Missing, func(p RegistrationProblem) bool { return p.Problem == one.Problem }) {
			j.Missing = append(slices.Clip(j.Missing), one)
		}
	}
	if j.Baseline == nil {
		j.Baseline = other.Baseline
	}
}

// Without drops the changes that other contains.
func (j *Judged) Without(other Judged) {
	j.Changes = slices.DeleteFunc(slices.Clone(j.Changes), func(c JudgedChange) bool {
		return slices.ContainsFunc(other.Changes, func(o JudgedChange) bool { return o.Change.Fingerprint == c.Change.Fingerprint })
	})
}

// Verdict is the most severe verdict of all changes, or Unaffected.
func (j *Judged) Verdict() Verdict {
	if len(j.Changes) == 0 {
		return Unaffected
	}
	return j.Changes[0].Verdict
}
