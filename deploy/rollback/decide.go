package rollback

import (
	"slices"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// RollbackDecision is what is done about a deployment that went bad.
type Decision string

// The decisions, from the least.
const (
	Perform Decision = "perform"
	Propose Decision = "propose"
	None    Decision = "none"
)

// decisionOf is the most that is done in spite of a reason.
func decisionOf(r deploy.RollbackReason) Decision {
	switch r.Kind {
	case deploy.RollbackNoTarget, deploy.RollbackOfRollback, deploy.RollbackNotCurrent, deploy.RollbackUnderWay, deploy.RollbackNotTaken:
		return None
	}
	return Propose
}

// RollbackAgain is how long after an automatic roll back the next one in the same
// environment is left to people.
const AutomaticInterval = 24 * time.Hour

// RollbackQuestion is what is known when it is decided whether to go back.
type Question struct {
	Course deploy.Course
	// Courses of the place and Remedies of the environment, the newest first.
	Courses  []deploy.Course
	Remedies []deploy.Remedy
	// Current: by GitHub's record as it is now, the deployment is what runs in the
	// place. Otherwise Newer is the one that took its place; 0: none did.
	Current bool
	Newer   int64
	// May is what can-i-deploy says of the target, Said its reasons.
	May  contracts.Answer
	Said []contracts.AnswerReason
	// Migrations between the target and the commit; FilesKnown: these are all.
	Migrations []string
	FilesKnown bool
	// Asked: somebody asks for it who may.
	Asked bool
	Now   time.Time
}

// RollbackTarget is the commit to go back to: the last one that was verified in the
// place before, and not found bad there since. courses are the place's, the newest
// first. Empty: there is none.
func TargetCommit(bad deploy.Verification, courses []deploy.Course) string {
	found := []string{bad.Commit} // to be bad
	for _, c := range courses {
		if c.Verdict == nil || slices.Contains(found, c.Commit) {
			continue
		}
		switch c.Verdict.Answer {
		case deploy.RollBack:
			found = append(found, c.Commit)
		case deploy.Verified:
			return c.Commit
		}
	}
	return ""
}

// DecideRollback decides, with every reason against it. Where somebody who may has
// asked, the reasons that leave it to people are given and do not count.
func Decide(q Question) (Decision, []deploy.RollbackReason) {
	var reasons []deploy.RollbackReason
	add := func(r deploy.RollbackReason) { reasons = append(reasons, r) }
	target := TargetCommit(q.Course.Verification, q.Courses)
	response := q.Course.Plan.Response
	if undone := undoneBy(q.Course, q.Remedies); undone != nil {
		add(deploy.RollbackReason{Kind: deploy.RollbackOfRollback, Deployment: undone.Deployment, Commit: undone.Commit})
		return None, reasons
	}
	if target == "" {
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
		add(deploy.RollbackReason{Kind: deploy.RollbackBreaks, Said: q.Said})
	default:
		add(deploy.RollbackReason{Kind: deploy.RollbackUnclear, Said: q.Said})
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
	if at := lastAutomatic(q); !at.IsZero() {
		add(deploy.RollbackReason{Kind: deploy.RollbackSecond, At: at})
	}
	return gravest(reasons, q.Asked), reasons
}

// gravestRollback is what may be done in spite of several reasons.
func gravest(reasons []deploy.RollbackReason, asked bool) Decision {
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

// undoneBy is the remedy that a course carries out; nil where it goes back to nothing.
func undoneBy(c deploy.Course, remedies []deploy.Remedy) *deploy.Remedy {
	for i, m := range remedies {
		if m.Verification != c.ID() && m.MadeBy(c.Verification) {
			return &remedies[i]
		}
	}
	if c.Task == deploy.TaskRollback {
		return &deploy.Remedy{} // somebody else's
	}
	return nil
}

// lastAutomatic is when somebody last went back in the environment without being asked,
// less than a day ago; zero without one. What undoes the same deployment elsewhere in
// the environment is the same roll back.
func lastAutomatic(q Question) (last time.Time) {
	for _, m := range q.Remedies {
		if m.Automatic() && m.Deployment != q.Course.Deployment && q.Now.Sub(m.Intended) < AutomaticInterval && m.Intended.After(last) {
			last = m.Intended
		}
	}
	return last
}
