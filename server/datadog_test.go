package server_test

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/datadog/datadogtest"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed/testbedtest"
)

const datadogFile = `version: 1
components:
  - name: orders
    owner: "@acme/orders"
    environments:
      production:
        verify:
          for: 30m
          every: 3m
          datasource: dd
          language: datadog
          probes:
            - get: /healthz
          signals:
            - name: failed orders
              bad: sum:orders.errors{env:production}.as_count()
              total: sum:orders.requests{env:production}.as_count()
`

// ordersOf counts the requests of a minute and those that failed, the same for each query.
func ordersOf(m measured, begins time.Time) (requests, failed float64) {
	minute := begins.Sub(testbedtest.Noon).Minutes()
	if m.gone != 0 && minute >= m.gone {
		return math.NaN(), math.NaN()
	}
	requests, errors, _ := usual(minute)
	if m.errors != nil {
		errors += m.errors(minute)
	}
	random := rand.New(rand.NewPCG(7, uint64(begins.Unix())))
	requests = poisson(random, requests)
	if failed = binomial(random, requests, errors); failed == 0 {
		failed = math.NaN() // nothing is counted that did not happen
	}
	return requests, failed
}

// Deployments are watched by what Datadog knows. Data that is missing, refused or limited
// verifies nothing and rolls nothing back.
func TestDatadog(t *testing.T) {
	broken := datadogtest.Answer{Status: 400, Body: `{"errors":["Error parsing query: unable to parse sum:orders"]}`}
	for name, c := range map[string]struct {
		service           measured
		file              func(string) string
		answer            *datadogtest.Answer // from the minute on
		from              int
		conclusion, title string
		report            string
	}{
		"harmless":            {conclusion: "success", title: "orders in production is verified"},
		"errors":              {service: measuredServices()["error-step"], conclusion: "failure", title: "Roll back orders in production: failed orders 0."},
		"no data":             {service: measured{gone: -1e6}, conclusion: "neutral", title: "Inconclusive", report: "no data"},
		"data ends":           {service: measured{gone: badAt + 8}, conclusion: "action_required", title: "Investigate orders in production: failed orders: no data"},
		"limited":             {answer: &datadogtest.Limited, conclusion: "neutral", title: "Inconclusive", report: "it is asked too often (429)"},
		"limited in between":  {service: measuredServices()["error-step"], answer: &datadogtest.Limited, from: 1, conclusion: "neutral", title: "Inconclusive", report: "it is asked too often (429)"},
		"refused query":       {answer: &broken, conclusion: "neutral", title: "Inconclusive", report: "Error parsing query"},
		"no Datadog":          {file: replace("datasource: dd", "datasource: metrics"), conclusion: "neutral", title: "Inconclusive", report: "no metric server"},
		"grouped":             {file: replace(".as_count()", ".as_count() by {env}"), conclusion: "neutral", title: "Inconclusive", report: "several series"},
		"longer steps":        {file: replace("{env:production}.as_count()", "{env:production}.as_count().rollup(sum, 300)"), conclusion: "neutral", title: "Inconclusive", report: "5m0s apart"},
		"Datadog for a probe": {file: func(string) string { return strings.Split(datadogFile, "          signals:")[0] }, conclusion: "success", title: "verified"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := datadogtest.Start(t, func(query string, begins time.Time, _ time.Duration) float64 {
				requests, failed := ordersOf(c.service, begins)
				if strings.Contains(query, "orders.errors") {
					return failed
				}
				return requests
			})
			watchingOn(t, storetest.SQLite(t), "", func(w *watching) {
				w.file = datadogFile
				if c.file != nil {
					w.file = c.file(w.file)
				}
				key := func(text string) config.HeaderValue {
					return config.HeaderValue{Secret: config.NewSecret(text)}
				}
				w.metrics = []config.Datasource{{Name: "metrics", Prometheus: "http://127.0.0.1:1"},
					{Name: "dd", Datadog: config.Datadog{APIURL: config.URL(api.URL), APIKey: key(datadogtest.APIKey), ApplicationKey: key(datadogtest.ApplicationKey)}}}
			}, func(t *testing.T, w *watching) {
				if c.from == 0 {
					api.Answer.Store(c.answer)
				}
				commit := w.goesOut()
				w.pass(c.from)
				api.Answer.Store(c.answer)
				w.pass(30 - c.from)
				w.concluded(commit, c.conclusion, c.title)
				run := w.orders.Checks(commit, "plimsoll/deploy")[0]
				if text := run.Summary + run.Text; !strings.Contains(text, c.report) {
					t.Errorf("the report does not say %q:\n%s", c.report, text)
				}
				if n := len(w.orders.Deployments()); n != 1 {
					t.Errorf("%d deployments", n)
				}
				for _, secret := range []string{datadogtest.APIKey, datadogtest.ApplicationKey, api.URL} {
					if strings.Contains(w.GitHub.RenderAll(), secret) {
						t.Errorf("GitHub shows %s", secret)
					}
				}
				t.Logf("%d requests to Datadog", api.Asked.Load())
			})
		})
	}
}
