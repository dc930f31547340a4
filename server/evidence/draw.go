package evidence

import (
	"fmt"
	"html/template"
	"math"
	"net/url"
	"strings"
	"time"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/config"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
	"plimsoll/server/evidence/plot"
)

// around a deployment is what is drawn in detail.
const around = 30 * time.Minute

// draw draws one signal.
func (s *shown) draw(words deploytext.SignalEvidence) drawn {
	h, w, i := s.History, words.Watched, words.Index
	u := unitOf(w, h.Step)
	line := s.line(i, u)
	began := s.Run.Began.Unix()
	chart := plot.Chart{
		ID: fmt.Sprintf("signal-%d", i), Title: words.Name + ": before " + words.Before + ", after " + words.After,
		Description: deploytext.ChartDescription(words), Unit: u.name, Points: line, From: began - int64(around/time.Second), To: s.until(), Deployed: began,
	}
	if r := words.Result; r != nil {
		if s.Signals.Guard > 0 {
			chart.Guard = min(began+s.Signals.Guard, chart.To)
		}
		if r.Before.Points > 0 {
			chart.Before = &plot.Level{From: r.Before.From, To: r.Before.To, Value: r.Before.Value * u.times}
			if n := len(r.Reference); n > 0 {
				chart.Before.From = r.Reference[n-1].From // the newest: the line shows no time that does not count
			}
			chart.Before.From = max(chart.Before.From, chart.From)
			if chart.Before.To <= chart.Before.From {
				chart.Before.From, chart.Before.To = chart.From, began // it lies earlier than what is drawn
			}
		}
		if r.After.Points > 0 && r.After.To > r.After.From {
			chart.After = &plot.Level{From: r.After.From, To: r.After.To, Value: r.After.Value * u.times}
		}
		chart.Band = band(w, *r, u, began, chart.To)
		chart.Limits = limits(w, *r, u)
	} else {
		chart.Limits = limits(w, signal.Result{}, u)
	}
	d := drawn{SignalEvidence: words, Chart: template.HTML(chart.SVG())}
	week := plot.Chart{ID: fmt.Sprintf("week-%d", i), Title: words.Name + " in the days before", Description: deploytext.StripDescription, Points: line, To: s.until(), Deployed: began}
	week.From = began - 7*24*3600
	d.Strip = template.HTML(week.Strip())
	spark := plot.Chart{ID: fmt.Sprintf("spark-%d", i), Title: words.Name, Description: deploytext.ChartDescription(words), Points: line, From: chart.From, To: chart.To, Deployed: began}
	d.Spark, d.Graph = template.HTML(spark.Spark()), graph(s.graphs[h.Datasource], w, time.Unix(chart.To, 0))
	if r := words.Result; r != nil && r.Calibrated && len(r.Band) == 4 && r.After.Points > 0 {
		d.Unusual = template.HTML(plot.Unusual{
			ID: fmt.Sprintf("unusual-%d", i), Title: "How unusual that is", Description: deploytext.UnusualDescription(words), Band: [4]float64(r.Band), Here: r.Largest,
		}.SVG())
	}
	return d
}

// until is up to when is drawn: the watching's end, or now while it goes on.
func (s *shown) until() int64 {
	last := s.Run.Began.Add(10 * time.Minute).Unix()
	if v := s.Run.Verdict; v != nil {
		return max(last, v.At.Unix())
	}
	return max(last, min(s.Now.Unix(), s.Run.Ends().Unix()))
}

// unit is how a signal's values are shown: times so much, with a name on the axis.
type unit struct {
	name  string
	times float64
}

func unitOf(w deploy.Watched, step int64) unit {
	switch w.Kind {
	case signal.Proportion:
		return unit{"%", 100}
	case signal.Volume:
		return unit{"a minute", 60 / float64(max(step, 1))}
	}
	if w.Role == signal.Slow {
		return unit{"as measured (a time)", 1}
	}
	return unit{"as measured", 1}
}

// line is what was measured, in the unit, with a gap wherever a step is missing.
func (s *shown) line(i int, u unit) plot.Line {
	points, step := s.History.Points(i, s.Samples), max(s.History.Step, 1)
	var line plot.Line
	for k, at := range points.At {
		value := math.NaN()
		switch {
		case k < len(points.Total) && k < len(points.Bad):
			if points.Total[k] > 0 {
				value = math.Min(points.Bad[k]/points.Total[k], 1) * u.times
			}
		case k < len(points.Value):
			value = points.Value[k] * u.times
		}
		if n := len(line.At); n > 0 && at-line.At[n-1] > step*3/2 {
			line.At, line.Value = append(line.At, line.At[n-1]+step), append(line.Value, math.NaN())
		}
		line.At, line.Value = append(line.At, at), append(line.Value, value)
	}
	return line
}

// band is from the level before as far as the level after goes by itself, for the worse.
func band(w deploy.Watched, r signal.Result, u unit, began, to int64) *plot.Band {
	if !r.Bound.Known || r.After.Points == 0 {
		return nil
	}
	far := r.Bound.Reach
	if w.Kind != signal.Proportion {
		far *= math.Abs(r.Before.Value)
	}
	up := w.Better != config.Up
	if w.Kind == signal.Volume {
		up = w.Better == config.Down
	}
	b := &plot.Band{From: max(r.Before.To, began), To: to, Low: r.Before.Value * u.times, High: (r.Before.Value + far) * u.times}
	if !up {
		b.Low, b.High = (r.Before.Value-far)*u.times, r.Before.Value*u.times
	}
	if w.Kind == signal.Proportion {
		b.Low, b.High = math.Max(b.Low, 0), math.Min(b.High, 100)
	}
	return b
}

// limits are what was declared, as values: one relative to the level before needs that.
func limits(w deploy.Watched, r signal.Result, u unit) []plot.Limit {
	var all []plot.Limit
	for _, declared := range []struct {
		name string
		*signal.Limit
	}{{"review limit", w.Investigate}, {"rollback limit", w.RollBack}} {
		l := declared.Limit
		if l == nil || l.Relative && r.Before.Points == 0 {
			continue
		}
		value := l.Value
		switch {
		case l.Relative && l.Percent:
			value = r.Before.Value * (1 + l.Value)
		case l.Relative:
			value = r.Before.Value + l.Value
		}
		all = append(all, plot.Limit{Value: value * u.times, Name: declared.name})
	}
	return all
}

// graph is the address of a signal's graph on a metric server's own page; empty if the
// operator gives none. The parameters are those of Prometheus' page "/graph".
func graph(server string, w deploy.Watched, until time.Time) string {
	query := w.Value
	if w.Bad != "" && w.Total != "" {
		query = "(" + w.Bad + ") / (" + w.Total + ")"
	}
	if server == "" || query == "" || len(query) > longestGraph {
		return ""
	}
	return strings.TrimRight(server, "/") + "/graph?" + url.Values{
		"g0.expr": {query}, "g0.tab": {"0"}, "g0.range_input": {"1h"}, "g0.end_input": {until.UTC().Format("2006-01-02 15:04:05")},
	}.Encode()
}

// longestGraph is the longest query that an address holds: browsers and proxies cut longer ones.
const longestGraph = 4000
