package server_test

import (
	"encoding/json"
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"plimsoll/server/api"
	"plimsoll/server/api/apitest"
)

// keysOf asks over HTTP.
func (w *watching) answer(person, path string, into any) int {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.URL()+"/api/v1/"+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.GitHub.UserToken(person))
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	apitest.Expect(w.t, req, res.StatusCode, res.Header, body)
	if res.StatusCode == http.StatusOK {
		if err := json.Unmarshal(body, into); err != nil {
			w.t.Fatalf("%s: %v", body, err)
		}
	}
	return res.StatusCode
}

// One that works, one that is to be rolled back, and the first one again: what the keys
// and what runs say of it.
func TestMetricsAndWhatRunsOverHTTP(t *testing.T) {
	everyWatching(t, "", func(t *testing.T, w *watching) {
		w.orders.Grant("ana", "read")
		var metrics api.MetricsAnswer
		if status := w.answer("ana", "metrics?repository=acme/orders", &metrics); status != http.StatusOK || len(metrics.Targets) != 0 {
			t.Errorf("before anything: %d, %+v", status, metrics)
		}
		began := w.clock.Now()
		_, good := w.change("good")
		w.verified(good) // 5 minutes
		written := w.clock.Now()
		_, bad := w.change("bad")
		w.pass(7)
		failed := w.clock.Now()
		w.service.runs(bad, http.StatusServiceUnavailable)
		w.deploy(bad)
		w.pass(3)
		w.concluded(bad, "failure", "Roll back")
		restored := w.clock.Now()
		w.verified(good)

		var running api.RunningAnswer
		if status := w.answer("ana", "running?repository=acme/orders", &running); status != http.StatusOK || len(running.Running) != 1 {
			t.Fatalf("running: %d, %+v", status, running)
		}
		want := api.RunningTarget{Component: "orders", Environment: "production", Production: true, Commit: good, Since: restored, Deployment: running.Running[0].Deployment, By: "bob", Verdict: "verified"}
		if running.Running[0] != want {
			t.Errorf("runs %+v\nexpected %+v", running.Running[0], want)
		}
		if w.answer("ana", "metrics?repository=acme/orders&days=7&component=orders&environment=Production", &metrics); len(metrics.Targets) != 1 {
			t.Fatalf("%+v", metrics)
		}
		k := metrics.Targets[0]
		if k.Deployments != 2 || k.WentBack != 1 || *k.Failures.Rate != 0.5 || k.Failures.Concluded != 2 {
			t.Errorf("%+v", k)
		}
		if k.Restore.Known != 1 || *k.Restore.Median != int64(restored.Sub(failed)/time.Second) {
			t.Errorf("restored %+v, expected %s", k.Restore, restored.Sub(failed))
		}
		// Of the first one it is not known what it brought.
		if k.Lead.Known != 1 || k.Lead.Of != 2 || k.Lead.Commits != 1 || *k.Lead.Median != int64(failed.Sub(written)/time.Second) {
			t.Errorf("lead %+v, expected %s", k.Lead, failed.Sub(written))
		}
		var old api.MetricsAnswer
		if status := w.answer("ana", "keys?repository=acme/orders&days=7&component=orders&environment=Production", &old); status != http.StatusOK || metrics.Schema != "plimsoll.metrics/v1" || old.Schema != "plimsoll.keys/v1" {
			t.Errorf("by the old name: %d, %s and %s", status, old.Schema, metrics.Schema)
		}
		if old.Schema = metrics.Schema; !reflect.DeepEqual(old, metrics) {
			t.Errorf("by the old name: %+v\nexpected %+v", old, metrics)
		}
		if !metrics.To.Equal(w.clock.Now()) || metrics.From.After(began) {
			t.Errorf("from %s to %s", metrics.From, metrics.To)
		}
		for _, path := range []string{"metrics?repository=acme/orders&component=other", "metrics?repository=acme/orders&environment=staging"} {
			if w.answer("ana", path, &metrics); len(metrics.Targets) != 0 {
				t.Errorf("%s: %+v", path, metrics)
			}
		}
		for _, path := range []string{"metrics?repository=acme/orders", "running?repository=acme/orders"} {
			if status := w.answer("otto", path, &metrics); status != http.StatusNotFound {
				t.Errorf("%s for somebody who may not read it: %d", path, status)
			}
			if status := w.answer("ana", strings.Replace(path, "acme/orders", "orders", 1), &metrics); status != http.StatusBadRequest {
				t.Errorf("%s without an owner: %d", path, status)
			}
		}
		for _, days := range []string{"0", "-1", "367", "x"} {
			if status := w.answer("ana", "metrics?repository=acme/orders&days="+days, &metrics); status != http.StatusBadRequest {
				t.Errorf("%s days: %d", days, status)
			}
		}
	})
}
