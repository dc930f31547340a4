package prometheus_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/deploy/preset"
	"plimsoll/server/prometheus"
	"plimsoll/server/prometheus/prometheustest"
)

// Every query of every convention, on a real Prometheus, beside numbers made by hand.
func TestPresetsOnPrometheus(t *testing.T) {
	start := time.Now().UTC().Truncate(time.Minute).Add(-4 * time.Hour)
	var b strings.Builder
	for _, s := range conventions() {
		samples(&b, s, start)
		fmt.Fprintf(&b, "%s{job=\"other\",code=\"500\"} 12345 %d\n", s.requests, start.Add(101*time.Minute).Unix())
	}
	b.WriteString("# EOF\n")
	everyQuery(t, prometheustest.Start(t, b.String()), start, conventions())
}

// Native histograms count the same as those with buckets.
func TestNativeHistogramsOnPrometheus(t *testing.T) {
	start := time.Now().UTC().Truncate(time.Minute).Add(-4 * time.Hour)
	var all []prometheustest.Native
	for _, s := range natives() {
		all = append(all, nativeSamples(s, start)...)
	}
	url := prometheustest.StartNative(t, all)
	everyQuery(t, url, start, natives())
	t.Run("by version", func(t *testing.T) {
		servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: url}}})
		c, match, end := preset.Find(preset.Names{"http_request_duration_seconds": {}})[0], map[string]string{"job": "native"}, start.Add(150*time.Minute)
		source, err := c.Read(match, discovered(t, servers, c, match, end), preset.Changed{})
		if err != nil {
			t.Fatal(err)
		}
		var instances []map[string]string
		for _, series := range ask(t, servers, source.Instances("instance"), end) {
			instances = append(instances, series.Labels)
		}
		versions, err := source.Versions("instance", instances)
		if err != nil {
			t.Fatal(err)
		}
		sides := source.ByVersion(versions, 0.5, 15*time.Second)
		for query, want := range map[string]float64{
			signal(t, sides, preset.Errors).Bad: 4, signal(t, sides, preset.Errors).Total: 24, signal(t, sides, preset.SlowRequests).Bad: 8, signal(t, sides, preset.SlowRequests).Total: 24,
		} {
			got := ask(t, servers, query, end)
			if len(got) != 1 || got[0].Labels[preset.Version] != "b" || math.Abs(got[0].Points[0].Value-want) > 1e-6 {
				t.Errorf("%s: %+v, want %g of b", query, got, want)
			}
		}
	})
}

