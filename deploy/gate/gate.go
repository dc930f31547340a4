package gate

import (
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// GateState is the answer to a deployment protection rule.
type State string

// The states. Held: the gate stays shut, and the answer comes later.
const (
	Approved State = "approved"
	Rejected State = "rejected"
	Held     State = "held"
)

// GateReasonKind says what a reason is about.
type ReasonKind string

// The reasons.
const (
	// GateBroken: the repository's file can't be used and never could.
	ReasonBroken ReasonKind = "file-broken"
	// GateOpen: no gate is declared for the place.
	ReasonOpen ReasonKind = "no-gate"
	// GateGoesBack: the commit was verified in the place before.
	ReasonGoesBack ReasonKind = "goes-back"
	// GateBad: the commit was to be rolled back there.
	ReasonBad ReasonKind = "bad-commit"
	// GateOverridden: it was, and somebody who may has let it go again.
	ReasonOverridden ReasonKind = "overridden"
	// GateVerified, GateWatched, GateUnverified and GateNotDeployed: how the commit stands
	// in an environment that comes before.
	ReasonVerified    ReasonKind = "verified"
	ReasonWatched     ReasonKind = "watched"
	ReasonUnverified  ReasonKind = "not-verified"
	ReasonNotDeployed ReasonKind = "not-deployed"
	// GateOtherArtifact: what was verified in an environment that comes before is another
	// artifact of the same commit.
	ReasonOtherArtifact ReasonKind = "other-artifact"
	// GateReady, GateNotReady and GateReadyUnclear: whether the commit lacks something
	// that what runs in the place does not lack.
	ReasonReady            ReasonKind = "ready"
	ReasonNotReady         ReasonKind = "not-ready"
	ReasonReadinessUnclear ReasonKind = "readiness-unclear"
	// GateMayGo, GateBreaks and GateUnclear: what can-i-deploy says.
	ReasonMayGo   ReasonKind = "may-go"
	ReasonBreaks  ReasonKind = "breaks"
	ReasonUnclear ReasonKind = "unclear"
)

// GateReason is one condition and how it is met.
type Reason struct {
	Kind  ReasonKind   `json:"kind"`
	State State        `json:"state"`
	Place deploy.Place `json:"place"`
	// Environment that comes before; empty: the place's own.
	Environment string `json:"environment,omitempty"`
	// Answer that the commit was given there.
	Answer deploy.Answer `json:"answer,omitempty"`
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
type Question struct {
	Place deploy.Place
	// Declared: the repository has the gate answered there.
	Declared bool
	// Here are the verifications of the commit in the place, the newest first.
	Here []deploy.Course
	// Override of the verdict by which the commit is held in the place; nil: nobody has.
	Override *Override
	// Artifact that is to be deployed, by its digest; empty: it is not known.
	Artifact string
	// Before are the environments in which the commit must have been verified, with its
	// verifications there, the newest first.
	Before []Environment
	// May is what can-i-deploy says, Said its reasons; Reading: not every repository has
	// been read yet, so that it may say more later.
	May     contracts.Answer
	Said    []contracts.AnswerReason
	Reading bool
	// Readiness of the component; nil: it is not asked for.
	Readiness *Readiness
	// Late: it has been waited long enough for a deployment that has not begun.
	Late bool
}

// GateEnvironment is an environment that comes before.
type Environment struct {
	Name    string
	Courses []deploy.Course
}

// GateReadiness is what a commit newly lacks before it may run in production.
type Readiness struct {
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
func (q Question) Settled() (reasons []Reason, settled bool) {
	if !q.Declared {
		return []Reason{{Kind: ReasonOpen, State: Approved, Place: q.Place}}, true
	}
	if here := lastVerdict(q.Here); here != nil && here.Answer == deploy.Verified && !q.rebuilt(q.Here) {
		return []Reason{{Kind: ReasonGoesBack, State: Approved, Place: q.Place, Answer: deploy.Verified}}, true
	}
	if HeldBy(q.Here) != nil && q.Override == nil {
		return []Reason{{Kind: ReasonBad, State: Rejected, Place: q.Place, Answer: deploy.RollBack}}, true
	}
	return nil, false
}

// GateReasons gives how each condition is met in one place; the answer is the gravest of
// them. What goes back to a commit that was verified there passes at once.
func Reasons(q Question) []Reason {
	reasons, settled := q.Settled()
	if settled {
		return reasons
	}
	if q.Override != nil {
		reasons = append(reasons, Reason{Kind: ReasonOverridden, State: Approved, Place: q.Place, Answer: deploy.RollBack, Login: q.Override.Login, Why: q.Override.Reason})
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
func (q Question) rebuilt(courses []deploy.Course) bool {
	return q.Artifact != "" && q.otherArtifact(courses) != ""
}

// otherArtifact gives the newest artifact that was verified, where none of those that
// were is the one that is to be deployed; empty where none is known.
func (q Question) otherArtifact(courses []deploy.Course) (other string) {
	for _, course := range courses {
		switch {
		case course.Verdict == nil || course.Verdict.Answer != deploy.Verified || course.Artifact == "":
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
func (q Question) ready() Reason {
	r := q.Readiness
	reason := Reason{Place: q.Place, Kind: ReasonReady, State: Approved, Base: r.Base, Running: r.Running}
	switch {
	case len(r.Missing) > 0:
		reason.Kind, reason.State, reason.Rules = ReasonNotReady, Rejected, r.Missing
	case len(r.Unclear) > 0 || r.Unread:
		reason.Kind, reason.Rules = ReasonReadinessUnclear, r.Unclear
	}
	return reason
}

// before is how the commit stands in an environment that comes before.
func (q Question) before(environment Environment) Reason {
	reason := Reason{Place: q.Place, Environment: environment.Name, Kind: ReasonNotDeployed, State: Held}
	if len(environment.Courses) == 0 {
		if q.Late {
			reason.State = Rejected
		}
		return reason
	}
	verdict := lastVerdict(environment.Courses)
	switch {
	case environment.Courses[0].Verdict == nil:
		reason.Kind = ReasonWatched
	case verdict != nil && verdict.Answer == deploy.Verified && q.rebuilt(environment.Courses):
		reason.Kind, reason.State, reason.Answer = ReasonOtherArtifact, Rejected, deploy.Verified
		reason.Artifact, reason.Verified = q.Artifact, q.otherArtifact(environment.Courses)
	case verdict != nil && verdict.Answer == deploy.Verified:
		reason.Kind, reason.State, reason.Answer = ReasonVerified, Approved, deploy.Verified
	default:
		reason.Kind, reason.State = ReasonUnverified, Rejected
		if verdict != nil {
			reason.Answer = verdict.Answer
		}
	}
	return reason
}

// may is what can-i-deploy comes to. What can't be told is said and holds nothing up:
// on the pull request it does not block either.
func (q Question) may() Reason {
	reason := Reason{Place: q.Place, Kind: ReasonMayGo, State: Approved, Said: q.Said}
	switch {
	case q.May == contracts.AnswerNo:
		reason.Kind, reason.State = ReasonBreaks, Rejected
	case q.Reading:
		reason.Kind, reason.State = ReasonUnclear, Held
	case q.May != contracts.AnswerYes:
		reason.Kind = ReasonUnclear
	}
	return reason
}

// GravestGate is the answer of several reasons; without any, nothing is in the way.
func Gravest(reasons []Reason) State {
	state := Approved
	for _, r := range reasons {
		switch {
		case r.State == Rejected:
			return Rejected
		case r.State == Held:
			state = Held
		}
	}
	return state
}
