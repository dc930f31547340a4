package preset

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// ErrNoData is that a service has no series of a convention.
var ErrNoData = errors.New("no series")

// Source is a service's HTTP metrics: a convention with the labels that it uses here.
type Source struct {
	Convention
	// Status, Route and Method are labels of the requests' counter; "" if there is none.
	Status, Route, Method string
	// Summary: the quantiles are there. Mean: the sum of the durations is, with their count.
	// Histogram: the buckets are, with HistogramRoute and HistogramMethod, which may be
	// missing where the counter has them.
	Summary, Mean, Histogram        bool
	HistogramRoute, HistogramMethod string
	// NativeHistogram: the histogram has no buckets; Buckets is its name.
	NativeHistogram bool

	match []matcher
	// pace, and what shows that the service was there: set while a plan is made.
	pace pace
	any  selector
}

// Discovery are the queries that show which labels a service's series have. Ask each for
// one time; a query may be empty.
//
// A server that knows no native histograms refuses Native, and Requests of a convention that
// has no counter.
type Discovery struct{ Requests, Buckets, Native, Quantiles, Sum string }

// Recent is how far back series are searched: those of before a deployment as well.
const Recent = time.Hour

// Discover returns the queries that show which labels the series with the given labels have.
func (c Convention) Discover(match map[string]string) (Discovery, error) {
	ms, err := c.matchers(match)
	if err != nil {
		return Discovery{}, err
	}
	group := func(s selector, labels []string) string {
		return "group by (" + strings.Join(labels, ", ") + ") (" + s.lately() + ")"
	}
	routes := append(slices.Clone(c.route), c.method...)
	requests := append(slices.Clone(c.status), routes...)
	if c.reporter {
		requests = append(requests, "reporter")
		routes = append(routes, "reporter")
	}
	d := Discovery{Requests: group(selector{metric: c.present(), matchers: ms, native: c.OfNative()}, requests)}
	if c.Buckets != "" {
		d.Buckets = group(selector{metric: c.Buckets, matchers: ms}.with(matcher{"le", "=", "+Inf"}), routes)
	}
	if c.Native != "" && !c.OfNative() {
		d.Native = group(selector{metric: c.Native, matchers: ms, native: true}, routes)
	}
	if c.Quantiles != "" {
		d.Quantiles = "group(" + selector{metric: c.Quantiles, matchers: ms}.with(matcher{"quantile", "=", "0.95"}).lately() + ")"
	}
	if c.Sum != "" {
		d.Sum = "group(" + selector{metric: c.Sum, matchers: ms}.lately() + ")"
	}
	return d, nil
}

// Found are the labels of the series that a Discovery's queries gave.
type Found struct{ Requests, Buckets, Native, Quantiles, Sum []map[string]string }

// Read returns the source that the series of a Discovery show. What changed decides between
// labels that may hold the route. The error is ErrNoData where there are no requests.
func (c Convention) Read(match map[string]string, found Found, changed Changed) (Source, error) {
	ms, err := c.matchers(match)
	if err != nil {
		return Source{}, err
	}
	if len(found.Requests) == 0 {
		return Source{}, fmt.Errorf("find %s: %w", c.Requests, ErrNoData)
	}
	s := Source{Convention: c, match: ms, Histogram: c.Buckets != "" && len(found.Buckets) > 0, Summary: c.Quantiles != "" && len(found.Quantiles) > 0, Mean: c.Sum != "" && len(found.Sum) > 0}
	histogram := found.Buckets
	if !s.Histogram && c.Native != "" {
		if histogram = found.Native; c.OfNative() {
			histogram = found.Requests
		}
		if s.Histogram = len(histogram) > 0; s.Histogram {
			s.NativeHistogram, s.Buckets = true, c.Native
		}
	}
	if c.reporter && match["reporter"] == "" {
		s.match = append(s.match, matcher{"reporter", "=", reporter(found.Requests)})
	}
	patterns := changed.compiled()
	if c.Requests == "" { // rules without a rate of requests
		return s, nil
	}
	s.Status = filledMost(c.status, found.Requests, c.classes.is)
	s.Method = filledMost(c.method, found.Requests, notEmpty)
	s.Route = routeLabel(c.route, found.Requests, patterns)
	if c.Front != "" && s.Status == "" { // it may count anything
		return Source{}, fmt.Errorf("find %s: no label has the status: %w", c.Requests, ErrNoData)
	}
	if s.Histogram {
		s.HistogramRoute = routeLabel(c.route, histogram, patterns)
		s.HistogramMethod = filledMost(c.method, histogram, notEmpty)
	}
	return s, nil
}

