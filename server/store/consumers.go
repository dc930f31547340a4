package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/cache"
	"plimsoll/server/store/sqlc"
)

// Reasons why a consumer's last known state is shown (contracts.Consumer.Stale). The
// most serious one is used.
const (
	StaleUninstalled = Uninstalled
	StaleArchived    = "archived"
	StaleBroken      = "file-broken"
	// StaleAmbiguous: the consumer uses a short name that belongs to another repository,
	// which provided it first. It may mean this one all the same, so it is listed, and
	// marked so that the text can ask for the full name.
	StaleAmbiguous = "api-ambiguous"
	// StaleUndeclared: the deployed commit does not declare the component, or can't be
	// read. The declaration on the default branch is used instead.
	StaleUndeclared = "commit-undeclared"
)

// Consumers lists every version of the consumers of an API that counts: the heads of
// default branches, what runs in environments and what was released, sorted by
// repository, component and environment, in the provider's account and those that are joined
// with it. A consumer may name the API in full, by any
// name that the repository has or had, or by its short name. If that belongs to another
// repository, the consumer is marked StaleAmbiguous. A consumer whose repository is archived or gone is listed and marked.
func (s *Store) Consumers(ctx context.Context, api contracts.APIRef) ([]contracts.Consumer, error) {
	l := consumerList{store: s, api: api}
	err := s.readAtOnce(ctx, func(q *sqlc.Queries) error {
		l.q = q
		return l.read(ctx)
	})
	if err != nil {
		return nil, fmt.Errorf("find consumers of %s: %w", api.FullName(), err)
	}
	return l.consumers, nil
}

// consumerList collects the consumers of one API.
type consumerList struct {
	store     *Store
	q         *sqlc.Queries
	api       contracts.APIRef
	view      view
	providers []sqlc.ListProvidersRow
	removed   map[int64]bool // installations that the App was taken from
	running   map[runningKey]bool
	baselines map[baselineKey]*contracts.ContractVersion
	// repositories by id; nil for one that is not known.
	repositories map[int64]*sqlc.Repository
	rows         []*consumerRow
	consumers    []contracts.Consumer
}

type runningKey struct {
	repository int64
	component  string
}

// consumerRow is one version; without CommitSha it is the head of a default branch.
type consumerRow struct {
	sqlc.ListLiveConsumersRow
	in         *sqlc.Repository
	commit     string // that states the use
	broken     bool
	undeclared bool // the commit that runs does not state it
}

func (l *consumerList) read(ctx context.Context) error {
	if err := l.around(ctx); err != nil {
		return err
	}
	l.repositories = map[int64]*sqlc.Repository{}
	for _, installation := range l.view.installations {
		if err := l.readAccount(ctx, installation); err != nil {
			return err
		}
	}
	l.rows = slices.DeleteFunc(l.rows, func(row *consumerRow) bool { return row.in == nil })
	slices.SortFunc(l.rows, compareRows)
	return l.decode(ctx)
}

// readAccount reads the consumers of one account.
func (l *consumerList) readAccount(ctx context.Context, installation int64) error {
	wanted := sqlc.ListConsumersParams{
		Installation: installation, Api: Clean(l.api.Name),
		ApiOwnerRepo: fullName(Clean(l.api.Repository.Owner), Clean(l.api.Repository.Name)), Repository: l.api.Repository.ID,
	}
	heads, err := l.q.ListConsumers(ctx, wanted)
	if err != nil {
		return err
	}
	live, err := l.q.ListLiveConsumers(ctx, sqlc.ListLiveConsumersParams(wanted))
	if err != nil {
		return err
	}
	undeclared, err := l.q.ListUndeclared(ctx, wanted.Installation, wanted.Api)
	if err != nil {
		return err
	}
	before := len(l.rows)
	l.rows = slices.Grow(l.rows, len(heads)+len(live)+len(undeclared))
	declared := map[runningKey][]*consumerRow{}
	for i := range heads {
		row := &heads[i]
		if err := l.note(ctx, &row.Repository); err != nil {
			return err
		}
		head := &consumerRow{commit: row.CommitGood, broken: row.Broken, ListLiveConsumersRow: sqlc.ListLiveConsumersRow{
			Repository: row.Repository.ID, Component: row.Component, ComponentOwner: row.ComponentOwner,
			ApiOwnerRepo: row.ApiOwnerRepo, Content: row.Content, Position: row.Position,
		}}
		l.rows = append(l.rows, head)
		of := runningKey{row.Repository.ID, row.Component}
		declared[of] = append(declared[of], head)
	}
	for i := range live {
		l.rows = append(l.rows, &consumerRow{ListLiveConsumersRow: live[i], commit: live[i].CommitSha})
	}
	listed := map[sqlc.ListUndeclaredRow]bool{}
	for _, row := range undeclared { // what the default branch declares stands for it
		if listed[row] {
			continue
		}
		listed[row] = true
		for _, head := range declared[runningKey{row.Repository, row.Component}] {
			one := &consumerRow{ListLiveConsumersRow: head.ListLiveConsumersRow, commit: head.commit, undeclared: true}
			one.Environment, one.Instance, one.Tag = row.Environment, row.Instance, row.Tag
			one.CommitSha, one.Production, one.Rolling = row.CommitSha, row.Production, row.Rolling
			l.rows = append(l.rows, one)
		}
	}
	for _, row := range l.rows[before:] {
		in, err := l.repository(ctx, row.Repository)
		if err != nil {
			return err
		}
		if in != nil && in.Installation == installation { // else another account has it now
			row.in = in
		}
	}
	return nil
}

