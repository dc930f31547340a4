package server

import (
	"context"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/handlers"
	"plimsoll/server/probe"
	"plimsoll/server/signals"
	"plimsoll/server/store"
)

var (
	_ handlers.Courses  = (*store.Store)(nil)
	_ handlers.Deployer = hub{}
	_ handlers.Prober   = prober{}
	_ handlers.Signals  = (*signals.Asker)(nil)
)

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
