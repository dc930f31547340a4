package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers"
	"plimsoll/server/github"
	"plimsoll/server/store"
)

var (
	_ handlers.Gates      = gates{}
	_ handlers.AskedGates = memory{}
	_ handlers.History    = (*store.Store)(nil)
	_ handlers.Overrides  = (*store.Store)(nil)
)

// gates answers deployment protection rules, in the handlers' words.
type gates struct{ hub }

var gateStates = map[deploy.GateState]github.GateState{deploy.GateApproved: github.GateApproved, deploy.GateRejected: github.GateRejected, deploy.GateHeld: github.GateHeld}

// AnswerGate answers, or reports; a run that is not there wraps fs.ErrNotExist, one that
// waits no more handlers.ErrNotPending.
func (g gates) AnswerGate(ctx context.Context, repo contracts.RepositoryRef, run int64, environment string, state deploy.GateState, comment string) error {
	err := g.Clients.AnswerGate(ctx, repo, run, environment, gateStates[state], comment)
	if refused, ok := errors.AsType[*github.Error](err); ok && refused.Status == http.StatusUnprocessableEntity {
		return fmt.Errorf("%w: %w", handlers.ErrNotPending, err)
	}
	return missing(err)
}

// PendingGates gives what waits; a repository that is not there wraps fs.ErrNotExist.
func (g gates) PendingGates(ctx context.Context, repo contracts.RepositoryRef) ([]handlers.PendingGate, error) {
	found, err := g.Clients.PendingGates(ctx, repo)
	pending := make([]handlers.PendingGate, len(found))
	for i, p := range found {
		pending[i] = handlers.PendingGate(p)
	}
	return pending, missing(err)
}

// Asks tells whether an environment asks this App; one that is gone asks nobody.
func (g gates) Asks(ctx context.Context, repo contracts.RepositoryRef, environment string) (bool, error) {
	asks, err := g.Clients.GateAsks(ctx, repo, environment)
	if github.Classify(err) == github.ClassNotFound {
		return false, nil
	}
	return asks, err
}

// Gated lists the repositories that have a protection rule answered.
func (m memory) Gated(ctx context.Context) ([]contracts.RepositoryRef, error) {
	rows, err := m.Store.Gated(ctx)
	repositories := make([]contracts.RepositoryRef, len(rows))
	for i, row := range rows {
		repositories[i] = row.RepositoryRef
	}
	return repositories, err
}

// holds tells which commits are held.
func (s *Server) holds() *handlers.Holds {
	return &handlers.Holds{History: s.store, Overrides: s.store}
}

// overrider lets held commits go.
func (s *Server) overrider(remember memory) *handlers.Overrider {
	return &handlers.Overrider{Holds: s.holds(), People: s.hub, Deployer: s.hub, Ledger: s.store, Now: remember.Now}
}

// gates has deployment protection rules answered, also those whose event was lost.
func (s *Server) gates(registrar *handlers.Registrar, watcher *handlers.Watcher, readiness *handlers.ReadinessJudge, remember memory) *handlers.GateHandler {
	work := jobs{s.queue}
	keeper := &handlers.Gatekeeper{
		Gates: gates{s.hub}, Asked: remember, Holds: s.holds(), Registrar: registrar, Watcher: watcher, Verifier: watcher.Verifier, Readiness: readiness,
		Ledger: s.store, Queue: work, Scans: remember, Now: remember.Now, Explain: explain,
	}
	watcher.Answers.Holds = keeper.Holds
	s.queue.Register(handlers.KindGate, worker(keeper.Answer))
	s.queue.WhenDead(handlers.KindGate, worker(keeper.GiveUp))
	s.queue.Register(handlers.KindGates, worker(func(ctx context.Context, _ struct{}) error { return keeper.Sweep(ctx) }))
	s.queue.Register(handlers.KindPending, worker(keeper.Pending))
	if every := cmp.Or(s.options.Gates, 5*time.Minute); every > 0 {
		s.queue.Every(handlers.KindGates, every)
	}
	return &handlers.GateHandler{Gates: remember, Queue: work, Now: remember.Now}
}
