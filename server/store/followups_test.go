package store_test

import (
	"testing"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

func settle(t *testing.T, s *store.Store, open ...work.FollowUp) {
	t.Helper()
	if err := s.Settle(t.Context(), open...); err != nil {
		t.Fatal(err)
	}
}

// Each change that is stored leaves a follow-up, which stays open for every later attempt
// until it is settled.
func TestChangesLeaveFollowUps(t *testing.T) {
	one := func(open []work.FollowUp, err error) (work.FollowUp, error) {
		if len(open) == 0 {
			return work.FollowUp{}, err
		}
		return open[0], err
	}
	for name, change := range map[string]func(t *testing.T, s *store.Store, step int) (work.FollowUp, error){
		"repository": func(t *testing.T, s *store.Store, step int) (work.FollowUp, error) {
			open, _, err := s.PutRepository(t.Context(), source.Repository{RepositoryRef: repo(2, "web"), Archived: step == 1})
			return open, err
		},
		"registration": func(t *testing.T, s *store.Store, step int) (work.FollowUp, error) {
			r := provides(2, "web", []string{"orders", "users"}[step])
			r.Commit = "another each time"[:step+3]
			return s.Register(t.Context(), r)
		},
		"deployment": func(t *testing.T, s *store.Store, step int) (work.FollowUp, error) {
			_, open, err := s.PutDeployments(t.Context(), repo(2, "web"), []deploy.Deployment{deployment(1, "a", []deploy.State{deploy.InProgress, deploy.Success}[step], int64(step))})
			return one(open, err)
		},
		"releases": func(t *testing.T, s *store.Store, step int) (work.FollowUp, error) {
			return s.PutReleases(t.Context(), repo(2, "web"), []contracts.LiveVersion{{Component: "app", Release: []string{"v1", "v2"}[step], Commit: "a"}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, s *store.Store) {
				if _, _, err := s.PutRepository(t.Context(), source.Repository{RepositoryRef: repo(2, "web"), Archived: true}); err != nil {
					t.Fatal(err)
				}
				expect := func(step int, open, resumed bool) work.FollowUp {
					t.Helper()
					got, err := change(t, s, step)
					if err != nil || got.Open != open || got.Resumed != resumed {
						t.Fatalf("step %d: %+v, %v; expected open %t, resumed %t", step, got, err, open, resumed)
					}
					return got
				}
				first := expect(0, true, false)
				expect(0, true, true) // nothing changed: the first attempt left it
				settle(t, s, first)
				expect(0, false, false)
				second := expect(1, true, false)
				settle(t, s, first) // too late: it is another one by now
				settle(t, s, expect(1, true, true), second)
				expect(1, false, false)
			})
		})
	}
}

// A change that another attempt stores meanwhile is not settled with the one before.
func TestFollowUpOutlivesAnEarlierSettlement(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		put := func(tag string) work.FollowUp {
			t.Helper()
			open, err := s.PutReleases(t.Context(), repo(2, "web"), []contracts.LiveVersion{{Component: "app", Release: tag, Commit: "a"}})
			if err != nil {
				t.Fatal(err)
			}
			return open
		}
		first, second := put("v1"), put("v2")
		settle(t, s, first)
		if !second.Resumed || !put("v2").Open {
			t.Errorf("the second change lost its follow-up: %+v", second)
		}
	})
}

// What concerns nobody leaves no follow-up: a repository that is new, or declares
// nothing, and another commit that declares the same.
func TestNothingToFollowUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		open, _, err := s.PutRepository(t.Context(), source.Repository{RepositoryRef: repo(2, "web")})
		if err != nil || open.Open {
			t.Errorf("a new repository: %+v, %v", open, err)
		}
		if open, err = s.Register(t.Context(), contracts.Registration{Repository: repo(3, "plain"), DefaultBranch: "main", Commit: "a"}); err != nil || open.Open {
			t.Errorf("one that declares nothing: %+v, %v", open, err)
		}
		r := provides(2, "web", "orders")
		if open, err = s.Register(t.Context(), r); err != nil || !open.Open {
			t.Fatalf("a first registration: %+v, %v", open, err)
		}
		settle(t, s, open)
		r.Commit = "another"
		if open, err = s.Register(t.Context(), r); err != nil || open.Open {
			t.Errorf("another commit: %+v, %v", open, err)
		}
		if _, open, err := s.PutDeployments(t.Context(), repo(2, "web"), nil); err != nil || len(open) != 0 {
			t.Errorf("no deployment: %+v, %v", open, err)
		}
	})
}
