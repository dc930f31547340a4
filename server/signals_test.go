package server_test

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/prometheus/prometheustest"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/testbedtest"
)

// badAt is the minute after Noon at which the second deployment goes out, with which
// everything begins that begins.
const badAt = 40

// from is a function that is 0 before the second deployment.
func from(f func(minutes float64) float64) func(float64) float64 {
	return func(minute float64) float64 {
		if minute < badAt {
			return 0
		}
		return f(minute - badAt)
	}
}

// measuredServices are the services of the scenarios, by what happens to them.
func measuredServices() map[string]measured {
	step := func(x float64) func(float64) float64 { return from(func(float64) float64 { return x }) }
	lost := func(minute float64) float64 { return 1 - step(0.6)(minute) }
	return map[string]measured{
		"harmless":     {},
		"error-step":   {errors: step(0.02)},
		"slow-creep":   {errors: from(func(minutes float64) float64 { return 0.0008 * minutes })},
		"latency":      {slow: step(0.10)},
		"traffic-loss": {requests: lost},
		"vanished":     {gone: badAt + 8},
		"no-traffic":   {requests: func(float64) float64 { return 0 }},
		// Both operations get worse on the day; the changed one more.
		"changed-operation": {errors: step(0.01)},
		"undone":            {errors: from(func(minutes float64) float64 { return map[bool]float64{true: 0.02}[minutes < 10] })},
		"restart-blip":      {errors: from(func(minutes float64) float64 { return map[bool]float64{true: 0.2}[minutes < 3] })},
		// A failed deployment leaves it worse, and the next one as well.
		"after-a-failed":      {errors: func(minute float64) float64 { return map[bool]float64{true: 0.004}[minute >= 2] }},
		"new":                 {began: -120},
		"new-and-a-bit-worse": {began: -120, errors: step(0.01)},
		"new-and-worse":       {began: -120, errors: step(0.1)},
	}
}

const measuredFile = `version: 1
components:
  - name: orders
    owner: "@acme/orders"
    environments:
      production:
        verify:
          for: 30m
          every: 3m
          probes:
            - get: /healthz
            - get: /version
              expect: {json: {sha: "{{deployment.sha}}"}}
          signals:
            - preset: http
              match: {job: JOB}
`

// metricDoor stands before the metric server: it counts, and can be shut.
type metricDoor struct {
	http.Handler
	shut  atomic.Bool
	asked atomic.Int64
}

func (d *metricDoor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	d.asked.Add(1)
	if d.shut.Load() {
		http.Error(w, "away", http.StatusBadGateway)
		return
	}
	d.Handler.ServeHTTP(w, r)
}

// scene is one scenario on a real metric server.
type scene struct {
	name string
	// job of the service; default: the name.
	job string
	// file changes the repository's file.
	file func(string) string
	// both: on PostgreSQL as well; what differs there does not depend on the scenario.
	both bool
	play func(t *testing.T, w *watching, door *metricDoor)
}

// TestSignals has deployments watched by what a real Prometheus knows of the service.
func TestSignals(t *testing.T) {
	services := measuredServices()
	samples := map[string]*strings.Builder{}
	for _, job := range slices.Sorted(maps.Keys(services)) {
		service := services[job]
		service.job = job
		service.write(samples)
	}
	for job, service := range versionedServices() {
		service.job = job
		service.write(samples)
	}
	var all strings.Builder
	for _, metric := range slices.Sorted(maps.Keys(samples)) {
		fmt.Fprintf(&all, "# TYPE %s counter\n%s", strings.TrimSuffix(metric, "_total"), samples[metric])
	}
	all.WriteString("# EOF\n")
	address, err := url.Parse(prometheustest.Start(t, all.String()))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range slices.Concat(scenes, versionScenes) {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			t.Run("sqlite", func(t *testing.T) { s.run(t, storetest.SQLite(t), address) })
			if s.both {
				t.Run("postgres", func(t *testing.T) { s.run(t, storetest.Postgres(t), address) })
			}
		})
	}
}

