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

// RollbackKind says what a reason against going back by ourselves is about.
type RollbackKind string

// Reasons for which nobody can go back.
const (
	// RollbackNoTarget: no commit was verified in the place before.
	RollbackNoTarget RollbackKind = "no-target"
	// RollbackOfRollback: the deployment goes back itself, so that the cause is elsewhere.
	RollbackOfRollback RollbackKind = "roll-back-of-a-roll-back"
	// RollbackNotCurrent: Deployment is newer in the place, or has begun; 0: the bad one
	// is not there any more.
	RollbackNotCurrent RollbackKind = "not-current"
	// RollbackUnderWay: somebody goes back already, by Deployment where it is known.
	RollbackUnderWay RollbackKind = "under-way"
	// RollbackForbidden: the repository says that nobody goes back by us.
	RollbackForbidden RollbackKind = "by-none"
	// RollbackNotTaken: GitHub has refused it, in Words.
	RollbackNotTaken RollbackKind = "not-taken"
)

// Reasons why nothing has come of one that was begun.
const (
	// RollbackFailed: Deployment, which goes back, has failed.
	RollbackFailed RollbackKind = "failed"
	// RollbackSilent: nobody has picked up Deployment; 0: no deployment has come of the
	// workflow.
	RollbackSilent RollbackKind = "silent"
	// RollbackNotKnown: the answer to the start of the workflow was lost, and GitHub lists
	// no run of it.
	RollbackNotKnown RollbackKind = "not-known"
	// RollbackGivenUp: something has failed inside, again and again.
	RollbackGivenUp RollbackKind = "given-up"
)

// Reasons for which it is proposed only. Somebody who asks overrides them.
const (
	// RollbackNotDeclared: the repository does not ask for it to be performed.
	RollbackNotDeclared RollbackKind = "not-declared"
	// RollbackBreaks: the old contract breaks somebody (Said).
	RollbackBreaks RollbackKind = "breaks"
	// RollbackUnclear: whether it breaks somebody can't be told (Said).
	RollbackUnclear RollbackKind = "unclear"
	// RollbackMigration: Files look like database migrations.
	RollbackMigration RollbackKind = "migration"
	// RollbackFilesUnknown: what lies between the commits can't be told in full.
	RollbackFilesUnknown RollbackKind = "files-unknown"
	// RollbackIrreversible: it is declared so.
	RollbackIrreversible RollbackKind = "irreversible"
	// RollbackSecond: one was performed in the environment At, less than a day ago.
	RollbackSecond RollbackKind = "second-in-a-day"
)

// RollbackReason is one reason, in data; the words are made elsewhere.
type RollbackReason struct {
	Kind       RollbackKind             `json:"kind"`
	Deployment int64                    `json:"deployment,omitempty"`
	Commit     string                   `json:"commit,omitempty"`
	At         time.Time                `json:"at,omitzero"`
	Files      []string                 `json:"files,omitempty"`
	Said       []contracts.AnswerReason `json:"said,omitempty"`
	Words      string                   `json:"words,omitempty"`
}

// decision is the most that is done in spite of the reason.
func (r RollbackReason) decision() RollbackDecision {
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
		case r.decision() == RollbackNone, asked && r.Kind == RollbackForbidden:
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
