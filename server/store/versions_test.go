package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// minute of the day on which the deployments of these tests happen.
func minute(m int) time.Time { return time.Date(2026, 11, 2, 12, m, 0, 0, time.UTC) }

// deployment of web's commit to production in a state; a status has the
// deployment's id times ten plus step.
func deployment(id int64, commit string, state deploy.State, step int64) deploy.Deployment {
	d := deploy.Deployment{
		ID: id, Commit: commit, Ref: "main", Task: "deploy", Environment: "production", Creator: "ana", State: state, Status: id*10 + step,
		CreatedAt: minute(int(id)), StateAt: minute(int(id)), Targets: []deploy.Target{{Component: "web", Environment: "production", Production: true}},
	}
	if state == deploy.Success {
		d.SucceededAt = d.StateAt
	}
	return d
}

func put(t *testing.T, s *store.Store, d deploy.Deployment) (changed bool) {
	t.Helper()
	changed, err := s.PutDeployment(t.Context(), repo(2, "web"), d)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

// running gives "component environment commit", with ~ while it rolls out, of
// all that runs of web.
func running(t *testing.T, s *store.Store) string {
	t.Helper()
	live, err := s.Live(t.Context(), repo(2, "web"))
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, v := range live {
		line := strings.Join(strings.Fields(v.Component+" "+v.Environment+" "+v.Release+" "+v.Commit), " ")
		if v.Rolling {
			line += "~"
		}
		all = append(all, line)
	}
	return strings.Join(all, "; ")
}

func TestWhatRunsFollowsDeployments(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, step := range []struct {
			d       deploy.Deployment
			changed bool
			want    string
		}{
			{deployment(1, "a", deploy.Success, 2), true, "web production a"},
			{deployment(1, "a", deploy.InProgress, 1), false, "web production a"}, // told late
			{deployment(2, "b", deploy.Queued, 1), false, "web production a"},
			{deployment(2, "b", deploy.InProgress, 2), true, "web production a; web production b~"},
			{deployment(2, "b", deploy.InProgress, 2), false, "web production a; web production b~"}, // told twice
			{deployment(2, "b", deploy.Success, 3), true, "web production b"},
			{deployment(3, "c", deploy.Failure, 1), false, "web production b"},
			{deployment(2, "b", deploy.Inactive, 4), true, ""},
		} {
			changed := put(t, s, step.d)
			if got := running(t, s); got != step.want || changed != step.changed {
				t.Errorf("after %d %s: %q (changed %t), expected %q (%t)", step.d.ID, step.d.State, got, changed, step.want, step.changed)
			}
		}
		history, err := s.Deployments(t.Context(), repo(2, "web"), 10)
		if err != nil || len(history) != 3 || history[0].ID != 3 || history[1].SucceededAt != minute(2) {
			t.Errorf("the history is not kept: %+v, %v", history, err)
		}
	})
}

func TestADeploymentMovesBetweenTargets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := deployment(1, "a", deploy.Success, 1)
		put(t, s, d)
		d.Targets[0].Component = "shop"
		if !put(t, s, d) || running(t, s) != "shop production a" {
			t.Errorf("runs: %q", running(t, s))
		}
	})
}

func TestReleasesLiveOnBesideDeployments(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		put(t, s, deployment(1, "a", deploy.Success, 1))
		release := func(tag, commit string) contracts.LiveVersion {
			return contracts.LiveVersion{Component: "app", Release: tag, Commit: commit, Production: true, Since: minute(3)}
		}
		for _, step := range []struct {
			releases []contracts.LiveVersion
			changed  bool
			want     string
		}{
			{[]contracts.LiveVersion{release("v1", "x"), release("v2", "y")}, true, "app v1 x; app v2 y; web production a"},
			{[]contracts.LiveVersion{release("v2", "y"), release("v1", "x")}, false, "app v1 x; app v2 y; web production a"},
			{[]contracts.LiveVersion{release("v2", "y")}, true, "app v2 y; web production a"},
			{nil, true, "web production a"},
		} {
			open, err := s.PutReleases(t.Context(), repo(2, "web"), step.releases)
			changed := open.Open
			settle(t, s, open)
			if err != nil || changed != step.changed || running(t, s) != step.want {
				t.Errorf("%d releases: %q, changed %t, %v; expected %q, %t", len(step.releases), running(t, s), changed, err, step.want, step.changed)
			}
		}
	})
}

// versions gives "environment release commit of the use deployed stale" of each
// version of the consumers of an API.
func versions(t *testing.T, s *store.Store) []string {
	t.Helper()
	consumers, err := s.Consumers(t.Context(), orders())
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range consumers {
		all = append(all, fmt.Sprintf("%s[%s%s] %s %s %s runs=%t prod=%t", c.Component, c.Environment, c.Release, c.Commit, c.Deployed, c.Stale, c.Runs, c.Production))
	}
	return all
}

