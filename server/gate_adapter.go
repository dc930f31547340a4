package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/gates"
	"plimsoll/server/github"
)

var (
	_ gates.Gates = gateAdapter{}
)

// gateAdapter answers deployment protection rules, in the handlers' words.
type gateAdapter struct{ githubAdapter }

var gateStates = map[deploy.GateState]github.GateState{deploy.GateApproved: github.GateApproved, deploy.GateRejected: github.GateRejected, deploy.GateHeld: github.GateHeld}

// AnswerGate answers, or reports; a run that is not there wraps fs.ErrNotExist, one that
// waits no more handlers.ErrNotPending.
func (g gateAdapter) AnswerGate(ctx context.Context, repo contracts.RepositoryRef, run int64, environment string, state deploy.GateState, comment string) error {
	err := g.Clients.AnswerGate(ctx, repo, run, environment, gateStates[state], comment)
	if refused, ok := errors.AsType[*github.Error](err); ok && refused.Status == http.StatusUnprocessableEntity {
		return fmt.Errorf("%w: %w", gates.ErrNotPending, err)
	}
	return missing(err)
}

// PendingGates gives what waits; a repository that is not there wraps fs.ErrNotExist.
func (g gateAdapter) PendingGates(ctx context.Context, repo contracts.RepositoryRef) ([]gates.PendingGate, error) {
	found, err := g.Clients.PendingGates(ctx, repo)
	pending := make([]gates.PendingGate, len(found))
	for i, p := range found {
		pending[i] = gates.PendingGate(p)
	}
	return pending, missing(err)
}

// Asks tells whether an environment asks this App; one that is gone asks nobody.
func (g gateAdapter) Asks(ctx context.Context, repo contracts.RepositoryRef, environment string) (bool, error) {
	asks, err := g.Clients.GateAsks(ctx, repo, environment)
	if github.Classify(err) == github.ClassNotFound {
		return false, nil
	}
	return asks, err
}
