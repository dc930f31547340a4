package deploy

import "plimsoll/contracts"

// GateState is the answer to a deployment protection rule.
type GateState string

// The states. Held: the gate stays shut, and the answer comes later.
const (
	GateApproved GateState = "approved"
	GateRejected GateState = "rejected"
	GateHeld     GateState = "held"
)

// GateReasonKind says what a reason is about.
type GateReasonKind string

// The reasons.
const (
	// GateBroken: the repository's file can't be used and never could.
	GateBroken GateReasonKind = "file-broken"
	// GateOpen: no gate is declared for the place.
	GateOpen GateReasonKind = "no-gate"
	// GateGoesBack: the commit was verified in the place before.
	GateGoesBack GateReasonKind = "goes-back"
	// GateBad: the commit was to be rolled back there.
	GateBad GateReasonKind = "bad-commit"
	// GateVerified, GateWatched, GateUnverified and GateNotDeployed: how the commit stands
	// in an environment that comes before.
	GateVerified    GateReasonKind = "verified"
	GateWatched     GateReasonKind = "watched"
	GateUnverified  GateReasonKind = "not-verified"
	GateNotDeployed GateReasonKind = "not-deployed"
	// GateMayGo, GateBreaks and GateUnclear: what can-i-deploy says.
	GateMayGo   GateReasonKind = "may-go"
	GateBreaks  GateReasonKind = "breaks"
	GateUnclear GateReasonKind = "unclear"
)

// GateReason is one condition and how it is met.
type GateReason struct {
	Kind  GateReasonKind `json:"kind"`
	State GateState      `json:"state"`
	Place Place          `json:"place"`
	// Environment that comes before; empty: the place's own.
	Environment string `json:"environment,omitempty"`
	// Answer that the commit was given there.
	Answer Answer `json:"answer,omitempty"`
	// Said is what can-i-deploy gives as its reasons.
	Said []contracts.AnswerReason `json:"said,omitempty"`
}

// GateQuestion is what is known when a gate asks for one place.
type GateQuestion struct {
	Place Place
	// Declared: the repository has the gate answered there.
	Declared bool
	// Here are the verifications of the commit in the place, the newest first.
	Here []Course
	// Before are the environments in which the commit must have been verified, with its
	// verifications there, the newest first.
	Before []GateEnvironment
	// May is what can-i-deploy says, Said its reasons; Reading: not every repository has
	// been read yet, so that it may say more later.
	May     contracts.Answer
	Said    []contracts.AnswerReason
	Reading bool
	// Late: it has been waited long enough for a deployment that has not begun.
	Late bool
}

// GateEnvironment is an environment that comes before.
type GateEnvironment struct {
	Name    string
	Courses []Course
}

// GateReasons gives how each condition is met in one place; the answer is the gravest of
// them. What goes back to a commit that was verified there passes at once.
func GateReasons(q GateQuestion) []GateReason {
	if !q.Declared {
		return []GateReason{{Kind: GateOpen, State: GateApproved, Place: q.Place}}
	}
	if here := lastVerdict(q.Here); here != nil {
		switch here.Answer {
		case Verified:
			return []GateReason{{Kind: GateGoesBack, State: GateApproved, Place: q.Place, Answer: Verified}}
		case RollBack:
			return []GateReason{{Kind: GateBad, State: GateRejected, Place: q.Place, Answer: RollBack}}
		}
	}
	var reasons []GateReason
	for _, environment := range q.Before {
		reasons = append(reasons, q.before(environment))
	}
	return append(reasons, q.may())
}

// before is how the commit stands in an environment that comes before.
func (q GateQuestion) before(environment GateEnvironment) GateReason {
	reason := GateReason{Place: q.Place, Environment: environment.Name, Kind: GateNotDeployed, State: GateHeld}
	if len(environment.Courses) == 0 {
		if q.Late {
			reason.State = GateRejected
		}
		return reason
	}
	verdict := lastVerdict(environment.Courses)
	switch {
	case environment.Courses[0].Verdict == nil:
		reason.Kind = GateWatched
	case verdict != nil && verdict.Answer == Verified:
		reason.Kind, reason.State, reason.Answer = GateVerified, GateApproved, Verified
	default:
		reason.Kind, reason.State = GateUnverified, GateRejected
		if verdict != nil {
			reason.Answer = verdict.Answer
		}
	}
	return reason
}

// may is what can-i-deploy comes to. What can't be told is said and holds nothing up:
// on the pull request it does not block either.
func (q GateQuestion) may() GateReason {
	reason := GateReason{Place: q.Place, Kind: GateMayGo, State: GateApproved, Said: q.Said}
	switch {
	case q.May == contracts.AnswerNo:
		reason.Kind, reason.State = GateBreaks, GateRejected
	case q.Reading:
		reason.Kind, reason.State = GateUnclear, GateHeld
	case q.May != contracts.AnswerYes:
		reason.Kind = GateUnclear
	}
	return reason
}

// lastVerdict is the newest verdict that says something of the commit; nil without one.
func lastVerdict(courses []Course) *Verdict {
	for _, c := range courses {
		if c.Verdict != nil && c.Verdict.Answer != Superseded {
			return c.Verdict
		}
	}
	return nil
}

// GravestGate is the answer of several reasons; without any, nothing is in the way.
func GravestGate(reasons []GateReason) GateState {
	state := GateApproved
	for _, r := range reasons {
		switch {
		case r.State == GateRejected:
			return GateRejected
		case r.State == GateHeld:
			state = GateHeld
		}
	}
	return state
}
