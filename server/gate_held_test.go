package server_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/deploy/ledger"
	"plimsoll/server/simulator"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// holding is a commit that works in staging and fails in production, where a good one
// was before.
func (w *watching) holding(branch string) (pull *simulator.PullRequest, bad string) {
	w.t.Helper()
	w.orders.Grant("max", "maintain")
	w.orders.Grant("eve", "write")
	gated(w)
	_, good := w.change("good")
	w.verified(good)
	pull, bad = w.change(branch)
	w.service.runs(bad, http.StatusOK)
	w.stage(bad)
	w.pass(4)
	w.fail(bad)
	return pull, bad
}

// fail deploys a commit to production, where it fails.
func (w *watching) fail(commit string) {
	w.t.Helper()
	w.service.runs(commit, http.StatusServiceUnavailable)
	w.deploy(commit)
	w.pass(3)
	w.service.runs(commit, http.StatusOK)
}

// say comments and settles.
func (w *watching) say(pull *simulator.PullRequest, login, text string) {
	w.t.Helper()
	pull.Comment(login, text)
	w.Settle()
}

// entries counts the entries of a kind about a commit in the ledger.
func (w *watching) entries(kind ledger.EntryKind, commit string, want int) {
	w.t.Helper()
	if err := w.StopServer(); err != nil {
		w.t.Fatal(err)
	}
	db := storetest.Open(w.t, store.Options{DSN: w.dsn})
	found := 0
	for entry, err := range db.Ledger(w.t.Context(), w.app.ID(), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if entry.Kind == kind && entry.Commit == commit {
			found++
		}
	}
	if found != want {
		w.t.Errorf("%d entries of the kind %s about %s, expected %d", found, kind, commit, want)
	}
	if err := db.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open(w.GitHub)
}

// A commit that was to be rolled back is held until a maintainer lets it go; then the
// other conditions count, and the next roll back holds it again.
func TestGateHoldsABadCommit(t *testing.T) {
	everyWatching(t, `
		acme/orders pull 1 (merged)
		comment by plimsoll[bot]: ✅ orders production 6
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders pull 2 (merged)
		comment by plimsoll[bot] (edited 4×): ❌ orders production 3 3; ⏪ commit1; -
		comment by eve: /plimsoll override production I know better; :confused:
		comment by plimsoll[bot]: /plimsoll override production I know better
		comment by mallory: /plimsoll override production let me in; :confused:
		comment by plimsoll[bot]: /plimsoll override production let me in
		comment by max: /plimsoll override; :confused:
		comment by plimsoll[bot]: /plimsoll override
		comment by max: /plimsoll override production ...; :confused:
		comment by plimsoll[bot]: /plimsoll override production ...
		comment by max: /plimsoll override staging it was the database; :confused:
		comment by plimsoll[bot]: /plimsoll override staging it was the database
		comment by max: /plimsoll override Production it was the database, not us @a; :+1:
		comment by plimsoll[bot]: /plimsoll override Production it was the database, not us @acme/oncall; ⚠️ commit2 orders production
		comment by max: /plimsoll override production once more; :confused:
		comment by plimsoll[bot]: /plimsoll override production once more
		comment by max: /plimsoll override production the disk was full; :+1:
		comment by plimsoll[bot]: /plimsoll override production the disk was full; ⚠️ commit2 orders production
		check plimsoll/contracts: success
		check plimsoll/readiness: success
		acme/orders: commit commit1
		check plimsoll/deploy: success: ✅ orders production 6; GET /healthz 6 6; GET /version 6 6
		acme/orders: commit commit2
		check plimsoll/deploy: success (replaced)
		check plimsoll/deploy: failure (replaced)
		check plimsoll/deploy: failure: 3 ×2; ❌ orders production 3 3; ⏪ commit1; -; GET /healthz 0 3; GET /version 3 3; [rollback]
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure
		acme/orders: deployment of commit2 to production: deploy, by bob
		gate production rejected: ❌ production; /plimsoll override production REASON orders
		acme/orders: deployment of commit2 to production: deploy, by bob
		gate production rejected: ❌ production; /plimsoll override production REASON orders
		acme/orders: deployment of commit2 to production: deploy, by bob
		gate production approved: ✅ production; max orders; orders staging; commit2 orders; orders
		acme/orders: deployment of commit2 to production: deploy, by bob
		status failure
		acme/orders: deployment of commit2 to production: deploy, by bob
		gate production rejected: ❌ production; /plimsoll override production REASON orders
		acme/orders: deployment of commit2 to production: deploy, by bob
		gate production approved: ✅ production; max orders; orders staging; commit2 orders; orders`, func(t *testing.T, w *watching) {
		pull, bad := w.holding("bad")
		w.answered(w.ask(bad), "production rejected|here was to roll it back|/plimsoll override production REASON")
		w.say(pull, "eve", "/plimsoll override production I know better")
		w.say(pull, "mallory", "/plimsoll override production let me in")
		w.say(pull, "max", "/plimsoll override")
		w.say(pull, "max", "/plimsoll override production ...")
		w.say(pull, "max", "/plimsoll override staging it was the database")
		for _, refusal := range []string{
			"Only maintainers of this repository", "The environment is missing", "The reason is missing", "No gate of `staging` keeps out a commit of this repository",
		} {
			w.saw(pull, refusal)
		}
		w.answered(w.ask(bad), "production rejected|here was to roll it back")
		w.entries(ledger.EntryGateOverride, bad, 0)

		w.say(pull, "max", "/plimsoll override Production it was the database, not us @acme/oncall")
		w.answered(w.ask(bad), "production approved|`max` **overrode** it: it was the database, not us|verified in `staging`")
		w.say(pull, "max", "/plimsoll override production once more")
		w.entries(ledger.EntryGateOverride, bad, 1)
		w.saw(pull, "has already overridden the gate of `production` for `"+bad[:7]+"`")

		w.pass(1)
		w.fail(bad)
		w.answered(w.ask(bad), "production rejected|here was to roll it back")
		w.say(pull, "max", "/plimsoll override production the disk was full")
		w.answered(w.ask(bad), "production approved|the disk was full")
		w.entries(ledger.EntryGateOverride, bad, 2)
	})
}

