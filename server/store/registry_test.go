package store_test

import (
	"errors"
	"io/fs"
	"reflect"
	"slices"
	"testing"
	"time"

	"plimsoll/contracts"
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

// consumersOf gives "component/stale" of every consumer of an API.
func consumersOf(t *testing.T, s *store.Store, api contracts.APIRef) []string {
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

func expectConsumers(t *testing.T, s *store.Store, api contracts.APIRef, want ...string) {
	t.Helper()
	if got := consumersOf(t, s, api); !slices.Equal(got, want) {
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
		expectConsumers(t, s, orders(), "app/", "web/")
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
		expectConsumers(t, s, elsewhere)
	})
}

// A short name belongs to the repository that provided it first, for as long as it does.
func TestTheFirstProviderKeepsTheShortName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		register(t, s, provides(1, "orders", "orders"), provides(9, "legacy", "orders"),
			consumes(2, "web", "orders"), consumes(3, "app", "acme/orders/orders"))
		legacy := contracts.APIRef{Repository: repo(9, "legacy"), Name: "orders"}
		first := func(want int64) {
			t.Helper()
			if providers, err := s.Providers(t.Context(), account, "orders"); err != nil || len(providers) != 1 || providers[0].Repository.ID != want {
				t.Errorf("provider of the short name: %+v, %v, expected %d", providers, err, want)
			}
		}
		expectConsumers(t, s, orders(), "app/", "web/")
		expectConsumers(t, s, legacy, "web/"+store.StaleAmbiguous)
		first(1)
		if providers, err := s.Providers(t.Context(), account, "acme/legacy/orders"); err != nil || len(providers) != 1 || providers[0].Repository.ID != 9 {
			t.Errorf("providers of the full name: %+v, %v", providers, err)
		}
		// A repository with a lower id that claims the name later is not the first, however often each
		// is read, and neither is the first one's file while it is broken.
		register(t, s, provides(5, "older", "orders"))
		first(1)
		more := provides(1, "orders", "orders")
		more.Commit, more.Components[0].Owner = "c3", "@acme/orders"
		broken := contracts.Registration{Repository: repo(1, "orders"), DefaultBranch: "main", Commit: "c4", Enrolled: true, Broken: true}
		for _, again := range []contracts.Registration{more, broken} {
			register(t, s, again)
			first(1)
		}
		// It gives the name up, and comes back as the last.
		gone := provides(1, "orders", "invoices")
		gone.Commit = "c5"
		register(t, s, gone)
		first(9)
		again := provides(1, "orders", "orders")
		again.Commit = "c6"
		register(t, s, again)
		first(9)
		if err := s.GoneRepository(t.Context(), repo(9, "legacy"), "deleted"); err != nil {
			t.Fatal(err)
		}
		first(5)
	})
}

func TestARenamedProviderKeepsItsConsumers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		register(t, s, provides(1, "orders", "orders"), consumes(3, "app", "acme/orders/orders"))
		renamed := repo(1, "order-service")
		register(t, s, contracts.Registration{Repository: renamed, DefaultBranch: "main", Commit: "c2", Enrolled: true, Components: provides(1, "orders", "orders").Components})
		expectConsumers(t, s, contracts.APIRef{Repository: renamed, Name: "orders"}, "app/")
		// A new repository takes the old name: now that one is meant.
		register(t, s, provides(8, "orders", "orders"))
		expectConsumers(t, s, contracts.APIRef{Repository: renamed, Name: "orders"})
		expectConsumers(t, s, contracts.APIRef{Repository: repo(8, "orders"), Name: "orders"}, "app/")
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
		expectConsumers(t, s, orders(), "web/"+store.StaleBroken)
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
		fixed := good
		fixed.Commit = "c-mended"
		register(t, s, fixed)
		expectConsumers(t, s, orders(), "web/")
		// Gone from the file: gone from the registry.
		fixed.Components, fixed.Commit = nil, "c-empty"
		register(t, s, fixed)
		expectConsumers(t, s, orders())
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
		expectConsumers(t, s, orders(), "app/"+store.StaleUninstalled, "web/"+store.StaleArchived)
		register(t, s, consumes(3, "app", "orders")) // readable again
		expectConsumers(t, s, orders(), "app/", "web/"+store.StaleArchived)
		if err := s.PutInstallation(t.Context(), account, source.Account{Login: "acme"}, string(store.Removed)); err != nil {
			t.Fatal(err)
		}
		expectConsumers(t, s, orders(), "app/"+store.StaleUninstalled, "web/"+store.StaleUninstalled)
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

func TestLists(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx := t.Context()
		register(t, s, provides(2, "payments", "payments"), provides(1, "orders", "orders"))
		for _, id := range []int64{9, account} {
			if err := s.PutInstallation(ctx, id, source.Account{Login: "acme"}, string(store.Active)); err != nil {
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
