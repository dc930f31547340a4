package server_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/server/simulator"
	"plimsoll/server/store"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// lived is a world where a version of the consumer that reads the price runs in
// production, and an open pull request that takes it away is blocked.
type lived struct {
	*live
	blocked *simulator.PullRequest
	other   *simulator.PullRequest
	before  simulator.Check
	stopped bool
	// readAnew: every repository is read again, in whatever order the jobs come.
	readAnew bool
}

// everyLife runs what becomes of repositories on SQLite and on PostgreSQL; the page
// of the blocked pull request in the end is what a person sees of it.
func everyLife(t *testing.T, want string, scenario func(t *testing.T, w *lived)) {
	t.Helper()
	everyDatabase(t, func(t *testing.T, live *live) {
		w := &lived{live: live}
		w.deployed("production", w.old)
		w.Settle()
		w.other = w.pull("drop-color", map[string]string{"openapi.yaml": without("color")})
		w.blocked = w.dropPrice()
		w.before = w.expect(w.blocked, "failure", "1 consumer breaks: web", "production")
		scenario(t, w)
		if want != "" {
			seen := w.GitHub.Render(w.blocked)
			if w.readAnew {
				seen = testbedtest.InTheEnd(seen)
			}
			testbedtest.Shown(t, seen, want)
		}
		if !w.stopped {
			w.noneDied()
		}
	})
}

// noneDied fails the test where a job died.
func (w *lived) noneDied() {
	w.t.Helper()
	jobs, err := w.Server.Queue().Dead(w.t.Context(), w.installation.ID(), 20)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, job := range jobs {
		w.t.Errorf("job %s %s died: %s", job.Kind, job.Key, job.LastError)
	}
}

// after has something become of a repository and tells whether the blocked pull
// request alone was evaluated again.
func (w *lived) after(event func()) {
	w.t.Helper()
	calls := slices.DeleteFunc(w.Used(event), func(call simulator.Exchange) bool { return !strings.Contains(call.Path, "/shop/") })
	if got := evaluated(calls); !slices.Equal(got, []string{"2"}) {
		w.t.Errorf("judged again: %v, expected the one that it concerns alone", got)
	}
}

// dangling holds the store to not keeping what leads nowhere: topics of pull
// requests that can't be evaluated.
func (w *lived) dangling(topics ...string) {
	w.t.Helper()
	w.stopped = true
	db := w.stop()
	for _, topic := range topics {
		pulls, err := db.PullsOf(w.t.Context(), w.installation.ID(), topic)
		if err != nil || len(pulls) != 0 {
			w.t.Errorf("topic %s leads to %v, %v", topic, pulls, err)
		}
	}
}

func id(repo *simulator.Repository) string { return strconv.FormatInt(repo.ID(), 10) }

func TestConsumerRenamed(t *testing.T) {
	everyLife(t, `
		acme/shop pull 2 (open)
		comment by plimsoll[bot] (edited 1×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web
		check plimsoll/contracts: failure (replaced)
		check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
		check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`, func(t *testing.T, w *lived) {
		w.after(func() { w.web.Rename("site") })
		w.expect(w.blocked, "failure", "1 consumer breaks: web", "acme/site/")
		if page := w.GitHub.Render(w.blocked); strings.Contains(page, "acme/web/") {
			t.Errorf("the old name is shown:\n%s", page)
		}
	})
}

// Last known, and marked: what runs in production runs on when nobody maintains it.
func TestConsumerArchived(t *testing.T) {
	everyLife(t, `
		acme/shop pull 2 (open)
		comment by plimsoll[bot] (edited 1×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web
		check plimsoll/contracts: failure (replaced)
		check plimsoll/contracts: action_required: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
		check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`, func(t *testing.T, w *lived) {
		w.after(w.web.Archive)
		w.expect(w.blocked, "action_required", "archived")
	})
}

func TestConsumerUnarchived(t *testing.T) {
	everyLife(t, `
		acme/shop pull 2 (open)
		comment by plimsoll[bot] (edited 2×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web
		check plimsoll/contracts: failure (replaced)
		check plimsoll/contracts: action_required (replaced)
		check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
		check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`, func(t *testing.T, w *lived) {
		w.web.Archive()
		w.Settle()
		w.after(w.web.Unarchive)
		if check := w.expect(w.blocked, "failure"); check.Title != w.before.Title || check.Summary != w.before.Summary {
			t.Errorf("not as before:\n%s", w.GitHub.Render(w.blocked))
		}
	})
}

