package store_test

import (
	"cmp"
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"testing"
	"time"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"

	"plimsoll/contracts"
	"plimsoll/handlers/pulls"
	"plimsoll/handlers/source"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

const account = 77

func repo(id int64, name string) contracts.RepositoryRef {
	return contracts.RepositoryRef{Installation: account, ID: id, Owner: "acme", Name: name}
}

func provides(id int64, name, api string) contracts.Registration {
	return contracts.Registration{
		Repository: repo(id, name), DefaultBranch: "main", Commit: "c-" + name, Enrolled: true, File: ".github/plimsoll.yml", FileSHA: "f1",
		Components: []contracts.Component{{Name: name, Provides: []contracts.Provided{{
			API: api, Spec: "openapi.yaml", Files: map[string]string{"openapi.yaml": "b1", "schemas/order.yaml": "b2"},
		}}}},
	}
}

func consumes(id int64, name string, apis ...string) contracts.Registration {
	r := contracts.Registration{
		Repository: repo(id, name), DefaultBranch: "main", Commit: "c-" + name, Enrolled: true, File: ".github/plimsoll.yml", FileSHA: "f2",
	}
	component := contracts.Component{Name: name, Owner: "@acme/" + name}
	reads := []contracts.Pattern{{Text: "items[].sku", Position: contracts.Position{File: ".github/plimsoll.yml", Line: 12}}}
	for _, api := range apis {
		component.Consumes = append(component.Consumes, contracts.Consumed{API: api, Usage: contracts.Usage{
			Operations: []contracts.OperationUse{{
				Selector: "GET /orders/{id}", Reads: &reads, Sends: &[]contracts.Pattern{},
				Evidence: contracts.Evidence{Kind: contracts.EvidencePact, Position: contracts.Position{File: "pacts/orders.json", Line: 3}},
			}},
			Evidence: contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: contracts.Position{File: ".github/plimsoll.yml", Line: 9}},
		}})
	}
	r.Components = []contracts.Component{component}
	return r
}

func register(t *testing.T, s *store.Store, registrations ...contracts.Registration) {
	t.Helper()
	for _, r := range registrations {
		if _, err := s.Register(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
}

// told gives "component/stale" of every consumer of an API.
func told(t *testing.T, s *store.Store, api contracts.APIRef) []string {
	t.Helper()
	consumers, err := s.Consumers(t.Context(), api)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, c := range consumers {
		names = append(names, c.Component+"/"+c.Stale)
	}
	return names
}

func orders() contracts.APIRef {
	return contracts.APIRef{Repository: repo(1, "orders"), Name: "orders"}
}

func expectTold(t *testing.T, s *store.Store, api contracts.APIRef, want ...string) {
	t.Helper()
	if got := told(t, s, api); !slices.Equal(got, want) {
		t.Errorf("consumers of %s: %q, want %q", api.FullName(), got, want)
	}
}

func TestARegistrationComesBackAsItWas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		want := consumes(2, "web", "orders", "acme/payments/payments")
		want.Components = append(want.Components, provides(2, "api", "web-api").Components...)
		want.Problems = []contracts.Problem{{Position: contracts.Position{File: "x.yml", Line: 2, Column: 3}, Message: "odd \x00 text"}}
		register(t, s, want)
		got, err := s.Registration(t.Context(), account, 2)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		if _, err := s.Registration(t.Context(), account, 99); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("unknown repository: %v", err)
		}
		if _, err := s.Registration(t.Context(), account+1, 2); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("another installation: %v", err)
		}
	})
}

func TestConsumersByShortAndByFullName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		register(t, s,
			provides(1, "orders", "orders"),
			consumes(2, "web", "orders"),
			consumes(3, "app", "Acme/Orders/orders"), // GitHub's names do not tell case apart
			consumes(4, "job", "payments"),
			consumes(5, "other", "acme/elsewhere/orders"),
		)
		expectTold(t, s, orders(), "app/", "web/")
		consumers, err := s.Consumers(t.Context(), orders())
		if err != nil {
			t.Fatal(err)
		}
		web := consumers[1]
		if web.Owner != "@acme/web" || web.Commit != "c-web" || web.Repository != repo(2, "web") ||
			!reflect.DeepEqual(web.Usage, consumes(2, "web", "orders").Components[0].Consumes[0].Usage) {
			t.Errorf("web: %+v", web)
		}
		elsewhere := orders()
		elsewhere.Repository.Installation++
		expectTold(t, s, elsewhere)
	})
}

