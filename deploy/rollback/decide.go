package rollback

import (
	"slices"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

// Decision is what to do about a deployment that went bad.
type Decision string

// The decisions.
const (
	Perform Decision = "perform"
	Propose Decision = "propose"
	None    Decision = "none"
)

// decisionOf is the most that may be done despite a reason.
func decisionOf(r deploy.RollbackReason) Decision {
	switch r.Kind {
	case deploy.RollbackNoTarget, deploy.RollbackOfRollback, deploy.RollbackNotCurrent, deploy.RollbackUnderWay, deploy.RollbackNotTaken:
		return None
	}
	return Propose
}

// AutomaticInterval is the least time between two automatic rollbacks in an environment;
// within it, the second one is left to people.
const AutomaticInterval = 24 * time.Hour

// Question is what is known when a rollback is decided.
type Question struct {
	Run deploy.VerificationRun
	// Runs are the verifications in the target, Rollbacks those in the environment, both
	// newest first.
	Runs      []deploy.VerificationRun
	Rollbacks []deploy.Rollback
	// Current: by GitHub's current record the deployment runs in the target. Otherwise
	// Newer is the deployment that replaced it; 0: none did.
	Current bool
	Newer   int64
	// May is the answer of can-i-deploy for the commit to roll back to, CanDeploy its reasons.
	May       contracts.Answer
	CanDeploy []contracts.AnswerReason
	// Migrations are the migration files between the two commits; FilesKnown: all changed
	// files are known.
	Migrations []string
	FilesKnown bool
	// Beside are the components that the declared workflow would roll back too, because it
	// takes no component.
	Beside []string
	// Asked: a person who may roll back asked for it.
	Asked bool
	Now   time.Time
}

// Target is what to roll back to.
type Target struct {
	// Commit is empty if there is none.
	Commit string
	// Unverified: the verification of the commit was inconclusive; it ran for a day, until the
	// next deployment, without a verdict against it.
	Unverified bool
	// Began is when it was deployed, Since how many deployments came after it, the bad one
	// included.
	Began time.Time
	Since int
}

// How far back a rollback goes without a person: further back, more depends on what came since
// than this program can know.
const (
	MostDeployments = 10
	MostAge         = 14 * 24 * time.Hour
)

// quietDay is how long a commit must have run to be good where nothing could be verified.
const quietDay = 24 * time.Hour

// TargetOf returns what to roll back to: the last commit that was verified in the target, or ran
// there for a day although its verification was inconclusive, and has not failed there since.
// One that a rollback has replaced was complained about. runs are the verifications in the
// target, newest first.
func TargetOf(bad deploy.Verification, runs []deploy.VerificationRun) Target {
	found, since := []string{bad.Commit}, 0 // to be bad
	next := bad
	for _, c := range runs {
		if c.Deployment == bad.Deployment {
			since = 1
			continue
		}
		replaced := next
		next = c.Verification
		if c.Verdict != nil && !slices.Contains(found, c.Commit) {
			target := Target{Commit: c.Commit, Began: c.Began, Since: max(since, 1)}
			switch {
			case c.Verdict.Answer == deploy.RollBack:
				found = append(found, c.Commit)
			case c.Verdict.Answer == deploy.Verified:
				return target
			case c.Verdict.Answer == deploy.Inconclusive && replaced.Began.Sub(c.Began) >= quietDay && replaced.Task != deploy.TaskRollback:
				target.Unverified = true
				return target
			}
		}
		since++
	}
	return Target{}
}

// Decide decides whether to roll back, and gives every reason against it. When a person
// asked, reasons that would leave it to people are given and do not count.
func Decide(q Question) (Decision, []deploy.RollbackReason) {
	var reasons []deploy.RollbackReason
	add := func(r deploy.RollbackReason) { reasons = append(reasons, r) }
	target := TargetOf(q.Run.Verification, q.Runs)
	response := q.Run.Plan.Response
	if undone := undoneBy(q.Run, q.Rollbacks); undone != nil {
		add(deploy.RollbackReason{Kind: deploy.RollbackOfRollback, Deployment: undone.Deployment, Commit: undone.Commit})
		return None, reasons
	}
	if target.Commit == "" {
		add(deploy.RollbackReason{Kind: deploy.RollbackNoTarget})
		return None, reasons
	}
	if !q.Current {
		add(deploy.RollbackReason{Kind: deploy.RollbackNotCurrent, Deployment: q.Newer})
	}
	switch {
	case response.By == config.ByNone:
		add(deploy.RollbackReason{Kind: deploy.RollbackForbidden})
	case response.By == "" || !response.Wants(config.FailRollback):
		add(deploy.RollbackReason{Kind: deploy.RollbackNotDeclared})
	}
	switch q.May {
	case contracts.AnswerYes:
	case contracts.AnswerNo:
		add(deploy.RollbackReason{Kind: deploy.RollbackBreaks, CanDeploy: q.CanDeploy})
	default:
		add(deploy.RollbackReason{Kind: deploy.RollbackUnclear, CanDeploy: q.CanDeploy})
	}
	if len(q.Migrations) > 0 {
		add(deploy.RollbackReason{Kind: deploy.RollbackMigration, Files: q.Migrations})
	}
	if !q.FilesKnown {
		add(deploy.RollbackReason{Kind: deploy.RollbackFilesUnknown})
	}
	if response.Irreversible {
		add(deploy.RollbackReason{Kind: deploy.RollbackIrreversible})
	}
	if len(q.Beside) > 0 {
		add(deploy.RollbackReason{Kind: deploy.RollbackOthersToo, Components: q.Beside, Words: response.Workflow})
	}
	if target.Since > MostDeployments || q.Run.Began.Sub(target.Began) > MostAge {
		add(deploy.RollbackReason{Kind: deploy.RollbackFar, Commit: target.Commit, At: target.Began, Count: target.Since})
	}
	if at := lastAutomatic(q); !at.IsZero() {
		add(deploy.RollbackReason{Kind: deploy.RollbackSecond, At: at})
	}
	if signals := dryRunOf(q.Run.Verdict); response.Wants(config.FailDryRun) {
		add(deploy.RollbackReason{Kind: deploy.RollbackDryRun})
	} else if len(signals) > 0 {
		add(deploy.RollbackReason{Kind: deploy.RollbackDryRun, Signals: signals})
	}
	return mostSevere(reasons, q.Asked), reasons
}

// deciding are the codes of reasons that roll back, or agree with one that does.
var deciding = []signal.Code{
	signal.Gross, signal.Alarm, signal.RollBackLimit, signal.Burning, signal.ProbeFailing, signal.Vanished, signal.Suspicious, signal.SuspiciousUncalibrated, signal.InvestigateLimit,
}

// dryRunOf returns the signals with a dry run of their own, if nothing else speaks against the
// deployment; nil if something does, or no signal has one.
func dryRunOf(verdict *deploy.Verdict) (signals []string) {
	if verdict == nil {
		return nil
	}
	for _, r := range verdict.Reasons {
		switch {
		case r.Kind == deploy.ReasonProbeFails || r.Kind == deploy.ReasonProbeUnsteady || r.Kind == deploy.ReasonOldVersion:
			return nil
		case r.Kind != deploy.ReasonSignal || r.Signal == nil || !slices.Contains(deciding, r.Signal.Code):
		case !r.DryRun:
			return nil
		case !slices.Contains(signals, r.Subject):
			signals = append(signals, r.Subject)
		}
	}
	return signals
}

// mostSevere is what may be done despite several reasons.
func mostSevere(reasons []deploy.RollbackReason, asked bool) Decision {
	decision := Perform
	for _, r := range reasons {
		switch {
		case decisionOf(r) == None, asked && r.Kind == deploy.RollbackForbidden:
			return None
		case !asked:
			decision = Propose
		}
	}
	return decision
}

// undoneBy is the rollback that a verified deployment carries out; nil if it is none.
func undoneBy(c deploy.VerificationRun, rollbacks []deploy.Rollback) *deploy.Rollback {
	for i, r := range rollbacks {
		if r.Verification != c.ID() && r.MadeBy(c.Verification) {
			return &rollbacks[i]
		}
	}
	if c.Task == deploy.TaskRollback {
		return &deploy.Rollback{} // made by others
	}
	return nil
}

// lastAutomatic is the time of the last automatic rollback in the environment within
// AutomaticInterval; zero without one. Undoing the same deployment elsewhere in the
// environment is the same rollback.
func lastAutomatic(q Question) (last time.Time) {
	for _, r := range q.Rollbacks {
		if r.Automatic() && r.Deployment != q.Run.Deployment && q.Now.Sub(r.Intended) < AutomaticInterval && r.Intended.After(last) {
			last = r.Intended
		}
	}
	return last
}
