package server

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
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
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

const followedFile = `version: 1
components:
  - name: web
    consumes:
      - api: shop
        operations:
          - op: GET /items/{id}
            reads: [name]
`

var followed = contracts.RepositoryRef{Installation: 1, ID: 2, Owner: "acme", Name: "web"}

// surroundings is GitHub, the queue and the verifier of one attempt at a job. The attempt
// breaks off at its call number breakAt for a consequence of a change; 0: at none.
type surroundings struct {
	source.Record
	source.Branches
	source.Trees
	work.Queue
	ledger.Ledger

	breakAt, calls int
	// asked counts, by kind and key, the work that the attempt asked for, and the
	// deployments that it had watched.
	asked map[string]int
}

var errBrokenOff = errors.New("broken off")

func (s *surroundings) call() error {
	if s.calls++; s.calls == s.breakAt {
		return errBrokenOff
	}
	return nil
}

func (s *surroundings) Enqueue(_ context.Context, all ...work.Work) error {
	if len(all) == 0 {
		return nil
	}
	if err := s.call(); err != nil {
		return err
	}
	for _, w := range all {
		s.asked[w.Kind+" "+w.Key]++
	}
	return nil
}

func (s *surroundings) Attempt(context.Context) int { return 1 }

func (s *surroundings) Append(ctx context.Context, entries ...ledger.Entry) error {
	if err := s.call(); err != nil {
		return err
	}
	return s.Ledger.Append(ctx, entries...)
}

func (s *surroundings) KeepAnswer(context.Context, ledger.Ledger, contracts.RepositoryRef, deploy.Deployment) error {
	return nil
}

// ledgerAround is a store whose ledger may break off.
type ledgerAround struct {
	*store.Store
	around *surroundings
}

func (l ledgerAround) Append(ctx context.Context, entries ...ledger.Entry) error {
	return l.around.Append(ctx, entries...)
}

func (s *surroundings) Begin(_ context.Context, _ contracts.Registration, all []deploy.Deployment) error {
	if err := s.call(); err != nil {
		return err
	}
	for _, d := range all {
		s.asked[fmt.Sprint("watch ", d.ID)]++
	}
	return nil
}

func (s *surroundings) Deployment(context.Context, contracts.RepositoryRef, int64) (deploy.Deployment, error) {
	return deploy.Deployment{ID: 5, Commit: "old", Environment: "production", Creator: "bob"}, nil
}

func (s *surroundings) DeploymentStatuses(context.Context, contracts.RepositoryRef, int64) ([]deploy.Status, error) {
	return []deploy.Status{{ID: 6, State: deploy.Success, At: time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)}}, nil
}

func (s *surroundings) Releases(context.Context, contracts.RepositoryRef) ([]deploy.Release, error) {
	return []deploy.Release{{Tag: "v1"}}, nil
}

func (s *surroundings) TagCommit(context.Context, contracts.RepositoryRef, string) (string, error) {
	return "old", nil
}

func (s *surroundings) Head(context.Context, contracts.RepositoryRef, string) (source.Commit, error) {
	return source.Commit{SHA: "new", Tree: "tree"}, nil
}

func (s *surroundings) Tree(context.Context, contracts.RepositoryRef, string) (contracts.Tree, error) {
	return treetest.Map{".github/plimsoll.yml": followedFile}, nil
}

// brokenOff is a job that stores a change, and what is asked for because of it.
type brokenOff struct {
	// release is how the component is released: "deployed" or "released".
	release string
	// do runs the job as a worker that knows nothing of earlier attempts.
	do func(ctx context.Context, s *store.Store, around *surroundings) error
	// expected of the attempt that goes through, breaks is at how many calls an attempt
	// may break off.
	expected map[string]int
	breaks   int
	entries  int
}