func TestAnAmbiguousShortNameStillNamesTheConsumer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		register(t, s, provides(1, "orders", "orders"), provides(9, "legacy", "orders"),
			consumes(2, "web", "orders"), consumes(3, "app", "acme/orders/orders"))
		legacy := contracts.APIRef{Repository: repo(9, "legacy"), Name: "orders"}
		expectTold(t, s, orders(), "app/", "web/"+store.StaleAmbiguous)
		expectTold(t, s, legacy, "web/"+store.StaleAmbiguous)
		if providers, err := s.Providers(t.Context(), account, "orders"); err != nil || len(providers) != 2 {
			t.Errorf("providers of the short name: %+v, %v", providers, err)
		}
		if providers, err := s.Providers(t.Context(), account, "acme/legacy/orders"); err != nil || len(providers) != 1 || providers[0].Repository.ID != 9 {
			t.Errorf("providers of the full name: %+v, %v", providers, err)
		}
		// The other provider goes: the name is unique again.
		if err := s.GoneRepository(t.Context(), repo(9, "legacy"), "deleted"); err != nil {
			t.Fatal(err)
		}
		expectTold(t, s, orders(), "app/", "web/")
	})
}

func TestARenamedProviderKeepsItsConsumers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		register(t, s, provides(1, "orders", "orders"), consumes(3, "app", "acme/orders/orders"))
		renamed := repo(1, "order-service")
		register(t, s, contracts.Registration{Repository: renamed, DefaultBranch: "main", Commit: "c2", Enrolled: true, Components: provides(1, "orders", "orders").Components})
		expectTold(t, s, contracts.APIRef{Repository: renamed, Name: "orders"}, "app/")
		// A new repository takes the old name: now that one is meant.
		register(t, s, provides(8, "orders", "orders"))
		expectTold(t, s, contracts.APIRef{Repository: renamed, Name: "orders"})
		expectTold(t, s, contracts.APIRef{Repository: repo(8, "orders"), Name: "orders"}, "app/")
	})
}

func TestABrokenFileKeepsTheLastGoodVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		good := consumes(2, "web", "orders")
		broken := contracts.Registration{
			Repository: repo(2, "web"), DefaultBranch: "main", Commit: "c-broken", File: "plimsoll.yml", FileSHA: "f9", Broken: true,
			Problems: []contracts.Problem{{Position: contracts.Position{File: "plimsoll.yml", Line: 4}, Message: "unknown key"}},
		}
		register(t, s, provides(1, "orders", "orders"), good, broken)
		expectTold(t, s, orders(), "web/"+store.StaleBroken)
		got, err := s.Registration(t.Context(), account, 2)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Broken || !got.Enrolled || got.Commit != "c-web" || !reflect.DeepEqual(got.Problems, broken.Problems) || !reflect.DeepEqual(got.Components, good.Components) {
			t.Errorf("while broken: %+v", got)
		}
		if commit, err := s.ScannedCommit(t.Context(), account, 2); err != nil || commit != "c-broken" {
			t.Errorf("scanned commit %q, %v", commit, err)
		}
		mended := good
		mended.Commit = "c-mended"
		register(t, s, mended)
		expectTold(t, s, orders(), "web/")
		// Gone from the file: gone from the registry.
		mended.Components, mended.Commit = nil, "c-empty"
		register(t, s, mended)
		expectTold(t, s, orders())
	})
}

func TestAFileThatWasNeverGood(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		register(t, s, contracts.Registration{Repository: repo(2, "web"), Commit: "c1", File: "plimsoll.yml", Broken: true})
		got, err := s.Registration(t.Context(), account, 2)
		if err != nil || !got.Broken || got.Commit != "c1" || len(got.Components) != 0 {
			t.Errorf("got %+v, %v", got, err)
		}
	})
}

func TestStaleConsumersStay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		register(t, s, provides(1, "orders", "orders"), consumes(2, "web", "orders"), consumes(3, "app", "orders"))
		if _, _, err := s.PutRepository(t.Context(), source.Repository{RepositoryRef: repo(2, "web"), Archived: true}); err != nil {
			t.Fatal(err)
		}
		if err := s.GoneRepository(t.Context(), repo(3, "app"), "unreadable"); err != nil {
			t.Fatal(err)
		}
		expectTold(t, s, orders(), "app/"+store.StaleUninstalled, "web/"+store.StaleArchived)
		register(t, s, consumes(3, "app", "orders")) // readable again
		expectTold(t, s, orders(), "app/", "web/"+store.StaleArchived)
		if err := s.PutInstallation(t.Context(), account, "acme", string(store.Removed)); err != nil {
			t.Fatal(err)
		}
		expectTold(t, s, orders(), "app/"+store.StaleUninstalled, "web/"+store.StaleUninstalled)
	})
}

