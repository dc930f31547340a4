package prometheus

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// result is the data of a query's answer.
type result struct {
	Type   string          `json:"resultType"`
	Result json.RawMessage `json:"result"`
}

// element is one series of a vector or a matrix.
type element struct {
	Metric     map[string]string `json:"metric"`
	Value      *sample           `json:"value"`
	Values     []sample          `json:"values"`
	Histogram  json.RawMessage   `json:"histogram"`
	Histograms []json.RawMessage `json:"histograms"`
}

// sample is [seconds, "value"].
type sample Point

// UnmarshalJSON reads a sample; the value is a text, which may say NaN, +Inf or -Inf.
func (s *sample) UnmarshalJSON(data []byte) error {
	var at json.Number
	var value string
	pair := []any{&at, &value}
	if err := json.Unmarshal(data, &pair); err != nil {
		return err
	}
	if len(pair) != 2 {
		return fmt.Errorf("a sample of %d values", len(pair))
	}
	number, err := at.Float64()
	if err != nil || math.Abs(number) > 1e14 {
		return fmt.Errorf("a sample's time")
	}
	if s.Value, err = strconv.ParseFloat(value, 64); err != nil {
		return fmt.Errorf("a sample's value")
	}
	s.At = time.UnixMilli(int64(math.Round(number * 1000))).UTC()
	return nil
}

// noNumbers is what a query gives that are no numbers.
type noNumbers string

func (n noNumbers) Error() string { return string(n) }

// plain gives series of numbers. The error is noNumbers or a refusal.
func (r result) plain() (Answer, error) {
	bad := &refusal{status: 200, kind: notTheAPI}
	switch r.Type {
	case "scalar":
		var s sample
		if json.Unmarshal(r.Result, &s) != nil {
			return Answer{}, bad
		}
		return Answer{Series: []Series{{Labels: map[string]string{}, Points: []Point{Point(s)}}}}, nil
	case "string":
		return Answer{}, noNumbers("a text")
	case "vector", "matrix":
	default:
		return Answer{}, bad
	}
	var elements []element
	if json.Unmarshal(r.Result, &elements) != nil {
		return Answer{}, bad
	}
	answer := Answer{Series: make([]Series, 0, len(elements))}
	for _, e := range elements {
		if len(e.Histogram) > 0 || len(e.Histograms) > 0 {
			return Answer{}, noNumbers("histograms")
		}
		series := Series{Labels: e.Metric, Points: make([]Point, 0, len(e.Values)+1)}
		if series.Labels == nil {
			series.Labels = map[string]string{}
		}
		if e.Value != nil {
			series.Points = append(series.Points, Point(*e.Value))
		}
		for _, v := range e.Values {
			series.Points = append(series.Points, Point(v))
		}
		answer.Series = append(answer.Series, series)
	}
	slices.SortFunc(answer.Series, func(a, b Series) int { return strings.Compare(key(a.Labels), key(b.Labels)) })
	return answer, nil
}

// key orders series by their labels.
func key(labels map[string]string) string {
	names := make([]string, 0, len(labels))
	for name := range labels {
		names = append(names, name)
	}
	slices.Sort(names)
	var text strings.Builder
	for _, name := range names {
		fmt.Fprintf(&text, "%s=%q,", name, labels[name])
	}
	return text.String()
}
