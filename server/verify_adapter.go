package server

import (
	"context"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers"
	"plimsoll/server/github"
	"plimsoll/server/probe"
	"plimsoll/server/signals"
	"plimsoll/server/store"
)

var (
	_ handlers.Courses  = (*store.Store)(nil)
	_ handlers.Deployer = hub{}
	_ handlers.Prober   = prober{}
	_ handlers.Gates    = gates{}
	_ handlers.Signals  = (*signals.Asker)(nil)
)

// gates answers deployment protection rules, in the handlers' words.
type gates struct{ hub }

var gateStates = map[deploy.GateState]github.GateState{deploy.GateApproved: github.GateApproved, deploy.GateRejected: github.GateRejected, deploy.GateHeld: github.GateHeld}

// AnswerGate answers, or reports; a run that is not there wraps fs.ErrNotExist.
func (g gates) AnswerGate(ctx context.Context, repo contracts.RepositoryRef, run int64, environment string, state deploy.GateState, comment string) error {
	return missing(g.Clients.AnswerGate(ctx, repo, run, environment, gateStates[state], comment))
}

// prober asks environments, within what the operator allows.
type prober struct {
	*probe.Prober
	allowed []config.Allowed
}

// Probe asks the environment of a verification.
func (p prober) Probe(ctx context.Context, v deploy.Verification, declared config.Probe) deploy.ProbeResult {
	request := probe.From(declared)
	request.Installation, request.Base, request.Allowed = v.Repository.Installation, v.URL, p.allowed
	request.Values = probe.Values{SHA: v.Commit, Environment: v.Place.Environment, ID: v.Deployment}
	return p.Prober.Probe(ctx, request)
}

// verify has what is deployed watched.
func (s *Server) verify(registrar *handlers.Registrar, watcher *handlers.Watcher, remember memory) {
	verifier := &handlers.Verifier{
		Courses: s.store, Organisations: watcher.Organisations, Publisher: s.hub, Deployer: s.hub, Commits: s.hub, Record: watcher.Record,
		Prober: prober{probe.New(probe.Config{}), s.options.Config.Probes.Allow},
		Ledger: s.store, Queue: jobs{s.queue}, Now: remember.Now, WebURL: s.hub.WebURL(),
	}
	verifier.Answers = watcher.Answers
	if s.prometheus != nil {
		verifier.Signals = &signals.Asker{Servers: s.prometheus}
	}
	watcher.Verifier = verifier
	s.roll(verifier, watcher)
	keeper := &handlers.Gatekeeper{
		Gates: gates{s.hub}, Registrar: registrar, Watcher: watcher, Verifier: verifier, Ledger: s.store, Queue: verifier.Queue, Scans: remember, Now: remember.Now,
	}
	s.queue.Register(handlers.KindGate, worker(keeper.Answer))
	s.queue.Register(handlers.KindVerify, worker(verifier.Look))
}
