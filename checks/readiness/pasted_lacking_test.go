package readiness

import (
	"strings"
	"testing"
)

const bareDeployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
spec:
  selector:
    matchLabels: {app: orders}
  template:
    metadata:
      labels: {app: orders}
    spec:
      containers:
      - name: app
        image: example/orders:1
        startupProbe:
          httpGet:
            path: /start
            port: http
          timeoutSeconds: 10
      - name: sidecar
        image: example/sidecar:1
        readinessProbe:
          httpGet: {path: /same, port: 9000}
        livenessProbe:
          httpGet:
            path: /same
            port: admin
          timeoutSeconds: 1
          periodSeconds: 1
`

const bareWorkflow = `name: deploy
on: [push, workflow_dispatch]
jobs:
  staging:
    runs-on: ubuntu-latest
    environment: staging
    steps:
      - uses: actions/checkout@v4
      - run: ./deploy staging
  production:
    runs-on: ubuntu-latest
    environment: production
    steps:
      - uses: actions/checkout@v4
        with:
          fetch-depth: 0
      - run: ./deploy production
`

const bareRules = `groups:
  - name: shop
    rules:
      - alert: ShopDown
        expr: up{job="shop"} == 0
      - alert: ShopSlow
        expr: |
          up{job="shop"} == 0

        annotations:
          runbook_url: none
`

// lackingRepositories lack everything that a repository can lack, each written in a
// form of its own. So many findings are offered lines.
var lackingRepositories = map[string]struct {
	files   memory
	offered int
}{
	"block style": {memory{".github/plimsoll.yml": `version: 1
components:
  - name: orders
    environments:
      production: {}
`, "deploy/app.yaml": bareDeployment, ".github/workflows/deploy.yml": bareWorkflow}, 11},
	"nothing under the keys": {memory{".github/plimsoll.yml": `version: 1
components:
- name: orders
  health: {}
  environments:
    production: {} # live
    production-eu: {} # as well
    staging:
      production: false
`, "Dockerfile": "FROM alpine\nEXPOSE 80\nCMD serve\n", ".github/workflows/deploy.yml": bareWorkflow}, 10},
	"a verification that lacks all": {memory{".github/plimsoll.yml": `version: 1
components:
  - name: orders
    health:
      endpoint: GET /status
    environments:
      production:
        verify:
          probes:
            - get: /
`, "deploy/app.yaml": bareDeployment}, 11},
	"items in the column of their key": {memory{".github/plimsoll.yml": `version: 1
components:
- name: orders
  health: {endpoint: GET /status, alerts: [alerts.yml], runbook: docs/r.md}
  environments:
    production:
      verify:
        probes:
        - get: /
`, "alerts.yml": bareRules}, 8},
	"flow style": {memory{".github/plimsoll.yml": `version: 1
components:
  - {name: orders, environments: {production: {}}}
`, "deploy/app.yaml": bareDeployment}, 5},
	"flow style over lines": {memory{".github/plimsoll.yml": `version: 1
components:
  - name: orders
    environments:
      production: {
      }
    provides: [
      {api: orders, spec: api.yaml}
    ]
  - name: billing
    environments: {
      production: {},
    }
`}, 8},
	"inherited defaults": {memory{".github/plimsoll.yml": `version: 1
defaults:
  health:
    endpoint: GET /status
    alerts: ["ops/*.yml"]
  environments:
    production:
      verify: {probes: [{get: /}]}
components:
  - name: orders
    environments:
      staging: {}
  - name: billing
    path: billing
`}, 8},
	"anchors": {memory{".github/plimsoll.yml": `version: 1
components:
  - name: orders
    environments: &live
      production: &empty {}
      prod-eu: *empty
  - name: billing
    environments: *live
  - name: stock
    owner: "@acme/stock"
    environments:
      <<: *live
      production:
        <<: *empty
        url: https://stock.example
`}, 12},
	"merge keys": {memory{".github/plimsoll.yml": `version: 1
components:
  - &base
    name: orders
    environments: {production: {}}
    health:
      runbook: https://runbooks.example
  - <<: *base
    name: billing
  - <<: [*base]
    name: stock
    health:
      endpoint: GET /healthz
`}, 7},
	"texts over several lines": {memory{".github/plimsoll.yml": `version: 1
components:
  - name: orders
    environments:
      production:
        url: https://orders.example
    health:
      endpoint: GET /status
      waive:
        - rule: owner
          until: 2199-01-01
          reason: the team
            is being founded

            # slowly
  - name: billing
    environments: {production: {}}
    health:
      waive:
        - until: 2199-01-01
          rule: owner
          reason: >
            the team
            # is

            being founded

  # the third
  -
    name: stock
    environments: {production: {}}
    health:
      waive:
        - until: 2199-01-01
          rule: owner
          reason: "the team
            # is

            being founded"
`}, 13},
	"two components of one folder": {memory{".github/plimsoll.yml": `version: 1
components:
  - name: orders
    health: {endpoint: GET /status, alerts: ["ops/alerts.yml"], runbook: docs/r.md}
    environments: {production: {}}
  - name: billing
    health: {endpoint: GET /status, alerts: ["ops/alerts.yml"], runbook: docs/r.md}
    environments: {production: {}}
`, "Dockerfile": "FROM debian\nCMD serve\n", ".github/workflows/deploy.yml": bareWorkflow}, 12},
	"two components of one rule file": {memory{".github/plimsoll.yml": `version: 1
components:
  - name: orders
    health:
      alerts: ["ops/alerts.yml"]
    environments:
      production: {}
  - name: billing
    health:
      alerts: ["ops/alerts.yml"]
    environments:
      production: {}
`, "ops/alerts.yml": bareRules}, 12},
	"a file in braces": {memory{".github/plimsoll.yml": `{"version": 1, "components": [{"name": "orders", "environments": {"production": {}}}]}
`, "deploy/app.yaml": bareDeployment}, 5},
}

func TestEverythingAtOnceWhereAllIsLacking(t *testing.T) {
	for shape, r := range lackingRepositories {
		for name, write := range variants {
			if shape == "a file in braces" && strings.Contains(name, "comment") {
				continue // no comments in JSON
			}
			t.Run(shape+"/"+name, func(t *testing.T) {
				c := testCase{file: shape, files: r.files}
				if offered := c.everything(t, write); offered != r.offered {
					t.Errorf("%d findings are offered lines, expected %d", offered, r.offered)
				}
			})
		}
	}
}

// Tabs are no indentation in YAML: such a file can't be read, and is offered nothing.
func TestTabsAreOfferedNothing(t *testing.T) {
	c := testCase{file: "tabs", files: memory{".github/plimsoll.yml": lackingRepositories["block style"].files[".github/plimsoll.yml"], "deploy/app.yaml": strings.ReplaceAll(bareDeployment, "        image", "\timage")}}
	standing := c.evaluate(t, c.files)
	if len(standing.Unread) == 0 {
		t.Error("the manifest with tabs is not told as unread")
	}
	for _, edit := range Edits(newFindings(standing)) {
		if edit.File == "deploy/app.yaml" {
			t.Errorf("offered: %+v", edit)
		}
	}
	c.everything(t, func(text string) string { return text })
}
