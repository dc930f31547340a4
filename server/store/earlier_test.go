package store_test

import (
	"testing"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// What an earlier version wrote is read as what it was: see testdata/earlier/README.md.
func TestEarlierDatabases(t *testing.T) {
	orders := contracts.RepositoryRef{Installation: 300_001, ID: 20_001, Owner: "acme", Name: "orders"}
	storetest.EachEarlier(t, func(t *testing.T, _, dsn string) {
		s := storetest.Open(t, store.Options{DSN: dsn})
		if head, err := s.AuditLedger(t.Context(), orders.Installation, nil, nil); err != nil || head.Sequence != 14 {
			t.Errorf("the ledger: %+v, %v; expected 14 entries", head, err)
		}
		target := deploy.Target{Component: "orders", Environment: "production"}
		runs, err := s.Verifications(t.Context(), orders, target, 10)
		if err != nil || len(runs) != 4 {
			t.Fatalf("%d verifications, %v; expected 4", len(runs), err)
		}
		// The newest is being observed, the next one verified a rollback, and so on.
		for i, want := range []deploy.Answer{"", deploy.Verified, deploy.RollBack, deploy.Verified} {
			got := deploy.Answer("")
			if runs[i].Verdict != nil {
				got = runs[i].Verdict.Answer
			}
			if got != want || runs[i].Commit == "" || len(runs[i].Plan.Probes) != 2 {
				t.Errorf("verification %d: %+v, expected %q", i, runs[i], want)
			}
			run, ok, err := s.Publication(t.Context(), orders, "verification/"+runs[i].ID(), checks.PublishedRun, "plimsoll/deploy")
			if err != nil || !ok || run.Remote == 0 || run.Head != runs[i].Commit {
				t.Errorf("its check run: %+v, %t, %v", run, ok, err)
			}
		}
		rolled, err := s.Verification(t.Context(), orders, runs[2].ID())
		if m := rolled.Rollback; err != nil || m == nil || m.State != deploy.RollbackPerformed || m.ToCommit != runs[3].Commit || m.Outcome != deploy.Verified {
			t.Errorf("the rollback: %+v, %v", m, err)
		}
		samples, err := s.Samples(t.Context(), orders, runs[2].ID())
		if err != nil || len(samples) != 3 {
			t.Errorf("%d samples, %v; expected 3", len(samples), err)
		}
		for number, conclusion := range map[int]checks.Conclusion{3: checks.Neutral, 4: checks.Failure} {
			state, err := s.PullState(t.Context(), orders, number)
			if err != nil || !state.Open || state.Comment.ID == 0 {
				t.Fatalf("#%d: %+v, %v", number, state, err)
			}
			for name, conclusion := range map[string]checks.Conclusion{checks.ContractsRun: conclusion, checks.ReadinessRun: checks.Success} {
				run, ok, err := s.Publication(t.Context(), orders, "commit/"+state.Head, checks.PublishedRun, name)
				if err != nil || !ok || run.Remote == 0 || run.Published == "" || run.Memo != string(conclusion) {
					t.Errorf("#%d: %s: %+v, %t, %v; expected %s", number, name, run, ok, err, conclusion)
				}
			}
		}
		if agreed, err := s.Acknowledgements(t.Context(), orders); err != nil || len(agreed) != 1 || agreed[0].Login != "tom" {
			t.Errorf("acknowledgements: %+v, %v", agreed, err)
		}
	})
}