func TestConsumerDeleted(t *testing.T) {
	everyLife(t, `
		acme/shop pull 2 (open)
		comment by plimsoll[bot] (edited 1×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web
		check plimsoll/contracts: failure (replaced)
		check plimsoll/contracts: action_required: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
		check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`, func(t *testing.T, w *lived) {
		w.after(w.web.Delete)
		w.expect(w.blocked, "action_required", "web", "last known")
	})
}

func TestConsumerTransferredAway(t *testing.T) {
	everyLife(t, `
		acme/shop pull 2 (open)
		comment by plimsoll[bot] (edited 2×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web
		check plimsoll/contracts: failure (replaced)
		check plimsoll/contracts: action_required (replaced)
		check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
		check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`, func(t *testing.T, w *lived) {
		w.GitHub.Organization("globex")
		w.GitHub.Install("globex")
		w.Settle()
		w.after(func() { w.web.Transfer("globex") })
		w.expect(w.blocked, "action_required", "web", "last known")
		if page := w.GitHub.Render(w.blocked); strings.Contains(page, "globex") {
			t.Errorf("the other account is named:\n%s", page)
		}
		// And back again.
		w.after(func() { w.web.Transfer("acme") })
		if check := w.expect(w.blocked, "failure"); check.Summary != w.before.Summary {
			t.Errorf("not as before:\n%s", w.GitHub.Render(w.blocked))
		}
		w.web.Transfer("globex")
	})
}

// Transferred to where the App is not: GitHub tells nobody; the sweep finds out.
func TestConsumerTransferredOutOfSight(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk(), Sweep: 1e9})
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "failure", "web")
	w.GitHub.Organization("globex")
	w.web.Transfer("globex")
	w.await("the sweep", func() bool { return strings.Contains(w.GitHub.Render(pull), "last known") })
}

