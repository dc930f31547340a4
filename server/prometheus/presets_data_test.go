package prometheus_test

import (
	"fmt"
	"iter"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"plimsoll/deploy/preset"
	"plimsoll/server/prometheus"
	"plimsoll/server/prometheus/prometheustest"
)

// spoken is a convention as a service of these tests speaks it.
type spoken struct {
	name     string
	match    map[string]string
	requests string // metric
	buckets  string
	bounds   [3]string // as written
	bound    float64   // of the second, in the metric's unit
	// labels of a series; route is item or list.
	labels func(pod, method, route, status string) string
	// twice: somebody else tells of the same requests.
	twice string
	// native: buckets is a native histogram with these, none above the bounds but the last.
	native []int
}

var routes = map[string]map[string]string{
	"express": {"item": "/orders/:id", "list": "/orders"},
	"chi":     {"item": "/api/orders/{orderID:[0-9]+}", "list": "/api/orders/"},
	"mux":     {"item": "GET /orders/{id}", "list": "POST /orders"},
	"spring":  {"item": "/orders/{id}", "list": "/orders"},
	"ingress": {"item": "/orders/[^/]+", "list": "/orders"},
}

func conventions() []spoken {
	seconds, classic := [3]string{"0.1", "0.5", "+Inf"}, [3]string{"1", "5", "+Inf"}
	return []spoken{
		{name: "Prometheus client", match: map[string]string{"job": "shop", "team": "a\"b\\c\n{}"}, requests: "http_requests_total", buckets: "http_request_duration_seconds_bucket", bounds: seconds, bound: 0.5,
			labels: func(pod, method, route, status string) string {
				return fmt.Sprintf(`job="shop",team="a\"b\\c\n{}",instance=%q,method=%q,handler=%q,code=%q`, pod, strings.ToLower(method), routes["express"][route], status)
			}},
		{name: "Prometheus client, histogram alone", match: map[string]string{"job": "alone"}, requests: "http_request_duration_seconds_count", buckets: "http_request_duration_seconds_bucket", bounds: classic, bound: 5,
			labels: func(pod, method, route, status string) string {
				return fmt.Sprintf(`job="alone",instance=%q,method=%q,path=%q,status=%q`, pod, method, routes["mux"][route], status[:1]+"xx")
			}},
		{name: "OpenTelemetry", match: map[string]string{"job": "otel"}, requests: "http_server_request_duration_seconds_count", buckets: "http_server_request_duration_seconds_bucket", bounds: [3]string{"1.0", "5.0", "+Inf"}, bound: 5,
			labels: func(pod, method, route, status string) string {
				return fmt.Sprintf(`job="otel",instance=%q,http_request_method=%q,http_route=%q,http_response_status_code=%q`, pod, method, routes["chi"][route], status)
			}},
		{name: "Micrometer", match: map[string]string{"job": "spring"}, requests: "http_server_requests_seconds_count", buckets: "http_server_requests_seconds_bucket", bounds: seconds, bound: 0.5,
			labels: func(pod, method, route, status string) string {
				return fmt.Sprintf(`job="spring",instance=%q,method=%q,uri=%q,status=%q,outcome="x",exception="None"`, pod, method, routes["spring"][route], status)
			}},
		{name: "OpenTelemetry before 1.21", match: map[string]string{"job": "old"}, requests: "http_server_duration_milliseconds_count", buckets: "http_server_duration_milliseconds_bucket", bounds: [3]string{"100", "500", "+Inf"}, bound: 500,
			labels: func(pod, method, route, status string) string {
				return fmt.Sprintf(`job="old",instance=%q,http_method=%q,http_route=%q,http_status_code=%q`, pod, method, routes["express"][route], status)
			}},
		{name: "guessed", match: map[string]string{"job": "gin"}, requests: "shop_requests_total", buckets: "shop_request_duration_seconds_bucket", bounds: seconds, bound: 0.5,
			labels: func(pod, method, route, status string) string {
				return fmt.Sprintf(`job="gin",instance=%q,method=%q,path=%q,code=%q`, pod, method, routes["express"][route], status)
			}},
		{name: "Istio", match: map[string]string{"destination_workload": "orders"}, requests: "istio_requests_total", buckets: "istio_request_duration_milliseconds_bucket", bounds: [3]string{"100", "500", "+Inf"}, bound: 500,
			labels: func(pod, method, route, status string) string {
				return fmt.Sprintf(`destination_workload="orders",reporter="destination",pod=%q,request_method=%q,request_path=%q,response_code=%q`, pod, method, routes["express"][route], status)
			}, twice: "source"},
		{name: "nginx ingress", match: map[string]string{"ingress": "orders", "namespace": "shop"}, requests: "nginx_ingress_controller_requests", buckets: "nginx_ingress_controller_request_duration_seconds_bucket", bounds: seconds, bound: 0.5,
			labels: func(pod, method, route, status string) string {
				return fmt.Sprintf(`ingress="orders",namespace="shop",controller_pod=%q,method=%q,path=%q,status=%q`, pod, method, routes["ingress"][route], status)
			}},
	}
}

