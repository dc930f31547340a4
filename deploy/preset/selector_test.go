package preset

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"plimsoll/config"
)

// named returns the convention with a counter of requests.
func named(t testing.TB, requests string) Convention {
	t.Helper()
	for _, c := range conventions {
		if c.Requests == requests {
			return c
		}
	}
	t.Fatalf("no convention has %s", requests)
	return Convention{}
}

// everything gives a source that has all there can be.
func everything(t testing.TB, c Convention, match map[string]string, changed Changed) (Source, error) {
	t.Helper()
	series := map[string]string{c.status[0]: status(c), "reporter": "destination"}
	if len(c.route) > 0 {
		series[c.route[0]] = "/orders/:id"
	}
	if len(c.method) > 0 {
		series[c.method[0]] = "GET"
	}
	some := []map[string]string{series}
	return c.Read(match, Found{Requests: some, Buckets: some, Quantiles: some, Sum: some}, changed)
}

// status is a value of a convention's status.
func status(c Convention) string {
	for _, value := range []string{"200", "2", "OK"} {
		if c.classes.is(value) {
			return value
		}
	}
	return "STATUS_CODE_UNSET"
}

func queries(p Plan) (all []string) {
	signals := append(slices.Clone(p.Whole), p.Control...)
	for _, o := range p.Operations {
		signals = append(signals, o.Signals...)
	}
	for _, s := range signals {
		for _, q := range []string{s.Bad, s.Total, s.Value} {
			if q != "" {
				all = append(all, q)
			}
		}
	}
	return all
}

// Whatever a repository writes for labels and paths: every query that is built parses,
// gives a vector, and its selectors hold exactly the declared labels beside those of the
// preset's own, whose values are no outsider's but for the route's pattern.
func FuzzQueries(f *testing.F) {
	for which := range uint16(26 * len(conventions)) { // every query of every convention, whatever the words
		f.Add(which, "job", "orders", "GET", "/orders/{id}", "/api/v1", 0.5)
	}
	for which := range uint16(30) {
		f.Add(which, "a", `"} or vector(1) or up{a="`, "GET", `/"} or vector(1)#`, `|.*`, 1.0)
		f.Add(which, "a", "\\\n\x00\xff\u2028", "POST", "/a/{b}/{c}-{d}.json", "(?i)", 1e-9)
		f.Add(which, "reporter", "destination", "DELETE", "/\\Q{x}\\E", "/", 100.0)
	}
	f.Add(uint16(0), "__name__", "up", "get", "", "", math.Inf(1))
	f.Add(uint16(7), "le", "+Inf", "PUT", "/{", "\xff", 1e21)
	f.Fuzz(func(t *testing.T, which uint16, label, value, method, path, prefix string, bound float64) {
		if !(bound >= 0) {
			return
		}
		match := map[string]string{label: value, "job": "orders"}
		changed := Changed{Operations: []Operation{{method, path}, {"GET", "/orders/{id}"}}, Prefixes: []string{prefix}}
		c := conventions[int(which)%len(conventions)]
		d, err := c.Discover(match)
		s, readErr := everything(t, c, match, changed)
		if (err == nil) != (readErr == nil) || (err == nil) != (labelName.MatchString(label) && !slices.Contains([]string{"__name__", "le", "quantile"}, label) && !slices.Contains(c.status, label)) {
			t.Fatalf("%q: %v, %v", label, err, readErr)
		}
		if err != nil {
			return
		}
		all := append(queries(s.HTTP(config.Signal{}, bound, changed, 15*time.Second)), d.Requests, d.Buckets, s.Baseline(30*time.Minute))
		all = slices.DeleteFunc(append(all, d.Quantiles, d.Sum), func(query string) bool { return query == "" })
		// One of them for each input: Prometheus' parser takes its time.
		exact(t, c, all[int(which)/len(conventions)%len(all)], match)
	})
}

