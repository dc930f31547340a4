package server

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"plimsoll"
	"plimsoll/config"
	"plimsoll/handlers/commands"
	"plimsoll/handlers/pulls"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
	"plimsoll/server/intake"
)

// How often GitHub's lists are compared with what is known, how old a complete list may be
// when the server starts before it counts as incomplete, and how often everything is looked
// through.
const (
	listEvery  = time.Hour
	oldList    = 2 * time.Hour
	sweepEvery = 24 * time.Hour
)

// reconcileEvery is how often GitHub's lists are compared; below 0: never.
func (s *Server) reconcileEvery() time.Duration {
	every := cmp.Or(s.options.Reconcile, listEvery)
	if sweep := s.options.Sweep; sweep > 0 && every > 0 {
		every = min(every, sweep)
	}
	return every
}

// doubt marks lists of repositories as incomplete that are old: no server ran for a while,
// or the database was restored from a copy.
func (s *Server) doubt(ctx context.Context) error {
	if s.reconcileEvery() < 0 {
		return nil
	}
	now, err := s.store.Now(ctx)
	if err != nil {
		return fmt.Errorf("start: %w", err)
	}
	return s.store.DoubtScans(ctx, now.Add(-oldList))
}

// AskedOfAccounts is what app.yml asks for.
func AskedOfAccounts() (registry.Asks, error) {
	var manifest struct {
		Permissions map[string]string `yaml:"default_permissions"`
		Events      []string          `yaml:"default_events"`
	}
	if err := yaml.Unmarshal(plimsoll.AppManifest, &manifest); err != nil {
		return registry.Asks{}, fmt.Errorf("read app.yml: %w", err)
	}
	return registry.Asks{Permissions: manifest.Permissions, Events: manifest.Events}, nil
}

// PermissionsPage is where an account accepts what the App asks for. Where the App itself
// does not ask for all of it, its owner has to change that first.
func (h githubAdapter) PermissionsPage(ctx context.Context, installation source.Installation, lacking source.Lacking) (string, error) {
	app, err := h.App(ctx)
	if err != nil {
		return "", err
	}
	asks, err := AskedOfAccounts()
	if err != nil {
		return "", err
	}
	asked := registry.LackingOf(asks, source.Installation{Permissions: app.Permissions, Events: app.Events})
	if slices.ContainsFunc(append(lacking.Permissions, lacking.Events...), func(name string) bool {
		return slices.Contains(asked.Permissions, name) || slices.Contains(asked.Events, name)
	}) {
		return h.SettingsPage(app.OwnerType, app.Owner) + "/apps/" + url.PathEscape(app.Slug) + "/permissions", nil
	}
	return fmt.Sprintf("%s/installations/%d", h.SettingsPage(installation.AccountType, installation.Account), installation.ID), nil
}

// registerRepositories registers what reads many repositories and what nobody waits for in
// a pool of its own: it delays no pull request. warn follows each page of installations.
func registerRepositories(q jobs, r repositories, s *pulls.Sweeper, warn func(context.Context) error) {
	q.RegisterIn(poolBackground, work.KindRegister, sparing(r.left, worker(r.indexer.Do)))
	q.WhenDead(work.KindRegister, worker(r.indexer.GiveUp))
	q.RegisterIn(poolBackground, work.KindScan, sparing(r.left, worker(r.scanner.Page)))
	q.RegisterIn(poolBackground, work.KindInstallations, worker(func(ctx context.Context, args work.InstallationsArgs) error {
		return errors.Join(r.reconciler.Page(ctx, args), warn(ctx))
	}))
	q.RegisterIn(poolBackground, work.KindLook, sparing(r.left, worker(s.Look)))
	q.WhenDead(work.KindLook, worker(s.LookAtAll))
	q.RegisterIn(poolBackground, work.KindSweep, sparing(r.left, worker(s.Sweep)))
}

// newSweeper makes what finds what events have not told, and commands among that.
func newSweeper(b base) (*pulls.Sweeper, *commands.Missed, error) {
	missed, err := commands.NewMissed(b.github, b.jobs, b.store.Now)
	if err != nil {
		return nil, nil, err
	}
	sweeper, err := pulls.NewSweeper(pulls.SweeperDeps{
		Pulls: b.github, Verdicts: b.store, Accounts: b.store, Organisations: b.organisations, Commands: missed, Queue: b.jobs,
		Everywhere: b.conf.Answer == config.Everywhere,
	})
	return sweeper, missed, err
}

// olderPause is the pause between two pages of an older part of GitHub's log of deliveries: at
// 100 a page, 3,000 deliveries in an hour are asked for, of the 5,000 requests that the App has.
const olderPause = 2 * time.Minute

// registerReplay asks GitHub now and then for deliveries that are not in the database.
func (s *Server) registerReplay(q jobs) {
	replayer := intake.NewReplayer(s.store, deliveryLog{s.github.Clients}, intake.ReplayConfig{}, func(ctx context.Context, older intake.Older) error {
		now, err := s.store.Now(ctx)
		if err != nil {
			return err
		}
		key := fmt.Sprintf("%s/%d", kindReplay, older.Since.UnixMilli())
		return q.Enqueue(ctx, work.Work{Kind: kindReplay + "/older", Key: key, Args: older, At: now.Add(olderPause)})
	})
	q.Queue.Register(kindReplay, worker(func(ctx context.Context, older intake.Older) error {
		if older.Cursor != "" {
			return replayer.Older(ctx, older)
		}
		_, err := replayer.Run(ctx)
		return err
	}))
	s.every(kindReplay, cmp.Or(s.options.Replay, 5*time.Minute))
}
