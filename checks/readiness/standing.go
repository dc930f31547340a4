package readiness

import "plimsoll/config"

// State is what became of a rule for a component.
type State string

// The states.
const (
	Passed   State = "passed"
	Violated State = "violated"
	// NotApplicable: the component has nothing that the rule speaks of.
	NotApplicable State = "not applicable"
	// Unknown: it could not be evaluated, which is never a pass.
	Unknown State = "unknown"
)

// Standing is how the components of a repository stand at one commit.
type Standing struct {
	// Components that are evaluated, in the order of the repository's file.
	Components []Component
	// Exempt are the names of those that are not: they provide no API and run in no
	// environment of the production class.
	Exempt []string
	// Unread is what could not be read, wherever it belongs.
	Unread []Unread
}

// Component is how one component stands.
type Component struct {
	// Declared is the component as declared, defaults filled in.
	Declared config.Component
	Name     string
	// Owner as declared or as CODEOWNERS says; empty: nobody.
	Owner string
	// Results, one for each rule, in the order of [Rules].
	Results []Result
}

// Result is what became of one rule.
type Result struct {
	Rule  string
	State State
	// Findings, where State is Violated: at least one.
	Findings []Finding
	// Reason, where State is Unknown; of NotApplicable where somebody could change it.
	Reason string
}

// Finding is one place that violates a rule.
type Finding struct {
	Rule, Component string
	// Subject is what violates it ("Deployment orders, container app"), without
	// lines or files: with Rule and Component it tells findings apart from one commit
	// to another. Empty: the component as a whole.
	Subject string
	// Place is the evidence, or where the missing thing belongs. Line 0: the whole file.
	Position config.Position
	// Message says what was found and what was expected, in one sentence without a
	// full stop at its end.
	Message string
	// Fix are the edits after which the rule is kept; none where only a person can
	// tell how.
	Fix []Snippet
}

// Unread is something that could not be read, and so not be evaluated.
type Unread struct {
	Position config.Position
	Message  string
	// Hint says what to do; may be empty.
	Hint string
}

// Result gives what became of a rule; a rule that was not evaluated does not apply.
func (c Component) Result(rule string) Result {
	for _, r := range c.Results {
		if r.Rule == rule {
			return r
		}
	}
	return Result{Rule: rule, State: NotApplicable}
}

// Count gives how many of the rules that apply are kept, and how many apply.
func (c Component) Count() (kept, apply int) {
	for _, r := range c.Results {
		switch r.State {
		case Passed:
			kept++
			apply++
		case Violated, Unknown:
			apply++
		}
	}
	return kept, apply
}

// results of one rule.

func passed() Result               { return Result{State: Passed} }
func notApplicable() Result        { return Result{State: NotApplicable} }
func unknown(reason string) Result { return Result{State: Unknown, Reason: reason} }

// found is violated with findings, passed without.
func found(findings ...Finding) Result {
	if len(findings) == 0 {
		return passed()
	}
	return Result{State: Violated, Findings: findings}
}
