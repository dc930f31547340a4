package handlers

import (
	"context"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// History finds verifications by what they were of and what they came to.
type History interface {
	// VerificationsOfCommit gives those of one commit in all places, the newest first.
	VerificationsOfCommit(ctx context.Context, repo contracts.RepositoryRef, commit string, most int) ([]deploy.Course, error)
	// RolledBack gives the newest ones that came to a roll back.
	RolledBack(ctx context.Context, repo contracts.RepositoryRef, most int) ([]deploy.Course, error)
}

// Overrides remembers who has let a held commit go again, by verdicts.
type Overrides interface {
	// PutOverride keeps a word; the first one on a verdict counts.
	PutOverride(ctx context.Context, repo contracts.RepositoryRef, o deploy.Override) error
	// Override gives the word on a verification; nil where there is none.
	Override(ctx context.Context, repo contracts.RepositoryRef, verification string) (*deploy.Override, error)
}

// Holds tells which commits are held: those that were to be rolled back in a place, and
// were neither verified there since nor let go.
type Holds struct {
	History   History
	Overrides Overrides
}

// held is a place in which a commit is held, or was before somebody let it go.
type held struct {
	deploy.Course
	override *deploy.Override
}

// of gives the places in which a commit was to be rolled back last.
func (h *Holds) of(ctx context.Context, repo contracts.RepositoryRef, commit string) ([]held, error) {
	courses, err := h.History.VerificationsOfCommit(ctx, repo, commit, mostCourses)
	if err != nil {
		return nil, err
	}
	var all []held
	for _, course := range deploy.HeldPlaces(courses) {
		override, err := h.Overrides.Override(ctx, repo, course.ID())
		if err != nil {
			return nil, err
		}
		all = append(all, held{course, override})
	}
	return all, nil
}

// reasons are what can-i-deploy is told of a commit that is held in the environment: a
// reason for each of the components that go there.
func (h *Holds) reasons(ctx context.Context, d *deployment) ([]contracts.AnswerReason, error) {
	if h == nil || d.q.HeldApart {
		return nil, nil
	}
	all, err := h.of(ctx, d.q.Repository, d.q.Commit)
	if err != nil {
		return nil, err
	}
	var reasons []contracts.AnswerReason
	for _, component := range d.components {
		for _, one := range all {
			if one.override == nil && one.Place.Component == component.Name && sameEnvironment(one.Place.Environment, d.q.Environment) {
				reasons = append(reasons, contracts.AnswerReason{Code: contracts.CodeHeld, Answer: contracts.AnswerNo, Provider: contracts.NameVersion(d.version(component))})
				break
			}
		}
	}
	return reasons, nil
}
