package server_test

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/treetest"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/source"
	"plimsoll/handlers/tracker"
	"plimsoll/handlers/work"
	"plimsoll/server/simulator"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// Whatever call fails on the way, in the end what runs is known.
func TestEveryCallForWhatRunsMayFail(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"bad gateway":    {Status: http.StatusBadGateway, Body: "<html>502 Bad Gateway</html>"},
		"connection cut": {Close: true},
		"not there yet":  {Status: http.StatusNotFound},
	} {
		for _, operation := range []string{"repos/get-deployment", "repos/list-deployment-statuses", "git/get-tree", "git/get-blob"} {
			t.Run(name+" "+operation, func(t *testing.T) {
				w := newLive(t, "")
				worse := w.web.CommitAs("ana", "worse", "Read all", map[string]string{".github/plimsoll.yml": strings.Replace(webFile, "[name, price]", "[price]", 1)})
				fault.Operation = operation
				w.GitHub.Fault(fault)
				w.deployed("production", worse)
				w.Settle()
				w.expect(w.dropPrice(), "failure", "web", "production", worse[:7])
			})
		}
	}
}

// A commit that GitHub does not have any more says nothing: the default branch's
// declaration stands for it.
func TestLiveCommitThatIsGone(t *testing.T) {
	w := newLive(t, "")
	w.web.CommitAs("ana", "main", "Read the price again", map[string]string{".github/plimsoll.yml": webFile})
	gone := w.web.CommitAs("ana", "gone", "Never merged", map[string]string{"a": "a"})
	w.GitHub.Fault(simulator.Fault{Operation: "git/get-tree", Status: http.StatusNotFound, Times: simulator.Always, Match: func(r *http.Request) bool {
		return strings.Contains(r.URL.Path, gone)
	}})
	w.deployed("production", gone)
	w.Settle()
	w.expect(w.dropPrice(), "failure", "web", "production", gone[:7])
}

// Deployments and releases that GitHub never told of are found by the sweep.
func TestVanishedDeploymentIsSwept(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk(), Sweep: time.Second})
		old := w.web.Head("main")
		w.web.CommitAs("ana", "main", "Do without the price", map[string]string{".github/plimsoll.yml": webMoved})
		w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if strings.HasPrefix(d.Event, "deployment") {
				return simulator.Vanish
			}
			return simulator.Send
		})
		w.Settle()
		pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
		w.expect(pull, "success")
		w.web.Deploy("production", old, simulator.DeployOptions{}).Status("success", "")
		w.await("the sweep", func() bool { return pull.Checks(onContracts)[0].Conclusion == "failure" })
		w.Settle()
		w.expect(pull, "failure", "web", "production")
	})
}

// A component that is called otherwise now is evaluated by what it declared until the
// next deployment takes its place.
func TestRenamedComponentRunsOn(t *testing.T) {
	w := newLive(t, "")
	w.deployed("production", w.old)
	w.Settle()
	renamed := w.web.CommitAs("ana", "main", "Call it storefront", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webMoved, "web", "storefront")})
	w.Settle()
	pull := w.dropPrice()
	w.expect(pull, "failure", "1 consumer breaks: web", "production", w.old[:7])
	w.deployed("production", renamed)
	w.Settle()
	w.expect(pull, "success")
}

// A repository that has left is followed until what it declared does not run any more.
func TestRepositoryThatLeftRunsOn(t *testing.T) {
	w := newLive(t, "")
	w.deployed("production", w.old)
	w.Settle()
	left := w.web.CommitAs("ana", "main", "Leave", map[string]string{".github/plimsoll.yml": simulator.Deleted, "README.md": "bye"})
	w.Settle()
	pull := w.dropPrice()
	w.expect(pull, "failure", "web", "production", w.old[:7])
	w.deployed("production", left)
	w.Settle()
	w.expect(pull, "success")
}

// Declaring other places has what runs told apart anew.
func TestTargetsDeclaredLater(t *testing.T) {
	w := newLive(t, "")
	w.deployed("blue", w.old)
	w.Settle()
	pull := w.dropPrice()
	w.expect(pull, "neutral", "web", "blue")
	w.web.CommitAs("ana", "main", "Say what is production", map[string]string{".github/plimsoll.yml": webMoved + "    environments:\n      blue: {production: true}\n"})
	w.Settle()
	w.expect(pull, "failure", "web", "blue")
}

// Repositories that take no part cost nothing.
func TestNothingIsAskedForWhoTakesNoPart(t *testing.T) {
	w := newLive(t, "")
	plain := w.repository("plain", map[string]string{"README.md": "hello"})
	w.Settle()
	calls := w.Used(func() {
		plain.Deploy("production", "main", simulator.DeployOptions{}).Status("success", "")
		plain.Release("v1", "", simulator.ReleaseOptions{})
		w.web.Release("v1", "", simulator.ReleaseOptions{}) // takes part, and is deployed
	})
	if len(calls) != 0 {
		t.Errorf("%d requests: %s", len(calls), testbedtest.Routes(calls))
	}
}

// pretended is GitHub and the queue of a Tracker on its own: one deployment that has
// succeeded.
type pretended struct {
	source.Record
	source.Trees
	work.Queue
	asked []string
}

func (p *pretended) Deployment(context.Context, contracts.RepositoryRef, int64) (deploy.Deployment, error) {
	return deploy.Deployment{ID: 5, Commit: "old", Environment: "production", Creator: "bob"}, nil
}