func exact(t *testing.T, c Convention, query string, match map[string]string) {
	t.Helper()
	expr, err := parser.ParseExpr(query)
	if err != nil || expr.Type() != parser.ValueTypeVector {
		t.Fatalf("%s: %v", query, err)
	}
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		s, ok := node.(*parser.VectorSelector)
		if !ok {
			return nil
		}
		declared := 0
		for _, m := range s.LabelMatchers {
			switch want, is := match[m.Name]; {
			case is && m.Type == labels.MatchEqual && m.Value == want:
				declared++
			case m.Name == "__name__":
				if m.Value != c.Requests && m.Value != c.Buckets && m.Value != c.Quantiles && m.Value != c.Sum && m.Value != strings.TrimSuffix(c.Sum, "_sum")+"_count" {
					t.Fatalf("%s reads %s", query, m.Value)
				}
			case m.Name == "le" || m.Name == "quantile":
				if m.Value != "+Inf" && m.Value != "0.95" && !regexp.MustCompile(`^[0-9.e+-]+(\|[0-9]+\\\.0)?$`).MatchString(m.Value) {
					t.Fatalf("%s: %s", query, m)
				}
			case m.Name == "reporter":
				if m.Value != "destination" {
					t.Fatalf("%s: %s", query, m)
				}
			case slices.Contains(c.fixed, matcher{m.Name, "=", m.Value}):
			case slices.Contains(c.status, m.Name):
				if m.Value != c.classes.server && m.Value != c.classes.client {
					t.Fatalf("%s: %s", query, m)
				}
			case slices.Contains(c.method, m.Name):
				if !regexp.MustCompile(`^[A-Z]{1,20}\|[a-z]{1,20}$`).MatchString(m.Value) {
					t.Fatalf("%s: %s", query, m)
				}
			case slices.Contains(c.route, m.Name):
				if m.Type == labels.MatchRegexp && m.Matches("") || m.Type == labels.MatchEqual {
					t.Fatalf("%s: %s holds series without a route", query, m)
				}
			default:
				t.Fatalf("%s: an unwanted %s", query, m)
			}
		}
		if declared != len(match) {
			t.Fatalf("%s: %s has %d of %d declared labels", query, s, declared, len(match))
		}
		return nil
	})
}

// The queries as they are, once each: what people read beside a verdict.
func TestQueriesAsWritten(t *testing.T) {
	s, err := everything(t, named(t, "http_requests_total"), map[string]string{"job": "orders"}, Changed{})
	if err != nil {
		t.Fatal(err)
	}
	plan := s.HTTP(config.Signal{}, 0.5, Changed{Operations: []Operation{{"GET", "/orders/{id}"}}}, 0)
	count := func(s string) string { return "sum(increase(" + s + "[75s])) * 60 / 75" }
	requests, timed := `http_requests_total{job="orders"}`, `http_request_duration_seconds_bucket{job="orders",le="+Inf"}`
	bad := func(pattern string) string {
		one := `http_requests_total{job="orders",code=~"` + pattern + `"}`
		return "sum((" + one + " unless last_over_time(" + one + "[3600s] offset 60s)) and on() group(" + requests + " offset 60s) or increase(" + one + "[75s]) * 60 / 75)"
	}
	for _, c := range []struct{ got, want string }{
		{plan.Whole[0].Bad, bad("5..") + " or 0 * " + count(requests)},
		{plan.Whole[0].Total, count(requests) + " >= " + bad("5..") + " or " + bad("5..") + " or " + count(requests)},
		{plan.Whole[1].Bad, bad("4..") + " or 0 * " + count(requests)},
		{plan.Whole[2].Bad, "clamp_min(" + count(timed) + " - " + count(`http_request_duration_seconds_bucket{job="orders",le="0.5"}`) + ", 0)"},
		{plan.Whole[2].Total, count(timed)},
		{plan.Whole[3].Total, count(requests)},
		{plan.Control[3].Total, count(`http_requests_total{job="orders",route!="",route!~` + fmt.Sprintf("%q", `(?:(?:HTTP: )?[A-Z]+ )?\^?/?orders/`+placeholder+`/?\$?`) + `}`)},
		{plan.Operations[0].Signals[3].Total, count(`http_requests_total{job="orders",route=~` + fmt.Sprintf("%q", `(?:(?:HTTP: )?GET )?\^?/?orders/`+placeholder+`/?\$?`) + `,method=~"GET|get"}`)},
		{s.Baseline(30 * time.Minute), `sum by (le) (increase(http_request_duration_seconds_bucket{job="orders"}[1800s]))`},
		{bounded(1).String(), "le=~1|1\\.0"}, {bounded(0.25).String(), "le=0.25"}, {bounded(1000000).String(), "le=1e+06"},
	} {
		if c.got != c.want {
			t.Errorf("got  %s\nwant %s", c.got, c.want)
		}
	}
	if s := plan.Whole[2]; s.Kind != Proportion || s.Better != config.Down || s.Above != 0.5 || plan.Whole[3].Better != config.Up || plan.Whole[3].Kind != Volume {
		t.Errorf("%+v", s)
	}
}