// made gives what a constructor has made.
func made[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func trackerOf(s *store.Store, around *surroundings) *tracker.Tracker {
	snapshots := made(tracker.NewSnapshots(tracker.SnapshotsDeps{
		Trees: around, Store: s, Queue: around, Organisations: made(source.NewOrganisations(s, s, around)), Cache: openapi.NewCache(0),
	}))
	return made(tracker.New(tracker.Deps{
		GitHub: around, Store: ledgerAround{s, around}, Queue: around, Snapshots: snapshots, Answers: around, Verifier: around,
		Invalidator: made(registry.NewInvalidator(s, around)),
	}))
}

func indexerOf(s *store.Store, around *surroundings) *registry.Indexer {
	invalidator := made(registry.NewInvalidator(s, around))
	left := func(int64) (int, bool) { return 0, false }
	return made(registry.NewIndexer(registry.IndexerDeps{
		GitHub: around, Store: s, Queue: around, Cache: openapi.NewCache(0),
		Organisations: made(source.NewOrganisations(s, s, around)),
		Invalidator:   invalidator,
		Progress:      made(registry.NewScanProgress(invalidator, left, time.Now)),
	}))
}

// Each kind of change that has consequences elsewhere.
var brokenOffs = map[string]brokenOff{
	"deployment": {
		release: "deployed",
		do: func(ctx context.Context, s *store.Store, around *surroundings) error {
			return trackerOf(s, around).Deployment(ctx, followed, 5)
		},
		expected: map[string]int{"reevaluate repo/1/pull/3": 1, "watch 5": 1}, breaks: 3, entries: 1,
	},
	"release": {
		release: deploy.Released,
		do: func(ctx context.Context, s *store.Store, around *surroundings) error {
			return trackerOf(s, around).Released(ctx, followed, "v1")
		},
		expected: map[string]int{"reevaluate repo/1/pull/3": 1}, breaks: 1,
	},
	"registration": {
		do: func(ctx context.Context, s *store.Store, around *surroundings) error {
			_, err := indexerOf(s, around).Register(ctx, source.Repository{RepositoryRef: followed, DefaultBranch: "main"})
			return err
		},
		expected: map[string]int{"reevaluate repo/1/pull/3": 1, "live repo/2": 1, "review repo/2": 1}, breaks: 3,
	},
	"repository": {
		do: func(ctx context.Context, s *store.Store, around *surroundings) error {
			_, err := indexerOf(s, around).Register(ctx, source.Repository{RepositoryRef: followed, DefaultBranch: "main", Archived: true})
			return err
		},
		// First the pull requests that name the repository, then those that its file concerns.
		expected: map[string]int{"reevaluate repo/1/pull/3": 2, "live repo/2": 1, "review repo/2": 1}, breaks: 4,
	},
}

// Wherever a job breaks off behind a change that it has stored, a fresh job that knows
// nothing of it asks for all that follows from the change, once, and the one after that
// for nothing.
func TestFreshJobFollowsUpWhatBrokeOff(t *testing.T) {
	for name, job := range brokenOffs {
		t.Run(name, func(t *testing.T) {
			for at := range job.breaks + 1 { // 0: it does not break off
				t.Run(fmt.Sprint("call ", at), func(t *testing.T) {
					storetest.Each(t, func(t *testing.T, s *store.Store) { job.test(t, s, at) })
				})
			}
		})
	}
}

func (job brokenOff) test(t *testing.T, s *store.Store, at int) {
	open, err := s.Register(t.Context(), contracts.Registration{
		Repository: followed, DefaultBranch: "main", Commit: "head", Enrolled: true, File: "plimsoll.yml", FileSHA: "f",
		Components: []contracts.Component{{Name: "web", Release: job.release}},
	})
	if err != nil {
		t.Fatal(err)
	}
	pull := contracts.RepositoryRef{Installation: 1, ID: 1, Owner: "acme", Name: "shop"}
	if _, _, err := s.PutRepository(t.Context(), source.Repository{RepositoryRef: pull}); err != nil {
		t.Fatal(err)
	}
	err = errors.Join(s.Settle(t.Context(), open), s.PutTopics(t.Context(), pull, 3, []string{work.TopicOfConsumer(followed.ID)}))
	if err != nil {
		t.Fatal(err)
	}
	attempt := func(breakAt int) (*surroundings, error) {
		around := &surroundings{Ledger: s, breakAt: breakAt, asked: map[string]int{}}
		return around, job.do(t.Context(), s, around)
	}
	if at > 0 {
		if _, err := attempt(at); !errors.Is(err, errBrokenOff) {
			t.Fatalf("it did not break off: %v", err)
		}
	}
	fresh, err := attempt(0)
	if err != nil {
		t.Fatal(err)
	}
	if at == 0 && fresh.calls != job.breaks {
		t.Errorf("it may break off at %d calls, %d are looked at", fresh.calls, job.breaks)
	}
	if expected := job.remaining(at); !reflect.DeepEqual(fresh.asked, expected) {
		t.Errorf("asked for %v, expected %v", fresh.asked, expected)
	}
	last, err := attempt(0)
	if err != nil || len(last.asked) > 0 {
		t.Errorf("asked once more: %v, %v", last.asked, err)
	}
	entries := 0
	for _, err := range s.Ledger(t.Context(), followed.Installation, 0) {
		if entries++; err != nil {
			t.Fatal(err)
		}
	}
	if entries != job.entries {
		t.Errorf("the ledger has %d entries, expected %d", entries, job.entries)
	}
}

// remaining is what the attempt after one that broke off at a call asks for: all of it,
// but for what an earlier change of the same job was settled with.
func (job brokenOff) remaining(at int) map[string]int {
	expected := maps.Clone(job.expected)
	if all := expected["reevaluate repo/1/pull/3"]; all > 1 && at > 1 {
		expected["reevaluate repo/1/pull/3"] = all - 1
	}
	return expected
}
