package gate

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// State is an answer to a deployment protection rule.
type State string

// The states. Held: the gate stays closed, and the answer follows.
const (
	Approved State = "approved"
	Rejected State = "rejected"
	Held     State = "held"
)

// ReasonKind says what a reason is about.
type ReasonKind string

// The reasons.
const (
	// ReasonBroken: the repository file is invalid and no earlier version was valid.
	ReasonBroken ReasonKind = "file-broken"
	// ReasonOpen: no gate is declared for the target.
	ReasonOpen ReasonKind = "no-gate"
	// ReasonGoesBack: the commit was verified in the target before.
	ReasonGoesBack ReasonKind = "goes-back"
	// ReasonBad: the last verdict on the commit there was to roll back.
	ReasonBad ReasonKind = "bad-commit"
	// ReasonOverridden: a maintainer has overridden that verdict.
	ReasonOverridden ReasonKind = "overridden"
	// ReasonVerified, ReasonWatched, ReasonUnverified and ReasonNotDeployed: the state of
	// the commit in an earlier environment.
	ReasonVerified    ReasonKind = "verified"
	ReasonWatched     ReasonKind = "watched"
	ReasonUnverified  ReasonKind = "not-verified"
	ReasonNotDeployed ReasonKind = "not-deployed"
	// ReasonDescendant: a later commit that contains this one was verified in an earlier
	// environment.
	ReasonDescendant ReasonKind = "descendant-verified"
	// ReasonOtherArtifact: an earlier environment verified another artifact of the same
	// commit.
	ReasonOtherArtifact ReasonKind = "other-artifact"
	// ReasonReady, ReasonNotReady and ReasonReadinessUnclear: whether the commit violates a
	// readiness rule that the running version does not violate.
	ReasonReady            ReasonKind = "ready"
	ReasonNotReady         ReasonKind = "not-ready"
	ReasonReadinessUnclear ReasonKind = "readiness-unclear"
	// ReasonMayGo, ReasonBreaks and ReasonUnclear: the answer of can-i-deploy.
	ReasonMayGo   ReasonKind = "may-go"
	ReasonBreaks  ReasonKind = "breaks"
	ReasonUnclear ReasonKind = "unclear"
)

// Reason is one condition of a gate and whether it is met.
type Reason struct {
	Kind   ReasonKind    `json:"kind"`
	State  State         `json:"state"`
	Target deploy.Target `json:"target"`
	// Environment that comes earlier; empty: the target's own.
	Environment string `json:"environment,omitempty"`
	// Answer of the commit's last verdict there; VerdictAt is when it was found, if the reason
	// keeps the gate shut.
	Answer    deploy.Answer `json:"answer,omitempty"`
	VerdictAt time.Time     `json:"verdict_at,omitzero"`
	// CanDeploy are the reasons of can-i-deploy.
	CanDeploy []contracts.AnswerReason `json:"can_deploy,omitempty"`
	// Own: what is unclear is so because of the commit itself.
	Own bool `json:"own,omitempty"`
	// Rules are the ids of readiness rules that are newly violated or could not be
	// evaluated. Base is the commit that was compared with; Running: it runs in the target.
	Rules   []string `json:"rules,omitempty"`
	Base    string   `json:"base,omitempty"`
	Running bool     `json:"running,omitempty"`
	// Overridden: a maintainer has overridden this reason, so it does not count.
	Overridden bool `json:"overridden,omitempty"`
	// Login of the maintainer who overrode the verdict or this reason, and Why.
	Login string `json:"login,omitempty"`
	Why   string `json:"why,omitempty"`
	// Overtaken: a newer commit that contains this one was deployed before the verdict.
	Overtaken bool `json:"overtaken,omitempty"`
	// Descendant is the later commit that was verified.
	Descendant string `json:"descendant,omitempty"`
	// Artifact is about to be deployed, Verified is the one that was verified.
	Artifact string `json:"artifact,omitempty"`
	Verified string `json:"verified_artifact,omitempty"`
}

// Overridable reports whether the reason keeps the gate shut, and a maintainer can override it
// by [Reason.ID]. A verdict to roll back is overridden by the id of its verification, and what
// is wrong with the repository file can't be overridden: the gate's targets are not known.
func (r Reason) Overridable() bool {
	return r.State != Approved && r.Kind != ReasonBad && r.Kind != ReasonBroken
}

// ID identifies what the reason says about a commit, for overrides: its kind, target, earlier
// environment, the verdict there, and what is newly violated or incompatible. Another verdict,
// rule, artifact or consumer gives another id. It is stored.
func (r Reason) ID(commit string) string {
	t := r.Target
	parts := []string{commit, t.Component, strings.ToLower(t.Environment), t.Instance, string(r.Kind), strings.ToLower(r.Environment), string(r.Answer), r.Artifact}
	if !r.VerdictAt.IsZero() {
		parts = append(parts, r.VerdictAt.UTC().Format(time.RFC3339Nano))
	}
	about := slices.Clone(r.Rules)
	for _, said := range r.CanDeploy {
		if said.Answer != contracts.AnswerYes {
			about = append(about, identityOf(said))
		}
	}
	slices.Sort(about)
	sum := sha256.Sum256([]byte(strings.Join(append(parts, about...), "\x00")))
	return "reason/" + commit + "/" + hex.EncodeToString(sum[:])
}

