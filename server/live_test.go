package server_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/deploy/ledger"
	"plimsoll/server/simulator"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// webMoved is webFile without the use of the price.
var webMoved = strings.Replace(webFile, "[name, price]", "[name]", 1)

// live is a world where the consumer's default branch does not read the price any
// more: old is its last commit that does, moved the first that does not.
type live struct {
	*world
	dsn        string
	old, moved string
}

func newLive(t *testing.T, dsn string) *live {
	t.Helper()
	w := &live{world: newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()}), dsn: dsn}
	w.old = w.web.Head("main")
	w.moved = w.web.CommitAs("ana", "main", "Do without the price", map[string]string{".github/plimsoll.yml": webMoved})
	w.Settle()
	return w
}

// everyDatabase runs a scenario of what runs on SQLite and on PostgreSQL.
func everyDatabase(t *testing.T, scenario func(t *testing.T, w *live)) {
	t.Helper()
	storetest.EachDSN(t, func(t *testing.T, dsn string) { scenario(t, newLive(t, dsn)) })
}

// deployed brings a commit of the consumer to an environment.
func (w *live) deployed(environment, commit string) *simulator.Deployment {
	d := w.web.Deploy(environment, commit, simulator.DeployOptions{Creator: "bob"})
	d.Status("in_progress", "")
	d.Status("success", "")
	return d
}

// dropPrice opens the pull request that takes away what old reads and moved does not.
func (w *live) dropPrice() *simulator.PullRequest {
	return w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
}

// evaluated tells which pull requests of the provider were read among calls, by number.
func evaluated(calls []simulator.Exchange) (numbers []string) {
	for _, call := range calls {
		if call.Operation == "pulls/get" {
			numbers = append(numbers, call.Path[strings.LastIndexByte(call.Path, '/')+1:])
		}
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// stop ends the server and opens its database.
func (w *live) stop() *store.Store {
	w.t.Helper()
	if err := w.StopServer(); err != nil {
		w.t.Fatal(err)
	}
	return storetest.Open(w.t, store.Options{DSN: w.dsn})
}

func (w *live) ref() contracts.RepositoryRef {
	return contracts.RepositoryRef{Installation: w.installation.ID(), ID: w.web.ID(), Owner: "acme", Name: "web", Private: true}
}

// Two versions run at once, and the one that breaks hides behind the one that does
// not. When the rollout has ended the pull request lets go by itself, and only that
// one is evaluated again.
func TestRolloutHidesNothing(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		w.deployed("production", w.old)
		rollout := w.web.Deploy("production", w.moved, simulator.DeployOptions{})
		rollout.Status("in_progress", "")
		w.Settle()
		free := w.pull("drop-color", map[string]string{"openapi.yaml": without("color")})
		docs := w.pull("docs", map[string]string{"README.md": "more"})
		pull := w.dropPrice()
		blocked := w.expect(pull, "failure", "1 consumer breaks: web", "production", w.old[:7])
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			acme/shop pull 3 (open)
			comment by plimsoll[bot]: ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web; cc @acme/web
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)

		others := []simulator.Check{w.expect(free, "success"), w.expect(docs, "success")}
		calls := w.Used(func() { rollout.Status("success", "") })
		if again := w.expect(pull, "success"); again.ID == blocked.ID {
			t.Error("a completed run can't be reopened: a new one was expected")
		}
		if got := evaluated(calls); !slices.Equal(got, []string{fmt.Sprint(pull.Number())}) {
			t.Errorf("judged again: %v, expected the one that was blocked alone", got)
		}
		for i, other := range []*simulator.PullRequest{free, docs} {
			if now := w.expect(other, "success"); now.ID != others[i].ID {
				t.Errorf("#%d has a new check run", other.Number())
			}
		}
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			acme/shop pull 3 (open)
			comment by plimsoll[bot] (edited 1×): ✅
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: success: 1; ✅; #✅
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
	})
}

// The default branch has moved, production has not: merging would break it. Rolling
// back blocks again.
func TestProductionCountsAndNotTheDefaultBranch(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		pull := w.dropPrice()
		w.expect(pull, "success") // nothing is known to run: the default branch counts
		w.deployed("production", w.old)
		w.Settle()
		w.expect(pull, "failure", "1 consumer breaks: web", "production")
		w.deployed("production", w.moved)
		w.Settle()
		w.expect(pull, "success")
		back := w.deployed("production", w.old)
		w.Settle()
		w.expect(pull, "failure", "1 consumer breaks: web", "production")
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot] (edited 2×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web
			check plimsoll/contracts: success (replaced)
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: success (replaced)
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		back.Status("inactive", "") // taken down: nothing runs there
		w.Settle()
		w.expect(pull, "success")
	})
}

