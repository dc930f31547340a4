package preset

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"plimsoll/config"
)

// Kind is what a signal's points are, which decides how they are compared.
type Kind string

// The kinds.
const (
	// Proportion: Bad of Total, both counts of a step.
	Proportion Kind = "proportion"
	// Volume: Total, a count of a step.
	Volume Kind = "volume"
	// Series: Value.
	Series Kind = "series"
)

// The names of the preset's signals.
const (
	Errors       = "errors"
	ClientErrors = "client errors"
	SlowRequests = "slow requests"
	Throughput   = "throughput"
	Latency      = "p95 latency"
	MeanLatency  = "mean latency"
	ErrorRatio   = "error ratio"
)

// Signal is what is measured: its queries, each of which gives at most one series.
type Signal struct {
	Name   string
	Kind   Kind
	Better config.Better
	// Bad and Total of a Proportion, Total of a Volume, Value of a Series.
	Bad, Total, Value string
	// Above is the bound in seconds from which requests are slow; for SlowRequests.
	Above float64
	// Investigate and Rollback as declared. A preset's stand with its errors.
	Investigate, Rollback config.Bound
	// Objective is the share that is promised to be good; 0: none is declared.
	Objective float64
}

// Watched are the signals of one operation.
type Watched struct {
	Operation Operation
	Signals   []Signal
}

// Plan is what the preset measures.
type Plan struct {
	// Whole is the service.
	Whole []Signal
	// Operations that changed, one by one, and Control: the routes that did not change.
	// Both empty if no label has the route.
	Operations []Watched
	Control    []Signal
	// Missing says in words what can't be measured, and why.
	Missing []string
}

// HTTP returns the plan for a declared preset. bound is a histogram's bound in its own
// unit, of Nearest; 0: slow requests are not measured. scrape is how often the service is
// scraped; 0: 15 seconds. Ask for the points in steps of Step(scrape).
func (s Source) HTTP(declared config.Signal, bound float64, changed Changed, scrape time.Duration) Plan {
	var plan Plan
	whole := scope{s.requests(), s.buckets()}
	s.pace, s.any = paceOf(scrape), whole.requests
	plan.Whole = s.signals(whole, bound)
	if s.Summary && (!s.Histogram || bound == 0) {
		plan.Whole = append(plan.Whole, Signal{Name: Latency, Kind: Series, Better: config.Down,
			Value: "max(" + selector{metric: s.Quantiles, matchers: s.match}.with(matcher{"quantile", "=", "0.95"}).String() + ")"})
	}
	if s.Mean && !s.Summary && !s.Histogram {
		plan.Whole = append(plan.Whole, Signal{Name: MeanLatency, Kind: Series, Better: config.Down, Value: s.mean()})
	}
	for i := range plan.Whole {
		if plan.Whole[i].Name == Errors {
			plan.Whole[i].Investigate, plan.Whole[i].Rollback = declared.Investigate, declared.Rollback
			plan.Whole[i].Objective = declared.Objective.Share()
		}
	}
	if s.recorded != nil {
		more, missing := s.recorded.signals(s, declared, bound)
		plan.Whole, plan.Missing = append(plan.Whole, more...), append(plan.Missing, missing...)
		if s.Histogram && bound == 0 {
			plan.miss("slow requests: %s has no bound with requests before the deployment", s.Buckets)
		}
		s.perRoute(&plan, whole, bound, changed)
		return plan
	}
	if s.Status == "" {
		plan.miss("errors: no label of %s has the status (expected one of %s)", s.Requests, strings.Join(s.status, ", "))
	}
	switch {
	case !s.Histogram && !s.Summary && s.Mean:
		plan.miss("slow requests: the service has no histogram %s; the mean latency is watched", s.bucketsName())
	case !s.Histogram && !s.Summary && s.bucketsName() == "":
		plan.miss("latency: %s has no histogram of it", s.Name)
	case !s.Histogram && !s.Summary:
		plan.miss("latency: the service has no histogram %s", s.bucketsName())
	case s.Histogram && bound == 0:
		plan.miss("slow requests: %s has no bound with requests before the deployment", s.Buckets)
	}
	s.perRoute(&plan, whole, bound, changed)
	return plan
}

func (p *Plan) miss(format string, args ...any) {
	p.Missing = append(p.Missing, fmt.Sprintf(format, args...))
}

// mean writes the mean duration of the requests of a step, in the metric's unit.
func (s Source) mean() string {
	count := strings.TrimSuffix(s.Sum, "_sum") + "_count"
	return "sum(" + s.pace.grown(selector{metric: s.Sum, matchers: s.match}) + ") / (sum(" + s.pace.grown(selector{metric: count, matchers: s.match}) + ") > 0)"
}

