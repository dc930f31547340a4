package signals

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/deploy/preset"
	"plimsoll/server/prometheus"
)

// search finds out what the declared signals of one verification are.
type search struct {
	asker   *Asker
	v       deploy.Verification
	changed preset.Changed
	history *deploy.History
	// scrape is how often the service is scraped; 0: not known.
	scrape time.Duration
	found  []discovered
	// refused is why the server does not count what may be native histograms, by their names.
	refused map[string]string
	// operations of each preset wait until it is known how many signals there are room for.
	operations []perOperation
}

// discovered is a declared signal: a preset's source with the bound from which requests
// are slow, or a query of one's own.
type discovered struct {
	declared config.Signal
	source   *preset.Source
	bound    float64
	versions *preset.Versions // nil: no label has it
	own      preset.Signal
}

// perOperation are the signals of the changed operations of one preset.
type perOperation struct {
	watched []preset.Watched
	control []preset.Signal
	dryRun  bool
}

// dryRun: the signal alone rolls nothing back.
func (d discovered) dryRun() bool { return d.declared.DryRun != nil && *d.declared.DryRun }

// declared adds one declared signal. The gap is one that passes by itself.
func (s *search) declared(ctx context.Context, declared config.Signal) (*deploy.Gap, error) {
	name := labelled(declared)
	if s.history.Language != "" {
		own, ok := preset.Foreign(declared)
		if !ok {
			s.gap(deploy.Gap{Kind: deploy.GapQuery, Signal: name, Detail: "a preset needs a metric server with Prometheus's API"})
			return nil, nil
		}
		s.found = append(s.found, discovered{declared: declared, own: own})
		return nil, nil
	}
	if declared.Preset == "" {
		own, ok := preset.Own(declared)
		if !ok {
			s.gap(deploy.Gap{Kind: deploy.GapQuery, Signal: name, Detail: firstFault(declared)})
			return nil, nil
		}
		s.found = append(s.found, discovered{declared: declared, own: own})
		return nil, nil
	}
	source, err := s.find(ctx, declared)
	if wrong, ok := errors.AsType[*badMatch](err); ok {
		s.gap(deploy.Gap{Kind: deploy.GapQuery, Signal: name, Detail: wrong.Error()})
		return nil, nil
	}
	if none, ok := errors.AsType[noMetrics](err); ok {
		s.gap(deploy.Gap{Kind: deploy.GapNoMetrics, Signal: name, Detail: none.Error()})
		return nil, nil
	}
	var bound, scrapes float64
	if err == nil {
		scrapes, err = s.value(ctx, source.Scrapes())
	}
	if err == nil && source.Histogram {
		bound, err = s.bound(ctx, *source)
	}
	var versions *preset.Versions
	if err == nil {
		versions, err = s.versions(ctx, declared, *source)
	}
	if err != nil {
		gap, passes, err := explained(name, err)
		if gap == nil || passes {
			return gap, err
		}
		s.gap(*gap)
		return nil, nil
	}
	s.scrape = max(s.scrape, preset.Scrape(scrapes), preset.ScrapeOf(source.Window()))
	s.found = append(s.found, discovered{declared: declared, source: source, bound: bound, versions: versions})
	return nil, nil
}

// value is what a query gives at the time of the deployment; 0 of nothing.
func (s *search) value(ctx context.Context, query string) (float64, error) {
	answer, err := s.asker.servers.Query(ctx, s.history.Datasource, query, s.v.Began)
	if err != nil {
		return 0, err
	}
	for _, series := range answer.Series {
		for _, point := range series.Points {
			return point.Value, nil
		}
	}
	return 0, nil
}

// badMatch is that a preset's labels can't be declared as they are.
type badMatch struct{ error }

// firstFault is what is wrong with a declared query.
func firstFault(declared config.Signal) string {
	for _, gap := range preset.Check([]config.Signal{declared}) {
		return gap.Message
	}
	return ""
}

func (s *search) gap(f deploy.Gap) { s.history.Gaps = append(s.history.Gaps, f) }

// find returns the metrics that the service has. The error is noMetrics if it has none of a
// convention.
func (s *search) find(ctx context.Context, declared config.Signal) (*preset.Source, error) {
	names, err := s.asker.servers.MetricNames(ctx, s.history.Datasource)
	if err != nil {
		return nil, err
	}
	all := preset.Find(names)
	conventions := all
	if len(conventions) > fewConventions {
		if conventions, err = s.ofService(ctx, declared.Match, conventions); err != nil {
			return nil, err
		}
	}
	var guess *preset.Source
	for _, convention := range conventions {
		if guess != nil && convention.Front == guess.Front {
			continue
		}
		source, err := s.read(ctx, declared, convention)
		switch {
		case errors.Is(err, preset.ErrNoData):
			continue
		case err != nil:
			return nil, err
		case convention.Front == "":
			s.uncounted(*source)
			return source, s.beside(ctx, declared, *source, conventions)
		case guess != nil:
			return nil, &badMatch{fmt.Errorf("%s and %s may both count the requests: narrow match down, or declare queries of your own", guess.Requests, source.Requests)}
		}
		guess = source
	}
	if guess == nil {
		return s.recorded(ctx, declared, names, all)
	}
	s.uncounted(*guess)
	s.history.Missing = append(s.history.Missing, "whether "+guess.Requests+" counts the requests that the service answers; it was found by the end of its name")
	return guess, nil
}

// uncounted notes a histogram that the server can't count.
func (s *search) uncounted(source preset.Source) {
	if why := s.refused[source.Native]; why != "" && !source.Histogram && !source.Summary {
		s.history.Missing = append(s.history.Missing, mayBeNative(source.Native, why))
	}
}

