package gates

import (
	"context"
	"errors"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/gate"
)

// History finds verifications by their commit and by their verdict.
type History interface {
	// VerificationsOfCommit returns those of one commit in all targets, newest first.
	VerificationsOfCommit(ctx context.Context, repo contracts.RepositoryRef, commit string, most int) ([]deploy.VerificationRun, error)
	// RolledBack returns the newest ones with the verdict "roll back".
	RolledBack(ctx context.Context, repo contracts.RepositoryRef, most int) ([]deploy.VerificationRun, error)
}

// Overrides remembers who has released a held commit, by verdict.
type Overrides interface {
	// PutOverride stores an override; the first one of a verdict counts.
	PutOverride(ctx context.Context, repo contracts.RepositoryRef, o gate.Override) error
	// Override returns the override of a verification; nil if there is none.
	Override(ctx context.Context, repo contracts.RepositoryRef, verification string) (*gate.Override, error)
}

// mostRuns is how many runs of a commit, or of a target, are read.
const mostRuns = 50

// Holds tells which commits are held: those that were to be rolled back from a target, and
// were neither verified there since nor released by an override.
type Holds struct {
	history   History
	overrides Overrides
}

// NewHolds returns a Holds.
func NewHolds(history History, overrides Overrides) (*Holds, error) {
	if history == nil || overrides == nil {
		return nil, errors.New("make the holds: they need verifications and overrides")
	}
	return &Holds{history, overrides}, nil
}

// held is a target in which a commit is held, or was held until an override.
type held struct {
	deploy.VerificationRun
	override *gate.Override
}

// of returns the targets in which a commit was to be rolled back last.
func (h *Holds) of(ctx context.Context, repo contracts.RepositoryRef, commit string) ([]held, error) {
	runs, err := h.history.VerificationsOfCommit(ctx, repo, commit, mostRuns)
	if err != nil {
		return nil, err
	}
	var all []held
	for _, run := range gate.HeldTargets(runs) {
		override, err := h.overrides.Override(ctx, repo, run.ID())
		if err != nil {
			return nil, err
		}
		all = append(all, held{run, override})
	}
	return all, nil
}

// Held returns the targets in which a commit is held now.
func (h *Holds) Held(ctx context.Context, repo contracts.RepositoryRef, commit string) ([]deploy.Target, error) {
	all, err := h.of(ctx, repo, commit)
	var targets []deploy.Target
	for _, one := range all {
		if one.override == nil {
			targets = append(targets, one.Target)
		}
	}
	return targets, err
}
