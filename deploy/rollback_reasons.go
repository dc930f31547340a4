package deploy

import (
	"encoding/json"
	"time"

	"plimsoll/contracts"
)

// RollbackReasonKind is the kind of a reason against an automatic rollback.
type RollbackReasonKind string

// Reasons that make a rollback impossible.
const (
	// RollbackNoTarget: no commit was verified in the target before, or ran there for a day.
	RollbackNoTarget RollbackReasonKind = "no-target"
	// RollbackOfRollback: the deployment is a rollback itself, so the cause is elsewhere.
	RollbackOfRollback RollbackReasonKind = "roll-back-of-a-roll-back"
	// RollbackNotCurrent: Deployment is newer in the target or in progress; 0: the bad one
	// does not run there any more.
	RollbackNotCurrent RollbackReasonKind = "not-current"
	// RollbackUnderWay: a rollback is in progress, by Deployment if that is known.
	RollbackUnderWay RollbackReasonKind = "under-way"
	// RollbackForbidden: the repository declares `rollback: none`.
	RollbackForbidden RollbackReasonKind = "by-none"
	// RollbackNotTaken: GitHub refused it; Words are GitHub's.
	RollbackNotTaken RollbackReasonKind = "not-taken"
)

// Reasons why a rollback that began did not finish.
const (
	// RollbackDeploymentFailed: Deployment, which rolls back, failed.
	RollbackDeploymentFailed RollbackReasonKind = "failed"
	// RollbackSilent: nothing has started Deployment; 0: the workflow created no
	// deployment.
	RollbackSilent RollbackReasonKind = "silent"
	// RollbackNotKnown: the response to the start of the workflow was lost, and GitHub
	// lists no run of it.
	RollbackNotKnown RollbackReasonKind = "not-known"
	// RollbackGivenUp: it failed repeatedly on our side.
	RollbackGivenUp RollbackReasonKind = "given-up"
)

// Reasons for which a rollback is only proposed. A person who asks overrides them.
const (
	// RollbackNotDeclared: the repository does not declare automatic rollbacks.
	RollbackNotDeclared RollbackReasonKind = "not-declared"
	// RollbackBreaks: the old contract breaks a consumer (CanDeploy).
	RollbackBreaks RollbackReasonKind = "breaks"
	// RollbackUnclear: whether it breaks a consumer is unknown (CanDeploy).
	RollbackUnclear RollbackReasonKind = "unclear"
	// RollbackMigration: Files look like database migrations.
	RollbackMigration RollbackReasonKind = "migration"
	// RollbackFilesUnknown: not all changed files between the commits are known.
	RollbackFilesUnknown RollbackReasonKind = "files-unknown"
	// RollbackIrreversible: the environment is declared irreversible.
	RollbackIrreversible RollbackReasonKind = "irreversible"
	// RollbackFar: Commit was deployed long ago (At), or Count deployments ago.
	RollbackFar RollbackReasonKind = "far"
	// RollbackOthersToo: the workflow (Words) takes no component, so it would roll back
	// Components too.
	RollbackOthersToo RollbackReasonKind = "others-too"
	// RollbackDryRun: the repository declares a dry run, for the environment or for Signals,
	// which alone are against the deployment. As the only reason: it would have been performed.
	RollbackDryRun RollbackReasonKind = "dry-run"
	// RollbackSecond: another one was performed in the environment At, less than a day
	// ago.
	RollbackSecond RollbackReasonKind = "second-in-a-day"
)

// RollbackReason is one reason against a rollback, as data. Its text is made elsewhere.
type RollbackReason struct {
	Kind       RollbackReasonKind       `json:"kind"`
	Deployment int64                    `json:"deployment,omitempty"`
	Commit     string                   `json:"commit,omitempty"`
	At         time.Time                `json:"at,omitzero"`
	Files      []string                 `json:"files,omitempty"`
	CanDeploy  []contracts.AnswerReason `json:"can_deploy,omitempty"`
	Words      string                   `json:"words,omitempty"`
	Components []string                 `json:"components,omitempty"`
	Signals    []string                 `json:"signals,omitempty"`
	Count      int                      `json:"count,omitempty"`
}

// UnmarshalJSON reads what was stored, also by versions that called the reasons of
// can-i-deploy what it said.
func (r *RollbackReason) UnmarshalJSON(data []byte) error {
	type current RollbackReason
	stored := struct {
		*current
		Said []contracts.AnswerReason `json:"said"`
	}{current: (*current)(r)}
	if err := json.Unmarshal(data, &stored); err != nil {
		return err
	}
	if stored.Said != nil {
		r.CanDeploy = stored.Said
	}
	return nil
}
