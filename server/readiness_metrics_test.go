package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"plimsoll/config"
	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// metricServer answers as Prometheus does which metrics it has, and counts how often
// it was asked.
type metricServer struct {
	*httptest.Server
	asked atomic.Int32
}

func newMetricServer(t *testing.T, names ...string) *metricServer {
	t.Helper()
	m := &metricServer{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.asked.Add(1)
		if !strings.HasSuffix(r.URL.Path, "/api/v1/label/__name__/values") {
			t.Errorf("asked for %s", r.URL.Path)
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(map[string]any{"status": "success", "data": names}); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(m.Close)
	return m
}

func named(name, address string) []config.Datasource {
	return []config.Datasource{{Name: config.Name(name), Prometheus: config.URL(address)}}
}

// newAlert adds an alert on another metric to those of stock.
func newAlert(expr string) map[string]string {
	return map[string]string{"ops/alerts/stock.yml": stockAlerts + `      - alert: StockLag
        expr: ` + expr + `
        for: 5m
        labels: {severity: warning}
        annotations: {runbook_url: https://runbooks.acme.example/stock}
`}
}

// A new alert on a metric that the operator's server does not have blocks; one that it
// has passes. A server that does not answer passes nothing and blocks nothing.
func TestReadinessAsksTheMetricServer(t *testing.T) {
	const here = `stock_lag_seconds{job="stock"} > 60`
	for name, c := range map[string]struct {
		expr       string
		servers    func(t *testing.T) []config.Datasource
		conclusion string
		texts      []string
	}{
		"there": {here, func(t *testing.T) []config.Datasource {
			return named("default", newMetricServer(t, "http_requests_total", "stock_lag_seconds").URL)
		}, "success", nil},
		"missing": {here, func(t *testing.T) []config.Datasource {
			return named("default", newMetricServer(t, "http_requests_total").URL)
		}, "failure", []string{"the alert StockLag reads stock\\_lag\\_seconds, which the metric server default does not have"}},
		"unreachable": {here, func(*testing.T) []config.Datasource {
			gone := httptest.NewServer(http.NotFoundHandler())
			gone.Close()
			return named("default", gone.URL)
		}, "neutral", []string{"Could not check", "could not be asked"}},
		"empty": {here, func(t *testing.T) []config.Datasource { return named("default", newMetricServer(t).URL) }, "neutral", []string{"no metric at all"}},
		"another is named": {here, func(t *testing.T) []config.Datasource {
			return named("eu", newMetricServer(t, "http_requests_total").URL)
		}, "neutral", []string{"Could not check", "names no metric server"}},
		"none is named": {here, func(*testing.T) []config.Datasource { return nil }, "success", nil},
		"hostile expression": {`'{__name__=~".+"} / on() up{job="stock\",x=~\".*"} > 0'`, func(t *testing.T) []config.Datasource {
			return named("default", newMetricServer(t, "http_requests_total", "up").URL)
		}, "neutral", []string{"by a pattern"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			servers := c.servers(t)
			p := newPlatform(t, testbed.Options{Queue: brisk(), Datasources: servers}, nil)
			pull := p.pull("lag", newAlert(c.expr))
			p.ready(pull, c.conclusion, c.texts...)
			for _, server := range servers {
				address, err := url.Parse(string(server.Prometheus))
				if page := p.GitHub.Render(pull); err != nil || strings.Contains(page, address.Host) {
					t.Errorf("the operator's address is told:\n%s", page)
				}
			}
			p.alive()
		})
	}
}

func TestReadinessMetricPages(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		server := newMetricServer(t, "http_requests_total")
		p := newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk(), Datasources: named("default", server.URL)}, nil)
		pull := p.pull("lag", newAlert(`stock_lag_seconds{job="stock"} > 60`))
		p.ready(pull, "failure")
		testbedtest.Outcome(t, p.GitHub.Render(pull), `
			acme/platform pull 1 (open)
			check plimsoll/contracts: success
			check plimsoll/readiness: failure: 1; ❌ AL004 ops/alerts/stock.yml:10 stock; orders 5 10 6; stock 15 16 1; 6; #❌; # ×5; ops/alerts/stock.yml:10 failure; [recheck]`)
		if asked := server.asked.Load(); asked != 1 {
			t.Errorf("asked %d times, expected once for both commits", asked)
		}
		p.alive()
	})
}

// A fork that has alerts of its own looked up finds out nothing of what the operator
// measures, and its server is not asked for it. The honest twins: somebody who may write, and
// a fork that reads what the base branch reads.
func TestForkFindsNoMetric(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		server := newMetricServer(t, "http_requests_total", "zz_secret_total")
		p := newPlatform(t, testbed.Options{DSN: dsn, Queue: brisk(), Datasources: named("default", server.URL)}, nil)
		fork := p.shop.Fork("eve")
		var pages []string
		for _, metric := range []string{"zz_secret_total", "zz_nothing_here"} {
			fork.CommitAs("eve", metric, "Ask", newAlert(metric+" > 60"))
			pull := p.shop.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: fork, Head: metric, Author: "eve"})
			p.Settle()
			check := p.ready(pull, "neutral", "comes from a fork")
			page := check.Title + check.Summary + check.Text
			for _, own := range []string{metric, strings.ReplaceAll(metric, "_", "\\_"), pull.HeadSHA(), pull.HeadSHA()[:7]} {
				page = strings.ReplaceAll(page, own, "…")
			}
			pages = append(pages, page)
		}
		if pages[0] != pages[1] {
			t.Errorf("a metric that exists reads\n%s\nand one that does not\n%s", pages[0], pages[1])
		}
		fork.CommitAs("eve", "threshold", "Change", map[string]string{"ops/alerts/stock.yml": strings.Replace(stockAlerts, "> ", "> 1 + ", 1)})
		honest := p.shop.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: fork, Head: "threshold", Author: "eve"})
		p.Settle()
		p.ready(honest, "success")
		p.ready(p.pull("there", newAlert("zz_secret_total > 60")), "success")
		p.ready(p.pull("missing", newAlert("zz_nothing_here > 60")), "failure")
		p.alive()
	})
}