// A deployment that fails leaves what ran before.
func TestFailedDeploymentChangesNothing(t *testing.T) {
	w := newLive(t, "")
	w.deployed("production", w.moved)
	failing := w.web.Deploy("production", w.old, simulator.DeployOptions{})
	w.Settle()
	pull := w.dropPrice()
	w.expect(pull, "success") // asked for, and not begun
	failing.Status("in_progress", "")
	w.Settle()
	w.expect(pull, "failure", "web")
	failing.Status("failure", "")
	w.Settle()
	w.expect(pull, "success")
}

func TestInstancesAreKeptApart(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		w.web.CommitAs("ana", "main", "Name the places", map[string]string{".github/plimsoll.yml": webMoved + "    environments:\n      production: {}\n"})
		w.deployed("production-eu", w.old)
		w.deployed("production-us", w.moved)
		w.Settle()
		pull := w.dropPrice()
		w.expect(pull, "failure", "1 consumer breaks: web", "production", "eu")
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot]: ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 eu price production web; cc @acme/web
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 eu price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		w.deployed("production-eu", w.moved)
		w.Settle()
		w.expect(pull, "success")
	})
}

func TestStagingAloneWarns(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		w.deployed("production", w.moved)
		w.deployed("staging", w.old)
		w.Settle()
		pull := w.dropPrice()
		w.expect(pull, "neutral", "web", "staging")
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot]: ⚠️ 1; ⚠️ .github/plimsoll.yml:9 @acme/web commit1 price staging web; cc @acme/web
			check plimsoll/contracts: neutral: 1; ⚠️ .github/plimsoll.yml:9 @acme/web commit1 price staging web; #⚠️; openapi.yaml:17 warning; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
	})
}

// A review app says nothing of production, whatever its environment is called.
func TestReviewAppsDoNotStandForProduction(t *testing.T) {
	w := newLive(t, "")
	w.deployed("production", w.old)
	preview := w.web.Deploy("production", w.moved, simulator.DeployOptions{Transient: true})
	preview.Status("success", "")
	w.Settle()
	w.expect(w.dropPrice(), "failure", "web", "production")
}

// Where only a review app is known, the default branch goes on counting as what runs.
func TestReviewAppsAloneDoNotSilenceTheDefaultBranch(t *testing.T) {
	w := newLive(t, "")
	w.web.CommitAs("ana", "main", "Read the price again", map[string]string{".github/plimsoll.yml": webFile})
	preview := w.web.Deploy("pr-1", w.moved, simulator.DeployOptions{Transient: true})
	preview.Status("success", "")
	w.Settle()
	w.expect(w.dropPrice(), "failure", "web")
}

func TestMonorepo(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		file := func(cart, search string) map[string]string {
			return map[string]string{".github/plimsoll.yml": fmt.Sprintf(`version: 1
components:
  - name: cart
    path: services/cart
    consumes:
      - api: shop
        operations: [{op: "GET /items/{id}", reads: [%s]}]
    environments: {production: {}}
  - name: search
    path: services/search
    consumes:
      - api: shop
        operations: [{op: "GET /items/{id}", reads: [%s]}]
    environments: {production: {}}
`, cart, search)}
		}
		mono := w.repository("mono", file("name, price", "name, price"))
		old := mono.Head("main")
		moved := mono.CommitAs("ana", "main", "Do without the price", file("name", "name"))
		w.Settle()
		for _, deployment := range []*simulator.Deployment{
			mono.Deploy("production", old, simulator.DeployOptions{}), // both
			mono.Deploy("cart-production", moved, simulator.DeployOptions{}),
		} {
			deployment.Status("success", "")
		}
		w.Settle()
		pull := w.dropPrice()
		w.expect(pull, "failure", "1 consumer breaks: search", "production")
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot]: ❌ 1; ❌ .github/plimsoll.yml:13 commit1 price production search
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:13 commit1 price production search; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		mono.Deploy("production", moved, simulator.DeployOptions{Payload: map[string]any{"component": "search"}}).Status("success", "")
		w.Settle()
		w.expect(pull, "success")
	})
}

