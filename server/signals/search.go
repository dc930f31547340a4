package signals

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/deploy/preset"
)

// search finds out what the declared signals of one verification are.
type search struct {
	asker   *Asker
	v       deploy.Verification
	changed preset.Changed
	history *deploy.History
	// operations of each preset wait until it is known how many signals there are room for.
	operations []perOperation
}

// perOperation are the signals of the changed operations of one preset.
type perOperation struct {
	watched []preset.Watched
	control []preset.Signal
}

// declared adds one declared signal. The gap is one that passes by itself.
func (s *search) declared(ctx context.Context, declared config.Signal) (*deploy.Gap, error) {
	name := labelled(declared)
	if declared.Preset == "" {
		own, ok := preset.Own(declared)
		if !ok {
			s.gap(deploy.Gap{Kind: deploy.GapQuery, Signal: name, Detail: firstFault(declared)})
			return nil, nil
		}
		s.add(deploy.NewWatched(own, ""))
		return nil, nil
	}
	source, err := s.find(ctx, declared)
	if wrong, ok := errors.AsType[*badMatch](err); ok {
		s.gap(deploy.Gap{Kind: deploy.GapQuery, Signal: name, Detail: wrong.Error()})
		return nil, nil
	}
	if err == nil && source == nil {
		s.gap(deploy.Gap{Kind: deploy.GapNoMetrics, Signal: name, Detail: "expected one of " + strings.Join(preset.Expected(), ", ")})
		return nil, nil
	}
	var bound float64
	if err == nil && source.Histogram {
		bound, err = s.bound(ctx, *source)
	}
	if err != nil {
		gap, passes, err := explained(name, err)
		if gap == nil || passes {
			return gap, err
		}
		s.gap(*gap)
		return nil, nil
	}
	s.history.Convention = source.Name
	plan := source.HTTP(declared, bound, s.changed, s.asker.Scrape)
	for _, each := range plan.Whole {
		s.add(deploy.NewWatched(each, ""))
	}
	s.operations = append(s.operations, perOperation{plan.Operations, plan.Control})
	s.history.Missing = append(s.history.Missing, plan.Missing...)
	return nil, nil
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

// add adds a signal under a name that no other has.
func (s *search) add(w deploy.Watched) {
	name := w.Name
	for n := 2; s.named(w.Name); n++ {
		w.Name = fmt.Sprintf("%s (%d)", name, n)
	}
	s.history.Signals = append(s.history.Signals, w)
}

func (s *search) named(name string) bool {
	for _, w := range s.history.Signals {
		if w.Name == name {
			return true
		}
	}
	return false
}

// find gives the metrics that the service has; nil: none of a convention.
func (s *search) find(ctx context.Context, declared config.Signal) (*preset.Source, error) {
	names, err := s.asker.Servers.MetricNames(ctx, s.history.Datasource)
	if err != nil {
		return nil, err
	}
	for _, convention := range preset.Find(names.Has) {
		queries, err := convention.Discover(declared.Match)
		if err != nil {
			return nil, &badMatch{err}
		}
		var found preset.Found
		for _, q := range []struct {
			query string
			into  *[]map[string]string
		}{{queries.Requests, &found.Requests}, {queries.Buckets, &found.Buckets}, {queries.Quantiles, &found.Quantiles}} {
			if q.query == "" {
				continue
			}
			answer, err := s.asker.Servers.Query(ctx, s.history.Datasource, q.query, s.v.Began)
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
		if errors.Is(err, preset.ErrNoData) {
			continue
		}
		if err != nil {
			return nil, &badMatch{err}
		}
		return &source, nil
	}
	return nil, nil
}

// bound is the histogram's bound from which a request is slow; 0: there is none.
func (s *search) bound(ctx context.Context, source preset.Source) (float64, error) {
	answer, err := s.asker.Servers.Query(ctx, s.history.Datasource, source.Baseline(s.v.Plan.Baseline), s.v.Began)
	if err != nil {
		return 0, err
	}
	var buckets []preset.Bucket
	for _, series := range answer.Series {
		var b preset.Bucket
		for _, point := range series.Points {
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

// fit adds the changed operations, errors and slow requests of each, as far as there is
// room: each signal has its share of the false alarms that are allowed.
func (s *search) fit() {
	h := s.history
	if more := len(h.Signals) - deploy.MostSignals; more > 0 {
		h.Signals = h.Signals[:deploy.MostSignals]
		s.gap(deploy.Gap{Kind: deploy.GapTooMany})
	}
	left := 0
	for _, each := range s.operations {
		controls := map[string]int{}
		for _, watched := range each.watched {
			var signals []deploy.Watched
			for _, one := range watched.Signals {
				if one.Name == preset.Errors || one.Name == preset.SlowRequests {
					signals = append(signals, deploy.NewWatched(one, watched.Operation.String()))
				}
			}
			if len(h.Signals)+len(signals) > deploy.MostSignals {
				left++
				continue
			}
			h.Changed = append(h.Changed, watched.Operation.String())
			for i, w := range signals {
				w.Control = s.control(each.control, strings.TrimPrefix(w.Name, w.Operation+": "), controls)
				signals[i] = w
				s.add(w)
			}
		}
	}
	if left > 0 {
		h.Missing = append(h.Missing, fmt.Sprintf("%d changed operations one by one: at most %d signals are judged", left, deploy.MostSignals))
	}
}

// control gives the place of a signal among the controls, adding it where it is not there.
func (s *search) control(of []preset.Signal, name string, known map[string]int) int {
	if at := known[name]; at > 0 {
		return at
	}
	for _, one := range of {
		if one.Name != name {
			continue
		}
		w := deploy.NewWatched(one, "")
		w.Name, w.Investigate, w.RollBack = "unchanged operations: "+name, nil, nil
		s.history.Controls = append(s.history.Controls, w)
		known[name] = len(s.history.Controls)
		return known[name]
	}
	return 0
}

// drop leaves out the signals whose history could not be asked for: their gap is told.
func (s *search) drop() {
	kept := s.history.Signals[:0]
	for _, w := range s.history.Signals {
		if max(len(w.Track.Total), len(w.Track.Value)) > 0 {
			kept = append(kept, w)
		}
	}
	s.history.Signals = kept
}