func (s scene) run(t *testing.T, dsn string, address *url.URL) {
	door := &metricDoor{Handler: httputil.NewSingleHostReverseProxy(address)}
	server := httptest.NewServer(door)
	t.Cleanup(server.Close)
	watchingOn(t, dsn, signalOutcomes[s.name], func(w *watching) {
		w.file = strings.ReplaceAll(measuredFile, "JOB", cmp.Or(s.job, s.name))
		if s.file != nil {
			w.file = s.file(w.file)
		}
		w.metrics = []config.Datasource{{Name: "default", Prometheus: config.URL(server.URL)}}
	}, func(t *testing.T, w *watching) { s.play(t, w, door) })
}

// useServers has the running server use other metric servers, and gives those before.
func (w *watching) useServers(t *testing.T, servers []config.Datasource) (before []config.Datasource) {
	t.Helper()
	if err := w.Reload(t.Context(), func(conf *config.Server) { before, conf.Datasources = conf.Datasources, servers }); err != nil {
		t.Fatal(err)
	}
	return before
}

// goesOut brings a commit to production at minute badAt.
func (w *watching) goesOut() (commit string) {
	w.t.Helper()
	w.clock.set(testbedtest.Noon.Add(badAt * time.Minute))
	w.Settle()
	_, commit = w.change("goes-out")
	w.service.runs(commit, http.StatusOK)
	w.deploy(commit)
	return commit
}

// comes has the deployment at minute badAt watched to its end.
func comes(conclusion, title string) func(t *testing.T, w *watching, _ *metricDoor) {
	return func(t *testing.T, w *watching, door *metricDoor) {
		commit := w.goesOut()
		w.pass(30)
		w.concluded(commit, conclusion, title)
		t.Logf("%d requests to the metric server", door.asked.Load())
	}
}

// rolledBack has a deployment that goes bad undone ten minutes later by the commit before
// it, which is compared with the time before the bad one.
func rolledBack(conclusion, title string) func(t *testing.T, w *watching, _ *metricDoor) {
	return func(t *testing.T, w *watching, _ *metricDoor) {
		_, good := w.change("good")
		w.service.runs(good, http.StatusOK)
		w.deploy(good)
		w.pass(20)
		bad := w.goesOut()
		w.pass(10)
		w.concluded(bad, "failure", "Roll back orders in production: errors 0.")
		w.service.runs(good, http.StatusOK)
		w.deploy(good)
		w.pass(30)
		runs := w.orders.Checks(good, "plimsoll/deploy")
		if last := runs[len(runs)-1]; last.Conclusion != conclusion || !strings.Contains(last.Title, title) {
			t.Errorf("the last run concludes %s, %s", last.Conclusion, last.Title)
		}
	}
}

// superseding has a second deployment replace the first one after five minutes, and watched to
// its end.
func superseding(conclusion, title string) func(t *testing.T, w *watching, _ *metricDoor) {
	return func(t *testing.T, w *watching, _ *metricDoor) {
		first := w.goesOut()
		w.pass(5)
		_, second := w.change("second")
		w.service.runs(second, http.StatusOK)
		w.deploy(second)
		w.concluded(first, "neutral", "was superseded")
		w.pass(30)
		w.concluded(second, conclusion, title)
	}
}

// ordersContract has two operations, of which the one changes with the fields.
func ordersContract(fields ...string) string {
	var properties strings.Builder
	for _, field := range fields {
		fmt.Fprintf(&properties, "                  %s: {type: string}\n", field)
	}
	return `openapi: 3.0.3
info: {title: orders, version: "1"}
paths:
  /orders:
    get:
      responses:
        "200": {description: all}
  /orders/{id}:
    get:
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: one
          content:
            application/json:
              schema:
                type: object
                properties:
` + properties.String()
}

func replace(old, with string) func(string) string {
	return func(file string) string { return strings.ReplaceAll(file, old, with) }
}