// natives are services with native histograms.
func natives() []spoken {
	labels := func(job string) func(pod, method, route, status string) string {
		return func(pod, method, route, status string) string {
			return fmt.Sprintf(`job=%q,instance=%q,method=%q,path=%q,code=%q`, job, pod, method, routes["express"][route], status)
		}
	}
	const histogram = "http_request_duration_seconds"
	return []spoken{
		{name: "native histogram", match: map[string]string{"job": "native"}, requests: histogram, buckets: histogram, bound: 0.5, native: []int{-24, -8, 8}, labels: labels("native")},
		{name: "native histogram beside a counter", match: map[string]string{"job": "beside"}, requests: "http_requests_total", buckets: histogram, bound: 0.5, native: []int{-24, -8, 8}, labels: labels("beside")},
	}
}

// life is one series: from scrape `from` to before `to`, beginning with `first` requests,
// then `each` at every `often`th scrape; of both, so many are not above the bounds.
type life struct {
	pod, method, route, status string
	from, to, often            int
	first, each                [3]int // ≤ first bound, ≤ second bound, all
	reset                      int    // scrape at which it begins again
}

// What happened: a runs until minute 100, b from there until minute 160. b answers half of
// its requests slowly, and fails from minute 105 on; one of its counters begins again in
// minute 130. The counters of a are old.
var lives = []life{
	{pod: "a", method: "GET", route: "item", status: "200", to: 400, often: 1, first: [3]int{9e5, 9e5, 9e5}, each: [3]int{3, 4, 4}},
	{pod: "a", method: "POST", route: "list", status: "201", to: 400, often: 1, first: [3]int{7e5, 7e5, 7e5}, each: [3]int{1, 1, 1}},
	{pod: "a", method: "GET", route: "item", status: "500", to: 400, often: 4, first: [3]int{5e5, 5e5, 5e5}, each: [3]int{1, 1, 1}},
	{pod: "b", method: "GET", route: "item", status: "200", from: 400, to: 640, often: 1, first: [3]int{1, 1, 3}, each: [3]int{1, 2, 4}},
	{pod: "b", method: "POST", route: "list", status: "201", from: 400, to: 640, often: 1, first: [3]int{1, 1, 1}, each: [3]int{1, 1, 1}, reset: 521},
	{pod: "b", method: "GET", route: "item", status: "500", from: 421, to: 640, often: 1, first: [3]int{2, 2, 2}, each: [3]int{1, 1, 1}},
}

// samples writes one convention's series; scrapes are 15 seconds apart, the first 7 seconds
// behind start.
func samples(b *strings.Builder, s spoken, start time.Time) {
	for _, l := range lives {
		labels := s.labels(l.pod, l.method, l.route, l.status)
		all := []string{labels}
		if s.twice != "" {
			all = append(all, strings.Replace(labels, `reporter="destination"`, `reporter="`+s.twice+`"`, 1))
		}
		for _, labels := range all {
			for series := -1; series < 3; series++ {
				column := series
				if series < 0 {
					column = 2
				}
				for i, value := range l.values(column) {
					at := scraped(start, i).Unix()
					if series < 0 {
						fmt.Fprintf(b, "%s{%s} %d %d\n", s.requests, labels, value, at)
					} else {
						fmt.Fprintf(b, "%s{%s,le=%q} %d %d\n", s.buckets, labels, s.bounds[series], value, at)
					}
				}
			}
		}
	}
}

