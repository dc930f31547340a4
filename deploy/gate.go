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
	// GateOverridden: it was, and somebody who may has let it go again.
	GateOverridden GateReasonKind = "overridden"
	// GateVerified, GateWatched, GateUnverified and GateNotDeployed: how the commit stands
	// in an environment that comes before.
	GateVerified    GateReasonKind = "verified"
	GateWatched     GateReasonKind = "watched"
	GateUnverified  GateReasonKind = "not-verified"
	GateNotDeployed GateReasonKind = "not-deployed"
	// GateOtherArtifact: what was verified in an environment that comes before is another
	// artifact of the same commit.
	GateOtherArtifact GateReasonKind = "other-artifact"
	// GateReady, GateNotReady and GateReadyUnclear: whether the commit lacks something
	// that what runs in the place does not lack.
	GateReady        GateReasonKind = "ready"
	GateNotReady     GateReasonKind = "not-ready"
	GateReadyUnclear GateReasonKind = "readiness-unclear"
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
	// Rules of readiness that are newly violated, or of which that can't be told, by
	// their ids; Base is the commit that it was compared with, Running tells that it runs
	// in the place.
	Rules   []string `json:"rules,omitempty"`
	Base    string   `json:"base,omitempty"`
	Running bool     `json:"running,omitempty"`
	// Login of who has overridden, and Why.
	Login string `json:"login,omitempty"`
	Why   string `json:"why,omitempty"`
	// Artifact that is to be deployed, Verified the one that was verified.
	Artifact string `json:"artifact,omitempty"`
	Verified string `json:"verified_artifact,omitempty"`
}

// GateQuestion is what is known when a gate asks for one place.
type GateQuestion struct {
	Place Place
	// Declared: the repository has the gate answered there.
	Declared bool
	// Here are the verifications of the commit in the place, the newest first.
	Here []Course
	// Override of the verdict by which the commit is held in the place; nil: nobody has.
	Override *Override
	// Artifact that is to be deployed, by its digest; empty: it is not known.
	Artifact string
	// Before are the environments in which the commit must have been verified, with its
	// verifications there, the newest first.
	Before []GateEnvironment
	// May is what can-i-deploy says, Said its reasons; Reading: not every repository has
	// been read yet, so that it may say more later.
	May     contracts.Answer
	Said    []contracts.AnswerReason
	Reading bool
	// Readiness of the component; nil: it is not asked for.
	Readiness *GateReadiness
	// Late: it has been waited long enough for a deployment that has not begun.
	Late bool
}

// GateEnvironment is an environment that comes before.
type GateEnvironment struct {
	Name    string
	Courses []Course
}

// GateReadiness is what a commit newly lacks before it may run in production.
type GateReadiness struct {
	// Base is the commit that it was compared with, Running tells that it runs in the
	// place; otherwise it is where the default branch stands.
	Base    string
	Running bool
	// Missing are the ids of the rules whose new violations block, Unclear those of
	// which it could not be found out. Unread: not everything could be read.
	Missing, Unclear []string
	Unread           bool
}

// Settled gives the answer that needs nothing but what the commit came to in the place
// before: no gate is declared, it goes back to what was verified there, or it is held.
func (q GateQuestion) Settled() (reasons []GateReason, settled bool) {
	if !q.Declared {
		return []GateReason{{Kind: GateOpen, State: GateApproved, Place: q.Place}}, true
	}
	if here := lastVerdict(q.Here); here != nil && here.Answer == Verified && !q.rebuilt(q.Here) {
		return []GateReason{{Kind: GateGoesBack, State: GateApproved, Place: q.Place, Answer: Verified}}, true
	}
	if HeldBy(q.Here) != nil && q.Override == nil {
		return []GateReason{{Kind: GateBad, State: GateRejected, Place: q.Place, Answer: RollBack}}, true
	}
	return nil, false
}

// GateReasons gives how each condition is met in one place; the answer is the gravest of
// them. What goes back to a commit that was verified there passes at once.
func GateReasons(q GateQuestion) []GateReason {
	reasons, settled := q.Settled()
	if settled {
		return reasons
	}
	if q.Override != nil {
		reasons = append(reasons, GateReason{Kind: GateOverridden, State: GateApproved, Place: q.Place, Answer: RollBack, Login: q.Override.Login, Why: q.Override.Reason})
	}
	for _, environment := range q.Before {
		reasons = append(reasons, q.before(environment))
	}
	if q.Readiness != nil {
		reasons = append(reasons, q.ready())
	}
	return append(reasons, q.may())
}

// rebuilt tells whether the artifact is known to be another one than each that was
// verified.
func (q GateQuestion) rebuilt(courses []Course) bool {
	return q.Artifact != "" && q.otherArtifact(courses) != ""
}

// otherArtifact gives the newest artifact that was verified, where none of those that
// were is the one that is to be deployed; empty where none is known.
func (q GateQuestion) otherArtifact(courses []Course) (other string) {
	for _, course := range courses {
		switch {
		case course.Verdict == nil || course.Verdict.Answer != Verified || course.Artifact == "":
		case course.Artifact == q.Artifact:
			return ""
		case other == "":
			other = course.Artifact
		}
	}
	return other
}

// ready is what the readiness comes to. What can't be told is said and holds nothing
// up, as on the pull request.
func (q GateQuestion) ready() GateReason {
	r := q.Readiness
	reason := GateReason{Place: q.Place, Kind: GateReady, State: GateApproved, Base: r.Base, Running: r.Running}
	switch {
	case len(r.Missing) > 0:
		reason.Kind, reason.State, reason.Rules = GateNotReady, GateRejected, r.Missing
	case len(r.Unclear) > 0 || r.Unread:
		reason.Kind, reason.Rules = GateReadyUnclear, r.Unclear
	}
	return reason
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
	case verdict != nil && verdict.Answer == Verified && q.rebuilt(environment.Courses):
		reason.Kind, reason.State, reason.Answer = GateOtherArtifact, GateRejected, Verified
		reason.Artifact, reason.Verified = q.Artifact, q.otherArtifact(environment.Courses)
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
