package store

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/server/store/sqlc"
)

// Why a consumer's last known state is shown (contracts.Consumer.Stale). The
// gravest is given.
const (
	StaleUninstalled = Uninstalled
	StaleArchived    = "archived"
	StaleBroken      = "file-broken"
	// StaleAmbiguous: the consumer names the API in short, and several
	// repositories provide one of that name. It may mean this one: it is given for
	// each of them, so that nobody breaks it unwarned, and marked, so that the text
	// can ask for the full name.
	StaleAmbiguous = "api-ambiguous"
	// StaleUndeclared: the commit that runs does not declare the component, or can't
	// be read, and what the default branch declares stands for it.
	StaleUndeclared = "commit-undeclared"
)

// Consumers gives every consumer version of an API that counts: the heads of
// default branches, what runs in environments and what was released, sorted by
// repository, component and environment. Those count that name the API in full, by
// any name that the repository has or had, and those that use its short name. Where
// the short name is not unique in the installation the latter are marked
// StaleAmbiguous. A consumer whose repository is archived or gone stays, marked.
func (s *Store) Consumers(ctx context.Context, api contracts.APIRef) ([]contracts.Consumer, error) {
	l := consumerList{store: s, q: s.Read(), api: api}
	err := l.read(ctx)
	if errors.Is(err, errContentGone) { // what named it has changed since
		l = consumerList{store: s, q: s.Read(), api: api}
		err = l.read(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("find consumers of %s: %w", api.FullName(), err)
	}
	return l.consumers, nil
}

// consumerList gathers the consumers of one API.
type consumerList struct {
	store     *Store
	q         *sqlc.Queries
	api       contracts.APIRef
	ambiguous bool
	removed   bool // the app was taken from the account
	running   map[runningKey]bool
	baselines map[baselineKey]*contracts.ContractVersion
	rows      []*consumerRow
	consumers []contracts.Consumer
}

type runningKey struct {
	repository int64
	component  string
}

// consumerRow is what the queries for consumers have in common.
type consumerRow struct {
	sqlc.ListLiveConsumersRow
	commit     string // that states the use
	broken     bool
	undeclared bool // the commit that runs does not state it
}

func (l *consumerList) read(ctx context.Context) error {
	installation, name := l.api.Repository.Installation, Clean(l.api.Name)
	wanted := sqlc.ListConsumersParams{
		Installation: installation, Api: name,
		ApiOwnerRepo: fullName(Clean(l.api.Repository.Owner), Clean(l.api.Repository.Name)), Repository: l.api.Repository.ID,
	}
	others, err := l.q.CountOtherProviders(ctx, installation, name, l.api.Repository.ID)
	if err != nil {
		return err
	}
	l.ambiguous = others > 0
	account, err := l.q.GetInstallation(ctx, installation)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	l.removed = account.RemovedAt != 0
	running, err := l.q.ListRunning(ctx, installation, name)
	if err != nil {
		return err
	}
	l.running = make(map[runningKey]bool, len(running))
	for _, row := range running {
		l.running[runningKey{row.Repository, row.Component}] = true
	}
	if l.baselines, err = l.store.baselines(ctx, l.api); err != nil {
		return err
	}
	if err := l.branches(ctx, wanted); err != nil {
		return err
	}
	if err := l.live(ctx, wanted); err != nil {
		return err
	}
	slices.SortFunc(l.rows, compareRows)
	return l.decode(ctx)
}

// compareRows sorts by repository, component, environment, instance and release, and
// what is the same in these in one order, too.
func compareRows(a, b *consumerRow) int {
	return cmp.Or(
		strings.Compare(a.RepositoryOwner, b.RepositoryOwner), strings.Compare(a.RepositoryName, b.RepositoryName),
		cmp.Compare(a.Repository, b.Repository), strings.Compare(a.Component, b.Component),
		strings.Compare(a.Environment, b.Environment), strings.Compare(a.Instance, b.Instance), strings.Compare(a.Tag, b.Tag),
		compareBools(a.undeclared, b.undeclared), strings.Compare(a.CommitSha, b.CommitSha), cmp.Compare(a.Position, b.Position))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// branches adds the heads of default branches.
func (l *consumerList) branches(ctx context.Context, wanted sqlc.ListConsumersParams) error {
	rows, err := l.q.ListConsumers(ctx, wanted)
	if err != nil {
		return err
	}
	for _, row := range rows {
		l.rows = append(l.rows, &consumerRow{commit: row.CommitGood, broken: row.Broken, ListLiveConsumersRow: sqlc.ListLiveConsumersRow{
			Component: row.Component, ComponentOwner: row.ComponentOwner, ApiOwnerRepo: row.ApiOwnerRepo, Content: row.Content, Position: row.Position,
			Repository: row.Repository, RepositoryOwner: row.RepositoryOwner, RepositoryName: row.RepositoryName,
			Private: row.Private, Archived: row.Archived, Gone: row.Gone,
		}})
	}
	return nil
}

// live adds what runs and what was released.
func (l *consumerList) live(ctx context.Context, wanted sqlc.ListConsumersParams) error {
	rows, err := l.q.ListLiveConsumers(ctx, sqlc.ListLiveConsumersParams(wanted))
	if err != nil {
		return err
	}
	for _, row := range rows {
		l.rows = append(l.rows, &consumerRow{ListLiveConsumersRow: row, commit: row.CommitSha})
	}
	undeclared, err := l.q.ListUndeclaredConsumers(ctx, sqlc.ListUndeclaredConsumersParams(wanted))
	if err != nil {
		return err
	}
	for _, row := range undeclared {
		l.rows = append(l.rows, &consumerRow{commit: row.CommitGood, undeclared: true, ListLiveConsumersRow: sqlc.ListLiveConsumersRow{
			Component: row.Component, ComponentOwner: row.ComponentOwner, ApiOwnerRepo: row.ApiOwnerRepo, Content: row.Content, Position: row.Position,
			Environment: row.Environment, Instance: row.Instance, Tag: row.Tag, CommitSha: row.CommitSha, Production: row.Production, Rolling: row.Rolling,
			Repository: row.Repository, RepositoryOwner: row.RepositoryOwner, RepositoryName: row.RepositoryName,
			Private: row.Private, Archived: row.Archived, Gone: row.Gone,
		}})
	}
	return nil
}

func (l *consumerList) stale(row *consumerRow) string {
	switch {
	case row.Gone != "", l.removed:
		return StaleUninstalled
	case row.Archived:
		return StaleArchived
	case row.broken:
		return StaleBroken
	case row.undeclared:
		return StaleUndeclared
	case l.ambiguous && row.ApiOwnerRepo == "":
		return StaleAmbiguous
	}
	return ""
}
