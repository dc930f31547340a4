package signals_test

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/deploy/preset"
	"plimsoll/server/prometheus"
	"plimsoll/server/prometheus/prometheustest"
	"plimsoll/server/signals"
)

// exporter is what one exporter writes, and the signals that it is expected to give.
type exporter struct {
	job, want string
	series    []string
}

// exporters reads testdata/exporters.txt.
func exporters(t *testing.T) (all []exporter) {
	t.Helper()
	file, err := os.Open("testdata/exporters.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := lines.Text()
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "["):
			job, want, _ := strings.Cut(strings.TrimPrefix(line, "["), "] ")
			all = append(all, exporter{job: job, want: want})
		default:
			last := &all[len(all)-1]
			last.series = append(last.series, line)
		}
	}
	return all
}

// samples writes two hours of an exporter, scraped every 15 seconds. Three of four requests
// are in the buckets below +Inf.
func (e exporter) samples(b *strings.Builder, end time.Time) {
	for _, series := range e.series {
		name, labels, _ := strings.Cut(strings.TrimSuffix(series, "}"), "{")
		each := []struct {
			name, labels string
			grows        float64
		}{{name, labels, 4}}
		switch {
		case strings.HasSuffix(name, "_sum"):
			each[0].grows = 0.4
		case strings.HasSuffix(name, "_bucket"):
			each[0].labels += `,le="0.25"`
			each[0].grows = 3
			each = append(each, each[0])
			each[1].labels, each[1].grows = labels+`,le="+Inf"`, 4
		}
		for _, one := range each {
			labels := strings.TrimPrefix(one.labels+fmt.Sprintf(",job=%q", e.job), ",")
			for scrape := range 480 {
				value := one.grows * float64(scrape)
				if strings.Contains(labels, "quantile=") {
					value = 0.25
				}
				fmt.Fprintf(b, "%s{%s} %g %d\n", one.name, labels, value, end.Add(time.Duration(scrape-479)*15*time.Second).Unix())
			}
		}
	}
}

// verified is a verification that declares the preset and nothing else.
func verified(match map[string]string, began time.Time) deploy.Verification {
	plan := deploy.Plan{Declared: true, For: 30 * time.Minute, Every: time.Minute, Baseline: 30 * time.Minute, Signals: []config.Signal{{Preset: "http", Match: match}}}
	return deploy.Verification{Began: began, Plan: plan}
}

// guesses are the exporters whose counters are found by the ends of their names.
var guesses = map[string]bool{
	"ktor": true, "starlette-exporter": true, "flask-exporter": true, "axum": true, "actix": true, "gin": true, "rails": true, "prom-ex": true,
	"grafana": true, "prometheus": true, "loki": true, "caddy": true,
}

// Thirty-odd exporters with what they write by default, on one real Prometheus: the preset
// finds the requests of each by its job alone.
func TestExporters(t *testing.T) {
	all := exporters(t)
	end := time.Now().UTC().Truncate(time.Minute)
	var b strings.Builder
	for _, e := range all {
		e.samples(&b, end)
	}
	b.WriteString("# EOF\n")
	servers, err := prometheus.New(prometheus.Config{Servers: []prometheus.Server{{Name: prometheus.Default, URL: prometheustest.Start(t, b.String())}}})
	if err != nil {
		t.Fatal(err)
	}
	asker, err := signals.New(servers, nil)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, e := range all {
		t.Run(e.job, func(t *testing.T) {
			h, gap, err := asker.History(t.Context(), verified(map[string]string{"job": e.job}, end), preset.Changed{})
			if err != nil || gap != nil {
				t.Fatalf("%v, %+v", err, gap)
			}
			missing := strings.Join(h.Missing, "; ")
			if both := strings.Contains(missing, "requests by gRPC (grpc_server_handled_total)"); both != (e.job == "http-and-grpc") {
				t.Errorf("missing: %s", missing)
			}
			if guessed := strings.Contains(missing, "it was found by the end of its name"); guessed != guesses[e.job] {
				t.Errorf("guessed %v: %s", guessed, missing)
			}
			var got []string
			for i, w := range h.Signals {
				got = append(got, w.Name)
				if points := h.Points(i, nil); len(points.At) < 100 {
					t.Errorf("%s has %d points", w.Name, len(points.At))
				} else if last := len(points.At) - 1; len(points.Value) > last && !(points.Value[last] > 0) || len(points.Total) > last && !(points.Total[last] > 0) {
					t.Errorf("%s measures nothing: %+v", w.Name, points)
				}
			}
			for _, gap := range h.Gaps {
				got = append(got, string(gap.Kind))
			}
			if strings.Join(got, ", ") != e.want {
				t.Errorf("got  %s (%q, %+v)\nwant %s", strings.Join(got, ", "), h.Missing, h.Gaps, e.want)
			}
			if len(h.Signals) > 0 {
				found++
			}
		})
	}
	for _, c := range []struct {
		match map[string]string
		want  string
	}{
		{map[string]string{"job": "promhtp"}, `no counter of requests has job="promhtp", did you mean "promhttp"?`},
		{map[string]string{"job": "nothing-like-it"}, `no counter of requests has job="nothing-like-it"`},
		{map[string]string{"job": "istio", "service": "orders@docker"}, "no counter of requests with a status has all the labels of match together"},
		{map[string]string{"job": "gin", "namespace": "shop"}, `no counter of requests has namespace="shop"`},
		{map[string]string{"job": "nginx-exporter"}, "no counter of requests with a status has the labels of match; expected " + preset.Expected},
		{map[string]string{"service": "orders@docker"}, ""},
		{map[string]string{"url": "/orders/:id"}, ""},
		{map[string]string{"app_name": "starlette"}, ""},
		{map[string]string{"endpoint": "/orders/{id}"}, "api_http_requests_total and axum_http_requests_total may both count the requests: narrow match down, or declare queries of your own"},
	} {
		h, gap, err := asker.History(t.Context(), verified(c.match, end), preset.Changed{})
		if err != nil || gap != nil {
			t.Fatalf("%v, %+v", err, gap)
		}
		detail := ""
		for _, gap := range h.Gaps {
			detail += gap.Detail
		}
		if detail != c.want {
			t.Errorf("%v: got %s, want %s", c.match, detail, c.want)
		}
	}
	// A share of one's own, of which nothing was bad so far.
	share := config.Signal{Name: "failed jobs", Bad: "sum(increase(jobs_failed_total[1m]))", Total: `sum(increase(http_requests_total{job="promhttp"}[1m])) # all`}
	v := verified(nil, end)
	v.Plan.Signals = []config.Signal{share}
	h, gap, err := asker.History(t.Context(), v, preset.Changed{})
	if err != nil || gap != nil || len(h.Gaps) > 0 || len(h.Signals) != 1 {
		t.Fatalf("%v, %+v, %+v", err, gap, h)
	}
	points := h.Points(0, nil)
	if last := len(points.At) - 1; last < 100 || points.Bad[last] != 0 || points.Total[last] < 15 || points.Total[last] > 17 {
		t.Errorf("a share of %+v", points)
	}
	t.Logf("the signals of %d of %d exporters were found", found, len(all))
}
