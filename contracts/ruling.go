package contracts

import "time"

// RuleSetting is what a repository, or its organisation, says about a rule for the changes
// of one API: another level, or that changes are ignored until a day.
type RuleSetting struct {
	// Rule may hold *, as Field may.
	Rule string `json:"rule"`
	// Operation and Field narrow the setting down; empty: every change of the rule.
	Operation string `json:"operation,omitempty"`
	Field     string `json:"field,omitempty"`
	// Level that the changes get; empty where they are ignored.
	Level  Level  `json:"level,omitempty"`
	Ignore bool   `json:"ignore,omitempty"`
	Reason string `json:"reason,omitempty"`
	// Until is the last day on which it counts, such as 2027-01-31; empty: it has no end.
	Until    string   `json:"until,omitempty"`
	Position Position `json:"position"`
	// Default: it stands under the defaults of several APIs. Organisation: Position is in
	// the organisation's file.
	Default      bool `json:"default,omitempty"`
	Organisation bool `json:"organisation,omitempty"`
}

// End is the instant from which the setting no longer counts; zero: it has no end.
func (s RuleSetting) End() time.Time {
	day, err := time.Parse(time.DateOnly, s.Until)
	if err != nil {
		return time.Time{}
	}
	return day.AddDate(0, 0, 1)
}

// RulePolicy is what no setting can loosen.
type RulePolicy struct {
	Fixed []FixedRule `json:"fixed,omitempty"`
	// Longest is how far ahead an ignored change may reach; 0: without a limit.
	Longest time.Duration `json:"longest,omitempty"`
}

// FixedRule is a rule that can neither be ignored nor get a lower level.
type FixedRule struct {
	Rule string `json:"rule"` // may hold *
	// Level is the least level of its changes; empty: the one that the comparison gives.
	Level Level `json:"level,omitempty"`
}

// Refusal says why a setting that covers a change does not count.
type Refusal string

// The refusals.
const (
	RefusedEnded    Refusal = "ended"    // its last day is over
	RefusedFixed    Refusal = "fixed"    // the policy fixes the rule
	RefusedTooLong  Refusal = "too-long" // it reaches further ahead than the policy lets it
	RefusedProposed Refusal = "proposed" // only the head says so; it counts once merged
)

// Ruling is what the settings make of one change. It decides about conclusions, never about
// a verdict.
type Ruling struct {
	// Level that was set; empty: none was, and the change keeps its own.
	Level Level
	// Ignored: the change does not count.
	Ignored bool
	// By is the setting that ignores the change or set the level; nil where no setting
	// does. A level without By comes from the policy.
	By *RuleSetting
	// Refused is a setting that would have made the change count less and does not count,
	// and Why; nil without one.
	Refused *RuleSetting
	Why     Refusal
}

// SetAside reports whether a change with this verdict does not count: it is ignored, or its
// level was set to info and no consumer breaks.
func (r Ruling) SetAside(verdict Verdict) bool {
	return r.Ignored || r.Level == Info && verdict != Breaks
}

// Mild reports whether a consumer that breaks does not block.
func (r Ruling) Mild() bool { return r.Ignored || r.Level == Info || r.Level == Risky }
