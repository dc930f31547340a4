package server

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"plimsoll/config"
	"plimsoll/handlers/source"
	"plimsoll/server/github"
	"plimsoll/server/prometheus"
	"plimsoll/server/queue"
	"plimsoll/server/store"
)

// tenants decides which accounts may use what the operator has set up for some: metric
// servers, and hosts that may be probed. An account that installs the App must not reach
// what belongs to another account. Accounts are told apart by their ids: a name can change
// hands.
type tenants struct {
	app interface {
		App(ctx context.Context) (github.App, error)
	}
	accounts    *store.Store
	datasources map[string][]config.Account // who may use one, by its name
	probes      []config.Account

	mu    sync.Mutex
	owner github.App // of the App; without an id: not asked yet
}

func newTenants(conf *config.Server, h githubAdapter, accounts *store.Store) *tenants {
	t := &tenants{app: h, accounts: accounts, probes: conf.Probes.Accounts, datasources: map[string][]config.Account{}}
	for _, d := range conf.Datasources {
		t.datasources[string(d.Name)] = d.Accounts
	}
	return t
}

// namedAccounts lists the accounts that the operator's file names anywhere.
func namedAccounts(conf *config.Server) (named []store.NamedAccount) {
	add := func(accounts []config.Account, organisation config.Name) {
		for _, account := range accounts {
			if account == config.EveryAccount {
				continue
			}
			known := func(n store.NamedAccount) bool { return strings.EqualFold(n.Name, string(account)) }
			if !slices.ContainsFunc(named, known) {
				named = append(named, store.NamedAccount{Name: string(account), Organisation: string(organisation)})
			}
		}
	}
	for _, organisation := range conf.Organisations {
		add(organisation.Accounts, organisation.Name)
	}
	add(conf.Accounts, "")
	add(conf.Probes.Accounts, "")
	for _, d := range conf.Datasources {
		add(d.Accounts, "")
	}
	return named
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
	return t.admitsInstallation(ctx, t.datasources[datasource], job.Installation)
}

// mayProbe reports whether the deployments of an account may be probed.
func (t *tenants) mayProbe(ctx context.Context, installation int64) (bool, error) {
	return t.admitsInstallation(ctx, t.probes, installation)
}

func (t *tenants) admitsInstallation(ctx context.Context, named []config.Account, installation int64) (bool, error) {
	account, err := t.accounts.AccountOf(ctx, installation)
	if err != nil {
		return false, err
	}
	return t.admits(ctx, named, account)
}

// admits reports whether an account is one of those that are named; where none is named,
// whether it owns the App.
func (t *tenants) admits(ctx context.Context, named []config.Account, account source.Account) (bool, error) {
	if slices.Contains(named, config.EveryAccount) {
		return true, nil
	}
	if len(named) == 0 {
		owner, err := t.ownerOfApp(ctx)
		if account.ID == 0 { // not compared with GitHub's list yet
			return err == nil && strings.EqualFold(owner.Owner, account.Login), err
		}
		return err == nil && owner.OwnerID == account.ID, err
	}
	names, err := t.accounts.NamesOf(ctx, account)
	return slices.ContainsFunc(named, func(a config.Account) bool { return slices.Contains(names, strings.ToLower(string(a))) }), err
}

func (t *tenants) ownerOfApp(ctx context.Context) (github.App, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.owner.OwnerID == 0 {
		app, err := t.app.App(ctx)
		if err != nil {
			return github.App{}, fmt.Errorf("find the owner of the App: %w", err)
		}
		t.owner = app
	}
	return t.owner, nil
}
