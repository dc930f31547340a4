package pulls

import (
	"context"
	"errors"
	"sync"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
	"plimsoll/handlers/source"
)

// PastRuns are the verifications that were, with what was measured before each.
type PastRuns interface {
	Verifications(ctx context.Context, repo contracts.RepositoryRef, target deploy.Target, most int) ([]deploy.VerificationRun, error)
	History(ctx context.Context, repo contracts.RepositoryRef, id string) (h *deploy.History, hash string, err error)
}

// Promiser says in advance what the traffic of a service can show. It uses what was
// measured before its last deployment, so that no metric server is asked.
type Promiser struct {
	runs PastRuns

	mu   sync.Mutex
	kept map[string][]signal.Promise // by repository and verification
}

// NewPromiser returns a Promiser.
func NewPromiser(runs PastRuns) (*Promiser, error) {
	if runs == nil {
		return nil, errors.New("make the promiser: it needs earlier verifications")
	}
	return &Promiser{runs: runs}, nil
}

const (
	// mostPromised is how many components of a pull request are covered, mostHistories how
	// many deployments of each are read to find one with a stored history.
	mostPromised  = 5
	mostHistories = 5
	keptPromises  = 500
)

// of returns what can be promised of the production environments of components in which a
// pull request changes files.
func (p *Promiser) of(ctx context.Context, repo contracts.RepositoryRef, file *config.Repository, touches func(path string) bool) (all []deploytext.Promised, err error) {
	if file == nil {
		return nil, nil
	}
	for _, component := range file.Components {
		if component.Path != "" && !touches(string(component.Path)) {
			continue
		}
		for name, environment := range component.Environments {
			if environment.Verify == nil || len(environment.Verify.Signals) == 0 || len(all) == mostPromised {
				continue
			}
			promised, err := p.promised(ctx, repo, deploy.Target{Component: string(component.Name), Environment: string(name)})
			if err != nil {
				return nil, err
			}
			if promised != nil && promised.Production {
				all = append(all, *promised)
			}
		}
	}
	return all, nil
}

// promised returns what can be promised of one target; nil if nothing is known of it.
func (p *Promiser) promised(ctx context.Context, repo contracts.RepositoryRef, target deploy.Target) (*deploytext.Promised, error) {
	runs, err := p.runs.Verifications(ctx, repo, target, mostHistories)
	if err != nil {
		return nil, err
	}
	for _, run := range runs {
		promises, err := p.promises(ctx, repo, run)
		if err != nil {
			return nil, err
		}
		if len(promises) > 0 {
			return &deploytext.Promised{
				Component: target.Component, Environment: target.Environment, Production: run.Target.Production, Watched: run.Plan.For, As: run.Began, Promises: promises,
			}, nil
		}
	}
	return nil, nil
}

func (p *Promiser) promises(ctx context.Context, repo contracts.RepositoryRef, run deploy.VerificationRun) ([]signal.Promise, error) {
	key := source.JSON(repo.Installation) + "/" + run.ID()
	p.mu.Lock()
	promises, known := p.kept[key]
	p.mu.Unlock()
	if known {
		return promises, nil
	}
	h, _, err := p.runs.History(ctx, repo, run.ID())
	if err != nil || h == nil {
		return nil, err // it may come
	}
	if promises, err = deploy.Promises(run.Verification, h); err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil || len(p.kept) >= keptPromises {
		p.kept = map[string][]signal.Promise{}
	}
	p.kept[key] = promises
	return promises, nil
}
