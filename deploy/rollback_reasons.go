package deploy

import (
	"time"

	"plimsoll/contracts"
)

// RollbackKind is the kind of a reason against an automatic rollback.
type RollbackKind string

// Reasons that make a rollback impossible.
const (
	// RollbackNoTarget: no commit was verified in the target before.
	RollbackNoTarget RollbackKind = "no-target"
	// RollbackOfRollback: the deployment is a rollback itself, so the cause is elsewhere.
	RollbackOfRollback RollbackKind = "roll-back-of-a-roll-back"
	// RollbackNotCurrent: Deployment is newer in the target or in progress; 0: the bad one
	// does not run there any more.
	RollbackNotCurrent RollbackKind = "not-current"
	// RollbackUnderWay: a rollback is in progress, by Deployment if that is known.
	RollbackUnderWay RollbackKind = "under-way"
	// RollbackForbidden: the repository declares `rollback: none`.
	RollbackForbidden RollbackKind = "by-none"
	// RollbackNotTaken: GitHub refused it; Words are GitHub's.
	RollbackNotTaken RollbackKind = "not-taken"
)

// Reasons why a rollback that began did not finish.
const (
	// RollbackFailed: Deployment, which rolls back, failed.
	RollbackFailed RollbackKind = "failed"
	// RollbackSilent: nothing has started Deployment; 0: the workflow created no
	// deployment.
	RollbackSilent RollbackKind = "silent"
	// RollbackNotKnown: the response to the start of the workflow was lost, and GitHub
	// lists no run of it.
	RollbackNotKnown RollbackKind = "not-known"
	// RollbackGivenUp: it failed repeatedly on our side.
	RollbackGivenUp RollbackKind = "given-up"
)

// Reasons for which a rollback is only proposed. A person who asks overrides them.
const (
	// RollbackNotDeclared: the repository does not declare automatic rollbacks.
	RollbackNotDeclared RollbackKind = "not-declared"
	// RollbackBreaks: the old contract breaks a consumer (Said).
	RollbackBreaks RollbackKind = "breaks"
	// RollbackUnclear: whether it breaks a consumer is unknown (Said).
	RollbackUnclear RollbackKind = "unclear"
	// RollbackMigration: Files look like database migrations.
	RollbackMigration RollbackKind = "migration"
	// RollbackFilesUnknown: not all changed files between the commits are known.
	RollbackFilesUnknown RollbackKind = "files-unknown"
	// RollbackIrreversible: the environment is declared irreversible.
	RollbackIrreversible RollbackKind = "irreversible"
	// RollbackSecond: another one was performed in the environment At, less than a day
	// ago.
	RollbackSecond RollbackKind = "second-in-a-day"
)

// RollbackReason is one reason against a rollback, as data. Its text is made elsewhere.
type RollbackReason struct {
	Kind       RollbackKind             `json:"kind"`
	Deployment int64                    `json:"deployment,omitempty"`
	Commit     string                   `json:"commit,omitempty"`
	At         time.Time                `json:"at,omitzero"`
	Files      []string                 `json:"files,omitempty"`
	Said       []contracts.AnswerReason `json:"said,omitempty"`
	Words      string                   `json:"words,omitempty"`
}
