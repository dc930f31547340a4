package store_test

import (
	"slices"
	"testing"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// A late word about an older deployment does not change of which class the one is
// that runs.
func TestTheClassIsThatOfTheDeploymentThatRuns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		old := deployment(1, "a", deploy.Success, 1)
		old.Targets[0].Production = false
		put(t, s, old)
		put(t, s, deployment(2, "b", deploy.Success, 1))
		old.State, old.Status = deploy.Inactive, 19
		put(t, s, old)
		live, err := s.Live(t.Context(), repo(2, "web"))
		if err != nil || len(live) != 1 || live[0].Commit != "b" || !live[0].Production {
			t.Errorf("%+v, %v", live, err)
		}
	})
}

func TestManyFailuresDoNotHideWhatRuns(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		put(t, s, deployment(1, "a", deploy.Success, 1))
		for id := range int64(60) {
			put(t, s, deployment(id+2, "b", deploy.Failure, 1))
		}
		if got := running(t, s); got != "web production a" {
			t.Errorf("runs: %q", got)
		}
	})
}

func TestDeploymentsPutTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		all := []deploy.Deployment{deployment(2, "b", deploy.Success, 1), deployment(3, "c", deploy.InProgress, 1), deployment(1, "a", deploy.Success, 1)}
		for _, want := range [][]int64{{2, 3}, nil} { // told again: nothing changes
			changed, open, err := s.PutDeployments(t.Context(), repo(2, "web"), all)
			settle(t, s, open...)
			if err != nil || !slices.Equal(changed, want) || running(t, s) != "web production b; web production c~" {
				t.Errorf("%v changed, %v, expected %v; runs: %q", changed, err, want, running(t, s))
			}
		}
	})
}

// What runs in staging, or as a review app, says nothing of production: there the
// default branch goes on standing for what runs.
func TestOnlyProductionTellsWhatRunsThere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		register(t, s, provides(1, "orders", "orders"), consumes(2, "web", "orders"))
		branch := func() contracts.Consumer {
			t.Helper()
			consumers, err := s.Consumers(t.Context(), orders())
			if err != nil || len(consumers) == 0 || consumers[0].Environment != "" {
				t.Fatalf("%+v, %v", consumers, err)
			}
			return consumers[0]
		}
		staging := deployment(1, "a", deploy.Success, 1)
		staging.Targets[0].Environment, staging.Targets[0].Production = "staging", false
		put(t, s, staging)
		if branch().Runs {
			t.Error("staging alone passes for what runs")
		}
		put(t, s, deployment(2, "b", deploy.Success, 1))
		if !branch().Runs {
			t.Error("production is not known to run")
		}
	})
}
