package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/server/github"
	"plimsoll/server/probe"
	"plimsoll/server/queue"
	"plimsoll/server/store"
)

// tenants decides which accounts may use what the operator has set up for some: metric
// servers, and hosts that may be probed. An account that installs the App must not reach
// what belongs to another account. Accounts are identified by their ids: a name can change
// hands.
type tenants struct {
	app interface {
		App(ctx context.Context) (github.App, error)
	}
	accounts *store.Store
	// rules may be replaced while jobs run.
	rules atomic.Pointer[tenantRules]

	mu    sync.Mutex
	owner github.App // of the App; without an id: not asked yet
}

func newTenants(conf *config.Server, h githubAdapter, accounts *store.Store) *tenants {
	t := &tenants{app: h, accounts: accounts}
	t.rules.Store(rulesOf(conf))
	return t
}

// tenantRules are what the operator's file says about accounts.
type tenantRules struct {
	served    []config.Account
	probes    config.ProbeRules
	operators []config.Operator
}

func rulesOf(conf *config.Server) *tenantRules {
	return &tenantRules{conf.Accounts, conf.Probes, conf.Operators}
}

// users are who may use something: repositories of accounts, or all of them.
type users struct {
	accounts     []config.Account
	repositories []config.RepositoryPattern
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
	of := func(u users) {
		add(u.accounts, "")
		for _, repository := range u.repositories {
			add([]config.Account{repository.Account()}, "")
		}
	}
	add(conf.Accounts, "")
	of(users{conf.Probes.Accounts, conf.Probes.Repositories})
	for _, tenant := range conf.Probes.Tenants {
		of(users{tenant.Accounts, tenant.Repositories})
	}
	for _, secret := range conf.Probes.Secrets {
		of(users{secret.Accounts, secret.Repositories})
	}
	for _, n := range conf.Notifications {
		of(users{n.Accounts, n.Repositories})
	}
	for _, d := range conf.Datasources {
		of(users{d.Accounts, d.Repositories})
	}
	return named
}

// mayAsk reports whether the repository that the job of ctx works for is among the users of a
// metric server. Outside of jobs none is.
func (t *tenants) mayAsk(ctx context.Context, u users) (bool, error) {
	job, ok := queue.FromContext(ctx)
	if !ok {
		return false, nil
	}
	return t.mayUse(ctx, u, job.Installation, repositoryOf(job))
}

// repositoryOf is the repository that a job works for, by its key or its arguments; 0: none.
func repositoryOf(job queue.Job) (id int64) {
	if n, err := fmt.Sscanf(job.Key, "repo/%d", &id); err == nil && n == 1 {
		return id
	}
	var args struct {
		Repository struct {
			ID int64 `json:"id"`
		} `json:"repository"`
	}
	if err := json.Unmarshal(job.Args, &args); err != nil {
		return 0
	}
	return args.Repository.ID
}

// allowed says what probes of a repository's deployments may do.
func (t *tenants) allowed(ctx context.Context, repo contracts.RepositoryRef) (may probe.Rules, err error) {
	probes := t.rules.Load().probes
	rules := append([]config.ProbeTenant{{Allow: probes.Allow, Post: probes.Post, Accounts: probes.Accounts, Repositories: probes.Repositories}}, probes.Tenants...)
	for _, rule := range rules {
		if len(rule.Allow) == 0 {
			continue
		}
		uses, err := t.mayUse(ctx, users{rule.Accounts, rule.Repositories}, repo.Installation, repo.ID)
		if err != nil {
			return probe.Rules{}, err
		}
		if uses {
			may.Allowed, may.Post = append(may.Allowed, rule.Allow...), append(may.Post, rule.Post...)
		}
	}
	for _, secret := range probes.Secrets {
		uses, err := t.mayUse(ctx, users{secret.Accounts, secret.Repositories}, repo.Installation, repo.ID)
		if err != nil {
			return probe.Rules{}, err
		}
		if uses {
			may.Secrets = append(may.Secrets, secret)
		}
	}
	return may, nil
}

// mayUse reports whether a repository of an installation is among the users of something,
// by the name that it has now.
func (t *tenants) mayUse(ctx context.Context, u users, installation, repository int64) (bool, error) {
	account, err := t.accounts.AccountOf(ctx, installation)
	if err != nil {
		return false, err
	}
	if may, err := t.admits(ctx, u.accounts, account); err != nil || !may || len(u.repositories) == 0 {
		return may, err
	}
	repo, err := t.accounts.RepositoryRef(ctx, installation, repository)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	names, err := t.accounts.NamesOf(ctx, account)
	return slices.ContainsFunc(u.repositories, func(p config.RepositoryPattern) bool {
		return slices.Contains(names, strings.ToLower(string(p.Account()))) && p.MatchName(repo.Name)
	}), err
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
