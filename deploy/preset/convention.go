package preset

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Convention is a way to name metrics of requests.
type Convention struct {
	// Name as it is shown.
	Name string
	// Requests is the counter of requests.
	Requests string
	// Buckets of the histogram of durations, Quantiles the summary of the same, Sum the
	// counter of their sum.
	Buckets, Quantiles, Sum string
	// Native is the histogram of durations where it is a native one: a metric without buckets.
	Native string
	// PerSecond is how many units of the durations a second has.
	PerSecond float64
	// Front is what stands before the end by which the name of the counter was found; empty
	// for a convention that is known. Of several with one front, the first with data is taken.
	Front string
	// status, route and method are the labels that there may be, the likeliest first.
	status, route, method []string
	// classes say what the values of the status mean.
	classes classes
	// fixed are conditions that tell the requests that are served from others.
	fixed []matcher
	// reporter: a label says who reports a request, and two report the same one.
	reporter bool
	// other is a protocol beside HTTP that it counts; empty: HTTP.
	other string
	// recorded: the metrics are those of recording rules; nil: they are not.
	recorded *recording
	// rank of a guess among others for the same service.
	rank int
}

// family returns the metrics of a histogram or summary of durations with the count as the
// counter of requests.
func family(durations string, perSecond float64) Convention {
	return Convention{Requests: durations + "_count", Buckets: durations + "_bucket", Quantiles: durations, Sum: durations + "_sum", Native: durations, PerSecond: perSecond}
}

// native returns the convention whose native histogram of durations counts the requests; ok is
// false for one with a counter of them.
func (c Convention) native() (of Convention, ok bool) {
	if c.Requests != c.Native+"_count" {
		return c, false
	}
	c.Name, c.Requests, c.Buckets, c.Quantiles, c.Sum = c.Name+", native histogram", c.Native, "", "", ""
	return c, true
}

// withNative puts the native form of each convention that has one behind it.
func withNative(some ...Convention) (all []Convention) {
	for _, c := range some {
		all = append(all, c)
		if native, ok := c.native(); ok {
			all = append(all, native)
		}
	}
	return all
}

// OfNative reports whether the requests are counted by a native histogram.
func (c Convention) OfNative() bool { return c.Native != "" && c.Native == c.Requests }

// counter returns a counter of requests beside a histogram or summary of durations.
func counter(requests, durations string, perSecond float64) Convention {
	c := family(durations, perSecond)
	c.Requests = requests
	return c
}

// labelled returns the convention with a name and its labels.
func (c Convention) labelled(name string, classes classes, status, route, method []string) Convention {
	c.Name, c.classes, c.status, c.route, c.method = name, classes, status, route, method
	return c
}

// of returns the convention of another protocol.
func (c Convention) of(protocol string) Convention {
	c.other = protocol
	return c
}

// only returns the convention with a condition.
func (c Convention) only(label, value string) Convention {
	c.fixed = append(c.fixed, matcher{label, "=", value})
	return c
}

var (
	clientStatus = []string{"code", "status", "status_code", "http_status_code", "http_status", "statusCode"}
	clientRoute  = []string{"route", "handler", "http_route", "endpoint", "path", "uri", "url_rule", "view"}
	clientMethod = []string{"method", "http_method", "http_request_method"}
)

