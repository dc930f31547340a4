package preset

// Convention is a way to name HTTP metrics.
type Convention struct {
	// Name as it is shown.
	Name string
	// Requests is the counter of requests.
	Requests string
	// Buckets of the histogram of durations, Quantiles the summary of the same.
	Buckets, Quantiles string
	// PerSecond is how many of the histogram's units a second has.
	PerSecond float64
	// status, route and method are the labels that there may be, the likeliest first.
	status, route, method []string
	// reporter: a label says who reports a request, and two report the same one.
	reporter bool
}

// conventions, the first found with data is taken: what a service says of itself before
// what stands in front of it says.
var conventions = []Convention{
	// https://opentelemetry.io/docs/specs/semconv/http/http-metrics/
	{
		Name: "OpenTelemetry", Requests: "http_server_request_duration_seconds_count", Buckets: "http_server_request_duration_seconds_bucket", PerSecond: 1,
		status: []string{"http_response_status_code", "http_status_code"}, route: []string{"http_route"}, method: []string{"http_request_method", "http_method"},
	},
	// The names that the client libraries' middlewares agree on, with labels that they do not.
	{
		Name: "Prometheus client", Requests: "http_requests_total", Buckets: "http_request_duration_seconds_bucket", Quantiles: "http_request_duration_seconds", PerSecond: 1,
		status: clientStatus, route: clientRoute, method: clientMethod,
	},
	{
		Name: "Prometheus client", Requests: "http_request_duration_seconds_count", Buckets: "http_request_duration_seconds_bucket", Quantiles: "http_request_duration_seconds", PerSecond: 1,
		status: clientStatus, route: clientRoute, method: clientMethod,
	},
	// https://istio.io/latest/docs/reference/config/metrics/
	{
		Name: "Istio", Requests: "istio_requests_total", Buckets: "istio_request_duration_milliseconds_bucket", PerSecond: 1000,
		status: []string{"response_code"}, route: []string{"request_operation", "request_url_path", "request_path", "path"}, method: []string{"request_method", "method"}, reporter: true,
	},
	// https://kubernetes.github.io/ingress-nginx/user-guide/monitoring/
	{
		Name: "nginx ingress", Requests: "nginx_ingress_controller_requests", Buckets: "nginx_ingress_controller_request_duration_seconds_bucket", PerSecond: 1,
		status: []string{"status"}, route: []string{"path"}, method: []string{"method"},
	},
}

var (
	clientStatus = []string{"code", "status", "status_code", "http_status_code", "http_status", "statusCode"}
	clientRoute  = []string{"route", "handler", "http_route", "endpoint", "path", "uri", "url_rule", "view"}
	clientMethod = []string{"method", "http_method", "http_request_method"}
)

// Find returns the conventions of which a metric server has the requests' counter. A
// server knows the metrics of many services: which of them this one has, Discover asks.
func Find(has func(metric string) bool) []Convention {
	var found []Convention
	for _, c := range conventions {
		if has(c.Requests) {
			if !has(c.Buckets) {
				c.Buckets = ""
			}
			if c.Quantiles != "" && !has(c.Quantiles) {
				c.Quantiles = ""
			}
			found = append(found, c)
		}
	}
	return found
}

// Expected are the metrics of which the preset needs one.
func Expected() []string {
	var names []string
	for _, c := range conventions {
		names = append(names, c.Requests)
	}
	return names
}
