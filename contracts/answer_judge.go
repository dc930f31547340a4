package contracts

import (
	"context"
	"slices"
	"strings"
)

// JudgedHit is what one change means for the version that was judged.
type JudgedHit struct {
	Change   Change
	Verdict  Verdict
	Reason   Reason
	Evidence []Evidence
}

// Judged is what is known of one consumer version against one contract.
type Judged struct {
	// Hits are the changes that hit it, the gravest first.
	Hits []JudgedHit
	// Missing is what it declares to use and the contract does not have.
	Missing []RegistrationProblem
	// Baseline is what is wrong with the contract that it says it was written for;
	// nil: nothing.
	Baseline *Problem
}

// JudgeVersion judges one consumer version like [Comparison.JudgeFrom]: by since,
// what changed from its own baseline to the contract in question, and by base, what
// changed from what counts for everybody. A nil since says that it has no baseline
// of its own, a nil base that nothing else counts. self compares the contract in
// question with itself: what the consumer uses and neither that contract nor its
// baseline has is Missing.
func JudgeVersion(ctx context.Context, base, since, self *Comparison, consumer Consumer) (Judged, error) {
	own := since
	if own == nil {
		own = base
	}
	var out Judged
	lost := map[Position]bool{} // what it names and its baseline does not have
	if own != nil {
		findings, faults, err := own.Judge(ctx, []Consumer{consumer})
		if err != nil {
			return Judged{}, err
		}
		out.add(findings)
		for _, fault := range faults {
			lost[fault.Problem.Position] = true
		}
		if since != nil && base != nil && (len(faults) > 0 || !since.fits(&consumer.Usage)) {
			findings, _, err := base.Judge(ctx, []Consumer{consumer})
			if err != nil {
				return Judged{}, err
			}
			out.add(findings)
		}
	}
	if self == nil {
		return out, nil
	}
	needs := consumer
	needs.Usage, needs.Content = needs.Usage.needed(), ""
	_, faults, err := self.Judge(ctx, []Consumer{needs})
	for _, fault := range faults {
		if own == nil || own.base == nil || lost[fault.Problem.Position] {
			fault.Consumer = consumer
			out.Missing = append(out.Missing, fault)
		}
	}
	return out, err
}

// add takes over what hits the one consumer that the findings are of.
func (j *Judged) add(findings []Finding) {
	for i := range findings {
		hit := onlyHit(&findings[i])
		if hit == nil {
			continue
		}
		one := JudgedHit{Change: findings[i].Change, Verdict: hit.Verdict, Reason: hit.Reason, Evidence: hit.Evidence}
		at := slices.IndexFunc(j.Hits, func(h JudgedHit) bool { return h.Change.Fingerprint == one.Change.Fingerprint })
		switch {
		case at < 0:
			j.Hits = append(j.Hits, one)
		case one.Verdict.Rank() > j.Hits[at].Verdict.Rank():
			j.Hits[at] = one
		}
	}
	slices.SortStableFunc(j.Hits, func(a, b JudgedHit) int { return b.Verdict.Rank() - a.Verdict.Rank() })
}

// Merge takes over what another contract means for the same version: where several
// run at once the graver counts.
func (j *Judged) Merge(other Judged) {
	hits := slices.Clone(j.Hits)
	for _, one := range other.Hits {
		at := slices.IndexFunc(hits, func(h JudgedHit) bool { return h.Change.Fingerprint == one.Change.Fingerprint })
		switch {
		case at < 0:
			hits = append(hits, one)
		case one.Verdict.Rank() > hits[at].Verdict.Rank():
			hits[at] = one
		}
	}
	slices.SortStableFunc(hits, func(a, b JudgedHit) int { return b.Verdict.Rank() - a.Verdict.Rank() })
	j.Hits = hits
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
	j.Hits = slices.DeleteFunc(slices.Clone(j.Hits), func(h JudgedHit) bool {
		return slices.ContainsFunc(other.Hits, func(o JudgedHit) bool { return o.Change.Fingerprint == h.Change.Fingerprint })
	})
}

// verdict is the gravest among the hits.
func (j *Judged) verdict() Verdict {
	if len(j.Hits) == 0 {
		return Unaffected
	}
	return j.Hits[0].Verdict
}

// needed gives a usage without what the consumer copes without: of a pattern with
// a tolerant step only the way up to that step.
func (u Usage) needed() Usage {
	u.Operations = slices.Clone(u.Operations)
	for i := range u.Operations {
		o := &u.Operations[i]
		o.Reads, o.Sends = neededOf(o.Reads), neededOf(o.Sends)
	}
	return u
}

func neededOf(list *[]Pattern) *[]Pattern {
	if list == nil || !slices.ContainsFunc(*list, func(p Pattern) bool { return strings.Contains(p.Text, "?") }) {
		return list
	}
	out := make([]Pattern, 0, len(*list))
	for _, source := range *list {
		if p, err := parsePattern(source.Text); err == nil {
			at := slices.IndexFunc(p.segs, func(s segment) bool { return s.tolerant })
			if at == 0 {
				continue
			}
			if at > 0 {
				source.Text = spelled(p.root, p.segs[:at], quoteName)
			}
		}
		out = append(out, source)
	}
	return &out
}

// Harmless tells whether nothing changed that could hurt anybody, known or not.
func (c *Comparison) Harmless() bool {
	return !slices.ContainsFunc(c.found, func(f *found) bool { return f.Level != Info })
}

// Weight estimates the memory that the comparison holds, in bytes.
func (c *Comparison) Weight() int {
	weight := 64*len(c.pairs) + 256*len(c.found)
	for _, contract := range []*Contract{c.base, c.head} {
		if contract != nil {
			weight += contract.Weight()
		}
	}
	return weight
}