// What somebody lets go is one commit in one environment, on a pull request that it
// came with; the other conditions still count.
func TestGateOverrideIsOfOneCommit(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		first, bad := w.holding("bad")
		second, worse := w.change("worse")
		w.service.runs(worse, http.StatusOK)
		w.pass(1)
		w.fail(worse)
		w.say(second, "max", "/plimsoll override production it was the database")
		w.answered(w.ask(worse), "report|**overrode**|not deployed to `staging` yet")
		w.answered(w.ask(bad), "production rejected|here was to roll it back")
		other, _ := w.change("other")
		w.say(other, "max", "/plimsoll override production it was the database")
		w.saw(other, "does not contain this pull request")
		w.say(other, "max", "/plimsoll override nowhere it was the database")
		w.saw(other, "No gate of `nowhere` keeps out a commit of this repository")
		w.say(first, "max", "/plimsoll override production it was the network")
		w.answered(w.ask(bad), "production approved|it was the network")
		w.say(first, "max", "/plimsoll help")
		w.saw(first, "/plimsoll override ENVIRONMENT REASON")
	})
}

// saw expects a comment on a pull request that holds a text.
func (w *watching) saw(pull *simulator.PullRequest, text string) {
	w.t.Helper()
	if !slices.ContainsFunc(pull.Comments(), func(c simulator.Comment) bool { return strings.Contains(c.Body, text) }) {
		w.t.Errorf("no comment says %q:\n%s", text, w.GitHub.Render(pull))
	}
}

// What was verified since is not held any more; an inconclusive watching lets nothing go.
func TestGateHoldEndsWithAVerification(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		_, bad := w.holding("bad")
		w.pass(1)
		w.service.runs("another", http.StatusOK) // the version is never seen
		w.deploy(bad)
		w.pass(6)
		w.answered(w.ask(bad), "production rejected|here was to roll it back")
		w.verifiedAgain(bad)
		w.answered(w.ask(bad), "production approved|verified in `staging`")
	})
}

// verifiedAgain deploys once more, and it works.
func (w *watching) verifiedAgain(commit string) {
	w.t.Helper()
	w.service.runs(commit, http.StatusOK)
	w.deploy(commit)
	w.pass(6)
}

// Every call of an override may fail or lose its answer, and every delivery may come
// twice: one entry, one answer.
func TestGateOverrideThroughFaults(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"bad gateway": {Status: http.StatusBadGateway}, "answer lost": {After: true, Close: true},
	} {
		t.Run(name, func(t *testing.T) {
			everyWatching(t, "", func(t *testing.T, w *watching) {
				w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
					if d.Event == "issue_comment" {
						return simulator.Double
					}
					return simulator.Send
				})
				pull, bad := w.holding("bad")
				for _, path := range []string{"/repos/*/*/collaborators/*/permission", "/repositories/*/compare/*", "/repositories/*/commits/*/pulls", "/repos/*/*/issues/*/comments"} {
					fault.Path = path
					w.GitHub.Fault(fault)
				}
				w.clock.move(time.Millisecond) // what failed is tried again
				w.say(pull, "max", "/plimsoll override production it was the database")
				w.clock.move(0)
				w.saw(pull, "**Overridden:** `orders`")
				said := 0
				for _, c := range pull.Comments() {
					if strings.Contains(c.Body, "Overridden") || strings.Contains(c.Body, "already") {
						said++
					}
				}
				if said != 1 {
					t.Errorf("%d answers:\n%s", said, w.GitHub.Render(pull))
				}
				w.entries(ledger.EntryGateOverride, bad, 1)
				w.answered(w.ask(bad), "production approved|it was the database")
			})
		})
	}
}

// can-i-deploy knows what is held, and of whom it is not.
func TestCanIDeployKnowsWhatIsHeld(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		pull, bad := w.holding("bad")
		w.orders.Grant("ana", "read")
		a := &asking{live: &live{world: &world{Testbed: w.Testbed, t: t}}}
		ask := func(environment string) string {
			status, body, _ := a.ask(w.GitHub.UserToken("ana"), "can-i-deploy?repository=acme/orders&commit="+bad+"&environment="+environment)
			if status != http.StatusOK {
				t.Fatalf("%d %s", status, body)
			}
			return body
		}
		if body := ask("production"); !strings.Contains(body, `"answer":"no"`) || !strings.Contains(body, `"code":"held"`) {
			t.Errorf("of production: %s", body)
		}
		if body := ask("staging"); strings.Contains(body, `"code":"held"`) {
			t.Errorf("of staging: %s", body)
		}
		w.say(pull, "max", "/plimsoll override production it was the database")
		if body := ask("production"); !strings.Contains(body, `"answer":"yes"`) || strings.Contains(body, `"code":"held"`) {
			t.Errorf("after the override: %s", body)
		}
	})
}
