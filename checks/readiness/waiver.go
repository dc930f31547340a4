package readiness

import (
	"time"

	"plimsoll/config"
)

// WaiverState is what a waiver does.
type WaiverState string

// What a waiver does.
const (
	// InForce: the rule does not count.
	InForce WaiverState = "in force"
	// Ended: its last day is over.
	Ended WaiverState = "ended"
	// TooLong: it reaches further ahead than the policy lets it, and is void.
	TooLong WaiverState = "too long"
	// NotYet: only the head says so; it takes force when merged.
	NotYet WaiverState = "proposed"
	// Withdrawn: in force, and the head takes it away.
	Withdrawn WaiverState = "withdrawn"
)

// WaiverReport is a waiver and what it does.
type WaiverReport struct {
	config.Waiver
	State WaiverState
}

// waivers gives those of a component, the base branch's first. What the change does to
// them is measured by the merge base: the base branch may have moved since.
func (by Policy) waivers(theirs, before, proposed []config.Waiver) []WaiverReport {
	var all []WaiverReport
	for _, w := range theirs {
		state := by.state(w)
		if by.Head != nil && state == InForce && hasWaiver(before, w) && !hasWaiver(proposed, w) {
			state = Withdrawn
		}
		all = append(all, WaiverReport{w, state})
	}
	for _, w := range proposed {
		if !hasWaiver(theirs, w) && !hasWaiver(before, w) {
			state := by.state(w)
			if state == InForce {
				state = NotYet
			}
			all = append(all, WaiverReport{w, state})
		}
	}
	return all
}

// state of a waiver as it stands; its last day counts to its end.
func (by Policy) state(w config.Waiver) WaiverState {
	switch {
	case !by.Now.Before(Ends(w)):
		return Ended
	case by.Base != nil && by.Base.Policy.TooLong(w, by.Now):
		return TooLong
	}
	return InForce
}

// Ends is the instant from which a waiver no longer counts: the end of its last day,
// UTC.
func Ends(w config.Waiver) time.Time {
	year, month, day := w.Until.Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, time.UTC)
}

// waiverOf gives the waiver in force that covers a rule.
func (c *ComponentReport) waiverOf(rule string) *config.Waiver {
	for _, w := range c.Waivers {
		if (w.State == InForce || w.State == Withdrawn) && w.Rule.Covers(rule) {
			return &w.Waiver
		}
	}
	return nil
}

// NextEnd is when the answer changes by itself: the next end of a waiver in force;
// zero without one.
func (r Report) NextEnd() time.Time {
	var next time.Time
	for _, c := range r.Components {
		for _, w := range c.Waivers {
			if w.State != InForce && w.State != Withdrawn {
				continue
			}
			if ends := Ends(w.Waiver); next.IsZero() || ends.Before(next) {
				next = ends
			}
		}
	}
	return next
}

// waiversIn are the waivers of each of the components in a file, which may be nil.
func waiversIn(file *config.Repository, components []config.Component) [][]config.Waiver {
	all := make([][]config.Waiver, len(components))
	if file == nil {
		return all
	}
	for i, j := range pair(components, file.Components) {
		if j >= 0 && file.Components[j].Health != nil {
			all[i] = file.Components[j].Health.Waive
		}
	}
	return all
}

func hasWaiver(all []config.Waiver, w config.Waiver) bool {
	for _, each := range all {
		if each.Rule == w.Rule && each.Until.Equal(w.Until.Time) && each.Reason == w.Reason {
			return true
		}
	}
	return false
}
