package server_test

import (
	"strings"
	"testing"
	"time"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// stockFile is the part of a repository file that declares a component for which
// everything is in place; see stockFiles for what it names.
const stockFile = `  - name: stock
    path: services/stock
    owner: "@acme/stock"
    provides:
      - api: stock
        spec: services/stock/openapi.yaml
    health:
      endpoint: GET /healthz
      runbook: docs/runbooks/stock.md
      alerts: [ops/alerts/stock.yml]
    environments:
      production:
        verify:
          for: 10m
          probes:
            - get: /version
              expect: {json: {sha: "{{deployment.sha}}"}}
          signals:
            - preset: http
              match: {job: stock}
        rollback: {by: deployment}
`

// ordersFile declares a component that runs in production and lacks nearly all.
const ordersFile = `  - name: orders
    path: services/orders
    owner: "@acme/orders"
    environments:
      production: {}
`

// billingFile declares a component that provides an API and runs in production, and
// says nothing else.
const billingFile = `  - name: billing
    path: services/billing
    provides:
      - api: billing
        spec: services/billing/openapi.yaml
    environments:
      production:
        url: https://billing.acme.example
`

const begin = "version: 1\ncomponents:\n"

// deployment is a workload with probes, where there are any.
func deployment(name, probes string) string {
	return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ` + name + `
spec:
  selector: {matchLabels: {app: ` + name + `}}
  template:
    metadata: {labels: {app: ` + name + `}}
    spec:
      containers:
        - name: app
          image: registry.example/` + name + `:1
          ports:
            - containerPort: 8080
` + probes
}

const bothProbes = `          readinessProbe:
            httpGet: {path: /readyz, port: 8080}
          livenessProbe:
            httpGet: {path: /livez, port: 8080}
`

const healthContract = `openapi: 3.0.3
info: {title: API, version: 1.0.0}
paths:
  /healthz:
    get:
      responses:
        "200": {description: Well}
`

const stockAlerts = `groups:
  - name: stock
    rules:
      - alert: StockErrors
        expr: sum(rate(http_requests_total{job="stock",code=~"5.."}[5m])) > 1
        for: 10m
        labels: {severity: critical}
        annotations: {runbook_url: https://runbooks.acme.example/stock}
`

const deployWorkflow = `name: deploy
on:
  deployment:
permissions: {}
concurrency: deploy
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${{ github.event.deployment.sha }}
      - run: ./deploy.sh
`

// platformFiles is a repository in which orders lacks much and stock nothing.
func platformFiles() map[string]string {
	return map[string]string{
		".github/plimsoll.yml":          begin + ordersFile + stockFile,
		"README.md":                     "platform",
		".github/workflows/deploy.yml":  deployWorkflow,
		"docs/runbooks/stock.md":        "# stock\n",
		"ops/alerts/stock.yml":          stockAlerts,
		"services/stock/openapi.yaml":   healthContract,
		"services/stock/k8s/app.yaml":   deployment("stock", bothProbes),
		"services/orders/k8s/app.yaml":  deployment("orders", ""),
		"services/orders/docs/notes.md": "notes",
	}
}

// billingFiles is what a pull request brings that adds a service.
func billingFiles() map[string]string {
	return map[string]string{
		".github/plimsoll.yml":          begin + ordersFile + stockFile + billingFile,
		"services/billing/openapi.yaml": healthContract,
		"services/billing/k8s/app.yaml": deployment("billing", ""),
	}
}

// platform is an organisation with one repository, evaluated for readiness.
type platform struct {
	*world
	clock *ticking
}

// ticking is a server's clock that goes on from where it was set: what is tried again
// comes to its turn.
type ticking struct {
	clock
	since time.Time
}

func (c *ticking) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now.Add(time.Since(c.since))
}

func (c *ticking) set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.since = now, time.Now()
}

// newPlatform opens one; the files may be nil for platformFiles.
func newPlatform(t *testing.T, o testbed.Options, files map[string]string) *platform {
	t.Helper()
	if o.DSN == "" {
		o.DSN = storetest.SQLite(t)
	}
	if files == nil {
		files = platformFiles()
	}
	p := &platform{clock: &ticking{}}
	if p.clock.set(testbedtest.Noon); o.Clock == nil {
		o.Clock = p.clock.Now
	}
	p.world = &world{Testbed: testbedtest.Open(t, o), t: t}
	p.shop = p.repository("platform", files)
	p.installation = p.GitHub.Install("acme")
	p.Settle()
	return p
}

// eachPlatform runs a scenario on SQLite and on PostgreSQL.
func eachPlatform(t *testing.T, scenario func(t *testing.T, p *platform)) {
	t.Helper()
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		p := newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk()}, nil)
		scenario(t, p)
		p.alive()
	})
}

// ready holds the one plimsoll/readiness of a pull request's head to a conclusion and
// to texts that it must show.
func (w *world) ready(pull *simulator.PullRequest, conclusion string, texts ...string) simulator.Check {
	w.t.Helper()
	return w.readyAt(pull.Checks(onReadiness), func() string { return w.GitHub.Render(pull) }, conclusion, texts...)
}

func (w *world) readyAt(checks []simulator.Check, page func() string, conclusion string, texts ...string) simulator.Check {
	w.t.Helper()
	if len(checks) != 1 {
		w.t.Fatalf("%d check runs, expected one:\n%s", len(checks), page())
	}
	if checks[0].Conclusion != conclusion {
		w.t.Errorf("concluded %q, expected %q:\n%s", checks[0].Conclusion, conclusion, page())
	}
	for _, text := range texts {
		if !strings.Contains(checks[0].Title+"\n"+checks[0].Summary+"\n"+checks[0].Text, text) {
			w.t.Errorf("the check does not say %q:\n%s", text, page())
		}
	}
	return checks[0]
}

// at moves the clock and has everything done that is due by then.
func (p *platform) at(now time.Time) {
	p.t.Helper()
	p.clock.set(now)
	p.Server.Queue().Wake()
	p.Settle()
}
