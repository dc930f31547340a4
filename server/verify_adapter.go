package server

import (
	"context"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/handlers/verification"
	"plimsoll/server/probe"
	"plimsoll/server/signals"
)

var (
	_ verification.Deployer = githubAdapter{}
	_ deploy.Prober         = prober{}
	_ deploy.SignalSource   = (*signals.Asker)(nil)
)

// prober asks environments, within what the operator allows.
type prober struct {
	*probe.Prober
	allowed []config.Allowed
	// mayProbe reports whether an account may be probed; nil: every one.
	mayProbe func(ctx context.Context, installation int64) (bool, error)
}

// Probe asks the environment of a verification.
func (p prober) Probe(ctx context.Context, v deploy.Verification, declared config.Probe) (deploy.ProbeResult, error) {
	request := probe.From(declared)
	request.Installation, request.Base, request.Allowed = v.Repository.Installation, v.URL, p.allowed
	if p.mayProbe != nil {
		may, err := p.mayProbe(ctx, v.Repository.Installation)
		if err != nil {
			return deploy.ProbeResult{}, err
		}
		if !may {
			request.Allowed = nil
		}
	}
	request.Values = probe.Values{SHA: v.Commit, Environment: v.Target.Environment, ID: v.Deployment}
	return p.Prober.Probe(ctx, request)
}