func mayBeNative(name, why string) string {
	return "whether " + name + " is a native histogram; the metric server counts none (Prometheus does from 2.40 on): " + why
}

// beside notes requests that the service answers by another protocol, which the source does not
// count.
func (s *search) beside(ctx context.Context, declared config.Signal, source preset.Source, conventions []preset.Convention) error {
	for _, convention := range conventions {
		protocol, ok := source.Beside(convention)
		if !ok {
			continue
		}
		other, err := s.read(ctx, declared, convention)
		if errors.Is(err, preset.ErrNoData) {
			continue
		}
		if err != nil {
			return err
		}
		s.history.Missing = append(s.history.Missing, fmt.Sprintf("requests by %s (%s): the preset watches %s; declare a share for them", protocol, other.Requests, source.Requests))
		break
	}
	return nil
}

// fewConventions are looked for one by one. A server that has more is asked first which of
// them this service has.
const fewConventions = 3

// ofService returns those of the conventions of which the service has the counter.
func (s *search) ofService(ctx context.Context, match map[string]string, conventions []preset.Convention) ([]preset.Convention, error) {
	counters, err := preset.Counters(conventions, match)
	if err != nil {
		return nil, &badMatch{err}
	}
	names, err := s.values(ctx, "__name__", counters)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(conventions), func(c preset.Convention) bool { return !slices.Contains(names, c.Requests) }), nil
}

// values are the values of a label of the series that a selector selects.
func (s *search) values(ctx context.Context, label, selector string) ([]string, error) {
	return s.asker.servers.LabelValues(ctx, s.history.Datasource, label, selector, s.v.Began.Add(-preset.Recent), s.v.Began)
}

// noMetrics is that no counter of requests has the labels.
type noMetrics string

func (n noMetrics) Error() string { return string(n) }

// mostValues bounds the comparison of a declared label with the values that there are.
const mostValues = 10_000

// explain says why no convention fits the labels. Of the server's values it shows at most the
// one that resembles the declared one: the repository may be public, and the server knows
// other services.
func (s *search) explain(ctx context.Context, match map[string]string, conventions []preset.Convention) error {
	if len(conventions) == 0 {
		return noMetrics("expected " + preset.Expected)
	}
	every, err := preset.Counters(conventions, nil)
	if err != nil {
		return err
	}
	var wrong []string
	for _, label := range slices.Sorted(maps.Keys(match)) {
		values, err := s.values(ctx, label, every)
		if err != nil {
			return err
		}
		if slices.Contains(values, match[label]) {
			continue
		}
		text := fmt.Sprintf("no counter of requests has %s=%q", label, match[label])
		if near := config.Nearest(match[label], values[:min(len(values), mostValues)]); near != "" {
			text += fmt.Sprintf(", did you mean %q?", near)
		}
		wrong = append(wrong, text)
	}
	for _, name := range slices.Sorted(maps.Keys(s.refused)) {
		wrong = append(wrong, "it is not known "+mayBeNative(name, s.refused[name]))
	}
	switch {
	case len(wrong) > 0:
		return noMetrics(strings.Join(wrong, "; "))
	case len(match) > 1:
		return noMetrics("no counter of requests with a status has all the labels of match together")
	}
	return noMetrics("no counter of requests with a status has the labels of match; expected " + preset.Expected)
}

// read returns the service's metrics of one convention. The error is preset.ErrNoData if it
// has none.
func (s *search) read(ctx context.Context, declared config.Signal, convention preset.Convention) (*preset.Source, error) {
	queries, err := convention.Discover(declared.Match)
	if err != nil {
		return nil, &badMatch{err}
	}
	var found preset.Found
	for _, q := range []struct {
		query  string
		into   *[]map[string]string
		native bool
	}{{queries.Requests, &found.Requests, convention.OfNative()}, {queries.Buckets, &found.Buckets, false}, {queries.Native, &found.Native, true}, {queries.Quantiles, &found.Quantiles, false}, {queries.Sum, &found.Sum, false}} {
		if q.query == "" {
			continue
		}
		answer, err := s.asker.servers.Query(ctx, s.history.Datasource, q.query, s.v.Began)
		if refused, ok := errors.AsType[*prometheus.Error](err); ok && refused.Query && q.native { // it is too old for them
			s.refused[convention.Native] = refused.Message
			err = nil
		}
		if err != nil {
			return nil, err
		}
		for _, series := range answer.Series {
			*q.into = append(*q.into, series.Labels)
		}
		if len(found.Requests) == 0 {
			break // another convention's
		}
	}
	source, err := convention.Read(declared.Match, found, s.changed)
	if err != nil && !errors.Is(err, preset.ErrNoData) {
		return nil, &badMatch{err}
	}
	return &source, err
}

// bound is the histogram's bound from which a request is slow; 0: there is none.
func (s *search) bound(ctx context.Context, source preset.Source) (float64, error) {
	answer, err := s.asker.servers.Query(ctx, s.history.Datasource, source.Baseline(s.v.Plan.Baseline), s.v.Began)
	if err != nil {
		return 0, err
	}
	var buckets []preset.Bucket
	for _, series := range answer.Series {
		var b preset.Bucket
		for _, point := range series.Points {
			if source.NativeHistogram {
				return preset.PowerOfTwo(point.Value), nil
			}
			if b.Read(series.Labels["le"], point.Value) {
				buckets = append(buckets, b)
			}
		}
	}
	bound, err := preset.Nearest(buckets, preset.Slow)
	if errors.Is(err, preset.ErrNoBound) {
		return 0, nil
	}
	return bound, err
}
