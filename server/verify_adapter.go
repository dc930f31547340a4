package server

import (
	"context"

	"plimsoll/config"
	"plimsoll/contracts"
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
	// allowed lists the hosts that deployments of a repository may probe.
	allowed func(ctx context.Context, repo contracts.RepositoryRef) ([]config.Allowed, error)
}

// Probe asks the environment of a verification.
func (p prober) Probe(ctx context.Context, v deploy.Verification, declared config.Probe) (deploy.ProbeResult, error) {
	request := probe.From(declared)
	request.Installation, request.Base = v.Repository.Installation, v.URL
	var err error
	if request.Allowed, err = p.allowed(ctx, v.Repository); err != nil {
		return deploy.ProbeResult{}, err
	}
	request.Values = probe.Values{SHA: v.Commit, Environment: v.Target.Environment, ID: v.Deployment}
	return p.Prober.Probe(ctx, request)
}
