package production

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/deploy/preset"
	"plimsoll/server/prometheus"
	"plimsoll/server/prometheus/prometheustest"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// failing gives a production in which a bad commit has served for 20 minutes.
func failing(t *testing.T) *Production {
	t.Helper()
	now := noon
	p, err := Open(Options{
		Clock: func() time.Time { return now }, Job: "orders", Baseline: 30 * time.Minute,
		Changed: preset.Changed{Operations: []preset.Operation{{Method: "GET", Path: "/orders"}, {Method: "GET", Path: "/orders/{id}"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	p.Runs("good", false)
	now = now.Add(time.Hour)
	p.Runs("bad", true)
	now = now.Add(20 * time.Minute)
	return p
}

// asked opens our own client of a metric server.
func asked(t *testing.T, url string) *prometheus.Servers {
	t.Helper()
	servers, err := prometheus.New(prometheus.Config{Servers: []prometheus.Server{{Name: prometheus.Default, URL: url}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(servers.Close)
	return servers
}

// What is answered here is what a real Prometheus answers that has scraped the same
// service: for every query that is understood.
func TestAnswersAsPrometheusDoes(t *testing.T) {
	p := failing(t)
	scraped := asked(t, prometheustest.Start(t, p.scraped(noon.Add(-2*time.Hour), noon.Add(80*time.Minute))))
	simulated := asked(t, p.MetricsURL())
	if len(p.known) < 20 {
		t.Fatalf("%d queries are understood", len(p.known))
	}
	for query := range p.known {
		for _, minute := range []int{-10, 50, 70} {
			at := noon.Add(time.Duration(minute) * time.Minute)
			real, made := values(t, scraped, query, at), values(t, simulated, query, at)
			if !slices.Equal(slices.Sorted(maps.Keys(real)), slices.Sorted(maps.Keys(made))) {
				t.Errorf("%s at minute %d: Prometheus gives %v, here it is %v", query, minute, real, made)
				continue
			}
			for labels, want := range real {
				if got := made[labels]; math.Abs(got-want) > 2+0.05*want {
					t.Errorf("%s at minute %d %s: Prometheus gives %g, here it is %g", query, minute, labels, want, got)
				}
			}
		}
	}
}

// values are an answer's, by the labels.
func values(t *testing.T, servers *prometheus.Servers, query string, at time.Time) map[string]float64 {
	t.Helper()
	answer, err := servers.Query(t.Context(), "", query, at)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	all := map[string]float64{}
	for _, s := range answer.Series {
		all[fmt.Sprint(s.Labels)] = s.Points[0].Value
	}
	return all
}

// scraped is what a Prometheus keeps that asks the service every 15 seconds, a second
// before the quarters of a minute.
func (p *Production) scraped(from, to time.Time) string {
	samples := map[string]*strings.Builder{}
	add := func(metric, labels string, total float64, at time.Time) {
		if samples[metric] == nil {
			samples[metric] = &strings.Builder{}
			fmt.Fprintf(samples[metric], "# TYPE %s counter\n", strings.TrimSuffix(metric, "_total"))
		}
		fmt.Fprintf(samples[metric], "%s{%s} %g %d\n", metric, labels, total, at.Unix()-1)
	}
	for n, r := range routes {
		counters, slow := [3]float64{}, make([]float64, len(buckets))
		for end := from; !end.After(to); end = end.Add(time.Minute) {
			c, _ := p.minute(n, end)
			for quarter := 1; quarter <= 4; quarter++ {
				at := end.Add(-time.Minute + time.Duration(quarter)*scrape)
				labels := fmt.Sprintf("job=%q,route=%q,method=%q", p.options.Job, r.path, r.method)
				for i, status := range []string{"200", r.refusal, "500"} {
					counters[i] += []float64{c.requests - c.failed - c.refused, c.refused, c.failed}[i] / 4
					add("http_requests_total", fmt.Sprintf("%s,code=%q", labels, status), counters[i], at)
				}
				for i, b := range buckets {
					slow[i] += (c.requests - c.slower[i]) / 4
					add("http_request_duration_seconds_bucket", fmt.Sprintf("%s,le=%q", labels, b.le), slow[i], at)
				}
			}
		}
	}
	var all strings.Builder
	for _, metric := range slices.Sorted(maps.Keys(samples)) {
		all.WriteString(samples[metric].String())
	}
	return all.String() + "# EOF\n"
}

// What is not understood is refused, never guessed, and kept.
func TestStrangeQueries(t *testing.T) {
	p := failing(t)
	if _, err := asked(t, p.MetricsURL()).Query(t.Context(), "", "up", noon); err == nil || !strings.Contains(err.Error(), "understands the queries of plimsoll's preset alone") {
		t.Errorf("answered with %v", err)
	}
	if got := p.Unknown(); !slices.Equal(got, []string{"up"}) {
		t.Errorf("kept: %q", got)
	}
}

// The service answers with the commit that serves, and fails more with a bad one.
func TestService(t *testing.T) {
	p := failing(t)
	response, err := http.Get(p.URL() + "/version")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var version struct{ SHA string }
	if err := json.NewDecoder(response.Body).Decode(&version); err != nil || version.SHA != "bad" {
		t.Errorf("%+v, %v", version, err)
	}
	if share := p.ErrorShare(); share < 0.02 || share > 0.05 {
		t.Errorf("%g of the requests fail", share)
	}
}