func everyQuery(t *testing.T, url string, start time.Time, conventions []spoken) {
	t.Helper()
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: url}}})
	names, err := servers.MetricNames(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	found := preset.Find(names)
	if len(found) != len(conventions) {
		t.Fatalf("found %d conventions", len(found))
	}
	at := func(minute int) time.Time { return start.Add(time.Duration(minute) * time.Minute) }
	changed := preset.Changed{Operations: []preset.Operation{{Method: "GET", Path: "/orders/{orderId}"}}, Prefixes: []string{"/api"}}
	for _, s := range conventions {
		t.Run(s.name, func(t *testing.T) {
			// As a verification does: of all that the server has, the first that this service has.
			var source preset.Source
			var spoke []string
			for _, c := range found {
				read, err := c.Read(s.match, discovered(t, servers, c, s.match, at(99)), changed)
				if errors.Is(err, preset.ErrNoData) || len(spoke) > 0 && read.NativeHistogram {
					continue // the histogram counts the same again
				}
				if err != nil {
					t.Fatal(err)
				}
				source, spoke = read, append(spoke, c.Requests)
			}
			if !slices.Equal(spoke, []string{s.requests}) || source.Buckets != s.buckets || source.Route == "" || source.HistogramRoute == "" || source.Method == "" || source.Status == "" {
				t.Fatalf("read %+v of %q", source, spoke)
			}
			bound := boundOf(t, servers, source, at(100))
			if bound != s.bound {
				t.Fatalf("the bound is %g", bound)
			}
			plan := source.HTTP(config.Signal{}, bound, changed, 15*time.Second)
			if len(plan.Whole) != 4 || len(plan.Operations) != 1 || len(plan.Control) != 4 || len(plan.Missing) != 0 {
				t.Fatalf("%+v", plan)
			}
			const none = -1
			for _, c := range []struct {
				what    string
				signals []preset.Signal
				// minute → errors, requests, slow ones
				want map[int][3]float64
			}{
				{"whole", plan.Whole, map[int][3]float64{
					2: {1, 21, 0}, 50: {1, 21, 0}, 100: {1, 21, 0},
					101: {0, 19, 8}, // about: b's first values are not requests that were seen
					102: {0, 20, 8},
					106: {4, 22, 8}, // about; the first error counts
					107: {4, 24, 8},
					131: {4, 24, 8}, // a counter begins again
					160: {4, 24, 8},
					161: {none, none, none}, // the series are gone
					170: {none, none, none},
					-10: {none, none, none}, // before there was anything
				}},
				{"operation", plan.Operations[0].Signals, map[int][3]float64{50: {1, 17, 0}, 101: {0, 15, 8}, 102: {0, 16, 8}, 106: {4, 18, 8}, 131: {4, 20, 8}, 161: {none, none, none}}},
				{"control", plan.Control, map[int][3]float64{50: {0, 4, 0}, 101: {0, 4, 0}, 106: {0, 4, 0}, 131: {0, 4, 0}, 161: {none, none, none}}},
			} {
				failed := points(t, servers, signal(t, c.signals, preset.Errors).Bad, at(-20), at(180))
				client := points(t, servers, signal(t, c.signals, preset.ClientErrors).Bad, at(-20), at(180))
				total := points(t, servers, signal(t, c.signals, preset.Errors).Total, at(-20), at(180))
				slow := points(t, servers, signal(t, c.signals, preset.SlowRequests).Bad, at(-20), at(180))
				timed := points(t, servers, signal(t, c.signals, preset.SlowRequests).Total, at(-20), at(180))
				if above := signal(t, c.signals, preset.SlowRequests).Above; above != s.bound && above != s.bound/1000 {
					t.Errorf("slow above %g s", above)
				}
				for minute, want := range c.want {
					for i, got := range []map[time.Time]float64{failed, total, slow} {
						value, ok := got[at(minute)]
						near := 1e-6
						if i > 0 && (minute == 101 || minute == 106) {
							near = want[i] / 5 // where a series begins, increase() guesses
						}
						if ok != (want[i] >= 0) || ok && math.Abs(value-want[i]) > near {
							t.Errorf("%s, minute %d: %s is %g (%t), want %g", c.what, minute, []string{"errors", "requests", "slow"}[i], value, ok, want[i])
						}
					}
					guessed := s.native != nil && minute == 101 // increase() of counters stops at zero, that of histograms does not
					if math.Abs(timed[at(minute)]-total[at(minute)]) > 1e-6 && !guessed {
						t.Errorf("%s, minute %d: %g timed of %g", c.what, minute, timed[at(minute)], total[at(minute)])
					}
					if value, ok := client[at(minute)]; ok != (want[1] >= 0) || value != 0 {
						t.Errorf("%s, minute %d: client errors %g (%t)", c.what, minute, value, ok)
					}
				}
				// Consecutive steps add up to what happened: nothing is lost or doubled.
				if c.what == "whole" {
					requests, errors := 0.0, 0.0
					for minute := 108; minute <= 160; minute++ {
						requests, errors = requests+total[at(minute)], errors+failed[at(minute)]
					}
					for minute := 2; minute <= 100; minute++ {
						requests, errors = requests+total[at(minute)], errors+failed[at(minute)]
					}
					if math.Abs(requests-(99*21+53*24)) > 1e-6 || math.Abs(errors-(99+53*4)) > 1e-6 {
						t.Errorf("%g requests and %g errors in all", requests, errors)
					}
					for at, bad := range failed {
						if bad > total[at]+1e-9 {
							t.Errorf("%s: %g errors of %g requests", at, bad, total[at])
						}
					}
					if first, ok := total[at(1)]; !ok || first > 30 {
						t.Errorf("the first step has %g requests: old counters are counted", first)
					}
				}
			}
			// 7 days in steps of a minute fit into one answer, and each day's piece is a part of it.
			span := preset.History(at(180), preset.Step(0))
			whole := points(t, servers, plan.Whole[0].Bad, span.Start, span.End)
			pieces := 0
			for _, day := range span.Days() {
				for at, value := range points(t, servers, plan.Whole[0].Bad, day.Start, day.End) {
					if pieces++; whole[at] != value {
						t.Errorf("%s: %g in a day's piece, %g in all", at, value, whole[at])
					}
				}
			}
			if pieces != len(whole) || len(whole) < 155 {
				t.Errorf("%d points in pieces, %d in all", pieces, len(whole))
			}
		})
	}
	t.Run("nobody", func(t *testing.T) {
		for _, c := range found {
			_, err := c.Read(map[string]string{"job": "nobody"}, discovered(t, servers, c, map[string]string{"job": "nobody"}, at(99)), changed)
			if !errors.Is(err, preset.ErrNoData) {
				t.Errorf("%s: %v", c.Name, err)
			}
		}
	})
}

