package server

import (
	"context"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/verification"
	"plimsoll/server/notify"
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
	// allowed says what probes of a repository's deployments may do.
	allowed func(ctx context.Context, repo contracts.RepositoryRef) (probe.Rules, error)
}

// Probe asks the environment of a verification.
func (p prober) Probe(ctx context.Context, v deploy.Verification, declared config.Probe) (deploy.ProbeResult, error) {
	rules, err := p.allowed(ctx, v.Repository)
	if err != nil {
		return deploy.ProbeResult{}, err
	}
	values := probe.Values{SHA: v.Commit, Environment: v.Target.Environment, ID: v.Deployment}
	if !declared.Plain() {
		journey := probe.FromJourney(declared)
		journey.Installation, journey.Base, journey.Rules, journey.Values = v.Repository.Installation, v.URL, rules, values
		return p.Journey(ctx, journey)
	}
	request := probe.From(declared)
	request.Installation, request.Base, request.Allowed, request.Values = v.Repository.Installation, v.URL, rules.Allowed, values
	return p.Prober.Probe(ctx, request)
}

// newNotifier makes what sends verdicts and rollbacks to the operator's destinations.
func newNotifier(b base) (*notify.Notifier, error) {
	may := func(ctx context.Context, to config.Notification, repo contracts.RepositoryRef) (bool, error) {
		return b.tenants.mayUse(ctx, users{to.Accounts, to.Repositories}, repo.Installation, repo.ID)
	}
	return notify.New(notify.Config{Source: string(b.conf.PublicURL), May: may, Queue: b.jobs, Now: time.Now}, b.conf.Notifications)
}