func TestNothingIsWrittenWhenNothingChanged(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		clock := time.UnixMilli(1_000)
		s := storetest.Open(t, store.Options{DSN: dsn, Clock: func() time.Time { return clock }})
		register(t, s, consumes(2, "web", "orders"))
		clock = time.UnixMilli(2_000)
		register(t, s, consumes(2, "web", "orders"))
		updated := func() int64 {
			row, err := s.Read().GetRegistration(t.Context(), account, 2)
			if err != nil {
				t.Fatal(err)
			}
			return row.UpdatedAt
		}
		if at := updated(); at != 1_000 {
			t.Errorf("an equal registration was written at %d", at)
		}
		moved := consumes(2, "web", "orders")
		moved.Commit = "c-next"
		register(t, s, moved)
		if at := updated(); at != 2_000 {
			t.Errorf("the new commit was not written: %d", at)
		}
		if consumers, err := s.Consumers(t.Context(), orders()); err != nil || len(consumers) != 1 || consumers[0].Commit != "c-next" {
			t.Errorf("consumers %+v, %v", consumers, err)
		}
		// Equal content is stored once, and dropped when nothing refers to it.
		register(t, s, consumes(3, "twin", "orders"))
		if deleted, err := s.PruneContents(t.Context(), time.UnixMilli(9_000)); err != nil || deleted != 0 {
			t.Errorf("pruned %d, %v", deleted, err)
		}
		empty := consumes(3, "twin")
		empty.Components = nil
		register(t, s, empty)
		if deleted, err := s.PruneContents(t.Context(), time.UnixMilli(9_000)); err != nil || deleted != 1 {
			t.Errorf("pruned %d, %v; want the twin's components, whose use web still shares", deleted, err)
		}
	})
}

func TestWatchedFiles(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		r := provides(1, "orders", "orders")
		r.Components = append(r.Components, consumes(1, "orders", "payments").Components...)
		register(t, s, r)
		want := []store.WatchedFile{
			{Path: ".github/plimsoll.yml", Kind: store.DeclarationFile, SHA: "f1"},
			{Path: "openapi.yaml", Kind: store.ContractFile, SHA: "b1"},
			{Path: "pacts/orders.json", Kind: store.EvidenceFile},
			{Path: "schemas/order.yaml", Kind: store.ContractFile, SHA: "b2"},
		}
		got, err := s.WatchedFiles(t.Context(), account, 1)
		if err != nil {
			t.Fatal(err)
		}
		slices.SortFunc(got, func(a, b store.WatchedFile) int { return cmp.Compare(a.Path, b.Path) })
		if !slices.Equal(got, want) {
			t.Errorf("got %+v\nwant %+v", got, want)
		}
	})
}

func TestEnrolledRepositories(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.PutInstallation(t.Context(), account, "acme", string(store.Active)); err != nil {
			t.Fatal(err)
		}
		plain := contracts.Registration{Repository: repo(4, "plain"), Commit: "c"}
		archived := consumes(5, "old", "orders")
		archived.Archived = true
		register(t, s, consumes(2, "web", "orders"), consumes(3, "app", "orders"), plain, archived)
		if err := s.GoneRepository(t.Context(), repo(3, "app"), "deleted"); err != nil {
			t.Fatal(err)
		}
		list, err := s.Enrolled(t.Context())
		if err != nil || len(list) != 1 || list[0].ID != 2 {
			t.Errorf("enrolled: %+v, %v", list, err)
		}
		if found, err := s.RepositoryByName(t.Context(), account, "ACME", "Web"); err != nil || found.ID != 2 {
			t.Errorf("by name: %+v, %v", found, err)
		}
	})
}