var scenes = []scene{
	{name: "harmless", both: true, play: comes("success", "orders in production is verified")},
	{name: "error-step", both: true, play: comes("failure", "Roll back orders in production: errors 0.")},
	{name: "slow-creep", play: comes("failure", "Roll back orders in production: errors 0.")},
	{name: "latency", play: comes("failure", "Roll back orders in production: slow requests")},
	{name: "traffic-loss", play: comes("failure", "Roll back orders in production: throughput")},
	{name: "vanished", play: comes("action_required", "Investigate orders in production: errors and 3 more: no data for 21 minutes")},
	{name: "no-traffic", play: comes("neutral", "Inconclusive for orders in production: ")},
	{name: "restart-blip", play: comes("success", "orders in production is verified")},
	{name: "no-history", job: "new", play: comes("success", "orders in production is verified")},
	{name: "no-history-and-worse", job: "new-and-a-bit-worse", play: comes("action_required", "Investigate orders in production: errors ")},
	{name: "no-history-with-limits", job: "new", file: replace("match: {job: new}", "match: {job: new}\n              investigate: \"> 1%\"\n              rollback: \"> 5% for 5m\""),
		play: comes("success", "orders in production is verified")},
	{name: "no-history-beyond-limits", job: "new-and-worse", file: replace("match: {job: new-and-worse}", "match: {job: new-and-worse}\n              rollback: \"> 5% for 5m\""),
		play: comes("failure", "Roll back orders in production: errors is at")},
	{name: "unknown-service", job: "nobody", play: comes("neutral", "Inconclusive")},
	{name: "unknown-server", job: "harmless", file: replace("for: 30m", "for: 30m\n          datasource: other"), play: comes("neutral", "Inconclusive")},
	{name: "server-down", job: "harmless", play: func(t *testing.T, w *watching, door *metricDoor) {
		door.shut.Store(true)
		comes("neutral", "Inconclusive")(t, w, door)
	}},
	{name: "server-comes-back", job: "error-step", play: func(t *testing.T, w *watching, door *metricDoor) {
		door.shut.Store(true)
		commit := w.goesOut()
		w.pass(12)
		w.concluded(commit, "", "Watching")
		door.shut.Store(false)
		w.pass(6)
		w.concluded(commit, "failure", "Roll back")
	}},
	{name: "server-goes-away", job: "harmless", play: func(t *testing.T, w *watching, door *metricDoor) {
		commit := w.goesOut()
		w.pass(8)
		door.shut.Store(true)
		w.pass(22)
		w.concluded(commit, "neutral", "Inconclusive")
	}},
	{name: "after-a-failed", both: true, play: func(t *testing.T, w *watching, door *metricDoor) {
		w.clock.set(testbedtest.Noon.Add(2 * time.Minute))
		w.Settle()
		_, broken := w.change("broken")
		d := w.orders.Deploy("production", broken, simulator.DeployOptions{Creator: "bob"})
		d.Status("in_progress", "")
		w.pass(2)
		d.Status("failure", "")
		w.Settle()
		comes("failure", "Roll back orders in production: errors 0.")(t, w, door)
	}},
	{name: "changed-operation", play: func(t *testing.T, w *watching, _ *metricDoor) {
		w.orders.CommitAs("ana", "main", "Provide", map[string]string{"openapi.yaml": ordersContract("id")})
		_, before := w.change("before")
		w.service.runs(before, http.StatusOK)
		w.deploy(before)
		w.clock.set(testbedtest.Noon.Add((badAt - 2) * time.Minute))
		w.Settle()
		w.pass(1) // the pull request says what a deployment can show
		w.orders.CommitAs("ana", "sku", "Add a field", map[string]string{"openapi.yaml": ordersContract("id", "sku")})
		pull := w.orders.OpenPullRequest(simulator.PullRequestOptions{Head: "sku", Author: "ana"})
		w.Settle()
		commit, err := pull.Merge(simulator.Squash)
		if err != nil {
			t.Fatal(err)
		}
		w.pass(1)
		w.service.runs(commit, http.StatusOK)
		w.deploy(commit)
		w.pass(30)
		w.concluded(commit, "failure", "Roll back orders in production: GET /orders/{id}: errors ")
	}, file: replace("environments:", "provides:\n      - api: orders\n        spec: openapi.yaml\n    environments:")},
	{name: "first-server-named-later", job: "error-step", play: func(t *testing.T, w *watching, door *metricDoor) {
		all := w.useServers(t, nil)
		_, commit := w.change("unmeasured")
		w.service.runs(commit, http.StatusOK)
		w.deploy(commit)
		w.pass(1)
		w.useServers(t, all)
		w.pass(31)
		w.concluded(commit, "neutral", "Inconclusive") // what it is compared with was asked for before
		comes("failure", "Roll back orders in production: errors 0.")(t, w, door)
	}},
	{name: "dry-run", job: "error-step", play: func(t *testing.T, w *watching, _ *metricDoor) {
		w.declares(strings.Split(w.file, "          signals:")[0]) // probes verify the first one
		_, good := w.change("good")
		w.service.runs(good, http.StatusOK)
		w.deploy(good)
		w.pass(31)
		w.concluded(good, "success", "orders in production is verified")
		w.declares(w.file)
		bad := w.goesOut()
		w.pass(10)
		w.concluded(bad, "failure", "Roll back orders in production: errors 0.")
		if run := w.orders.Checks(bad, "plimsoll/deploy")[0]; !strings.Contains(run.Summary, "Dry run: Plimsoll would have rolled back to") || !strings.Contains(run.Summary, "`dry_run: true`") {
			t.Errorf("the check run does not speak of a dry run:\n%s", run.Summary)
		}
		if n := len(w.rollbacks()); n != 0 {
			t.Errorf("%d rollbacks in a dry run", n)
		}
	}, file: func(file string) string {
		file = replace("        verify:", "        on_failure: [comment, rollback]\n        rollback: {by: deployment}\n        verify:")(file)
		return replace("match: {job: error-step}", "match: {job: error-step}\n              dry_run: true")(file)
	}},
	{name: "rollback-helps", job: "undone", play: rolledBack("success", "orders in production is verified")},
	{name: "rollback-does-not-help", job: "error-step", play: rolledBack("failure", "errors 0.")},
	{name: "superseded", job: "harmless", play: superseding("success", "verified")},
	// The second one is compared with the time before the first, which brought the same fault.
	{name: "superseded-at-fault", job: "error-step", play: superseding("failure", "Roll back orders in production: errors 0.")},
	// Its errors begin with the first instances, twenty minutes before it has succeeded.
	{name: "slow-roll-out", job: "error-step", play: func(t *testing.T, w *watching, door *metricDoor) {
		w.clock.set(testbedtest.Noon.Add(badAt * time.Minute))
		w.Settle()
		_, commit := w.change("goes-out")
		w.service.runs(commit, http.StatusOK)
		d := w.orders.Deploy("production", commit, simulator.DeployOptions{Creator: "bob"})
		d.Status("in_progress", "")
		w.pass(20)
		d.Status("success", w.url)
		w.Settle()
		w.pass(30)
		w.concluded(commit, "failure", "Roll back orders in production: errors 0.")
	}},
	{name: "doubled-and-restarted", job: "error-step", both: true, play: func(t *testing.T, w *watching, door *metricDoor) {
		w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if strings.HasPrefix(d.Event, "deployment") {
				return simulator.Double
			}
			return simulator.Send
		})
		commit := w.goesOut()
		w.pass(4)
		if err := w.StopServer(); err != nil {
			t.Fatal(err)
		}
		w.open(w.GitHub)
		w.pass(20)
		w.concluded(commit, "failure", "Roll back")
		w.replays(commit)
	}},
}
