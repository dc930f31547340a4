package prometheus

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	v1 "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"

	"plimsoll/deploy/promql"
	"plimsoll/server/datasource"
)

// maxPoints is how many points one series of an answer may have: Prometheus' own
// limit (web/api/v1, queryRange).
const maxPoints = 11_000

// What a query gives, as of every kind of metric server.
type (
	Point  = datasource.Point
	Series = datasource.Series
	Answer = datasource.Answer
	Range  = datasource.Range
)

// settles is how old the newest point is that counts: a scrape takes a while to be stored.
const settles = 10 * time.Second

// Settles implements [datasource.Client].
func (*Servers) Settles() time.Duration { return settles }

// Query asks a server ("" is the default one) for the value of a query at a time. A
// scalar is a series without labels. A text or a histogram is none: the error is
// [Error] with Query set.
func (s *Servers) Query(ctx context.Context, datasource, query string, at time.Time) (Answer, error) {
	return s.ask(ctx, datasource, query, func(ctx context.Context, api v1.API, query string) (model.Value, v1.Warnings, v1.Infos, error) {
		return api.Query(ctx, query, at, v1.WithTimeout(s.config.Timeout))
	})
}

// QueryRange asks a server ("" is the default one) for the values of a query over a
// range. More than 11,000 points are refused before they are asked for.
func (s *Servers) QueryRange(ctx context.Context, datasource, query string, r Range) (Answer, error) {
	datasource = cmp.Or(datasource, Default)
	if r.Step <= 0 || r.End.Before(r.Start) {
		return Answer{}, &Error{Datasource: datasource, Query: true, Message: fmt.Sprintf("invalid range: from %s to %s in steps of %s", r.Start.UTC().Format(time.RFC3339), r.End.UTC().Format(time.RFC3339), r.Step), Hint: "end it behind its start, in steps above zero"}
	}
	if points := r.End.Sub(r.Start)/r.Step + 1; points > maxPoints {
		return Answer{}, &Error{Datasource: datasource, Query: true, Message: fmt.Sprintf("%d points are asked for, at most %d are given", points, maxPoints), Hint: "take longer steps or a shorter range"}
	}
	return s.ask(ctx, datasource, query, func(ctx context.Context, api v1.API, query string) (model.Value, v1.Warnings, v1.Infos, error) {
		return api.QueryRange(ctx, query, v1.Range{Start: r.Start, End: r.End, Step: r.Step}, v1.WithTimeout(s.config.Timeout))
	})
}

// ask does a query with the server's matchers in every selector.
func (s *Servers) ask(ctx context.Context, datasource, query string, do func(context.Context, v1.API, string) (model.Value, v1.Warnings, v1.Infos, error)) (Answer, error) {
	server, err := s.named(ctx, datasource)
	if err != nil {
		return Answer{}, err
	}
	query, err = server.Matchers.Enforce(query)
	if err != nil {
		return Answer{}, &Error{Datasource: server.Name, Query: true, Message: promql.Shorten(err.Error()), Hint: "correct the query"}
	}
	limited, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	value, warnings, infos, err := do(limited, server.api, query)
	if ctx.Err() != nil {
		return Answer{}, fmt.Errorf("ask the metric server %q: %w", server.Name, ctx.Err())
	}
	if err != nil {
		return Answer{}, server.explain(err, s.config.Timeout)
	}
	answer, err := plain(value)
	if err != nil {
		return Answer{}, server.explain(err, s.config.Timeout)
	}
	for _, text := range append([]string(warnings), infos...) {
		answer.Warnings = append(answer.Warnings, server.shown(text))
	}
	return answer, nil
}

// noNumbers is what a query gives that are no numbers.
type noNumbers string

func (n noNumbers) Error() string { return string(n) }

// plain turns the API's values into series of numbers. The error is noNumbers, or
// errNotTheAPI.
func plain(value model.Value) (Answer, error) {
	var answer Answer
	switch v := value.(type) {
	case *model.Scalar:
		answer.Series = []Series{{Labels: map[string]string{}, Points: []Point{point(v.Timestamp, v.Value)}}}
	case model.Vector:
		for _, sample := range v {
			if sample.Histogram != nil {
				return Answer{}, noNumbers("histograms")
			}
			answer.Series = append(answer.Series, Series{Labels: labels(sample.Metric), Points: []Point{point(sample.Timestamp, sample.Value)}})
		}
	case model.Matrix:
		for _, stream := range v {
			if len(stream.Histograms) > 0 {
				return Answer{}, noNumbers("histograms")
			}
			series := Series{Labels: labels(stream.Metric), Points: make([]Point, 0, len(stream.Values))}
			for _, pair := range stream.Values {
				series.Points = append(series.Points, point(pair.Timestamp, pair.Value))
			}
			answer.Series = append(answer.Series, series)
		}
	default:
		return Answer{}, errNotTheAPI
	}
	slices.SortFunc(answer.Series, func(a, b Series) int { return strings.Compare(key(a.Labels), key(b.Labels)) })
	return answer, nil
}

func point(at model.Time, value model.SampleValue) Point {
	return Point{At: at.Time().UTC(), Value: float64(value)}
}

func labels(metric model.Metric) map[string]string {
	all := make(map[string]string, len(metric))
	for name, value := range metric {
		all[string(name)] = string(value)
	}
	return all
}

// key orders series by their labels.
func key(labels map[string]string) string {
	metric := make(model.Metric, len(labels))
	for name, value := range labels {
		metric[model.LabelName(name)] = model.LabelValue(value)
	}
	return metric.String()
}
