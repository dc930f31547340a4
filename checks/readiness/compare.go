package readiness

import (
	"cmp"
	"slices"
	"time"

	"plimsoll/config"
)

// Policy says by what a change is evaluated. It is the base branch's to say.
type Policy struct {
	// Base is the base branch's file with the organisation's under it: which rules
	// block, which are waived. Nil: the base branch has none, nothing blocks and the
	// report says where the repository stands.
	Base *config.Repository
	// Before is the merge base's file, where it may be older than Base; nil: it is Base.
	Before *config.Repository
	// Head is the head's file; nil where it has none or a broken one. What it says is
	// shown and takes force when merged.
	Head *config.Repository
	// Now is when it is evaluated: waivers end.
	Now time.Time
}

// Report is what a change does to the readiness of a repository.
type Report struct {
	// Enrolling: the base branch has no repository file yet.
	Enrolling  bool
	Components []ComponentReport
	// Exempt are the components that are not evaluated: nothing provided, not in production.
	Exempt []string
	// Unread is what could not be read at the head.
	Unread []Unread
}

// ComponentReport is what a change does to one component.
type ComponentReport struct {
	Component
	// New: the base branch has no such component in scope, so that all that it lacks
	// is new.
	New bool
	// Findings at the head: first what blocks, then other new ones, then old ones,
	// then waived ones; each in the order of the rules.
	Findings []Compared
	// Fixed are findings of the base that the head no longer has.
	Fixed   []Finding
	Waivers []WaiverReport
}

// Compared is a finding with what comes of it.
type Compared struct {
	Finding
	// New: the base did not have it.
	New bool
	// Blocks: it is new, not waived, and of a rule that the policy has block.
	Blocks bool
	// Waiver that covers it; nil without one.
	Waiver *config.Waiver
}

// Compare gives what a change does: base is how the merge base stands (nil where it
// has no file), head how the head stands.
func Compare(base *Standing, head Standing, by Policy) Report {
	report := Report{Enrolling: by.Base == nil || base == nil, Exempt: head.Exempt, Unread: head.Unread}
	declared := declaredOf(head.Components)
	var standing []Component
	if base != nil {
		standing = base.Components
	}
	before, theirs, proposed := pair(declared, declaredOf(standing)), waiversIn(by.Base, declared), waiversIn(by.Head, declared)
	had := waiversIn(cmp.Or(by.Before, by.Base), declared)
	for i, c := range head.Components {
		each := ComponentReport{Component: c, New: before[i] < 0, Waivers: by.waivers(theirs[i], had[i], proposed[i])}
		var missing []Finding
		if !each.New {
			missing = findingsOf(standing[before[i]])
		}
		each.compare(missing, by, report.Enrolling, base != nil && len(head.Unread) > len(base.Unread))
		report.Components = append(report.Components, each)
	}
	return report
}

// compare sorts the findings into new and old ones: as many of a kind as there were
// before are old.
func (c *ComponentReport) compare(before []Finding, by Policy, enrolling, moreUnread bool) {
	left := slices.Clone(before)
	var all []Compared
	for _, finding := range findingsOf(c.Component) {
		compared := Compared{Finding: finding, New: true}
		if i := slices.IndexFunc(left, finding.same); i >= 0 {
			compared.New, left = false, slices.Delete(left, i, i+1)
		}
		compared.Waiver = c.waiverOf(finding.Rule)
		compared.Blocks = compared.New && !enrolling && compared.Waiver == nil && by.blocks(finding.Rule)
		all = append(all, compared)
	}
	slices.SortStableFunc(all, func(a, b Compared) int { return cmp.Compare(a.rank(), b.rank()) })
	c.Findings = all
	for _, finding := range left {
		// What can't be read any more is not fixed by that.
		if c.Result(finding.Rule).State != Unknown && !moreUnread {
			c.Fixed = append(c.Fixed, finding)
		}
	}
}

func (j Compared) rank() int {
	switch {
	case j.Blocks:
		return 0
	case j.Waiver != nil:
		return 3
	case j.New:
		return 1
	}
	return 2
}

// same tells whether two findings are the same lack at two commits: lines and files
// may have moved.
func (f Finding) same(other Finding) bool { return f.Rule == other.Rule && f.Subject == other.Subject }

func declaredOf(components []Component) []config.Component {
	all := make([]config.Component, len(components))
	for i, c := range components {
		all[i] = c.Declared
	}
	return all
}

func findingsOf(c Component) []Finding {
	var all []Finding
	for _, result := range c.Results {
		all = append(all, result.Findings...)
	}
	return all
}

// blocks tells whether the base branch's policy has new violations of a rule fail the
// check run.
func (by Policy) blocks(rule string) bool {
	if by.Base == nil {
		return false
	}
	if by.Base.Policy == nil || by.Base.Policy.Block == nil {
		return true
	}
	return slices.ContainsFunc(by.Base.Policy.Block, func(r config.Rule) bool { return r.Covers(rule) })
}

// Blocking gives the findings that block, over all components.
func (r Report) Blocking() []Compared { return r.where(func(j Compared) bool { return j.Blocks }) }

// Added gives the new findings that neither block nor are waived.
func (r Report) Added() []Compared {
	return r.where(func(j Compared) bool { return j.New && !j.Blocks && j.Waiver == nil })
}

// Old gives the findings that were there before and are not waived.
func (r Report) Old() []Compared {
	return r.where(func(j Compared) bool { return !j.New && j.Waiver == nil })
}

func (r Report) where(is func(Compared) bool) []Compared {
	var all []Compared
	for _, c := range r.Components {
		for _, j := range c.Findings {
			if is(j) {
				all = append(all, j)
			}
		}
	}
	return all
}

// Unknown gives the results that could not be evaluated.
func (r Report) Unknown() []Result {
	var all []Result
	for _, c := range r.Components {
		for _, result := range c.Results {
			if result.State == Unknown {
				all = append(all, result)
			}
		}
	}
	return all
}

// Count gives how many of the rules that apply are kept, and how many apply, over all
// components.
func (r Report) Count() (kept, apply int) {
	for _, c := range r.Components {
		k, a := c.Count()
		kept, apply = kept+k, apply+a
	}
	return kept, apply
}
