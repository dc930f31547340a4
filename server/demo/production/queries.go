package production

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"plimsoll/config"
	"plimsoll/deploy/preset"
)

// scrape is how often the metric server asks the service.
const scrape = 15 * time.Second

// sample is one series of an answer at one time.
type sample struct {
	labels map[string]string
	value  float64
}

// answer gives what a query has at a time.
type answer func(at time.Time) []sample

// metrics are the names that the metric server knows.
var metrics = []string{"http_requests_total", "http_request_duration_seconds_bucket", "http_request_duration_seconds_count", "up"}

// queries makes the table of the queries that the metric server understands: those that
// plimsoll's preset makes for a service with these labels, made by the preset itself.
// Whatever else is asked is refused.
func (p *Production) queries() (map[string]answer, error) {
	all := map[string]answer{}
	declared := config.Signal{Preset: "http", Match: map[string]string{"job": p.options.Job}}
	names := preset.Names{}
	for _, name := range metrics {
		names[name] = struct{}{}
	}
	conventions := preset.Find(names)
	if len(conventions) == 0 {
		return nil, fmt.Errorf("no convention has %q", metrics)
	}
	convention := conventions[0]
	discover, err := convention.Discover(declared.Match)
	if err != nil {
		return nil, err
	}
	found := preset.Found{Requests: labelled(true), Buckets: labelled(false)}
	all[discover.Requests], all[discover.Buckets] = always(found.Requests), always(found.Buckets)
	source, err := convention.Read(declared.Match, found, p.options.Changed)
	if err != nil {
		return nil, err
	}
	all[source.Instances("")] = always([]map[string]string{{}}) // no label has a version or an instance
	all[source.Scrapes()] = func(time.Time) []sample { return []sample{{value: float64(10 * time.Minute / scrape)}} }
	all[source.Baseline(p.options.Baseline)] = p.baseline
	for i, b := range buckets {
		if math.IsInf(b.bound, 0) {
			continue
		}
		plan := source.HTTP(declared, b.bound, p.options.Changed, scrape)
		p.signals(all, plan.Whole, i, func(route) bool { return true })
		p.signals(all, plan.Control, i, p.unchanged)
		for _, each := range plan.Operations {
			p.signals(all, each.Signals, i, func(r route) bool { return is(r, each.Operation) })
		}
	}
	return all, nil
}

// signals adds the queries of the preset's signals over some of the routes.
func (p *Production) signals(all map[string]answer, signals []preset.Signal, bucket int, of func(route) bool) {
	add := func(query string, count func(counts) float64) {
		if query != "" {
			all[query] = p.summed(of, count)
		}
	}
	requests := func(c counts) float64 { return c.requests }
	for _, s := range signals {
		switch s.Name {
		case preset.Errors:
			add(s.Bad, func(c counts) float64 { return c.failed })
		case preset.ClientErrors:
			add(s.Bad, func(c counts) float64 { return c.refused })
		case preset.SlowRequests:
			add(s.Bad, func(c counts) float64 { return c.slower[bucket] })
		}
		add(s.Total, requests)
	}
}

// summed counts over routes, a minute at a time: the preset asks for what a step added.
func (p *Production) summed(of func(route) bool, count func(counts) float64) answer {
	var numbers []int
	for n, r := range routes {
		if of(r) {
			numbers = append(numbers, n)
		}
	}
	return func(at time.Time) []sample {
		sum, any := 0.0, false
		for _, n := range numbers {
			if c, ok := p.minute(n, at); ok {
				sum, any = sum+count(c), true
			}
		}
		if !any {
			return nil
		}
		return []sample{{value: sum}}
	}
}

// baseline is what each bucket counted in the time before a deployment.
func (p *Production) baseline(at time.Time) []sample {
	all := make([]sample, len(buckets))
	for i, b := range buckets {
		all[i].labels = map[string]string{"le": b.le}
	}
	at = at.Truncate(time.Minute)
	for end := at; at.Sub(end) < p.options.Baseline; end = end.Add(-time.Minute) {
		for n := range routes {
			c, ok := p.minute(n, end)
			if !ok {
				continue
			}
			for i := range buckets {
				all[i].value += c.requests - c.slower[i]
			}
		}
	}
	return all
}

func always(series []map[string]string) answer {
	samples := make([]sample, len(series))
	for i, labels := range series {
		samples[i] = sample{labels, 1}
	}
	return func(time.Time) []sample { return samples }
}

// labelled are the labels of each route's series, once for each status where the metric
// has it.
func labelled(statuses bool) (all []map[string]string) {
	for _, r := range routes {
		if !statuses {
			all = append(all, map[string]string{"route": r.path, "method": r.method})
			continue
		}
		for _, status := range []string{"200", r.refusal, "500"} {
			all = append(all, map[string]string{"route": r.path, "method": r.method, "code": status})
		}
	}
	return all
}

// is tells whether a route is an operation of the contract: the framework writes :id
// where the contract has {id}.
func is(r route, o preset.Operation) bool {
	path := strings.NewReplacer("{", ":", "}", "").Replace(o.Path)
	return r.method == o.Method && r.path == path
}

// unchanged tells whether a route's path has no operation that changed.
func (p *Production) unchanged(r route) bool {
	return !slices.ContainsFunc(p.options.Changed.Operations, func(o preset.Operation) bool {
		o.Method = r.method // the preset leaves out whole paths
		return is(r, o)
	})
}
