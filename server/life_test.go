package server_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/server/simulator"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
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
func everyLife(t *testing.T, page string, scenario func(t *testing.T, w *lived)) {
	t.Helper()
	everyDatabase(t, func(t *testing.T, live *live) {
		w := &lived{live: live}
		w.deployed("production", w.old)
		w.Settle()
		w.other = w.pull("drop-color", map[string]string{"openapi.yaml": without("color")})
		w.blocked = w.dropPrice()
		w.before = w.expect(w.blocked, "failure", "1 consumer breaks: web", "production")
		scenario(t, w)
		if page != "" {
			seen := w.GitHub.Render(w.blocked)
			if w.readAnew {
				seen = testbedtest.InTheEnd(seen)
			}
			testbedtest.Golden(t, "life/"+page, seen)
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
// request alone was judged again.
func (w *lived) after(event func()) {
	w.t.Helper()
	calls := slices.DeleteFunc(w.Used(event), func(call simulator.Exchange) bool { return !strings.Contains(call.Path, "/shop/") })
	if got := judged(calls); !slices.Equal(got, []string{"2"}) {
		w.t.Errorf("judged again: %v, expected the one that it concerns alone", got)
	}
}

// dangling holds the store to not keeping what leads nowhere: topics of pull
// requests that can't be judged.
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
	everyLife(t, "renamed.md", func(t *testing.T, w *lived) {
		w.after(func() { w.web.Rename("site") })
		w.expect(w.blocked, "failure", "1 consumer breaks: web", "acme/site/")
		if page := w.GitHub.Render(w.blocked); strings.Contains(page, "acme/web/") {
			t.Errorf("the old name is shown:\n%s", page)
		}
	})
}

// Last known, and marked: what runs in production runs on when nobody maintains it.
func TestConsumerArchived(t *testing.T) {
	everyLife(t, "archived.md", func(t *testing.T, w *lived) {
		w.after(w.web.Archive)
		w.expect(w.blocked, "action_required", "archived")
	})
}

func TestConsumerUnarchived(t *testing.T) {
	everyLife(t, "unarchived.md", func(t *testing.T, w *lived) {
		w.web.Archive()
		w.Settle()
		w.after(w.web.Unarchive)
		if check := w.expect(w.blocked, "failure"); check.Title != w.before.Title || check.Summary != w.before.Summary {
			t.Errorf("not as before:\n%s", w.GitHub.Render(w.blocked))
		}
	})
}

func TestConsumerDeleted(t *testing.T) {
	everyLife(t, "deleted.md", func(t *testing.T, w *lived) {
		w.after(w.web.Delete)
		w.expect(w.blocked, "action_required", "web", "last known")
	})
}

func TestConsumerTransferredAway(t *testing.T) {
	everyLife(t, "transferred.md", func(t *testing.T, w *lived) {
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
	everyLife(t, "taken-out.md", func(t *testing.T, w *lived) {
		open := w.web.OpenPullRequest(simulator.PullRequestOptions{Head: w.branchOfWeb(), Author: "ana"})
		w.Settle()
		w.after(func() { w.installation.Remove(w.web) })
		w.expect(w.blocked, "action_required", "web", "last known")
		testbedtest.Golden(t, "life/while-out.md", w.GitHub.Render(w.blocked))
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
		testbedtest.Golden(t, "life/made-private.md", w.GitHub.Render(w.blocked))
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
	everyLife(t, "account-renamed.md", func(t *testing.T, w *lived) {
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
	everyLife(t, "suspended.md", func(t *testing.T, w *lived) {
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
	everyLife(t, "installed-again.md", func(t *testing.T, w *lived) {
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

// Consumers that write a provider's old name go on counting.
func TestProviderRenamed(t *testing.T) {
	everyLife(t, "provider-renamed.md", func(t *testing.T, w *lived) {
		w.web.CommitAs("ana", "main", "Name it in full", map[string]string{".github/plimsoll.yml": strings.Replace(webFile, "api: shop", "api: acme/shop/shop", 1)})
		w.Settle()
		w.shop.Rename("store")
		w.Settle()
		w.blocked.Push("More", map[string]string{"README.md": "more"})
		w.Settle()
		w.expect(w.blocked, "failure", "1 consumer breaks: web", "production")
	})
}

// A provider that is archived can't be written to: nothing is tried, and when it
// comes back its pull requests are judged again.
func TestProviderArchived(t *testing.T) {
	everyLife(t, "", func(t *testing.T, w *lived) {
		w.shop.Archive()
		w.Settle()
		used := w.Used(func() { w.deployed("production", w.moved) })
		if got := judged(used); len(got) != 0 {
			t.Errorf("judged in an archived repository: %v", got)
		}
		w.shop.Unarchive()
		w.Settle()
		w.expect(w.blocked, "success", "The consumer that this waited for has moved.")
	})
}

func TestProviderDeleted(t *testing.T) {
	everyLife(t, "", func(t *testing.T, w *lived) {
		w.shop.Delete()
		w.Settle()
		if got := judged(w.Used(func() { w.deployed("production", w.moved) })); len(got) != 0 {
			t.Errorf("judged in a deleted repository: %v", got)
		}
		w.dangling("consumer/"+id(w.web), "api/shop")
	})
}

// An API moves to another repository: whoever names it in short goes with it.
func TestAPIMovesToAnotherRepository(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
		market := w.repository("market", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(shopFile, "name: shop", "name: market"), "openapi.yaml": shopContract})
		w.Settle()
		market.CommitAs("ana", "change", "Drop the price", map[string]string{"openapi.yaml": without("price")})
		there := market.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
		here := w.pull("change", map[string]string{"openapi.yaml": without("price")})
		w.expect(there, "failure", "several repositories provide")
		w.expect(here, "failure", "several repositories provide")
		w.shop.CommitAs("ana", "main", "It lives in market now", map[string]string{".github/plimsoll.yml": strings.Replace(shopFile, "    provides:\n      - api: shop\n        spec: openapi.yaml\n", "", 1)})
		w.Settle()
		w.expect(there, "failure", "1 consumer breaks: web")
		w.expect(here, "success", "No contract touched")
		if page := w.GitHub.Render(there); strings.Contains(page, "several repositories") {
			t.Errorf("only one provides it now:\n%s", page)
		}
		testbedtest.Golden(t, "life/api-moved.md", w.GitHub.Render(there))
		w.alive()
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