// conventions, the first found with data is taken: what a service says of itself before
// what stands in front of it says.
var conventions = withNative(
	// https://github.com/prometheus/client_ruby; before OpenTelemetry, whose histogram has the same name.
	counter("http_server_requests_total", "http_server_request_duration_seconds", 1).labelled("Prometheus client for Ruby", httpClasses, []string{"code"}, []string{"path"}, []string{"method"}),
	// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/ (ASP.NET Core since 8 as well)
	family("http_server_request_duration_seconds", 1).labelled("OpenTelemetry", httpClasses,
		[]string{"http_response_status_code", "http_status_code"}, []string{"http_route"}, []string{"http_request_method", "http_method"}),
	// The names that the client libraries' middlewares agree on, with labels that they do not.
	counter("http_requests_total", "http_request_duration_seconds", 1).labelled("Prometheus client", httpClasses, clientStatus, clientRoute, clientMethod),
	family("http_request_duration_seconds", 1).labelled("Prometheus client", httpClasses, clientStatus, clientRoute, clientMethod),
	// https://docs.micrometer.io/micrometer/reference/ and Spring Boot's "Supported Metrics"; Quarkus and Micronaut too.
	family("http_server_requests_seconds", 1).labelled("Micrometer", httpClasses, []string{"status"}, []string{"uri"}, []string{"method"}),
	// https://github.com/prometheus-net/prometheus-net
	counter("http_requests_received_total", "http_request_duration_seconds", 1).labelled("prometheus-net", httpClasses, []string{"code", "status", "status_code"}, []string{"endpoint", "page", "action"}, []string{"method"}),
	// https://github.com/django-commons/django-prometheus; its histogram has the views.
	counter("django_http_responses_total_by_status_total", "django_http_requests_latency_seconds_by_view_method", 1).labelled("django-prometheus", httpClasses, []string{"status"}, []string{"view"}, []string{"method"}),
	// OpenTelemetry before its conventions for HTTP were stable (1.20 and older): in milliseconds.
	family("http_server_duration_milliseconds", 1000).labelled("OpenTelemetry before 1.21", httpClasses, []string{"http_status_code"}, []string{"http_route", "http_target"}, []string{"http_method"}),
	family("http_server_duration", 1000).labelled("OpenTelemetry before 1.21", httpClasses, []string{"http_status_code"}, []string{"http_route", "http_target"}, []string{"http_method"}),
	// https://github.com/grpc-ecosystem/go-grpc-middleware; the libraries for Java and Python use the same names.
	counter("grpc_server_handled_total", "grpc_server_handling_seconds", 1).labelled("gRPC", grpcClasses, []string{"grpc_code", "code"}, nil, nil).of("gRPC"),
	// https://opentelemetry.io/docs/specs/semconv/rpc/rpc-metrics/
	family("rpc_server_duration_milliseconds", 1000).labelled("OpenTelemetry for gRPC", grpcNumbers, []string{"rpc_grpc_status_code"}, nil, nil).of("gRPC"),
	// The span metrics connector of OpenTelemetry's collector, with the namespaces it has had.
	counter("traces_span_metrics_calls_total", "traces_span_metrics_duration_milliseconds", 1000).labelled("OpenTelemetry's span metrics", spanClasses, []string{"status_code"}, []string{"http_route", "span_name"}, nil).only("span_kind", "SPAN_KIND_SERVER"),
	counter("calls_total", "duration_milliseconds", 1000).labelled("OpenTelemetry's span metrics", spanClasses, []string{"status_code"}, []string{"http_route", "span_name"}, nil).only("span_kind", "SPAN_KIND_SERVER"),
	// https://grafana.com/docs/tempo/latest/metrics-from-traces/span-metrics/
	counter("traces_spanmetrics_calls_total", "traces_spanmetrics_latency", 1).labelled("Tempo's span metrics", spanClasses, []string{"status_code"}, []string{"http_route", "span_name"}, nil).only("span_kind", "SPAN_KIND_SERVER"),
	// https://istio.io/latest/docs/reference/config/metrics/
	Convention{
		Name: "Istio", Requests: "istio_requests_total", Buckets: "istio_request_duration_milliseconds_bucket", Native: "istio_request_duration_milliseconds", PerSecond: 1000, classes: httpClasses,
		status: []string{"response_code"}, route: []string{"request_operation", "request_url_path", "request_path", "path"}, method: []string{"request_method", "method"}, reporter: true,
	},
	// https://linkerd.io/2/reference/proxy-metrics/
	counter("response_total", "response_latency_ms", 1000).labelled("Linkerd", httpClasses, []string{"status_code"}, nil, nil).only("direction", "inbound"),
	// https://kubernetes.github.io/ingress-nginx/user-guide/monitoring/
	counter("nginx_ingress_controller_requests", "nginx_ingress_controller_request_duration_seconds", 1).labelled("nginx ingress", httpClasses, []string{"status"}, []string{"path"}, []string{"method"}),
	// https://doc.traefik.io/traefik/observability/metrics/overview/
	counter("traefik_service_requests_total", "traefik_service_request_duration_seconds", 1).labelled("Traefik", httpClasses, []string{"code"}, nil, []string{"method"}),
	// https://www.envoyproxy.io/docs/envoy/latest/configuration/upstream/cluster_manager/cluster_stats
	counter("envoy_cluster_upstream_rq", "envoy_cluster_upstream_rq_time", 1000).labelled("Envoy", httpClasses, []string{"envoy_response_code"}, nil, nil),
	counter("envoy_cluster_upstream_rq_xx", "envoy_cluster_upstream_rq_time", 1000).labelled("Envoy", firstDigit, []string{"envoy_response_code_class"}, nil, nil),
	counter("envoy_http_downstream_rq_xx", "envoy_http_downstream_rq_time", 1000).labelled("Envoy", firstDigit, []string{"envoy_response_code_class"}, nil, nil),
	// https://www.haproxy.com/documentation/haproxy-configuration-tutorials/alerts-and-monitoring/prometheus/
	Convention{Requests: "haproxy_backend_http_responses_total", PerSecond: 1}.labelled("HAProxy", httpClasses, []string{"code"}, nil, nil),
	Convention{Requests: "haproxy_frontend_http_responses_total", PerSecond: 1}.labelled("HAProxy", httpClasses, []string{"code"}, nil, nil),
	// https://docs.konghq.com/hub/kong-inc/prometheus/
	counter("kong_http_requests_total", "kong_request_latency_ms", 1000).labelled("Kong", httpClasses, []string{"code"}, nil, nil),
)

