package signals_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"plimsoll/deploy"
	"plimsoll/deploy/preset"
	"plimsoll/server/prometheus"
	"plimsoll/server/prometheus/prometheustest"
	"plimsoll/server/signals"
)

// Recording rules on a real Prometheus: what can be counted is, and the rest is named with the
// reason.
func TestRecordingRules(t *testing.T) {
	end := time.Now().UTC().Truncate(5 * time.Minute)
	var b strings.Builder
	recordUntil := func(until, every time.Duration, name, labels string, value float64) {
		for at := -4 * time.Hour; at < until; at += every {
			fmt.Fprintf(&b, "%s{%s} %g %d\n", name, labels, value, end.Add(at+7*time.Second).Unix())
		}
	}
	recordEvery := func(every time.Duration, name, labels string, value float64) {
		recordUntil(0, every, name, labels, value)
	}
	record := func(name, labels string, value float64) { recordEvery(30*time.Second, name, labels, value) }
	record("job:http_requests:rate5m", `job="by-status"`, 99)
	record("job_code:http_requests:rate5m", `job="by-status",code="200"`, 1)
	record("job_code:http_requests:rate5m", `job="by-status",code="500"`, 0.1)
	record("job_code:http_requests:rate1h", `job="by-status",code="200"`, 1)
	record("job:http_requests:irate5m", `job="by-status"`, 1)
	record("job_le:http_request_duration_seconds_bucket:rate5m", `job="by-status",le="0.5"`, 1)
	record("job_le:http_request_duration_seconds_bucket:rate5m", `job="by-status",le="+Inf"`, 1.1)
	record("service:http_requests:rate1m", `job="by-failures"`, 2)
	record("service:http_request_errors:rate1m", `job="by-failures"`, 0.5)
	record("service:http_request_duration_seconds:p95", `job="by-failures"`, 0.3)
	record("service:http_request_errors:ratio_rate5m", `job="by-share"`, 0.02)
	record("service:http_request_duration_milliseconds:p95", `job="by-share"`, 300)
	recordEvery(45*time.Second, "service:http_requests:rate1m", `job="two-groups"`, 2)
	recordEvery(2*time.Minute, "service:http_request_errors:rate1m", `job="two-groups"`, 0.5)
	recordUntil(-40*time.Minute, 30*time.Second, "job:http_requests:rate5m", `job="stopped"`, 2)
	record("job:http_request_errors:rate5m", `job="stopped"`, 0.5)
	record("job:http_requests:rate5m", `job="two-kinds"`, 1)
	record("job:cache_requests:rate1m", `job="two-kinds"`, 50)
	record("job_le:http_request_duration_seconds_bucket:rate5m", `job="only-buckets",le="+Inf"`, 1.1)
	record("job:http_request_duration_seconds:p95", `job="only-buckets"`, 0.3)
	record("job:http_requests:rate30m", `job="too-long"`, 1)
	record("job:http_client_requests:rate5m", `job="client"`, 1)
	b.WriteString("# EOF\n")
	servers, err := prometheus.New(prometheus.Config{Servers: []prometheus.Server{{Name: prometheus.Default, URL: prometheustest.Start(t, b.String())}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(servers.Close)
	asker, err := signals.New(servers, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		job     string
		step    time.Duration
		signals map[string][2]float64 // bad and total of a step, or a value
		missing []string
		gap     string
		query   string        // a gap of the declaration
		stopped time.Duration // so long before the end, requests are no longer recorded
	}{
		{job: "by-status", step: 5 * time.Minute, signals: map[string][2]float64{"errors": {30, 330}, "client errors": {0, 330}, "slow requests": {30, 330}, "throughput": {330}}, missing: []string{
			"whether job_code:http_requests:rate5m, job_le:http_request_duration_seconds_bucket:rate5m record what their names say, in seconds and requests a second; there is no counter of requests",
			"the recording rule job_code:http_requests:rate1h: it averages over 3600s, at most 300s can be used: after a deployment it still holds the time before",
			"the recording rule job:http_requests:irate5m: its name does not say that it is a rate of requests over a time, a share of errors or the p95",
		}},
		{job: "by-failures", step: 2 * time.Minute, signals: map[string][2]float64{"errors": {60, 240}, "throughput": {240}, "p95 latency": {0.3}}},
		{job: "by-share", step: 5 * time.Minute, signals: map[string][2]float64{"error ratio": {0.02}, "p95 latency": {300}}, missing: []string{
			"how many errors there were: service:http_request_errors:ratio_rate5m is a share without a count, and no limit or objective is applied to it",
			"record what their names say, in milliseconds; there is no counter of requests",
		}},
		{job: "two-groups", step: 8 * time.Minute, signals: map[string][2]float64{"errors": {240, 960}, "throughput": {960}}, missing: []string{"latency: no recording rule that can be used has the buckets or the p95"}},
		{job: "only-buckets", step: 2 * time.Minute, signals: map[string][2]float64{"p95 latency": {0.3}}, missing: []string{
			"the recording rule job_le:http_request_duration_seconds_bucket:rate5m: no recording rule that can be used has the rate of all requests",
		}},
		{job: "stopped", stopped: 40 * time.Minute, step: 5 * time.Minute, signals: map[string][2]float64{"errors": {150, 600}, "throughput": {600}}, missing: []string{"whether there were errors where job:http_request_errors:rate5m records nothing; they count as none"}},
		{job: "two-kinds", query: "job:cache_requests:rate1m and job:http_requests:rate5m may both record the requests: narrow match down, or declare queries of your own"},
		{job: "too-long", gap: "no counter of requests, and no recording rule that can be used: job:http_requests:rate30m: it averages over 1800s, at most 300s can be used: after a deployment it still holds the time before"},
		{job: "client", gap: "no recording rule of requests has the labels of match; expected one, or " + preset.Expected},
		{job: "nobody", gap: "no recording rule of requests has the labels of match; expected one, or " + preset.Expected},
	} {
		t.Run(c.job, func(t *testing.T) {
			h, gap, err := asker.History(t.Context(), verified(map[string]string{"job": c.job}, end), preset.Changed{})
			if err != nil || gap != nil {
				t.Fatalf("%v, %+v", err, gap)
			}
			if c.query != "" {
				if len(h.Gaps) != 1 || h.Gaps[0].Kind != deploy.GapQuery || h.Gaps[0].Detail != c.query {
					t.Errorf("got %+v\nwant %s", h.Gaps, c.query)
				}
				return
			}
			if c.gap != "" {
				if len(h.Gaps) != 1 || h.Gaps[0].Kind != deploy.GapNoMetrics || h.Gaps[0].Detail != c.gap {
					t.Errorf("got %+v\nwant %s", h.Gaps, c.gap)
				}
				return
			}
			if len(h.Gaps) > 0 || time.Duration(h.Step)*time.Second != c.step || h.Convention != "recording rules" || len(h.Signals) != len(c.signals) {
				t.Fatalf("step %d, %+v, %+v", h.Step, h.Gaps, h.Signals)
			}
			for i, w := range h.Signals {
				points := h.Points(i, nil)
				last := len(points.At) - 2
				got := points.Value
				if len(points.Total) > 0 {
					got = points.Total
				}
				if c.stopped > 0 && end.Sub(time.Unix(points.At[len(points.At)-1], 0)) < c.stopped-c.step {
					t.Errorf("%s: there are points where no requests are recorded: %+v", w.Name, points)
				}
				want := c.signals[w.Name]
				if last < 20 || w.Bad != "" && (math.Abs(points.Bad[last]-want[0]) > 1e-6 || math.Abs(points.Total[last]-want[1]) > 1e-6) || w.Bad == "" && math.Abs(got[last]-want[0]) > 1e-6 {
					t.Errorf("%s: %d points, %+v", w.Name, len(points.At), w)
				}
			}
			for _, want := range c.missing {
				if !strings.Contains(strings.Join(h.Missing, "\n"), want) {
					t.Errorf("missing\n%s\nwant\n%s", strings.Join(h.Missing, "\n"), want)
				}
			}
		})
	}
}