// boundOf is the bound above which requests are slow.
func boundOf(t *testing.T, servers *prometheus.Servers, source preset.Source, at time.Time) float64 {
	t.Helper()
	var buckets []preset.Bucket
	for _, series := range ask(t, servers, source.Baseline(30*time.Minute), at) {
		if source.NativeHistogram {
			return preset.PowerOfTwo(series.Points[0].Value)
		}
		var bucket preset.Bucket
		if !bucket.Read(series.Labels["le"], series.Points[0].Value) {
			t.Errorf("no bucket: %+v", series)
		}
		buckets = append(buckets, bucket)
	}
	bound, err := preset.Nearest(buckets, preset.Slow)
	if err != nil {
		t.Fatalf("%v of %+v", err, buckets)
	}
	return bound
}

// A step in which nothing happened but a new process's first errors has as many requests;
// a service that was not there before has none, however old its counters are.
func TestFirstErrors(t *testing.T) {
	end := time.Now().UTC().Truncate(time.Minute)
	var b strings.Builder
	for i := range 100 {
		at := end.Add(time.Duration(i-99)*15*time.Second - 7*time.Second).Unix()
		fmt.Fprintf(&b, "http_requests_total{job=\"few\",code=\"200\"} 500 %d\n", at)
		if i >= 50 { // in the minute that ends 12 minutes before the end
			fmt.Fprintf(&b, "http_requests_total{job=\"few\",code=\"500\"} 3 %d\n", at)
			fmt.Fprintf(&b, "http_requests_total{job=\"late\",code=\"500\"} 70000 %d\n", at)
		}
	}
	b.WriteString("# EOF\n")
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: prometheustest.Start(t, b.String())}}})
	found := preset.Find(preset.Names{"http_requests_total": {}})
	for job, want := range map[string]string{"few": "[0 0] [3 3] [0 0]", "late": "[] [0 0] [0 0]"} {
		match := map[string]string{"job": job}
		source, err := found[0].Read(match, discovered(t, servers, found[0], match, end), preset.Changed{})
		if err != nil {
			t.Fatal(err)
		}
		errors := signal(t, source.HTTP(config.Signal{}, 0, preset.Changed{}, 15*time.Second).Whole, preset.Errors)
		var got []string
		for _, ago := range []time.Duration{13, 12, 11} {
			at := end.Add(-ago * time.Minute)
			var values []float64
			for _, query := range []string{errors.Bad, errors.Total} {
				for _, series := range ask(t, servers, query, at) {
					values = append(values, series.Points[0].Value)
				}
			}
			got = append(got, fmt.Sprint(values))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %s", job, got, want)
		}
	}
}

// A summary without a histogram is looked at as a series.
func TestPresetOfSummary(t *testing.T) {
	end := time.Now().Truncate(time.Minute)
	var b strings.Builder
	for i := range 40 {
		at := end.Add(time.Duration(i-39)*15*time.Second - 7*time.Second).Unix()
		fmt.Fprintf(&b, "http_requests_total{job=\"a\",pod=\"1\"} %d %d\n", i, at)
		for pod, value := range map[string]string{"1": "0.25", "2": "0.75"} {
			fmt.Fprintf(&b, "http_request_duration_seconds{job=\"a\",pod=%q,quantile=\"0.95\"} %s %d\n", pod, value, at)
		}
	}
	b.WriteString("# EOF\n")
	servers := open(t, prometheus.Config{Servers: []prometheus.Server{{Name: "default", URL: prometheustest.Start(t, b.String())}}})
	names, err := servers.MetricNames(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	found := preset.Find(names)
	match := map[string]string{"job": "a"}
	source, err := found[0].Read(match, discovered(t, servers, found[0], match, end), preset.Changed{})
	if err != nil {
		t.Fatal(err)
	}
	plan := source.HTTP(config.Signal{}, 0, preset.Changed{}, 0)
	if got := ask(t, servers, signal(t, plan.Whole, preset.Latency).Value, end); len(got) != 1 || got[0].Points[0].Value != 0.75 {
		t.Errorf("%+v", got)
	}
	if got := ask(t, servers, signal(t, plan.Whole, preset.Throughput).Total, end); len(got) != 1 || got[0].Points[0].Value != 4 {
		t.Errorf("%+v", got)
	}
	if len(plan.Whole) != 2 || len(plan.Missing) != 1 || !strings.HasPrefix(plan.Missing[0], "errors: no label of http_requests_total has the status") {
		t.Errorf("%+v", plan)
	}
}
