package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/store/storetest"
)

// notifiedOf has a world whose operator is told, and looks for secrets in the end.
func notifiedOf(t *testing.T, change func(w *watching, r *receiver), scenario func(t *testing.T, w *watching, r *receiver)) {
	t.Helper()
	everyWatchingWith(t, "", func(w *watching) {
		w.receiver = newReceiver(w.t)
		w.notified = w.receiver.every()
		if change != nil {
			change(w, w.receiver)
		}
	}, func(t *testing.T, w *watching) {
		scenario(t, w, w.receiver)
		jobs, err := w.Server.Queue().Dead(t.Context(), w.app.ID(), 10)
		if err != nil {
			t.Fatal(err)
		}
		all := w.GitHub.RenderAll() + fmt.Sprintf("%+v", jobs)
		if rows, err := storetest.Raw(t, w.dsn).QueryContext(t.Context(), "SELECT args, last_error FROM jobs"); err == nil {
			defer func() { _ = rows.Close() }()
			for rows.Next() {
				var args, failed string
				if err := rows.Scan(&args, &failed); err != nil {
					t.Fatal(err)
				}
				all += args + failed
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
		} else {
			t.Fatal(err)
		}
		for _, secret := range []string{hookSecret, oldSecret, slackPath, grafanaToken} {
			if strings.Contains(all, secret) {
				t.Errorf("%q is shown or stored", secret)
			}
		}
	})
}

// A deployment goes bad and is rolled back: each destination is told of both verdicts and of
// the steps of the rollback, once.
func TestNotifications(t *testing.T) {
	notifiedOf(t, nil, func(t *testing.T, w *watching, r *receiver) {
		w.declares(back(byDeployment))
		_, good := w.change("good")
		w.verified(good)
		_, bad := w.change("bad")
		w.fails(bad)
		d := w.rolledBack(good)
		w.service.runs(good, http.StatusOK)
		d.Status("in_progress", "")
		d.Status("success", w.url)
		w.Settle()
		w.pass(5)
		want := []string{
			"plimsoll.verdict.v1: verified", "plimsoll.verdict.v1: roll-back", "plimsoll.rollback.v1: rollback performed",
			"plimsoll.verdict.v1: verified", "plimsoll.rollback.v1: rollback ended",
		}
		if told := r.told(); !slices.Equal(told, want) || len(r.seen().events) != len(want) {
			t.Errorf("told %d times: %q, expected %q", len(r.seen().events), told, want)
		}
		event := r.seen().events[1]
		data := event["data"].(map[string]any)
		if event["subject"] != "acme/orders/production" || event["source"] != w.URL() || data["repository"] != "acme/orders" || data["commit"] != bad ||
			!strings.HasPrefix(data["title"].(string), "Roll back orders in production: GET /healthz failed") || !strings.HasPrefix(data["url"].(string), w.URL()+"/deployments/") {
			t.Errorf("%v", event)
		}
		if len(r.seen().texts) != len(want) || !strings.Contains(r.seen().texts[2], "*Rolling back orders in production to "+good[:7]+"*\nacme/orders at "+bad[:7]) || !strings.Contains(r.seen().texts[4], "*Rolled back orders in production to "+good[:7]+", verified*") {
			t.Errorf("Slack: %q", r.seen().texts)
		}
		if len(r.seen().annotations) != len(want) || r.seen().annotations[0]["dashboardUID"] != "shop" || !slices.Contains(r.seen().annotations[0]["tags"].([]any), any("production")) {
			t.Errorf("Grafana: %v", r.seen().annotations)
		}
		w.retried()
		if len(r.seen().events) != len(want) || len(r.seen().texts) != len(want) || len(r.seen().annotations) != len(want) {
			t.Error("told again")
		}
	})
}

// A destination that fails is tried again with the same id, and the verdict does not wait. An
// answer that is lost makes no second annotation.
func TestNotificationsThatFail(t *testing.T) {
	notifiedOf(t, func(_ *watching, r *receiver) {
		r.fail["/hook"], r.fail["/grafana/api/annotations"] = 2, 1
		r.lose["/hook"], r.lose["/grafana/api/annotations"] = 1, 1
	}, func(t *testing.T, w *watching, r *receiver) {
		_, commit := w.change("good")
		w.verified(commit)
		w.retried()
		w.retried()
		if told := r.told(); len(told) != 1 || len(r.seen().events) != 2 || len(r.seen().ids) != 4 || len(slices.Compact(slices.Clone(r.seen().ids))) != 1 {
			t.Errorf("told %q by the ids %q, taken %d times; expected one event, four tries, two of them taken", told, r.seen().ids, len(r.seen().events))
		}
		if len(r.seen().annotations) != 1 {
			t.Errorf("%d annotations, expected one", len(r.seen().annotations))
		}
	})
}

// What is down for good, or leads elsewhere, leaves a dead job that names the destination, and
// every other one is told.
func TestNotificationsThatDie(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		says   string
	}{
		"down":       {http.StatusServiceUnavailable, "notify platform: it answered 503"},
		"redirected": {http.StatusFound, "notify platform: it answered 302, and redirects are not followed"},
		"gone":       {http.StatusGone, "notify platform: it answered 410"},
	} {
		t.Run(name, func(t *testing.T) {
			notifiedOf(t, func(w *watching, r *receiver) {
				w.dies = 1
				r.fail["/hook"], r.status = 100, c.status
			}, func(t *testing.T, w *watching, r *receiver) {
				_, commit := w.change("good")
				w.verified(commit)
				for range 3 {
					w.retried()
				}
				jobs, err := w.Server.Queue().Dead(t.Context(), w.app.ID(), 5)
				if err != nil || len(jobs) != 1 || !strings.Contains(fmt.Sprintf("%+v", jobs[0]), c.says) {
					t.Errorf("dead: %+v, %v", jobs, err)
				}
				if len(r.seen().events) != 0 || len(r.seen().texts) != 1 || len(r.seen().annotations) != 1 {
					t.Errorf("%d events, %d texts, %d annotations", len(r.seen().events), len(r.seen().texts), len(r.seen().annotations))
				}
			})
		})
	}
}