// note takes up a repository. One that was transferred between joined accounts is known in
// both: where it can be read counts.
func (l *consumerList) note(ctx context.Context, row *sqlc.Repository) error {
	if row.Gone == "" || len(l.view.installations) == 1 {
		l.repositories[row.ID] = row
		return nil
	}
	_, err := l.repository(ctx, row.ID)
	return err
}

// repository returns a repository. Nearly all are known from their default branches:
// few deploy a version that uses the API while their default branch does not.
func (l *consumerList) repository(ctx context.Context, id int64) (*sqlc.Repository, error) {
	if known, ok := l.repositories[id]; ok {
		return known, nil
	}
	found, ok, err := l.view.repositoryOf(ctx, l.q, id)
	if err != nil {
		return nil, err
	}
	if !ok {
		l.repositories[id] = nil
		return nil, nil
	}
	l.repositories[id] = &found
	return &found, nil
}

// around reads what is needed in addition to the versions.
func (l *consumerList) around(ctx context.Context) error {
	name := Clean(l.api.Name)
	var err error
	if l.view, err = viewOf(ctx, l.q, l.api.Repository.Installation); err != nil {
		return err
	}
	if l.providers, err = l.view.listProviders(ctx, l.q, name); err != nil {
		return err
	}
	l.removed, l.running = map[int64]bool{}, map[runningKey]bool{}
	for _, installation := range l.view.installations {
		account, err := l.q.GetInstallation(ctx, installation)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		l.removed[installation] = account.RemovedAt != 0
		running, err := l.q.ListRunning(ctx, installation, name)
		if err != nil {
			return err
		}
		for _, row := range running {
			l.running[runningKey{row.Repository, row.Component}] = true
		}
	}
	l.baselines, err = baselines(ctx, l.q, l.view, l.api)
	return err
}

// ambiguous reports whether the short name belongs to another repository in the account of
// a consumer.
func (l *consumerList) ambiguous(installation int64) bool {
	providers := providersIn(l.providers, installation)
	return len(providers) > 0 && providers[0].ID != l.api.Repository.ID
}