func scraped(start time.Time, i int) time.Time {
	return start.Add(time.Duration(i)*15*time.Second + 7*time.Second)
}

// values are those of a column by scrape.
func (l life) values(column int) iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		value := 0
		for i := l.from; i < l.to; i++ {
			switch {
			case i == l.from:
				value = l.first[column]
			case i == l.reset:
				value = l.each[column]
			case i%l.often == 0:
				value += l.each[column]
			}
			if !yield(i, value) {
				return
			}
		}
	}
}

var label = regexp.MustCompile(`(\w+)="([^"]*)"`)

// nativeSamples gives the samples of a convention's native histogram, and of the counter beside it.
func nativeSamples(s spoken, start time.Time) (all []prometheustest.Native) {
	for _, l := range lives {
		labels := map[string]string{"__name__": s.buckets}
		for _, found := range label.FindAllStringSubmatch(s.labels(l.pod, l.method, l.route, l.status), -1) {
			labels[found[1]] = found[2]
		}
		var columns [3]map[int]int
		for column := range columns {
			columns[column] = maps.Collect(l.values(column))
		}
		for i := l.from; i < l.to; i++ {
			first, second, every := columns[0][i], columns[1][i], columns[2][i]
			all = append(all, prometheustest.Native{Labels: labels, At: scraped(start, i), Schema: 3,
				Buckets: map[int]uint64{s.native[0]: uint64(first), s.native[1]: uint64(second - first), s.native[2]: uint64(every - second)}})
			if s.requests != s.buckets {
				counter := maps.Clone(labels)
				counter["__name__"] = s.requests
				all = append(all, prometheustest.Native{Labels: counter, At: scraped(start, i), Value: float64(every)})
			}
		}
	}
	return all
}

func discovered(t *testing.T, servers *prometheus.Servers, c preset.Convention, match map[string]string, at time.Time) (found preset.Found) {
	t.Helper()
	d, err := c.Discover(match)
	if err != nil {
		t.Fatal(err)
	}
	for _, each := range []struct {
		query string
		into  *[]map[string]string
	}{{d.Requests, &found.Requests}, {d.Buckets, &found.Buckets}, {d.Native, &found.Native}, {d.Quantiles, &found.Quantiles}, {d.Sum, &found.Sum}} {
		if each.query != "" {
			for _, series := range ask(t, servers, each.query, at) {
				*each.into = append(*each.into, series.Labels)
			}
		}
	}
	return found
}

func ask(t *testing.T, servers *prometheus.Servers, query string, at time.Time) []prometheus.Series {
	t.Helper()
	answer, err := servers.Query(t.Context(), "", query, at)
	if err != nil || len(answer.Warnings) > 0 {
		t.Fatalf("%s: %v, %q", query, err, answer.Warnings)
	}
	return answer.Series
}

// points gives the points of a query's one series; none where it has none.
func points(t *testing.T, servers *prometheus.Servers, query string, from, to time.Time) map[time.Time]float64 {
	t.Helper()
	answer, err := servers.QueryRange(t.Context(), "", query, prometheus.Range{Start: from, End: to, Step: time.Minute})
	if err != nil || len(answer.Series) > 1 || len(answer.Warnings) > 0 {
		t.Fatalf("%s: %v, %d series, %q", query, err, len(answer.Series), answer.Warnings)
	}
	all := map[time.Time]float64{}
	for _, series := range answer.Series {
		for _, p := range series.Points {
			all[p.At.In(time.UTC)] = p.Value
		}
	}
	return all
}

func signal(t *testing.T, signals []preset.Signal, name string) preset.Signal {
	t.Helper()
	i := slices.IndexFunc(signals, func(s preset.Signal) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("no signal %s in %+v", name, signals)
	}
	return signals[i]
}