// A server is killed after a destination took an event and before that is stored: it is told
// again with the same id, and Grafana keeps one annotation.
func TestNotificationsThroughAKill(t *testing.T) {
	notifiedOf(t, nil, func(t *testing.T, w *watching, r *receiver) {
		_, commit := w.change("good")
		w.verified(commit)
		if len(r.seen().events) != 1 || len(r.seen().annotations) != 1 {
			t.Fatalf("%d events, %d annotations", len(r.seen().events), len(r.seen().annotations))
		}
		if err := w.StopServer(); err != nil {
			t.Fatal(err)
		}
		// This is how a killed process leaves its jobs.
		result, err := storetest.Raw(t, w.dsn).ExecContext(t.Context(), "UPDATE jobs SET state = 'running', owner = 'killed', attempt = attempt + 1, run_at = 0 WHERE kind LIKE 'notify/%'")
		if err != nil {
			t.Fatal(err)
		}
		if n, err := result.RowsAffected(); err != nil || n != 3 {
			t.Fatalf("%d jobs of notifications, %v; expected one for each destination", n, err)
		}
		w.open(w.GitHub)
		w.clock.set(w.clock.Now().Add(time.Minute))
		w.Settle()
		w.retried()
		if told := r.told(); len(told) != 1 || len(r.seen().events) != 2 || len(r.seen().annotations) != 1 {
			t.Errorf("told %q, %d times; %d annotations", told, len(r.seen().events), len(r.seen().annotations))
		}
	})
}

// A destination is told of what the operator has chosen, and a change of the file counts at
// once: also the secret of what is queued.
func TestNotificationsAreChosen(t *testing.T) {
	for name, c := range map[string]struct {
		change func(n *config.Notification)
		told   []string
	}{
		"everything":           {func(*config.Notification) {}, []string{"plimsoll.verdict.v1: verified"}},
		"its account":          {func(n *config.Notification) { n.Accounts = []config.Account{"ACME"} }, []string{"plimsoll.verdict.v1: verified"}},
		"another account":      {func(n *config.Notification) { n.Accounts = []config.Account{"globex"} }, nil},
		"the App's owner":      {func(n *config.Notification) { n.Accounts = nil }, nil},
		"another repository":   {func(n *config.Notification) { n.Repositories = []config.RepositoryPattern{"acme/web*"} }, nil},
		"its environment":      {func(n *config.Notification) { n.Environments = []config.EnvironmentName{"prod*"} }, []string{"plimsoll.verdict.v1: verified"}},
		"another environment":  {func(n *config.Notification) { n.Environments = []config.EnvironmentName{"staging"} }, nil},
		"another kind of news": {func(n *config.Notification) { n.Events = []config.NotifiedEvent{config.NotifyRollBack} }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			notifiedOf(t, func(w *watching, _ *receiver) {
				w.notified = w.notified[:1]
				c.change(&w.notified[0])
			}, func(t *testing.T, w *watching, r *receiver) {
				_, commit := w.change("good")
				w.verified(commit)
				if told := r.told(); !slices.Equal(told, c.told) {
					t.Errorf("told %q, expected %q", told, c.told)
				}
			})
		})
	}
	t.Run("reloaded", func(t *testing.T) {
		notifiedOf(t, func(w *watching, r *receiver) {
			w.notified = w.notified[:1]
			w.notified[0].Secrets = w.notified[0].Secrets[1:] // the receiver refuses what only the old one signs
			r.fail["/hook"] = 1
		}, func(t *testing.T, w *watching, r *receiver) {
			_, commit := w.change("good")
			w.verified(commit)
			if err := w.Reload(t.Context(), func(conf *config.Server) { conf.Notifications = r.every()[:1] }); err != nil {
				t.Fatal(err)
			}
			w.retried()
			if told := r.told(); len(told) != 1 {
				t.Errorf("told %q after the secret was changed", told)
			}
		})
	})
}