// compareRows sorts by repository, component, environment, instance and release, and
// rows that are equal in these in a stable order.
func compareRows(a, b *consumerRow) int {
	if a.in != b.in {
		return cmp.Or(strings.Compare(a.in.Owner, b.in.Owner), strings.Compare(a.in.Name, b.in.Name), cmp.Compare(a.in.ID, b.in.ID))
	}
	if c := strings.Compare(a.Component, b.Component); c != 0 {
		return c
	}
	return cmp.Or(strings.Compare(a.Environment, b.Environment), strings.Compare(a.Instance, b.Instance), strings.Compare(a.Tag, b.Tag),
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

func (l *consumerList) stale(row *consumerRow) string {
	switch {
	case row.in.Gone != "", l.removed[row.in.Installation]:
		return StaleUninstalled
	case row.in.Archived:
		return StaleArchived
	case row.broken:
		return StaleBroken
	case row.undeclared:
		return StaleUndeclared
	case row.ApiOwnerRepo == "" && l.ambiguous(row.in.Installation):
		return StaleAmbiguous
	}
	return ""
}

// fewContents is up to how many contents are fetched one by one instead of with all
// others.
const fewContents = 8

// decode turns the rows into consumers. It fetches only contents that are not in the
// cache.
func (l *consumerList) decode(ctx context.Context) error {
	l.consumers = make([]contracts.Consumer, len(l.rows))
	missing := map[string]contracts.Usage{}
	in := map[string]int64{} // an installation that has the content
	for i, row := range l.rows {
		l.consumers[i] = l.consumer(row)
		usage, ok := l.store.usages.known(row.Content)
		if !ok {
			missing[row.Content], in[row.Content] = usage, row.in.Installation
		}
		l.consumers[i].Usage = usage
	}
	if len(missing) == 0 {
		return nil
	}
	if err := l.fetch(ctx, missing, in); err != nil {
		return err
	}
	for i, row := range l.rows {
		if usage, ok := missing[row.Content]; ok {
			l.consumers[i].Usage = usage
		}
	}
	return nil
}

// fetch reads the usages of contents.
func (l *consumerList) fetch(ctx context.Context, missing map[string]contracts.Usage, in map[string]int64) (err error) {
	found := map[string]string{}
	if len(missing) > fewContents {
		for _, installation := range l.view.installations {
			rows, err := l.q.ListUsedContents(ctx, installation, Clean(l.api.Name))
			if err != nil {
				return err
			}
			for _, row := range rows {
				found[row.Sha] = row.Body
			}
		}
	}
	for content := range missing {
		body, ok := found[content]
		if !ok {
			if body, err = l.q.GetContent(ctx, in[content], content); err != nil {
				return fmt.Errorf("get the use %s: %w", content, err)
			}
		}
		if missing[content], err = l.store.usages.of(content, body); err != nil {
			return fmt.Errorf("decode the use %s: %w", content, err)
		}
	}
	return nil
}

// consumer returns one version, without its usage.
func (l *consumerList) consumer(row *consumerRow) contracts.Consumer {
	c := contracts.Consumer{
		Component: row.Component, Owner: row.ComponentOwner, Commit: row.commit, Content: row.Content,
		Repository: contracts.RepositoryRef{
			Installation: row.in.Installation, ID: row.Repository,
			Owner: row.in.Owner, Name: row.in.Name, Private: row.in.Private, Internal: row.in.Internal,
		},
		Environment: row.Environment, Instance: row.Instance, Release: row.Tag, Production: row.Production, Rolling: row.Rolling,
		Runs:    row.CommitSha != "" || l.running[runningKey{row.Repository, row.Component}],
		Written: l.baselines[baselineKey{row.Repository, row.Component, row.ApiOwnerRepo, row.Content}],
		Stale:   l.stale(row),
	}
	if row.undeclared {
		c.Deployed = row.CommitSha
	}
	return c
}

// maxUsageBytes bounds the text of the decoded usages that are kept. Decoded they take
// a few times as much.
const maxUsageBytes = 16 << 20

// usages keeps decoded usages by the SHA-256 of their text: most versions of a consumer
// state the same usage, and it is read again and again. The usages are shared and must
// not be changed.
type usages struct {
	decoded *cache.Cache[string, decodedUsage]
}

type decodedUsage struct {
	usage contracts.Usage
	text  int64 // length of the text that it was decoded from
}

func newUsages() *usages {
	size := func(sha string, d decodedUsage) int64 { return int64(len(sha)) + d.text }
	return &usages{decoded: cache.New(maxUsageBytes, size)}
}

// known returns the usage of a content if it is kept.
func (u *usages) known(content string) (contracts.Usage, bool) {
	found, ok := u.decoded.Get(content)
	return found.usage, ok
}

// of decodes the usage that body states and keeps it; content is the body's SHA-256.
func (u *usages) of(content, body string) (contracts.Usage, error) {
	if usage, ok := u.known(content); ok {
		return usage, nil
	}
	var usage contracts.Usage
	if err := json.Unmarshal([]byte(body), &usage); err != nil {
		return usage, err
	}
	u.decoded.Add(content, decodedUsage{usage, int64(len(body))})
	return usage, nil
}