// bucketsName is the histogram that the convention would have.
func (s Source) bucketsName() string {
	for _, c := range conventions {
		if c.Requests == s.Requests {
			return c.Buckets
		}
	}
	return s.Buckets
}

// maxControl bounds the patterns of the changed routes together, in bytes.
const maxControl = 8 << 10

// perRoute adds the changed operations, and the routes that did not change.
func (s Source) perRoute(plan *Plan, whole scope, bound float64, changed Changed) {
	if len(changed.Operations) == 0 {
		return
	}
	if s.Requests == "" {
		plan.miss("the changed operations: no recording rule counts their requests")
		return
	}
	if s.Route == "" && len(s.route) == 0 {
		plan.miss("the changed operations: %s does not tell routes apart", s.Name)
		return
	}
	if s.Route == "" {
		plan.miss("the changed operations: no label of %s has the route (expected one of %s)", s.Requests, strings.Join(s.route, ", "))
		return
	}
	if s.HistogramRoute == "" { // the histogram does not distinguish routes
		bound = 0
	}
	if more := len(changed.Operations) - maxOperations; more > 0 {
		plan.miss("%d of %d changed operations: the first %d are looked at one by one", more, len(changed.Operations), maxOperations)
	}
	for _, o := range changed.first() {
		pattern, ok := changed.pattern(o)
		if !ok {
			plan.miss("%.200q: it is no HTTP operation with a path", o.String())
			continue
		}
		one := scope{routed(whole.requests, s.Route, s.Method, pattern, o.Method), routed(whole.buckets, s.HistogramRoute, s.HistogramMethod, pattern, o.Method)}
		plan.Operations = append(plan.Operations, Watched{o, s.signals(one, bound)})
	}
	if len(plan.Operations) == 0 {
		return
	}
	patterns, size := map[string]bool{}, 0
	for _, o := range changed.Operations {
		if pattern, ok := changed.path(o.Path, "[A-Z]+"); ok && !patterns[pattern] {
			patterns[pattern] = true
			size += len(pattern)
		}
	}
	if size > maxControl {
		plan.miss("the unchanged operations: too many have changed to leave them out")
		return
	}
	rest := scope{whole.requests.with(matcher{s.Route, "!=", ""}), whole.buckets.with(matcher{s.HistogramRoute, "!=", ""})}
	for _, pattern := range slices.Sorted(maps.Keys(patterns)) {
		rest.requests = rest.requests.with(matcher{s.Route, "!~", pattern})
		rest.buckets = rest.buckets.with(matcher{s.HistogramRoute, "!~", pattern})
	}
	plan.Control = s.signals(rest, bound)
}

func routed(of selector, route, methodLabel, pattern, method string) selector {
	of = of.with(matcher{route, "=~", pattern})
	if methodLabel != "" {
		of = of.with(matcher{methodLabel, "=~", method + "|" + strings.ToLower(method)})
	}
	return of
}

// scope is a part of a service's requests.
type scope struct{ requests, buckets selector }

// signals returns what can be measured of a part.
func (s Source) signals(of scope, bound float64) []Signal {
	var all []Signal
	if of.requests.metric == "" {
		return all
	}
	total := s.pace.counted(of.requests)
	for _, class := range s.classesOf() {
		all = append(all, proportionOf(class.name, s.pace.countedNew(of.requests.with(matcher{s.Status, "=~", class.pattern}), s.any), total))
	}
	if s.Histogram && bound > 0 {
		all = append(all, s.slow(of.buckets, bound, func(each string) string { return "sum(" + each + ")" + s.pace.shrunk(of.buckets) }))
	}
	return append(all, Signal{Name: Throughput, Kind: Volume, Better: config.Up, Total: total})
}

// class is a kind of failure, with the pattern of its status.
type class struct{ name, pattern string }

// classesOf are the kinds of failures that the service's status tells.
func (s Source) classesOf() []class {
	all := []class{{Errors, s.classes.server}, {ClientErrors, s.classes.client}}
	return slices.DeleteFunc(all, func(c class) bool { return s.Status == "" || c.pattern == "" })
}

// slow is the share of the requests that took longer than a bound. sum sums what each series
// grew by.
func (s Source) slow(buckets selector, bound float64, sum func(each string) string) Signal {
	one := Signal{Name: SlowRequests, Kind: Proportion, Better: config.Down}
	if s.NativeHistogram {
		one = proportionOf(SlowRequests, sum(s.pace.slower(buckets, bound)), sum(s.pace.grown(buckets)))
	} else {
		timed := sum(s.pace.grown(buckets.with(matcher{"le", "=", "+Inf"})))
		one.Bad, one.Total = "clamp_min("+timed+" - "+sum(s.pace.grown(buckets.with(bounded(bound))))+", 0)", timed
	}
	one.Above = bound / s.PerSecond
	return one
}
