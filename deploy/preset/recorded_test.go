package preset

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/config"
)

// fromRules returns the convention of the rules with the given names, and the rules that can't
// be used. None is by status.
func fromRules(t *testing.T, names ...string) (c Convention, unfit []string, err error) {
	t.Helper()
	known := Names{}
	for _, name := range names {
		known[name] = struct{}{}
	}
	rules := Recorded(known)
	c, _, err = FromRules(rules, func(string) ([]string, error) { return nil, nil })
	for _, r := range rules {
		if r.Unfit != "" {
			unfit = append(unfit, r.Name)
		}
	}
	return c, unfit, err
}

// Rules of different requests are never put together.
func TestRulesOfOneKindOfRequests(t *testing.T) {
	for _, c := range []struct {
		rules       string
		used, unfit string
		ambiguous   string
	}{
		{rules: "job:http_requests:rate5m job:http_request_errors:rate5m job:http_request_errors:ratio_rate5m job:http_request_duration_seconds_bucket:rate5m job:http_request_duration_seconds:p95",
			used: "job:http_requests:rate5m job:http_request_duration_seconds_bucket:rate5m job:http_request_errors:rate5m job:http_request_errors:ratio_rate5m job:http_request_duration_seconds:p95"},
		{rules: "job:http_requests_total:rate5m job:http_errors:rate5m job:http_requests:error_ratio", used: "job:http_requests_total:rate5m job:http_errors:rate5m job:http_requests:error_ratio"},
		{rules: "job:http_requests:rate5m job:http_failed_requests:rate5m", used: "job:http_requests:rate5m job:http_failed_requests:rate5m"},
		{rules: "job:http_request_duration_seconds_count:rate5m job:http_requests_5xx:rate1m", used: "job:http_request_duration_seconds_count:rate5m job:http_requests_5xx:rate1m"},
		{rules: "job:requests:rate5m job:request_errors:rate5m", used: "job:requests:rate5m job:request_errors:rate5m"},
		{rules: "job:grpc_requests:rate5m job:http_errors:rate5m job:http_request_latency_seconds:p95", used: "job:grpc_requests:rate5m", unfit: "job:http_errors:rate5m job:http_request_latency_seconds:p95"},
		{rules: "job:http_requests:rate5m job:cache_request_errors:rate1m job:http_request_errors:rate5m", used: "job:http_requests:rate5m job:http_request_errors:rate5m", unfit: "job:cache_request_errors:rate1m"},
		{rules: "job:cache_requests:rate1m job:http_requests:rate5m", ambiguous: "job:cache_requests:rate1m and job:http_requests:rate5m may both record the requests: narrow match down, or declare queries of your own"},
		{rules: "job:grpc_request_errors:ratio job:http_request_errors:ratio", ambiguous: "job:grpc_request_errors:ratio and job:http_request_errors:ratio may both record the requests: narrow match down, or declare queries of your own"},
		// A rate that can't be used makes nothing ambiguous.
		{rules: "job:cache_requests:rate1h job:http_requests:rate5m", used: "job:http_requests:rate5m", unfit: "job:cache_requests:rate1h"},
		{rules: "job:http_request_errors:rate5m job:http_request_duration_seconds_bucket:rate5m", unfit: "job:http_request_duration_seconds_bucket:rate5m job:http_request_errors:rate5m"},
	} {
		got, unfit, err := fromRules(t, strings.Fields(c.rules)...)
		if ambiguous, is := errors.AsType[*AmbiguousError](err); is != (c.ambiguous != "") || is && ambiguous.Error() != c.ambiguous {
			t.Errorf("%s: got the error %v, want %q", c.rules, err, c.ambiguous)
			continue
		}
		if c.ambiguous == "" && (strings.Join(got.Rules(), " ") != c.used || strings.Join(unfit, " ") != c.unfit) {
			t.Errorf("%s:\nused  %s\nunfit %s", c.rules, got.Rules(), unfit)
		}
	}
}

// The p95 is watched where the buckets show nothing.
func TestRecordedLatency(t *testing.T) {
	requests, buckets, p95 := "job:http_requests:rate5m", "job_le:http_request_duration_seconds_bucket:rate5m", "job:http_request_duration_seconds:p95"
	series := []map[string]string{{"job": "orders"}}
	for _, c := range []struct {
		rules []string
		bound float64
		want  []string
	}{
		{rules: []string{requests, buckets, p95}, bound: 0.5, want: []string{SlowRequests, Throughput}},
		{rules: []string{requests, buckets, p95}, want: []string{Throughput, Latency}},
		{rules: []string{requests, p95}, want: []string{Throughput, Latency}},
		{rules: []string{buckets, p95}, want: []string{Latency}},
	} {
		convention, _, err := fromRules(t, c.rules...)
		if err != nil {
			t.Fatal(err)
		}
		s, err := convention.Read(map[string]string{"job": "orders"}, Found{Requests: series, Buckets: series}, Changed{})
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, one := range s.HTTP(config.Signal{}, c.bound, Changed{}, time.Minute).Whole {
			names = append(names, one.Name)
		}
		if !slices.Equal(names, c.want) {
			t.Errorf("%s, bound %g: got %s, want %s", c.rules, c.bound, names, c.want)
		}
	}
}

// A count does not depend on how often a rule is evaluated.
func TestRecordedCounts(t *testing.T) {
	convention, _, err := fromRules(t, "job:http_requests:rate5m")
	if err != nil {
		t.Fatal(err)
	}
	s, err := convention.Read(nil, Found{Requests: []map[string]string{{}}}, Changed{})
	if err != nil {
		t.Fatal(err)
	}
	for scrape, want := range map[time.Duration]string{
		15 * time.Second: "sum(avg_over_time(job:http_requests:rate5m{}[60s])) * 60",
		75 * time.Second: "sum(avg_over_time(job:http_requests:rate5m{}[300s])) * 300",
	} {
		if plan := s.HTTP(config.Signal{}, 0, Changed{}, scrape); plan.Whole[0].Total != want {
			t.Errorf("got %s, want %s", plan.Whole[0].Total, want)
		}
	}
}
