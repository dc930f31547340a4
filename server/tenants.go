package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"plimsoll/config"
	"plimsoll/server/github"
	"plimsoll/server/prometheus"
	"plimsoll/server/queue"
)

// tenants decides which accounts may use what the operator has set up for some: metric
// servers, and hosts that may be probed. An account that installs the App must not reach
// what belongs to another account.
type tenants struct {
	app interface {
		App(ctx context.Context) (github.App, error)
	}
	accounts interface {
		AccountOf(ctx context.Context, installation int64) (string, error)
	}
	datasources map[string][]config.Account // who may use one, by its name
	probes      []config.Account

	mu    sync.Mutex
	owner string // of the App; empty: not asked yet
}

func newTenants(conf *config.Server, h githubAdapter, accounts interface {
	AccountOf(ctx context.Context, installation int64) (string, error)
}) *tenants {
	t := &tenants{app: h, accounts: accounts, probes: conf.Probes.Accounts, datasources: map[string][]config.Account{}}
	for _, d := range conf.Datasources {
		t.datasources[string(d.Name)] = d.Accounts
	}
	return t
}

// metricServers are the operator's, each for the accounts that may use it; nil without any.
func (t *tenants) metricServers(datasources []config.Datasource, now func() time.Time) (*prometheus.Servers, error) {
	if len(datasources) == 0 {
		return nil, nil
	}
	servers, err := prometheus.FromOperator(datasources)
	if err != nil {
		return nil, err
	}
	return prometheus.New(prometheus.Config{Servers: servers, Now: now, MayAsk: t.mayAsk})
}

// mayAsk reports whether the account that the job of ctx belongs to may use a metric server.
// Outside of jobs nobody may.
func (t *tenants) mayAsk(ctx context.Context, datasource string) (bool, error) {
	job, ok := queue.FromContext(ctx)
	if !ok {
		return false, nil
	}
	account, err := t.accounts.AccountOf(ctx, job.Installation)
	if err != nil {
		return false, fmt.Errorf("find the account of installation %d: %w", job.Installation, err)
	}
	return t.admits(ctx, t.datasources[datasource], account)
}

// mayProbe reports whether the deployments of an account may be probed.
func (t *tenants) mayProbe(ctx context.Context, account string) (bool, error) {
	return t.admits(ctx, t.probes, account)
}

// admits reports whether an account is one of those that are named; where none is named,
// whether it owns the App.
func (t *tenants) admits(ctx context.Context, named []config.Account, account string) (bool, error) {
	if len(named) == 0 {
		owner, err := t.ownerOfApp(ctx)
		return err == nil && strings.EqualFold(owner, account), err
	}
	return slices.ContainsFunc(named, func(a config.Account) bool {
		return a == config.EveryAccount || strings.EqualFold(string(a), account)
	}), nil
}

func (t *tenants) ownerOfApp(ctx context.Context) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.owner == "" {
		app, err := t.app.App(ctx)
		if err != nil {
			return "", fmt.Errorf("find the owner of the App: %w", err)
		}
		t.owner = app.Owner
	}
	return t.owner, nil
}
