package store_test

import (
	"reflect"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// What is kept of a remedy comes back as it was, the newest first and only that of the
// environment; what is kept again takes its place, and the verification knows it.
func TestRemedies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		began := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
		put := func(m deploy.Remedy) deploy.Remedy {
			t.Helper()
			if err := s.PutRemedy(t.Context(), repo(7, "orders"), m); err != nil {
				t.Fatal(err)
			}
			return m
		}
		first := watched(t, s, 1, began, 0, true)
		course, err := s.Verification(t.Context(), first.Repository, first.ID())
		if err != nil || course.Remedy != nil {
			t.Fatalf("before: %+v, %v", course.Remedy, err)
		}
		put(deploy.Remedy{Verification: first.ID(), Deployment: 1, Place: first.Place, Began: began, State: deploy.RemedyPerforming, Intended: began})
		old := put(deploy.Remedy{
			Verification: first.ID(), Deployment: 1, Place: first.Place, Commit: "c", Began: began, State: deploy.RemedyPerformed, Target: "b", Source: "comment/5",
			Reasons: []deploy.RollbackReason{{Kind: deploy.RollbackMigration, Files: []string{"a\u0000'\"; DROP TABLE remedies; --.sql", "日本.sql"}}},
			AskedBy: "o'brien", Intended: began, Performed: began.Add(time.Second), Made: 3, Issue: 4,
		})
		newer := put(deploy.Remedy{Verification: "7/2/orders/production/", Deployment: 2, Place: first.Place, Began: began.Add(time.Minute), State: deploy.RemedyRefused})
		elsewhere := first.Place
		elsewhere.Environment = "staging"
		put(deploy.Remedy{Verification: "7/2/orders/staging/", Deployment: 2, Place: elsewhere, Began: began.Add(time.Hour)})

		got, err := s.Remedies(t.Context(), repo(7, "orders"), "production")
		if err != nil || !reflect.DeepEqual(got, []deploy.Remedy{newer, old}) {
			t.Errorf("kept: %+v, %v\nexpected %+v", got, err, []deploy.Remedy{newer, old})
		}
		for _, other := range []contracts.RepositoryRef{repo(8, "web"), {Installation: account + 1, ID: 7, Owner: "acme", Name: "orders"}} {
			if got, err := s.Remedies(t.Context(), other, "production"); err != nil || len(got) != 0 {
				t.Errorf("of %+v: %+v, %v", other, got, err)
			}
		}
		if course, err = s.Verification(t.Context(), first.Repository, first.ID()); err != nil || course.Remedy == nil || !reflect.DeepEqual(*course.Remedy, old) {
			t.Errorf("the verification knows %+v, %v", course.Remedy, err)
		}
	})
}

// Of many, the newest are given.
func TestManyRemedies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		began := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
		for n := range int64(120) {
			m := deploy.Remedy{Verification: string(rune('a'+n%26)) + string(rune('a'+n/26)), Deployment: n, Place: deploy.Place{Environment: "production"}, Began: began.Add(time.Duration(n) * time.Second)}
			if err := s.PutRemedy(t.Context(), repo(7, "orders"), m); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Remedies(t.Context(), repo(7, "orders"), "production")
		if err != nil || len(got) != 100 || got[0].Deployment != 119 || got[99].Deployment != 20 {
			t.Errorf("%d are given, %v", len(got), err)
		}
	})
}
