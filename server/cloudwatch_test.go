package server_test

import (
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/server/cloudwatch/cloudwatchtest"
	"plimsoll/server/store/storetest"
)

const cloudwatchFile = `version: 1
components:
  - name: orders
    owner: "@acme/orders"
    environments:
      production:
        verify:
          for: 30m
          every: 3m
          datasource: cw
          language: cloudwatch
          probes:
            - get: /healthz
          signals:
            - name: failed orders
              bad: SUM(SEARCH('{AWS/ApplicationELB,LoadBalancer} MetricName="HTTPCode_Target_5XX_Count" LoadBalancer="app/orders/1"', 'Sum', 60))
              total: SELECT SUM(RequestCount) FROM SCHEMA("AWS/ApplicationELB", LoadBalancer) WHERE LoadBalancer = 'app/orders/1'
`

// Deployments are watched by what CloudWatch knows. Data that is missing, refused or limited
// verifies nothing and rolls nothing back.
func TestCloudWatch(t *testing.T) {
	for name, c := range map[string]struct {
		service           measured
		file              func(string) string
		answer            *cloudwatchtest.Answer // from the minute on
		from              int
		conclusion, title string
		report            string
	}{
		"harmless":           {conclusion: "success", title: "orders in production is verified"},
		"errors":             {service: measuredServices()["error-step"], conclusion: "failure", title: "Roll back orders in production: failed orders 0."},
		"no data":            {service: measured{gone: -1e6}, conclusion: "neutral", title: "Inconclusive", report: "no data"},
		"data ends":          {service: measured{gone: badAt + 8}, conclusion: "action_required", title: "Investigate orders in production: failed orders: no data"},
		"limited":            {answer: cloudwatchtest.Limited, conclusion: "neutral", title: "Inconclusive", report: "it is asked too often (400)"},
		"limited in between": {service: measuredServices()["error-step"], answer: cloudwatchtest.Limited, from: 1, conclusion: "neutral", title: "Inconclusive", report: "it is asked too often (400)"},
		"refused role":       {answer: cloudwatchtest.Refusal(403, "AccessDenied", "User: arn:aws:sts::123456789012:assumed-role/metrics is not authorized"), conclusion: "neutral", title: "Inconclusive", report: "the AWS role may not query it (403)"},
		"refused query":      {file: replace("'Sum', 60))", "'Sum', 60)"), conclusion: "neutral", title: "Inconclusive", report: "Invalid syntax"},
		"no CloudWatch":      {file: replace("datasource: cw", "datasource: metrics"), conclusion: "neutral", title: "Inconclusive", report: "no metric server"},
		"grouped":            {file: replace("'app/orders/1'\n", "'app/orders/1' GROUP BY LoadBalancer\n"), conclusion: "neutral", title: "Inconclusive", report: "several series"},
		"longer periods":     {file: replace("'Sum', 60", "'Sum', 300"), service: measuredServices()["error-step"], conclusion: "neutral", title: "Inconclusive", report: "5m0s apart"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := cloudwatchtest.Start(t, func(expression string, begins time.Time, _ time.Duration) float64 {
				requests, failed := ordersOf(c.service, begins)
				if strings.Contains(expression, "5XX") {
					return failed
				}
				return requests
			})
			watchingOn(t, storetest.SQLite(t), "", func(w *watching) {
				w.file = cloudwatchFile
				if c.file != nil {
					w.file = c.file(w.file)
				}
				w.metrics = []config.Datasource{{Name: "metrics", Prometheus: "http://127.0.0.1:1"},
					{Name: "cw", CloudWatch: config.CloudWatch{Region: config.AWSRegion(cloudwatchtest.Key.Region), APIURL: config.URL(api.URL), AccessKeyID: cloudwatchtest.Key.ID, SecretAccessKey: config.NewSecret(cloudwatchtest.Key.Secret)}}}
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
				for _, secret := range []string{cloudwatchtest.Key.Secret, cloudwatchtest.Key.ID, api.URL, "123456789012"} {
					if strings.Contains(w.GitHub.RenderAll(), secret) {
						t.Errorf("GitHub shows %s", secret)
					}
				}
				t.Logf("%d requests to CloudWatch", api.Asked.Load())
			})
		})
	}
}