func TestConsumerTakenOutAndAddedAgain(t *testing.T) {
	everyLife(t, `
		acme/shop pull 2 (open)
		comment by plimsoll[bot] (edited 2×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web
		check plimsoll/contracts: failure (replaced)
		check plimsoll/contracts: action_required (replaced)
		check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
		check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`, func(t *testing.T, w *lived) {
		open := w.web.OpenPullRequest(simulator.PullRequestOptions{Head: w.branchOfWeb(), Author: "ana"})
		w.Settle()
		w.after(func() { w.installation.Remove(w.web) })
		w.expect(w.blocked, "action_required", "web", "last known")
		testbedtest.Outcome(t, w.GitHub.Render(w.blocked), `
			acme/shop pull 2 (open)
			comment by plimsoll[bot] (edited 1×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: action_required: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		open.Push("While out", map[string]string{"README.md": "more"})
		w.Settle()
		if checks := open.Checks(onContracts); len(checks) != 0 {
			t.Errorf("judged what the App may not see: %s", checks[0].Title)
		}
		w.after(func() { w.installation.Add(w.web) })
		if check := w.expect(w.blocked, "failure"); check.Summary != w.before.Summary {
			t.Errorf("not as before:\n%s", w.GitHub.Render(w.blocked))
		}
		if checks := open.Checks(onContracts); len(checks) != 1 {
			t.Errorf("what was pushed while it was out has %d answers", len(checks))
		}
	})
}

// branchOfWeb makes a branch of the consumer with a change that touches nothing.
func (w *lived) branchOfWeb() string {
	w.web.CommitAs("ana", "docs", "Docs", map[string]string{"README.md": "web"})
	return "docs"
}

func TestConsumerMadePrivate(t *testing.T) {
	everyDatabase(t, func(t *testing.T, live *live) {
		w := &lived{live: live}
		w.deployed("production", w.old)
		w.shop.SetPrivate(false)
		w.web.SetPrivate(false)
		w.Settle()
		w.other = w.pull("drop-color", map[string]string{"openapi.yaml": without("color")})
		w.blocked = w.dropPrice()
		named := w.expect(w.blocked, "failure", "1 consumer breaks: web", "production")
		w.after(func() { w.web.SetPrivate(true) })
		if now := w.expect(w.blocked, "failure", "1 private consumer"); now.ID == named.ID {
			t.Error("a completed run can't be reopened: a new one was expected")
		}
		w.tellsNothing(w.blocked)
		old, ok := w.shop.CheckNumbered(named.ID)
		if !ok || strings.Contains(old.Title+old.Summary+old.Text, "web") || old.Conclusion != "failure" {
			t.Errorf("the run before it still tells: %+v", old)
		}
		testbedtest.Outcome(t, w.GitHub.Render(w.blocked), `
			acme/shop pull 2 (open)
			comment by plimsoll[bot] (edited 1×): ❌ 1 ×2; 1
			check plimsoll/contracts: failure (replaced)
			check plimsoll/contracts: failure: 1; ❌ 1; #❌; openapi.yaml:17 failure; [ack]; [recheck]
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		w.noneDied()
	})
}

func TestConsumerDefaultBranchRenamed(t *testing.T) {
	everyLife(t, "", func(t *testing.T, w *lived) {
		w.web.RenameDefaultBranch("trunk")
		w.shop.RenameDefaultBranch("trunk")
		w.Settle()
		w.web.CommitAs("ana", "trunk", "Show the color", fileOf("web", "name, color"))
		w.Settle()
		w.expect(w.other, "neutral", "web") // it is not in production yet
		w.expect(w.blocked, "failure", "production")
	})
}

func TestAccountRenamed(t *testing.T) {
	everyLife(t, `
		apex/shop pull 2 (open)
		comment by plimsoll[bot] (edited 2×): ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 commit2 price production web
		check plimsoll/contracts: failure (replaced)
		check plimsoll/contracts: failure (replaced)
		check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 commit2 price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
		check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`, func(t *testing.T, w *lived) {
		w.web.CommitAs("ana", "main", "Name it in full", map[string]string{".github/plimsoll.yml": strings.Replace(webFile, "api: shop", "api: acme/shop/shop", 1)})
		w.Settle()
		w.after(func() { w.GitHub.RenameAccount("acme", "apex") })
		check := w.expect(w.blocked, "failure", "web", "apex/web")
		if page := check.Summary + check.Text + w.blocked.Comments()[0].Body; strings.Contains(page, "/acme/") {
			t.Errorf("the old name is linked:\n%s", page)
		}
	})
}

func TestSuspendedAndUnsuspended(t *testing.T) {
	everyLife(t, `
		acme/shop pull 2 (open)
		comment by plimsoll[bot]: ✅
		check plimsoll/contracts: success: 1; ✅; #✅
		check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`, func(t *testing.T, w *lived) {
		w.readAnew = true
		w.installation.Suspend()
		w.Settle()
		w.web.CommitAs("ana", "main", "Use the color", fileOf("web", "name, color"))
		w.deployed("production", w.moved)
		w.installation.Unsuspend()
		w.Settle()
		w.expect(w.blocked, "success")
		w.expect(w.other, "neutral", "web")
	})
}

// The App is taken off the account and installed again: everything is read anew, what
// runs too, and each pull request keeps its one comment.
func TestUninstalledAndInstalledAgain(t *testing.T) {
	everyLife(t, `
		acme/shop pull 2 (open)
		comment by plimsoll[bot]: ❌ 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web
		check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit1 price production web; #❌; openapi.yaml:17 failure; [ack]; [recheck]
		check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`, func(t *testing.T, w *lived) {
		w.readAnew = true
		w.installation.Uninstall()
		w.Settle()
		w.blocked.Push("While out", map[string]string{"README.md": "more"})
		w.Settle()
		again := w.GitHub.Install("acme")
		w.Settle()
		w.expect(w.blocked, "failure", "1 consumer breaks: web", "production")
		if n := len(w.blocked.Comments()); n != 1 {
			t.Errorf("%d comments, expected the one from before, edited", n)
		}
		jobs, err := w.Server.Queue().Dead(t.Context(), again.ID(), 5)
		if err != nil || len(jobs) != 0 {
			t.Errorf("dead: %v, %v", jobs, err)
		}
	})
}

// What runs stays known of a repository that is gone, and is marked.
func TestWhatRunsStaysKnown(t *testing.T) {
	everyLife(t, "", func(t *testing.T, w *lived) {
		w.web.Delete()
		w.Settle()
		w.stopped = true
		db := w.stop()
		running, err := db.Live(t.Context(), w.ref())
		if err != nil || len(running) != 1 || running[0].Commit != w.old {
			t.Errorf("what runs: %+v, %v", running, err)
		}
		shop := contracts.RepositoryRef{Installation: w.installation.ID(), ID: w.shop.ID(), Owner: "acme", Name: "shop"}
		consumers, err := db.Consumers(t.Context(), contracts.APIRef{Repository: shop, Name: "shop"})
		if err != nil || len(consumers) == 0 {
			t.Fatalf("consumers: %v, %v", consumers, err)
		}
		for _, c := range consumers {
			if c.Stale != store.StaleUninstalled {
				t.Errorf("%s in %q is not marked: %q", c.Component, c.Environment, c.Stale)
			}
		}
	})
}