// identityOf is what a reason of can-i-deploy is about, without what changes between two
// evaluations of the same facts.
func identityOf(said contracts.AnswerReason) string {
	parts := []string{string(said.Code), said.API, said.Environment}
	for _, v := range []*contracts.AnswerVersion{said.Consumer, said.Provider} {
		if v != nil {
			parts = append(parts, strconv.FormatInt(v.RepositoryID, 10), v.Component, v.Environment, v.Instance, v.Release, v.Commit)
		}
	}
	if said.Change != nil {
		parts = append(parts, said.Change.Fingerprint)
	}
	return strings.Join(parts, "\x01")
}

// Question is what is known when a gate asks about one target.
type Question struct {
	Target deploy.Target
	// Declared: the repository declares the gate for the target.
	Declared bool
	// Here are the verifications of the commit in the target, newest first.
	Here []deploy.VerificationRun
	// Override of the verdict that holds the commit in the target; nil: none.
	Override *Override
	// Artifact is the digest of what is to be deployed; empty: unknown.
	Artifact string
	// Before are the environments in which the commit must be verified first, with its
	// verifications there, newest first.
	Before []Environment
	// May is the answer of can-i-deploy, CanDeploy its reasons. Reading: not every repository
	// has been read yet, so the answer may change.
	May       contracts.Answer
	CanDeploy []contracts.AnswerReason
	Reading   bool
	// Back: something else was deployed to the target since the commit was verified there.
	Back bool
	// AllowUnknown: what is unknown for reasons outside of the commit does not hold it.
	AllowUnknown bool
	// Readiness of the component; nil: not required.
	Readiness *Readiness
	// Late: a deployment to an earlier environment was awaited long enough.
	Late bool
}

// Environment is an earlier environment.
type Environment struct {
	Name string
	Runs []deploy.VerificationRun
	// Inconclusive is what is done about an inconclusive verification.
	Inconclusive config.Inconclusive
	// Descendant is a later commit that was verified there and contains this one; empty:
	// none is known.
	Descendant string
}

// StandsIn reports whether the verdict on a later commit may stand for one on this commit: its
// own verification was superseded, inconclusive, or never began. A commit of which it is known
// that something is wrong needs a verdict of its own, because a later one may only hide it.
func (e Environment) StandsIn() bool {
	if len(e.Runs) > 0 && e.Runs[0].Verdict == nil {
		return false // its own verdict follows
	}
	verdict := lastVerdict(e.Runs)
	return verdict == nil || verdict.Answer == deploy.Inconclusive
}

// Readiness are the new violations of a commit that is to run in production.
type Readiness struct {
	// Base is the commit that was compared with. Running: it runs in the target; otherwise
	// it is the head of the default branch.
	Base    string
	Running bool
	// Missing are the ids of rules whose new violations block, Unclear those that could
	// not be evaluated. Unread: not every file could be read.
	Missing, Unclear []string
	Unread           bool
}

// Settled returns the answer if the commit's history in the target is enough: no gate is
// declared, the commit was verified there and something else was deployed since, so that
// this rolls back, or a verdict holds it.
func (q Question) Settled() (reasons []Reason, settled bool) {
	if !q.Declared {
		return []Reason{{Kind: ReasonOpen, State: Approved, Target: q.Target}}, true
	}
	if here := lastVerdict(q.Here); here != nil && here.Answer == deploy.Verified && q.Back && !q.rebuilt(q.Here) {
		return []Reason{{Kind: ReasonGoesBack, State: Approved, Target: q.Target, Answer: deploy.Verified}}, true
	}
	if HeldBy(q.Here) != nil && q.Override == nil {
		return []Reason{{Kind: ReasonBad, State: Rejected, Target: q.Target, Answer: deploy.RollBack}}, true
	}
	return nil, false
}

// Reasons returns every condition for one target and whether it is met; the answer is the
// most severe of them. A commit that was verified in the target before passes at once if this
// rolls back.
func Reasons(q Question) []Reason {
	reasons, settled := q.Settled()
	if settled {
		return reasons
	}
	if q.Override != nil {
		reasons = append(reasons, Reason{Kind: ReasonOverridden, State: Approved, Target: q.Target, Answer: deploy.RollBack, Login: q.Override.Login, Why: q.Override.Reason})
	}
	for _, environment := range q.Before {
		reasons = append(reasons, q.before(environment))
	}
	if q.Readiness != nil {
		reasons = append(reasons, q.ready())
	}
	return append(reasons, q.may())
}

// rebuilt reports whether the artifact is known to differ from every verified one.
func (q Question) rebuilt(runs []deploy.VerificationRun) bool {
	return q.Artifact != "" && q.otherArtifact(runs) != ""
}