func TestPullStates(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		if got, err := s.PullState(ctx, repo(1, "orders"), 12); err != nil || !reflect.DeepEqual(got, pulls.PullState{}) {
			t.Errorf("unknown pull request: %+v, %v", got, err)
		}
		want := pulls.PullState{
			Head: "h", Open: true, Comment: checks.CommentState{ID: 6},
			Blocked: []contracttext.Blocked{{Fingerprint: "f", Repository: repo(2, "web"), Component: "web"}}, Named: []int64{2, 3},
		}
		for _, put := range []struct {
			number int
			state  pulls.PullState
		}{{12, pulls.PullState{Head: "old"}}, {12, want}, {13, pulls.PullState{Open: true}}} {
			if err := s.PutPullState(ctx, repo(1, "orders"), put.number, put.state); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.PullState(ctx, repo(1, "orders"), 12); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	})
}

func TestAcknowledgements(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		until := time.Date(2026, 11, 9, 0, 0, 0, 0, time.UTC)
		first := contracttext.Acknowledgement{Fingerprint: "f", Repository: 2, Component: "web", Login: "ana", Reason: "later", Number: 12}
		again := first
		again.Login, again.Until, again.Number = "ben", until, 13
		override := first
		override.Override = true
		for _, acks := range [][]contracttext.Acknowledgement{{first}, {again, override}} {
			if err := s.PutAcknowledgements(ctx, repo(1, "orders"), acks...); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Acknowledgements(ctx, repo(1, "orders"))
		if err != nil || len(got) != 2 {
			t.Fatalf("got %+v, %v", got, err)
		}
		for i := range got {
			if got[i].At.IsZero() {
				t.Errorf("no time: %+v", got[i])
			}
			got[i].At = time.Time{}
		}
		if !slices.Contains(got, again) || !slices.Contains(got, override) {
			t.Errorf("got %+v, want %+v and %+v", got, again, override)
		}
		if other, err := s.Acknowledgements(ctx, repo(9, "legacy")); err != nil || len(other) != 0 {
			t.Errorf("of another provider: %+v, %v", other, err)
		}
	})
}

func TestRepositoryNamed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		there := source.Repository{RepositoryRef: repo(2, "web"), DefaultBranch: "main"}
		if open, back, err := s.PutRepository(ctx, there); err != nil || open.Open || back {
			t.Fatalf("new: changed %t, back %t, %v", open.Open, back, err)
		}
		there.Archived = true
		if open, back, err := s.PutRepository(ctx, there); err != nil || !open.Open || back {
			t.Fatalf("archived: changed %t, back %t, %v", open.Open, back, err)
		}
		if got, err := s.RepositoryNamed(ctx, account, "ACME", "Web"); err != nil || got != repo(2, "web") {
			t.Errorf("got %+v, %v", got, err)
		}
		if err := s.GoneRepository(ctx, repo(2, "web"), "unreadable"); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"web", "nothing"} {
			if got, err := s.RepositoryNamed(ctx, account, "acme", name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %+v, %v, want fs.ErrNotExist", name, got, err)
			}
		}
		if open, back, err := s.PutRepository(ctx, there); err != nil || !open.Open || !back {
			t.Errorf("readable again: changed %t, back %t, %v", open.Open, back, err)
		}
	})
}

func TestLists(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		register(t, s, provides(2, "payments", "payments"), provides(1, "orders", "orders"))
		for _, id := range []int64{9, account} {
			if err := s.PutInstallation(ctx, id, "acme", string(store.Active)); err != nil {
				t.Fatal(err)
			}
		}
		apis, err := s.APIs(ctx, account)
		if err != nil || len(apis) != 2 || apis[0].FullName() != "acme/orders/orders" {
			t.Errorf("APIs: %+v, %v", apis, err)
		}
		provided, err := s.ProvidedAPIs(ctx, account)
		if err != nil || len(provided) != 2 || provided[0].APIRef != apis[0] || provided[0].Component != "orders" {
			t.Errorf("provided APIs: %+v, %v", provided, err)
		}
		repositories, err := s.Repositories(ctx, account)
		if err != nil || len(repositories) != 2 || repositories[1].RepositoryRef != repo(2, "payments") {
			t.Errorf("repositories: %+v, %v", repositories, err)
		}
		installations, err := s.Installations(ctx)
		if err != nil || len(installations) != 2 || installations[0].ID != 9 {
			t.Errorf("installations: %+v, %v", installations, err)
		}
		for _, unknown := range []string{"acme/nowhere/orders", "nothing", "acme/orders/nothing"} {
			if providers, err := s.Providers(ctx, account, unknown); err != nil || len(providers) != 0 {
				t.Errorf("providers of %s: %+v, %v", unknown, providers, err)
			}
		}
	})
}
