package deploy

import (
	"time"

	"plimsoll/contracts"
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