// Names are the names of a metric server's metrics.
type Names = map[string]struct{}

// Find returns the conventions of which a metric server has the requests' counter, those
// that are guessed by the ends of names last. A server knows the metrics of many services:
// which of them this one has, Discover asks.
func Find(names Names) []Convention {
	var found []Convention
	known := map[string]bool{}
	add := func(c Convention) {
		for _, metric := range []*string{&c.Buckets, &c.Quantiles, &c.Sum, &c.Native} {
			if _, has := names[*metric]; !has {
				*metric = ""
			}
		}
		found = append(found, c)
	}
	for _, c := range conventions {
		known[c.Requests] = true
		if _, has := names[c.Requests]; has {
			add(c)
		}
	}
	for _, c := range guessed(names, known) {
		add(c)
	}
	return found
}

// Expected names the likeliest of the counters that the preset looks for.
const Expected = "a counter such as http_server_request_duration_seconds_count, http_requests_total, grpc_server_handled_total or NAME_http_requests_total"

// ends are the ends of names that services put their own name in front of, the likeliest
// first.
var ends = withNative(
	counter("_http_requests_total", "_http_request_duration_seconds", 1),
	counter("_http_requests_total", "_http_requests_duration_seconds", 1),
	counter("_http_requests_total", "_http_request_duration_milliseconds", 1000),
	counter("_http_request_total", "_http_request_duration_seconds", 1),
	family("_http_server_requests_seconds", 1),
	family("_http_request_duration_seconds", 1),
	family("_http_requests_duration_seconds", 1),
	family("_http_request_duration_milliseconds", 1000),
	counter("_requests_total", "_request_duration_seconds", 1),
	family("_request_duration_seconds", 1),
)

// notServed are words in the names of metrics that count requests which a service makes, or
// which are made to look at it.
var notServed = []string{"client", "outbound", "outgoing", "egress", "upstream", "remote", "scrape", "probe", "promhttp"}

// guessed returns the conventions that the ends of the names show, by what stands in front of
// them, the likeliest first.
func guessed(names Names, known map[string]bool) []Convention {
	best := map[string]Convention{} // by counter
	for name := range names {
		end := longestEnd(name)
		front := strings.TrimSuffix(name, end)
		if end == "" || front == "" || known[name] || slices.ContainsFunc(strings.Split(front, "_"), func(word string) bool { return slices.Contains(notServed, word) }) {
			continue
		}
		for rank, c := range ends {
			if c.Requests != end {
				continue
			}
			c = c.labelled(name, httpClasses, clientStatus, clientRoute, clientMethod)
			c.Front, c.Requests, c.rank = front, name, rank
			for _, metric := range []*string{&c.Buckets, &c.Quantiles, &c.Sum, &c.Native} {
				if *metric != "" {
					*metric = front + *metric
				}
			}
			if _, has := names[c.Sum]; !has { // durations that are not there
				c.rank += len(ends)
			}
			if other, ok := best[name]; !ok || c.rank < other.rank {
				best[name] = c
			}
		}
	}
	all := slices.Collect(maps.Values(best))
	slices.SortFunc(all, func(a, b Convention) int {
		return cmp.Or(strings.Compare(a.Front, b.Front), cmp.Compare(a.rank, b.rank))
	})
	return all
}

// longestEnd returns the longest of the ends that a name has; "" if it has none.
func longestEnd(name string) (longest string) {
	for _, end := range ends {
		if strings.HasSuffix(name, end.Requests) && len(end.Requests) > len(longest) {
			longest = end.Requests
		}
	}
	return longest
}

// Counters selects the counters of requests that the series with the given labels have: ask
// which names of metrics there are among them.
func Counters(of []Convention, match map[string]string) (string, error) {
	var names []string
	for _, c := range of {
		names = append(names, regexp.QuoteMeta(c.Requests))
	}
	ms, err := Convention{}.matchers(match)
	if err != nil {
		return "", err
	}
	return selector{matchers: append([]matcher{{"__name__", "=~", strings.Join(names, "|")}}, ms...)}.String(), nil
}

// Beside reports whether a service that has both conventions answers requests by the second
// which the first does not count, and by which protocol.
func (c Convention) Beside(second Convention) (protocol string, ok bool) {
	return second.other, second.other != "" && c.other == ""
}
