package operations_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"plimsoll/server/dashboard/dashboardtest"
	"plimsoll/server/dashboard/operations"
	"plimsoll/server/github"
	"plimsoll/server/queue"
	"plimsoll/server/store/storetest"
)

// outside is a queue and a GitHub that note what they are asked to do.
type outside struct{ retried, redelivered int }

func (*outside) Stats(context.Context) (queue.Stats, error) {
	return queue.Stats{Counts: []queue.Count{{State: queue.Ready, Kind: "evaluate", Jobs: 3}, {State: queue.Dead, Kind: "live", Jobs: 1}}}, nil
}

func (*outside) Pauses(context.Context) ([]queue.Pause, error) {
	return []queue.Pause{{Installation: 1, Until: dashboardtest.Noon, Reason: "rate limit"}, {Installation: 2, Until: dashboardtest.Noon, Since: dashboardtest.Noon.Add(-3 * time.Minute), Reason: "GitHub answers with 502"}}, nil
}

func (*outside) Loads(context.Context) ([]queue.Load, error) {
	return []queue.Load{{Installation: 1, Due: 17, Running: 2, Waiting: 5, Dead: 1, Next: dashboardtest.Noon.Add(90 * time.Second)}, {Running: 1}}, nil
}

func (*outside) Jobs(_ context.Context, f queue.Filter) ([]queue.Job, error) {
	return []queue.Job{{ID: "j1", Installation: 1, Kind: "live", Key: "repo/11", LastError: "<b>the file is gone</b>"}}, nil
}

func (o *outside) Retry(context.Context, string) error { o.retried++; return nil }

func (*outside) Deliveries(context.Context, string) ([]github.Delivery, string, error) {
	return []github.Delivery{{ID: 5, GUID: "g5", Event: "push", Status: 502, DeliveredAt: dashboardtest.Noon.Add(-time.Hour)}, {ID: 6, GUID: "g6", Event: "pull_request", Status: 200}}, "", nil
}

func (o *outside) Redeliver(context.Context, int64) error { o.redelivered++; return nil }

func (*outside) Left(int64) (int, bool) { return 4321, true }

func shop(t testing.TB, dsn string) (*dashboardtest.World, *outside) {
	t.Helper()
	w, o := dashboardtest.Open(t, dsn, false), &outside{}
	w.Must(operations.New(operations.Deps{Frame: w.Frame, Store: w.Store, Queue: o, GitHub: o, Version: "v1.2.3"}))
	w.Shop()
	return w, o
}

// Only operators have the page, its buttons and its entry in the navigation.
func TestOperationsAreForOperators(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w, o := shop(t, dsn)
		page := w.Page("root", "/operations")
		for _, text := range []string{"v1.2.3", "acme", "globex", "4,321", "rate limit", "evaluate", "The App itself", "until 2 Nov 12:01 UTC", `<td class="number">17</td><td class="number">2</td><td class="number">5`,
			"Paused until 12:00:00 UTC. <span class=\"why\">rate limit", "Paused by a shared fault since 11:57:00, until 12:00:00 UTC. <span class=\"why\">GitHub answers with 502", "&lt;b&gt;the file is gone", "answered 502", `href="/operations"`} {
			if !strings.Contains(page, text) {
				t.Errorf("%q is missing in\n%s", text, page)
			}
		}
		if strings.Contains(page, "g6") {
			t.Error("a delivery that arrived is listed")
		}
		w.Hidden("ana", "/operations", "/absent")
		for path, form := range map[string]url.Values{"/operations/retry": {"job": {"j1"}}, "/operations/redeliver": {"delivery": {"5"}}} {
			if got := w.Post("root", path, form); got.Code != http.StatusForbidden {
				t.Errorf("without a token: %d", got.Code)
			}
			form.Set("csrf", dashboardtest.Token)
			if got := w.Post("ana", path, form); got.Code != http.StatusNotFound {
				t.Errorf("ana: %d", got.Code)
			}
			if got := w.Post("root", path, form); got.Code != http.StatusSeeOther {
				t.Errorf("root: %d", got.Code)
			}
		}
		if o.retried != 1 || o.redelivered != 1 {
			t.Errorf("%d retried, %d sent again", o.retried, o.redelivered)
		}
	})
}

func TestOperationsInABrowser(t *testing.T) {
	w, _ := shop(t, storetest.SQLite(t))
	w.Look(t, "root", map[string]string{"operations": "/operations"})
}