// otherArtifact returns the newest verified artifact if none of the verified ones is to be
// deployed; empty if none is known.
func (q Question) otherArtifact(runs []deploy.VerificationRun) (other string) {
	for _, run := range runs {
		switch {
		case run.Verdict == nil || run.Verdict.Answer != deploy.Verified || run.Artifact == "":
		case run.Artifact == q.Artifact:
			return ""
		case other == "":
			other = run.Artifact
		}
	}
	return other
}

// ready evaluates the readiness. Rules that could not be evaluated are named and do not
// block, as on the pull request.
func (q Question) ready() Reason {
	r := q.Readiness
	reason := Reason{Target: q.Target, Kind: ReasonReady, State: Approved, Base: r.Base, Running: r.Running}
	switch {
	case len(r.Missing) > 0:
		reason.Kind, reason.State, reason.Rules = ReasonNotReady, Rejected, r.Missing
	case len(r.Unclear) > 0 || r.Unread:
		reason.Kind, reason.Rules = ReasonReadinessUnclear, r.Unclear
	}
	return reason
}

// before evaluates the commit in an earlier environment.
func (q Question) before(environment Environment) Reason {
	reason := Reason{Target: q.Target, Environment: environment.Name, Kind: ReasonNotDeployed, State: Held}
	if environment.Descendant != "" {
		reason.Kind, reason.State, reason.Answer, reason.Descendant = ReasonDescendant, Approved, deploy.Verified, environment.Descendant
		return reason
	}
	if len(environment.Runs) == 0 {
		if q.Late {
			reason.State = Rejected
		}
		return reason
	}
	verdict := lastVerdict(environment.Runs)
	switch {
	case environment.Runs[0].Verdict == nil:
		reason.Kind = ReasonWatched
	case verdict != nil && verdict.Answer == deploy.Verified && q.rebuilt(environment.Runs):
		reason.Kind, reason.State, reason.Answer = ReasonOtherArtifact, Rejected, deploy.Verified
		reason.Artifact, reason.Verified = q.Artifact, q.otherArtifact(environment.Runs)
	case verdict != nil && verdict.Answer == deploy.Verified:
		reason.Kind, reason.State, reason.Answer, reason.Overtaken = ReasonVerified, Approved, deploy.Verified, verdict.Newer != 0
	default:
		reason.Kind, reason.State = ReasonUnverified, Rejected
		if verdict == nil {
			break
		}
		reason.VerdictAt = verdict.At
		if reason.Answer = verdict.Answer; verdict.Answer != deploy.Inconclusive {
			break
		}
		switch environment.Inconclusive {
		case config.InconclusivePasses:
			reason.State = Approved
		case config.InconclusiveHolds:
			reason.State = Held
		}
	}
	return reason
}

// may evaluates the answer of can-i-deploy. What the commit itself has made unknowable holds
// it; what is unknown otherwise does unless that is allowed. A risk that is known (a change
// that may break somebody, consumers outside of the registry) is reported and holds nothing,
// as on the pull request: waiting would not make it any clearer.
func (q Question) may() Reason {
	reason := Reason{Target: q.Target, Kind: ReasonMayGo, State: Approved, CanDeploy: q.CanDeploy}
	switch {
	case q.May == contracts.AnswerNo:
		reason.Kind, reason.State = ReasonBreaks, Rejected
	case q.Reading:
		reason.Kind, reason.State = ReasonUnclear, Held
	case q.May != contracts.AnswerYes:
		reason.Kind = ReasonUnclear
		reason.Own = len(q.CanDeploy) == 0 || slices.ContainsFunc(q.CanDeploy, madeUnknowable)
		if reason.Own || !q.AllowUnknown && slices.ContainsFunc(q.CanDeploy, mayBecomeKnown) {
			reason.State = Held
		}
	}
	return reason
}

// madeUnknowable reports whether a reason is unknown because of the commit itself.
func madeUnknowable(r contracts.AnswerReason) bool {
	switch r.Code {
	case contracts.CodeComponentMissing, contracts.CodeDeclarationBroken:
		return true
	case contracts.CodeContractUnreadable:
		return r.Provider != nil // else it is somebody else's contract
	case contracts.CodeNotRegistered:
		return r.API == "" // the commit declares nothing
	}
	return false
}

// mayBecomeKnown reports whether a reason is unknown and need not stay so.
func mayBecomeKnown(r contracts.AnswerReason) bool {
	switch r.Code {
	case contracts.CodeExternalConsumers, contracts.CodeConsumerMayBreak, contracts.CodeProviderMayBreak:
		return false
	}
	return r.Answer == contracts.AnswerUnknown
}

// MostSevere is the answer of several reasons, of which overridden ones do not count; without
// any it is Approved.
func MostSevere(reasons []Reason) State {
	state := Approved
	for _, r := range reasons {
		switch {
		case r.Overridden:
		case r.State == Rejected:
			return Rejected
		case r.State == Held:
			state = Held
		}
	}
	return state
}

// Entry is what the ledger holds of an answer to a protection rule.
type Entry struct {
	Run        int64    `json:"run"`
	Deployment int64    `json:"deployment"`
	State      State    `json:"state"`
	Reasons    []Reason `json:"reasons"`
}
