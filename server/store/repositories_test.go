package store_test

import (
	"cmp"
	"errors"
	"io/fs"
	"slices"
	"testing"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

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
		if err := s.PutInstallation(t.Context(), account, source.Account{Login: "acme"}, string(store.Active)); err != nil {
			t.Fatal(err)
		}
		plain := contracts.Registration{Repository: repo(4, "plain"), Commit: "c"}
		archived := consumes(5, "old", "orders")
		archived.Archived = true
		register(t, s, consumes(2, "web", "orders"), consumes(3, "app", "orders"), plain, archived)
		if err := s.GoneRepository(t.Context(), repo(3, "app"), "deleted"); err != nil {
			t.Fatal(err)
		}
		for name, enrolled := range map[contracts.RepositoryRef]bool{
			repo(2, "web"): true, repo(3, "app"): false, repo(4, "plain"): false, repo(5, "old"): false, repo(6, "unknown"): false,
		} {
			if got, err := s.IsEnrolled(t.Context(), name); err != nil || got != enrolled {
				t.Errorf("%s is enrolled: %t, %v; expected %t", name.Name, got, err, enrolled)
			}
		}
		if found, err := s.RepositoryByName(t.Context(), account, "ACME", "Web"); err != nil || found.ID != 2 {
			t.Errorf("by name: %+v, %v", found, err)
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
