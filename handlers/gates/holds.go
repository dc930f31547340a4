package gates

import (
	"context"
	"errors"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/gate"
)

// History finds verifications by what they were of and what they came to.
type History interface {
	// VerificationsOfCommit gives those of one commit in all places, the newest first.
	VerificationsOfCommit(ctx context.Context, repo contracts.RepositoryRef, commit string, most int) ([]deploy.VerificationRun, error)
	// RolledBack gives the newest ones that came to a roll back.
	RolledBack(ctx context.Context, repo contracts.RepositoryRef, most int) ([]deploy.VerificationRun, error)
}

// Overrides remembers who has let a held commit go again, by verdicts.
type Overrides interface {
	// PutOverride keeps a word; the first one on a verdict counts.
	PutOverride(ctx context.Context, repo contracts.RepositoryRef, o gate.Override) error
	// Override gives the word on a verification; nil where there is none.
	Override(ctx context.Context, repo contracts.RepositoryRef, verification string) (*gate.Override, error)
}

// mostRuns of a commit, or of a place, are looked at.
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

// held is a place in which a commit is held, or was before somebody let it go.
type held struct {
	deploy.VerificationRun
	override *gate.Override
}

// of gives the places in which a commit was to be rolled back last.
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

// Held gives the places in which a commit is held now.
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