func (p *pretended) DeploymentStatuses(context.Context, contracts.RepositoryRef, int64) ([]deploy.Status, error) {
	return []deploy.Status{{ID: 6, State: deploy.Success, At: testbedtest.Noon}}, nil
}

func (p *pretended) Tree(context.Context, contracts.RepositoryRef, string) (contracts.Tree, error) {
	return treetest.Map{"plimsoll.yml": webFile}, nil
}

func (p *pretended) Enqueue(_ context.Context, work ...work.Work) error {
	for _, w := range work {
		p.asked = append(p.asked, w.Key)
	}
	return nil
}
func (p *pretended) Attempt(context.Context) int { return 1 }

func (p *pretended) KeepAnswer(context.Context, ledger.Ledger, contracts.RepositoryRef, deploy.Deployment) error {
	return nil
}

func (p *pretended) Begin(context.Context, contracts.Registration, []deploy.Deployment) error {
	return nil
}

// made gives what a constructor has made.
func made[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// failing is a store that does not do one thing, and notes what it has done.
type failing struct {
	*store.Store
	at   string
	done []string
}

var errBroken = errors.New("broken by intent")

func (f *failing) step(name string) error {
	if f.at == name {
		return errBroken
	}
	f.done = append(f.done, name)
	return nil
}

func (f *failing) PutSnapshot(ctx context.Context, r contracts.Registration) error {
	return errors.Join(f.step("snapshot"), f.Store.PutSnapshot(ctx, r))
}

func (f *failing) PutDeployments(ctx context.Context, repo contracts.RepositoryRef, all []deploy.Deployment) ([]int64, []work.FollowUp, error) {
	changed, open, err := f.Store.PutDeployments(ctx, repo, all)
	return changed, open, errors.Join(f.step("deployments"), err)
}

func (f *failing) Append(ctx context.Context, entries ...ledger.Entry) error {
	if err := f.step("ledger"); err != nil {
		return err
	}
	return f.Store.Append(ctx, entries...)
}

func (f *failing) PullsOf(_ context.Context, installation int64, topic string) ([]source.PullRef, error) {
	if err := f.step("topics"); err != nil || !strings.HasPrefix(topic, "consumer/") {
		return nil, err
	}
	return []source.PullRef{{Repository: contracts.RepositoryRef{Installation: installation, ID: 1}, Number: 3}}, nil
}

// organisations knows no organisation's file.
type organisations struct{ registry.Accounts }

func (organisations) RepositoryNamed(context.Context, int64, string, string) (contracts.RepositoryRef, error) {
	return contracts.RepositoryRef{}, fs.ErrNotExist
}

// Wherever the work on a deployment breaks off, the next attempt ends it: the ledger
// has its entry once, and the pull requests that it concerns are evaluated again. What
// the commit says is always known before it counts as running.
func TestDeploymentBrokenOffAnywhere(t *testing.T) {
	repo := contracts.RepositoryRef{Installation: 1, ID: 2, Owner: "acme", Name: "web"}
	for _, at := range []string{"snapshot", "deployments", "ledger", "topics"} {
		t.Run(at, func(t *testing.T) {
			s := storetest.Open(t, store.Options{DSN: storetest.SQLite(t)})
			_, err := s.Register(t.Context(), contracts.Registration{Repository: repo, DefaultBranch: "main", Commit: "head", Enrolled: true, File: "plimsoll.yml",
				Components: []contracts.Component{{Name: "web", Release: "deployed"}}})
			if err != nil {
				t.Fatal(err)
			}
			versions, outside := &failing{Store: s, at: at}, &pretended{}
			snapshots := made(tracker.NewSnapshots(tracker.SnapshotsDeps{
				Trees: outside, Store: versions, Queue: outside, Organisations: made(source.NewOrganisations(organisations{}, s, outside)), Cache: openapi.NewCache(0),
			}))
			deployments, err := tracker.New(tracker.Deps{
				GitHub: outside, Store: versions, Queue: outside, Snapshots: snapshots, Answers: outside, Verifier: outside,
				Invalidator: made(registry.NewInvalidator(followed{versions}, outside)),
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := deployments.Deployment(t.Context(), repo, 5); !errors.Is(err, errBroken) {
				t.Fatalf("expected it broken at %s: %v", at, err)
			}
			versions.at = ""
			if err := deployments.Deployment(t.Context(), repo, 5); err != nil {
				t.Fatal(err)
			}
			if first, then := slices.Index(versions.done, "snapshot"), slices.Index(versions.done, "deployments"); first > then {
				t.Errorf("it counted before it was known what it says: %v", versions.done)
			}
			if !slices.Equal(outside.asked, []string{"repo/1/pull/3"}) {
				t.Errorf("judged again: %v", outside.asked)
			}
			entries := 0
			for _, err := range s.Ledger(t.Context(), 1, 0) {
				if entries++; err != nil {
					t.Error(err)
				}
			}
			if live, err := s.Live(t.Context(), repo); entries != 1 || err != nil || len(live) != 1 {
				t.Errorf("%d entries; runs: %+v, %v", entries, live, err)
			}
		})
	}
}

// followed is who depends on what.
type followed struct{ *failing }

func (followed) PutTopics(context.Context, contracts.RepositoryRef, int, []string) error { return nil }
