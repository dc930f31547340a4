package deploy

import (
	"slices"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
)

// RollbackDecision is what is done about a deployment that went bad.
type RollbackDecision string

// The decisions, from the least.
const (
	RollbackPerform RollbackDecision = "perform"
	RollbackPropose RollbackDecision = "propose"
	RollbackNone    RollbackDecision = "none"
)

// decisionOf is the most that is done in spite of a reason.
func decisionOf(r RollbackReason) RollbackDecision {
	switch r.Kind {
	case RollbackNoTarget, RollbackOfRollback, RollbackNotCurrent, RollbackUnderWay, RollbackNotTaken:
		return RollbackNone
	}
	return RollbackPropose
}

// RollbackAgain is how long after an automatic roll back the next one in the same
// environment is left to people.
const RollbackAgain = 24 * time.Hour

// RollbackQuestion is what is known when it is decided whether to go back.
type RollbackQuestion struct {
	Course Course
	// Courses of the place and Remedies of the environment, the newest first.
	Courses  []Course
	Remedies []Remedy
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
func RollbackTarget(bad Verification, courses []Course) string {
	found := []string{bad.Commit} // to be bad
	for _, c := range courses {
		if c.Verdict == nil || slices.Contains(found, c.Commit) {
			continue
		}
		switch c.Verdict.Answer {
		case RollBack:
			found = append(found, c.Commit)
		case Verified:
			return c.Commit
		}
	}
	return ""
}

// DecideRollback decides, with every reason against it. Where somebody who may has
// asked, the reasons that leave it to people are given and do not count.
func DecideRollback(q RollbackQuestion) (RollbackDecision, []RollbackReason) {
	var reasons []RollbackReason
	add := func(r RollbackReason) { reasons = append(reasons, r) }
	target := RollbackTarget(q.Course.Verification, q.Courses)
	response := q.Course.Plan.Response
	if undone := undoneBy(q.Course, q.Remedies); undone != nil {
		add(RollbackReason{Kind: RollbackOfRollback, Deployment: undone.Deployment, Commit: undone.Commit})
		return RollbackNone, reasons
	}
	if target == "" {
		add(RollbackReason{Kind: RollbackNoTarget})
		return RollbackNone, reasons
	}
	if !q.Current {
		add(RollbackReason{Kind: RollbackNotCurrent, Deployment: q.Newer})
	}
	switch {
	case response.By == config.ByNone:
		add(RollbackReason{Kind: RollbackForbidden})
	case response.By == "" || !response.Wants(config.FailRollback):
		add(RollbackReason{Kind: RollbackNotDeclared})
	}
	switch q.May {
	case contracts.AnswerYes:
	case contracts.AnswerNo:
		add(RollbackReason{Kind: RollbackBreaks, Said: q.Said})
	default:
		add(RollbackReason{Kind: RollbackUnclear, Said: q.Said})
	}
	if len(q.Migrations) > 0 {
		add(RollbackReason{Kind: RollbackMigration, Files: q.Migrations})
	}
	if !q.FilesKnown {
		add(RollbackReason{Kind: RollbackFilesUnknown})
	}
	if response.Irreversible {
		add(RollbackReason{Kind: RollbackIrreversible})
	}
	if at := lastAutomatic(q); !at.IsZero() {
		add(RollbackReason{Kind: RollbackSecond, At: at})
	}
	return gravestRollback(reasons, q.Asked), reasons
}

// gravestRollback is what may be done in spite of several reasons.
func gravestRollback(reasons []RollbackReason, asked bool) RollbackDecision {
	decision := RollbackPerform
	for _, r := range reasons {
		switch {
		case decisionOf(r) == RollbackNone, asked && r.Kind == RollbackForbidden:
			return RollbackNone
		case !asked:
			decision = RollbackPropose
		}
	}
	return decision
}

// undoneBy is the remedy that a course carries out; nil where it goes back to nothing.
func undoneBy(c Course, remedies []Remedy) *Remedy {
	for i, m := range remedies {
		if m.Verification != c.ID() && m.MadeBy(c.Verification) {
			return &remedies[i]
		}
	}
	if c.Task == TaskRollback {
		return &Remedy{} // somebody else's
	}
	return nil
}

// lastAutomatic is when somebody last went back in the environment without being asked,
// less than a day ago; zero without one. What undoes the same deployment elsewhere in
// the environment is the same roll back.
func lastAutomatic(q RollbackQuestion) (last time.Time) {
	for _, m := range q.Remedies {
		if m.Automatic() && m.Deployment != q.Course.Deployment && q.Now.Sub(m.Intended) < RollbackAgain && m.Intended.After(last) {
			last = m.Intended
		}
	}
	return last
}