// Istio's histogram counts in milliseconds.
func TestAboveIsInSeconds(t *testing.T) {
	s, _ := everything(t, named(t, "istio_requests_total"), nil, Changed{})
	if slow := s.HTTP(config.Signal{}, 500, Changed{}, 0).Whole[2]; slow.Above != 0.5 || !strings.Contains(slow.Bad, `le=~"500|500\\.0"`) {
		t.Errorf("%+v", slow)
	}
}

func (m matcher) String() string { return m.label + m.operator + m.value }

func TestBoundsStandWithTheErrors(t *testing.T) {
	s, _ := everything(t, named(t, "http_server_request_duration_seconds_count"), nil, Changed{})
	plan := s.HTTP(config.Signal{Rollback: config.Bound{Text: "> 5%"}, Investigate: config.Bound{Text: "> 1%"}}, 1, Changed{}, 0)
	for _, signal := range plan.Whole {
		if is := signal.Name == Errors; (signal.Rollback.Text == "> 5%") != is || (signal.Investigate.Text == "> 1%") != is {
			t.Errorf("%+v", signal)
		}
	}
}

func TestWhatIsMissing(t *testing.T) {
	changed := Changed{Operations: []Operation{{"GET", "/a"}, {"WEBHOOK", "paid"}}}
	many := Changed{}
	for i := range 600 {
		many.Operations = append(many.Operations, Operation{"GET", fmt.Sprintf("/a/%d", i)}, Operation{"POST", fmt.Sprintf("/a/%d", i)})
	}
	full := map[string]string{"code": "200", "route": "/a", "method": "GET"}
	for _, c := range []struct {
		name              string
		requests, buckets map[string]string
		bound             float64
		changed           Changed
		whole, each, ctl  int
		missing           []string
	}{
		{"all", full, full, 1, changed, 4, 1, 4, []string{`"WEBHOOK paid": it is no HTTP operation with a path`}},
		{"no status", map[string]string{"route": "/a"}, full, 1, Changed{}, 2, 0, 0, []string{"errors: no label of http_requests_total has the status (expected one of code, status"}},
		{"a status that is none", map[string]string{"status": "success"}, full, 1, Changed{}, 2, 0, 0, []string{"errors: no label"}},
		{"no histogram", full, nil, 0, Changed{}, 3, 0, 0, []string{"latency: the service has no histogram http_request_duration_seconds_bucket"}},
		{"no bound", full, full, 0, Changed{}, 3, 0, 0, []string{"slow requests: http_request_duration_seconds_bucket has no bound"}},
		{"no route", map[string]string{"code": "200"}, full, 1, changed, 4, 0, 0, []string{"the changed operations: no label of http_requests_total has the route"}},
		{"histogram without routes", full, map[string]string{}, 1, Changed{Operations: changed.Operations[:1]}, 4, 1, 3, nil},
		{"very many", full, full, 1, many, 4, 20, 0, []string{"1180 of 1200 changed operations: the first 20", "the unchanged operations: too many"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := Found{Requests: []map[string]string{c.requests}}
			if c.buckets != nil {
				found.Buckets = []map[string]string{c.buckets}
			}
			s, err := named(t, "http_requests_total").Read(map[string]string{"job": "a"}, found, c.changed)
			if err != nil {
				t.Fatal(err)
			}
			plan := s.HTTP(config.Signal{}, c.bound, c.changed, 15*time.Second)
			if len(plan.Whole) != c.whole || len(plan.Operations) != c.each || len(plan.Control) != c.ctl || len(plan.Missing) != len(c.missing) {
				t.Fatalf("%d, %d, %d, %q", len(plan.Whole), len(plan.Operations), len(plan.Control), plan.Missing)
			}
			for i, want := range c.missing {
				if !strings.HasPrefix(plan.Missing[i], want) {
					t.Errorf("got %s, want %s", plan.Missing[i], want)
				}
			}
			for _, q := range queries(plan) {
				if len(q) > 200<<10 {
					t.Errorf("a query of %d bytes", len(q))
				}
				exact(t, named(t, "http_requests_total"), q, map[string]string{"job": "a"})
			}
		})
	}
}