func TestConsumersAreGivenByWhatTheirLiveCommitDeclares(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		register(t, s, provides(1, "orders", "orders"), consumes(2, "web", "orders"))
		expect := func(want ...string) {
			t.Helper()
			if got := versions(t, s); !slices.Equal(got, want) {
				t.Errorf("got %q, expected %q", got, want)
			}
		}
		expect("web[] c-web   runs=false prod=false")
		put(t, s, deployment(1, "a", deploy.Success, 1))
		expect("web[] c-web   runs=true prod=false", "web[production] c-web a commit-undeclared runs=true prod=true")
		// The commit that runs says so itself.
		snapshot := consumes(2, "web", "orders")
		snapshot.Commit = "a"
		if err := s.PutSnapshot(t.Context(), snapshot); err != nil {
			t.Fatal(err)
		}
		expect("web[] c-web   runs=true prod=false", "web[production] a   runs=true prod=true")
		// It used something else then.
		snapshot = consumes(2, "web", "payments")
		snapshot.Commit = "a"
		if err := s.PutSnapshot(t.Context(), snapshot); err != nil {
			t.Fatal(err)
		}
		expect("web[] c-web   runs=true prod=false")
		// The default branch has moved on; what runs still uses it.
		snapshot = consumes(2, "web", "orders")
		snapshot.Commit = "a"
		if err := s.PutSnapshot(t.Context(), snapshot); err != nil {
			t.Fatal(err)
		}
		moved := consumes(2, "web")
		moved.Commit = "later"
		register(t, s, moved)
		expect("web[production] a   runs=true prod=true")
		// Named in two ways it is given for each, however many versions run undeclared.
		twice := consumes(2, "web", "orders", "acme/orders/orders")
		twice.Commit = "twice"
		register(t, s, twice)
		put(t, s, deployment(2, "b", deploy.Success, 2))
		expect("web[] twice   runs=true prod=false", "web[] twice   runs=true prod=false",
			"web[production] twice b commit-undeclared runs=true prod=true", "web[production] twice b commit-undeclared runs=true prod=true")
	})
}

func TestOfferedGivesTheContractOfEachLiveVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		register(t, s, provides(1, "orders", "orders"))
		for id, commit := range map[int64]string{1: "a", 2: "b"} {
			d := deployment(id, commit, deploy.Success, 1)
			if id == 2 {
				d.State, d.SucceededAt = deploy.InProgress, time.Time{}
			}
			d.Targets = []deploy.Target{{Component: "orders", Environment: "production"}, {Component: "worker", Environment: "production"}}
			if _, err := s.PutDeployment(t.Context(), repo(1, "orders"), d); err != nil {
				t.Fatal(err)
			}
		}
		at := provides(1, "orders", "orders")
		at.Commit = "a"
		at.Components[0].Provides[0].Files["openapi.yaml"] = "old"
		if err := s.PutSnapshot(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		offered, err := s.Offered(t.Context(), orders())
		if err != nil || len(offered) != 2 {
			t.Fatalf("%+v, %v", offered, err)
		}
		if c := offered[0].Contract; c == nil || c.Commit != "a" || c.Files["openapi.yaml"] != "old" {
			t.Errorf("the contract at a: %+v", c)
		}
		if offered[1].Contract != nil || !offered[1].Rolling {
			t.Errorf("nothing is known of b: %+v", offered[1])
		}
	})
}

func TestABaselineIsWhatTheProviderHadWhenTheUseWasNew(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		written := func() string {
			t.Helper()
			consumers, err := s.Consumers(t.Context(), orders())
			if err != nil || len(consumers) != 1 {
				t.Fatalf("%+v, %v", consumers, err)
			}
			c := consumers[0]
			asked, err := s.Written(t.Context(), orders(), c.Repository, c.Component, contracts.Consumed{API: "orders", Usage: c.Usage})
			if err != nil || !reflect.DeepEqual(asked, c.Written) {
				t.Errorf("asked for the one use: %+v, %v; among all: %+v", asked, err, c.Written)
			}
			other := c.Usage
			other.Catalogue = true
			if asked, err := s.Written(t.Context(), orders(), c.Repository, c.Component, contracts.Consumed{API: "orders", Usage: other}); err != nil || asked != nil {
				t.Errorf("another use was never written: %+v, %v", asked, err)
			}
			if c.Written == nil {
				return ""
			}
			return c.Written.Files["openapi.yaml"]
		}
		register(t, s, provides(1, "orders", "orders"), consumes(2, "web", "orders"))
		if got := written(); got != "" {
			t.Errorf("read for the first time, nobody knows when it was written: %q", got)
		}
		later := provides(1, "orders", "orders")
		later.Commit, later.Components[0].Provides[0].Files["openapi.yaml"] = "c2", "b1-later"
		register(t, s, later)
		use := consumes(2, "web", "orders")
		use.Commit, use.Components[0].Consumes[0].Usage.Via = "w2", "kiota"
		register(t, s, use)
		if got := written(); got != "b1-later" {
			t.Errorf("a new use is written against the contract of now: %q", got)
		}
		latest := provides(1, "orders", "orders")
		latest.Commit, latest.Components[0].Provides[0].Files["openapi.yaml"] = "c3", "b1-latest"
		register(t, s, latest)
		use.Commit, use.Components[0].Path = "w3", "src"
		register(t, s, use)
		if got := written(); got != "b1-later" {
			t.Errorf("another change of the file does not move it: %q", got)
		}
	})
}
