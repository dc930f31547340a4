package prometheus_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/server/prometheus"
	"plimsoll/server/prometheus/prometheustest"
)

// A real Prometheus with six hours of one counter and its oddities.
func TestRealPrometheus(t *testing.T) {
	end := time.Now().Truncate(time.Minute).Add(-10 * time.Minute)
	var samples strings.Builder
	write := func(name string, value func(i int) string) {
		for i := range 361 {
			fmt.Fprintf(&samples, "%s %s %d\n", name, value(i), end.Add(time.Duration(i-360)*time.Minute).Unix())
		}
	}
	samples.WriteString("# TYPE http_requests counter\n")
	write(`http_requests_total{job="orders",code="200"}`, func(i int) string { return fmt.Sprint(60 * i) })
	write(`http_requests_total{job="orders",code="500"}`, func(i int) string { return fmt.Sprint(6 * i) })
	samples.WriteString("# TYPE odd gauge\n")
	write(`odd{of="nan"}`, func(int) string { return "NaN" })
	write(`odd{of="inf"}`, func(int) string { return "+Inf" })
	samples.WriteString("# EOF\n")

	server := prometheustest.Start(t, samples.String())
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: server + "/"}}})

	names, err := servers.MetricNames(t.Context(), "")
	if err != nil || len(names) != 2 || !names.Has("http_requests_total") || !names.Has("odd") {
		t.Errorf("names %v, %v", names, err)
	}
	missing, err := servers.Missing(t.Context(), "default", []string{"b", "odd", "a"})
	if err != nil || !slices.Equal(missing, []string{"b", "a"}) {
		t.Errorf("missing %q, %v", missing, err)
	}

	answer, err := servers.Query(t.Context(), "", `sum by (code) (rate(http_requests_total{job="orders"}[5m]))`, end)
	if err != nil || len(answer.Series) != 2 {
		t.Fatalf("%+v, %v", answer, err)
	}
	for i, want := range []struct {
		code  string
		value float64
	}{{"200", 1}, {"500", 0.1}} {
		s := answer.Series[i]
		if s.Labels["code"] != want.code || len(s.Points) != 1 || math.Abs(s.Points[0].Value-want.value) > 1e-9 || !s.Points[0].At.Equal(end) {
			t.Errorf("%+v, want %+v at %s", s, want, end)
		}
	}

	answer, err = servers.QueryRange(t.Context(), "", `http_requests_total{code="500"}`, prometheus.Range{Start: end.Add(-time.Hour), End: end, Step: time.Minute})
	if err != nil || len(answer.Series) != 1 || len(answer.Series[0].Points) != 61 || answer.Series[0].Points[60].Value != 2160 {
		t.Errorf("%+v, %v", answer, err)
	}

	answer, err = servers.Query(t.Context(), "", "odd", end)
	if err != nil || len(answer.Series) != 2 || !math.IsInf(answer.Series[0].Points[0].Value, 1) || !math.IsNaN(answer.Series[1].Points[0].Value) {
		t.Errorf("%+v, %v", answer, err)
	}
	if answer, err = servers.Query(t.Context(), "", "1 + 1", end); err != nil || answer.Series[0].Points[0].Value != 2 || len(answer.Series[0].Labels) != 0 {
		t.Errorf("scalar: %+v, %v", answer, err)
	}
	if answer, err = servers.Query(t.Context(), "", "nothing", end); err != nil || len(answer.Series) != 0 {
		t.Errorf("nothing: %+v, %v", answer, err)
	}
	for query, want := range map[string]string{
		`"text"`: `metric server "default": the query gives a text, expected numbers`,
		`sum(`:   `metric server "default": it refuses the query: invalid parameter "query": 1:5: parse error: unclosed left parenthesis (mend the query)`,
		`http_requests_total * on(job) http_requests_total`: `it refuses the query: found duplicate series`,
	} {
		_, err := servers.Query(t.Context(), "", query, end)
		if refused, ok := errors.AsType[*prometheus.Error](err); !ok || !refused.Query || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", query, err)
		}
	}
	_, err = servers.QueryRange(t.Context(), "", "up", prometheus.Range{Start: end.Add(-11_000 * time.Second), End: end, Step: time.Second})
	if err == nil || !strings.Contains(err.Error(), "11001 points are asked for, at most 11000 are given") {
		t.Error(err)
	}
	// As many points as are let through are as many as Prometheus gives.
	answer, err = servers.QueryRange(t.Context(), "", "http_requests_total", prometheus.Range{Start: end.Add(-10_999 * time.Second), End: end, Step: time.Second})
	if err != nil || len(answer.Series) != 2 || len(answer.Series[0].Points) != 11_000 {
		t.Errorf("%d series, %v", len(answer.Series), err)
	}
}

func open(t *testing.T, c prometheus.Config) *prometheus.Servers {
	t.Helper()
	servers, err := prometheus.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(servers.Close)
	return servers
}