func TestReleasesLiveOn(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		file := func(reads string) map[string]string {
			return map[string]string{".github/plimsoll.yml": fmt.Sprintf(`version: 1
components:
  - name: ios-app
    owner: "@acme/mobile"
    release: released
    consumes:
      - api: shop
        operations: [{op: "GET /items/{id}", reads: [%s]}]
`, reads)}
		}
		ios := w.repository("ios", file("name, price"))
		w.Settle()
		first := ios.Release("ios-app-v4.2", "", simulator.ReleaseOptions{})
		ios.CommitAs("ana", "main", "Do without the price", file("name"))
		ios.Release("ios-app-v4.3", "", simulator.ReleaseOptions{})
		w.Settle()
		pull := w.dropPrice()
		w.expect(pull, "failure", "1 consumer breaks: ios-app", "ios-app-v4.2")
		testbedtest.Outcome(t, w.GitHub.Render(pull), `
			acme/shop pull 1 (open)
			comment by plimsoll[bot]: ❌ 1; ❌ .github/plimsoll.yml:8 @acme/mobile commit1 ios-app price 20; cc @acme/mobile
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:8 @acme/mobile commit1 ios-app price 20; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		first.Edit(true) // no full release any more
		w.Settle()
		w.expect(pull, "success")
		first.Edit(false)
		w.Settle()
		w.expect(pull, "failure", "ios-app-v4.2")
		first.Delete()
		w.Settle()
		w.expect(pull, "success")
	})
}

// Statuses come twice and in any order: what GitHub says now counts.
func TestStatusesDoubledAndReordered(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		w.deployed("production", w.moved)
		w.Settle()
		pull := w.dropPrice()
		w.expect(pull, "success")
		w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if strings.HasPrefix(d.Event, "deployment") {
				return simulator.Hold
			}
			return simulator.Double
		})
		w.deployed("production", w.old)
		w.deployed("production", w.moved)
		last := w.deployed("production", w.old)
		w.GitHub.OnDelivery(func(*simulator.Delivery) simulator.Fate { return simulator.Double })
		last.Status("success", "") // told once more, twice
		w.GitHub.Release()         // the newest first
		w.Settle()
		w.expect(pull, "failure", "web", "production")
		s := w.stop()
		running, err := s.Live(t.Context(), w.ref())
		if err != nil || len(running) != 1 || running[0].Commit != w.old || !running[0].Production || running[0].Rolling {
			t.Errorf("runs: %+v, %v", running, err)
		}
		history, err := s.Deployments(t.Context(), w.ref(), 10)
		if err != nil || len(history) != 4 {
			t.Errorf("the history is not kept: %+v, %v", history, err)
		}
		w.ledger(s, last.ID())
	})
}

// ledger holds the ledger of deployments to be whole, without doubles, and to end
// with a deployment that succeeded.
func (w *live) ledger(s *store.Store, last int64) {
	w.t.Helper()
	var previous *ledger.Entry
	names := map[string]bool{}
	for entry, err := range s.Ledger(w.t.Context(), w.installation.ID(), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if err := entry.Intact(previous); err != nil {
			w.t.Error(err)
		}
		if previous = &entry; entry.Kind != ledger.EntryDeployment {
			continue
		}
		if entry.Component != "web" || entry.Environment != "production" || entry.Actor != "bob" && entry.Actor != "octocat" {
			w.t.Errorf("%+v", entry)
		}
		if names[entry.Once] || !strings.HasPrefix(entry.Once, "deployment/") {
			w.t.Errorf("the entry %q is there twice, or is called otherwise", entry.Once)
		}
		names[entry.Once] = true
	}
	if want := fmt.Sprintf(`"deployment":%d,`, last); !slices.ContainsFunc(slices.Collect(bodies(s, w)), func(body string) bool {
		return strings.Contains(body, want) && strings.Contains(body, `"state":"success"`)
	}) {
		w.t.Errorf("no entry of deployment %d: %v", last, names)
	}
}

func bodies(s *store.Store, w *live) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for entry := range s.Ledger(w.t.Context(), w.installation.ID(), 0) {
			if !yield(string(entry.Body)) {
				return
			}
		}
	}
}
