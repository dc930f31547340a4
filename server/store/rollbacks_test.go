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

// What is kept of a rollback comes back as it was, the newest first and only that of the
// environment; what is kept again takes its place, and the verification knows it.
func TestRollbacks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		began := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
		put := func(r deploy.Rollback) deploy.Rollback {
			t.Helper()
			if err := s.PutRollback(t.Context(), repo(7, "orders"), r); err != nil {
				t.Fatal(err)
			}
			return r
		}
		first := watched(t, s, 1, began, 0, true)
		run, err := s.Verification(t.Context(), first.Repository, first.ID())
		if err != nil || run.Rollback != nil {
			t.Fatalf("before: %+v, %v", run.Rollback, err)
		}
		put(deploy.Rollback{Verification: first.ID(), Deployment: 1, Target: first.Target, Began: began, State: deploy.RollbackPerforming, Intended: began})
		old := put(deploy.Rollback{
			Verification: first.ID(), Deployment: 1, Target: first.Target, Commit: "c", Began: began, State: deploy.RollbackPerformed, ToCommit: "b", Source: "comment/5",
			Reasons: []deploy.RollbackReason{{Kind: deploy.RollbackMigration, Files: []string{"a\u0000'\"; DROP TABLE rollbacks; --.sql", "日本.sql"}}},
			AskedBy: "o'brien", Intended: began, Performed: began.Add(time.Second), Made: 3, Issue: 4,
		})
		newer := put(deploy.Rollback{Verification: "7/2/orders/production/", Deployment: 2, Target: first.Target, Began: began.Add(time.Minute), State: deploy.RollbackRefused})
		elsewhere := first.Target
		elsewhere.Environment = "staging"
		put(deploy.Rollback{Verification: "7/2/orders/staging/", Deployment: 2, Target: elsewhere, Began: began.Add(time.Hour)})

		got, err := s.Rollbacks(t.Context(), repo(7, "orders"), "production")
		if err != nil || !reflect.DeepEqual(got, []deploy.Rollback{newer, old}) {
			t.Errorf("kept: %+v, %v\nexpected %+v", got, err, []deploy.Rollback{newer, old})
		}
		for _, other := range []contracts.RepositoryRef{repo(8, "web"), {Installation: account + 1, ID: 7, Owner: "acme", Name: "orders"}} {
			if got, err := s.Rollbacks(t.Context(), other, "production"); err != nil || len(got) != 0 {
				t.Errorf("of %+v: %+v, %v", other, got, err)
			}
		}
		if run, err = s.Verification(t.Context(), first.Repository, first.ID()); err != nil || run.Rollback == nil || !reflect.DeepEqual(*run.Rollback, old) {
			t.Errorf("the verification knows %+v, %v", run.Rollback, err)
		}
	})
}

// Of many, the newest are given.
func TestManyRollbacks(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		began := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
		for n := range int64(120) {
			r := deploy.Rollback{Verification: string(rune('a'+n%26)) + string(rune('a'+n/26)), Deployment: n, Target: deploy.Target{Environment: "production"}, Began: began.Add(time.Duration(n) * time.Second)}
			if err := s.PutRollback(t.Context(), repo(7, "orders"), r); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Rollbacks(t.Context(), repo(7, "orders"), "production")
		if err != nil || len(got) != 100 || got[0].Deployment != 119 || got[99].Deployment != 20 {
			t.Errorf("%d are given, %v", len(got), err)
		}
	})
}
