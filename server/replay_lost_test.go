package server_test

import (
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
)

// redelivered is how many deliveries GitHub has sent again.
func (r *reconciled) redelivered() (times int) {
	for _, d := range r.GitHub.Deliveries() {
		if d.Redelivery {
			times++
		}
	}
	return times
}

// logRead is how often the log of deliveries was read.
func (r *reconciled) logRead() (times int) {
	for _, e := range r.GitHub.Requests() {
		if e.Operation == "apps/list-webhook-deliveries" {
			times++
		}
	}
	return times
}

// readsLog lets GitHub's log of deliveries be read. A job that runs while the clock is set
// would lose its lease.
func (r *reconciled) readsLog() {
	r.t.Helper()
	r.Settle()
	before := r.logRead()
	r.clock.set(r.clock.Now().Add(5 * time.Minute))
	r.await("the log of deliveries", func() bool { return r.logRead() > before })
	r.Settle()
}

// Events that were answered and are not in the database, because an older copy of it was
// restored, are asked for again within minutes: here a push, a deployment and a command, none
// of which GitHub's list of repositories shows. What was answered gets no second answer.
func TestDeliveriesThatARestoredDatabaseLacks(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		r.GitHub.Install("acme")
		r.Settle()
		pull := r.dropped()
		r.Settle()
		r.expect(pull, "failure", "web")
		r.replay = 5 * time.Minute
		var restore func()
		r.again(func() { restore = storetest.Snapshot(t, r.dsn) })
		r.readsLog()
		pull.Comment("ana", "/plimsoll can-remove GET /items/{id} price")
		r.Settle()
		r.again(func() {
			restore()
			pull.Comment("ana", "/plimsoll help")
			r.web.Deploy("production", "main", simulator.DeployOptions{}).Status("success", "")
			r.web.CommitAs("ana", "main", "Do without", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "price", "name")})
		})
		r.readsLog()
		if n := r.redelivered(); n < 5 {
			t.Errorf("%d deliveries were sent again, expected those since the copy", n)
		}
		if n := len(pull.Comments()); n != 5 {
			t.Errorf("%d comments, expected two commands and three of ours:\n%s", n, r.GitHub.Render(pull))
		}
		r.expect(pull, "failure", "production")
		before := r.redelivered()
		r.readsLog()
		if n := r.redelivered(); n != before {
			t.Errorf("%d deliveries were sent again although nothing was missing", n-before)
		}
	})
}

// After the loss of the whole database, what GitHub's log still holds is asked for again.
// Nothing is written a second time.
func TestDeliveriesThatALostDatabaseLacks(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		r.replay = 5 * time.Minute
		r.again(func() {})
		r.GitHub.Install("acme")
		r.Settle()
		pull := r.dropped()
		pull.Comment("ana", "/plimsoll can-remove GET /items/{id} price")
		r.Settle()
		before := headings(r.GitHub.RenderAll())
		sent := 0
		for _, d := range r.GitHub.Deliveries() {
			if d.Event == "push" || d.Event == "pull_request" || d.Event == "issue_comment" && d.Action == "created" {
				sent++
			}
		}
		compared, from := r.compared(), len(r.GitHub.Requests())
		r.again(func() { storetest.Empty(t, r.dsn) })
		r.await("the comparison of the lists", func() bool { return r.compared() > compared })
		r.await("the deliveries", func() bool { return r.redelivered() >= sent })
		r.Settle()
		if after := r.complete(headings(r.GitHub.RenderAll()), from); after != before {
			t.Errorf("after the loss:\n%s\nbefore:\n%s", after, before)
		}
		r.expect(pull, "failure", "web")
	})
}

// What is older than GitHub's log is not asked for. The comparison of the lists and the look
// at every repository find it.
func TestDeliveriesThatGitHubHasForgotten(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		r.replay = 5 * time.Minute
		r.GitHub.Install("acme")
		r.Settle()
		pull := r.dropped()
		r.Settle()
		r.again(func() {
			pull.Comment("ana", "/plimsoll can-remove GET /items/{id} price")
			r.web.Deploy("production", "main", simulator.DeployOptions{}).Status("success", "")
			if err := r.GitHub.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			r.clock.set(r.clock.Now().Add(4 * 24 * time.Hour))
		})
		r.readsLog()
		if n := r.redelivered(); n != 0 {
			t.Errorf("%d deliveries were asked for that GitHub no longer has", n)
		}
		if n := len(pull.Comments()); n != 2 {
			t.Errorf("%d comments, expected one of ours, and none on a command that is too old:\n%s", n, r.GitHub.Render(pull))
		}
		r.expect(pull, "failure", "production")
	})
}

// A delivery that comes when its repository is no longer public says what was true when it
// was made. GitHub is asked who can read the repository now.
func TestLateDeliveryOfARepositoryThatWasPublic(t *testing.T) {
	everyReconciled(t, func(t *testing.T, r *reconciled) {
		open := r.GitHub.NewRepository("acme/open", simulator.RepositoryOptions{})
		open.CommitAs("ana", "main", "Begin", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "price", "name")})
		r.shop.SetPrivate(false)
		r.GitHub.Install("acme")
		r.Settle()
		r.GitHub.OnDelivery(func(*simulator.Delivery) simulator.Fate { return simulator.Hold })
		open.CommitAs("ana", "main", "Read the price", map[string]string{".github/plimsoll.yml": strings.ReplaceAll(webFile, "name: web", "name: secret")})
		r.GitHub.OnDelivery(nil)
		open.SetPrivate(true)
		r.Settle()
		r.GitHub.Release()
		r.Settle()
		pull := r.dropped()
		r.Settle()
		r.expect(pull, "failure")
		if page := r.GitHub.Render(pull); strings.Contains(page, "secret") || strings.Contains(page, "acme/open") {
			t.Errorf("a public page names a private repository:\n%s", page)
		}
	})
}
