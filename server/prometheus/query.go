package prometheus

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// maxPoints is how many points one series of an answer may have: Prometheus' own
// limit (web/api/v1, queryRange).
const maxPoints = 11_000

// Point is a value at a time; it may be NaN or infinite, as the server gave it.
type Point struct {
	At    time.Time
	Value float64
}

// Series is one series of an answer.
type Series struct {
	Labels map[string]string
	// Points in the order of time: one from Query, those that there are from QueryRange.
	Points []Point
}

// Answer is what a query gives.
type Answer struct {
	// Series sorted by their labels. None: the query matched nothing.
	Series []Series
	// Warnings and hints of the server, shortened.
	Warnings []string
}

// Range is from Start to End, both included, in steps.
type Range struct {
	Start, End time.Time
	Step       time.Duration
}

// Query asks a server ("" is the default one) for the value of a query at a time. A
// scalar is a series without labels. A text or a histogram is none: the error is
// [Error] with Query set.
func (s *Servers) Query(ctx context.Context, datasource, query string, at time.Time) (Answer, error) {
	return s.ask(ctx, datasource, "query", url.Values{"query": {query}, "time": {unix(at)}})
}

// QueryRange asks a server ("" is the default one) for the values of a query over a
// range. More than 11,000 points are refused before they are asked for.
func (s *Servers) QueryRange(ctx context.Context, datasource, query string, r Range) (Answer, error) {
	datasource = cmp.Or(datasource, Default)
	if r.Step <= 0 || r.End.Before(r.Start) {
		return Answer{}, &Error{Datasource: datasource, Query: true, Message: fmt.Sprintf("a range from %s to %s in steps of %s is none", r.Start.UTC().Format(time.RFC3339), r.End.UTC().Format(time.RFC3339), r.Step), Hint: "end it behind its start, in steps above zero"}
	}
	if points := r.End.Sub(r.Start)/r.Step + 1; points > maxPoints {
		return Answer{}, &Error{Datasource: datasource, Query: true, Message: fmt.Sprintf("%d points are asked for, at most %d are given", points, maxPoints), Hint: "take longer steps or a shorter range"}
	}
	return s.ask(ctx, datasource, "query_range", url.Values{"query": {query}, "start": {unix(r.Start)}, "end": {unix(r.End)}, "step": {seconds(r.Step)}})
}

func (s *Servers) ask(ctx context.Context, datasource, path string, form url.Values) (Answer, error) {
	server, err := s.named(datasource)
	if err != nil {
		return Answer{}, err
	}
	form.Set("timeout", seconds(s.config.Timeout)+"s")
	limited, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	var result result
	warnings, err := server.post(limited, path, form, &result)
	if ctx.Err() != nil {
		return Answer{}, fmt.Errorf("ask the metric server %q: %w", server.Name, ctx.Err())
	}
	if err != nil {
		return Answer{}, server.explain(err, s.config.Timeout)
	}
	answer, err := result.plain()
	if err != nil {
		return Answer{}, server.explain(err, s.config.Timeout)
	}
	for _, text := range warnings {
		answer.Warnings = append(answer.Warnings, server.shown(text))
	}
	return answer, nil
}

// unix is a time as the API reads it, in seconds to the millisecond.
func unix(at time.Time) string {
	return strconv.FormatFloat(float64(at.UnixMilli())/1000, 'f', -1, 64)
}

func seconds(d time.Duration) string {
	return strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
}