func TestStatusCannotBeDeclared(t *testing.T) {
	for _, c := range conventions {
		want := "match " + c.status[0] + ": it is the status of " + c.Name
		_, err := c.Discover(map[string]string{c.status[0]: "200"})
		_, readErr := c.Read(map[string]string{c.status[0]: "200"}, Found{Requests: []map[string]string{{}}}, Changed{})
		for _, err := range []error{err, readErr} {
			if err == nil || !strings.HasPrefix(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	}
}

// namesOf are the words of a text.
func namesOf(text string) Names {
	names := Names{}
	for _, name := range strings.Fields(text) {
		names[name] = struct{}{}
	}
	return names
}

func TestFind(t *testing.T) {
	for names, want := range map[string]string{
		"":                    "",
		"http_requests_total": "http_requests_total|||",
		"http_requests_total http_request_duration_seconds": "http_requests_total||http_request_duration_seconds| http_request_duration_seconds|||",
		"http_request_duration_seconds":                     "http_request_duration_seconds|||", // native, or a summary: Discover tells
		"shop_http_request_duration_seconds":                "shop_http_request_duration_seconds|||",
		"istio_requests_total http_server_request_duration_seconds_count http_server_request_duration_seconds_bucket": "http_server_request_duration_seconds_count|http_server_request_duration_seconds_bucket|| istio_requests_total|||",
		"nginx_ingress_controller_requests nginx_ingress_controller_request_duration_seconds_bucket":                  "nginx_ingress_controller_requests|nginx_ingress_controller_request_duration_seconds_bucket||",
		"http_request_duration_seconds_bucket": "",
		// Named by their ends, one for each service; the durations decide between two ends.
		"shop_http_requests_total": "shop_http_requests_total|||",
		"shop_http_requests_total shop_http_request_duration_seconds_count":             "shop_http_requests_total||| shop_http_request_duration_seconds_count|||",
		"a_http_requests_total a_http_requests_duration_seconds_sum b_requests_total":   "a_http_requests_total|||a_http_requests_duration_seconds_sum b_requests_total|||",
		"loki_request_duration_seconds_count loki_request_duration_seconds_bucket":      "loki_request_duration_seconds_count|loki_request_duration_seconds_bucket||",
		"shop_requests_total http_requests_total":                                       "http_requests_total||| shop_requests_total|||",
		"shop_http_client_requests_total promhttp_metric_handler_requests_total":        "",
		"_requests_total requests_total rest_client_request_duration_seconds_count":     "",
		"traefik_service_requests_total traefik_service_request_duration_seconds_sum":   "traefik_service_requests_total|||traefik_service_request_duration_seconds_sum",
		"ktor_http_server_requests_seconds_count ktor_http_server_requests_seconds_sum": "ktor_http_server_requests_seconds_count|||ktor_http_server_requests_seconds_sum",
	} {
		var got []string
		for _, c := range Find(namesOf(names)) {
			got = append(got, c.Requests+"|"+c.Buckets+"|"+c.Quantiles+"|"+c.Sum)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got %q", names, got)
		}
	}
}

// A counter that was found by the end of its name has to have a status: it may count anything.
func TestGuessesNeedAStatus(t *testing.T) {
	c := Find(namesOf("shop_http_requests_total"))[0]
	if _, err := c.Read(nil, Found{Requests: []map[string]string{{"queue": "mail"}}}, Changed{}); !errors.Is(err, ErrNoData) {
		t.Errorf("%v", err)
	}
	if s, err := c.Read(nil, Found{Requests: []map[string]string{{"code": "200"}}}, Changed{}); err != nil || s.Status != "code" {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestCounters(t *testing.T) {
	got, err := Counters(Find(namesOf("http_requests_total shop_requests_total")), map[string]string{"job": `a"b`})
	if want := `{__name__=~"http_requests_total|shop_requests_total",job="a\"b"}`; got != want || err != nil {
		t.Errorf("got %s, %v", got, err)
	}
	if _, err := Counters(nil, map[string]string{"le": "1"}); err == nil {
		t.Error("le is accepted")
	}
}

func TestReporter(t *testing.T) {
	series := func(who ...string) (all []map[string]string) {
		for _, w := range who {
			all = append(all, map[string]string{"reporter": w, "response_code": "200"})
		}
		return all
	}
	for _, c := range []struct{ declared, found, want string }{
		{"", "source destination", "destination"}, {"", "source waypoint", "waypoint"}, {"", "source", "source"}, {"source", "source destination", "source"},
	} {
		match := map[string]string{}
		if c.declared != "" {
			match["reporter"] = c.declared
		}
		s, err := named(t, "istio_requests_total").Read(match, Found{Requests: series(strings.Fields(c.found)...)}, Changed{})
		if err != nil || len(s.match) != 1 || s.match[0].value != c.want {
			t.Errorf("%+v: %+v, %v", c, s.match, err)
		}
	}
}