// requests selects the counter of requests.
func (s Source) requests() selector {
	return selector{s.Requests, s.match, s.OfNative(), s.recorded != nil}
}

// buckets selects the histogram of durations.
func (s Source) buckets() selector {
	return selector{s.Buckets, s.match, s.NativeHistogram, s.recorded != nil}
}

// reporter chooses who is believed: the proxy at the service itself, then a waypoint, then
// the callers' proxies. https://istio.io/latest/docs/reference/config/metrics/#labels
func reporter(found []map[string]string) string {
	for _, who := range []string{"destination", "waypoint"} {
		if slices.ContainsFunc(found, func(labels map[string]string) bool { return labels["reporter"] == who }) {
			return who
		}
	}
	return "source"
}

func notEmpty(text string) bool { return text != "" }

// filledMost returns the first of the labels that no other has good values in more series.
func filledMost(labels []string, found []map[string]string, good func(string) bool) string {
	best, most := "", 0
	for _, label := range labels {
		count := 0
		for _, series := range found {
			if good(series[label]) {
				count++
			}
		}
		if count > most {
			best, most = label, count
		}
	}
	return best
}

// maxCompared bounds the work of comparing routes, in bytes of a route times bytes of a
// pattern: half a second at the most.
const maxCompared = 50_000_000

// routeLabel returns the label in which most operations are found; if none is, the one with
// values in most series.
func routeLabel(labels []string, found []map[string]string, patterns []*regexp.Regexp) string {
	best, most, left := "", 0, maxCompared
	for _, label := range labels {
		values := map[string]bool{}
		for _, series := range found {
			values[series[label]] = true
		}
		count := 0
		for _, pattern := range patterns {
			for value := range values {
				if value == "" || pattern == nil || left <= 0 {
					continue
				}
				left -= len(value) * len(pattern.String())
				if pattern.MatchString(value) {
					count++
					break
				}
			}
		}
		if count > most {
			best, most = label, count
		}
	}
	if best == "" {
		return filledMost(labels, found, notEmpty)
	}
	return best
}

// matchers returns the declared labels in the order of their names. An error says which
// can't be declared.
func (c Convention) matchers(match map[string]string) ([]matcher, error) {
	var ms []matcher
	for _, label := range slices.Sorted(maps.Keys(match)) {
		if message := unusable(label); message != "" {
			return nil, errors.New(message)
		}
		if slices.Contains(c.status, label) {
			return nil, fmt.Errorf("match %s: it is the status of %s, by which errors are counted", label, c.Name)
		}
		ms = append(ms, matcher{label, "=", match[label]})
	}
	for _, m := range c.fixed {
		if _, declared := match[m.label]; !declared {
			ms = append(ms, m)
		}
	}
	return ms, nil
}

// unusable says why a label can't be declared under match; empty: it can.
func unusable(label string) string {
	switch {
	case label == "__name__":
		return "match __name__: the preset finds the metrics by itself"
	case label == "le" || label == "quantile":
		return "match " + label + ": the preset chooses it"
	case !labelName.MatchString(label):
		return fmt.Sprintf("match %.100q: expected the name of a label", label)
	}
	return ""
}
