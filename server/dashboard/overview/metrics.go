package overview

import (
	"context"
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"plimsoll/contracts"
	"plimsoll/deploy/ledger"
	"plimsoll/server/dashboard"
	"plimsoll/server/evidence/plot"
)

// Bounds of the metrics: what they are computed over, how far back the trend goes, and how
// long before that is read to know what ran.
const (
	metricDays  = 28
	trendWeeks  = 8
	daysBefore  = 30
	metricsKept = time.Minute
	mostMetrics = 1000
)

// metrics computes DORA metrics and keeps them for a minute: they need many entries.
type metrics struct {
	store Store
	kept  *lru.Cache[int64, spans]
}

// spans are the metrics of one repository: of the last days, and week by week.
type spans struct {
	until  time.Time
	now    []ledger.TargetMetrics
	weekly [trendWeeks][]ledger.TargetMetrics
}

func newMetrics(store Store) *metrics {
	kept, _ := lru.New[int64, spans](mostMetrics) // fails only for a size that is not positive
	return &metrics{store: store, kept: kept}
}

// targetMetrics are the four DORA metrics of one target, in words.
type targetMetrics struct {
	Environment, Instance string
	Four                  []metric
}

type metric struct {
	Name, Value, Why string
	Trend            template.HTML
}

// of returns the metrics of a component in production; if it has none there, in every
// environment.
func (m *metrics) of(ctx context.Context, repo contracts.RepositoryRef, component string, now time.Time) (all []targetMetrics, err error) {
	s, err := m.spans(ctx, repo, now)
	if err != nil {
		return nil, err
	}
	production := false
	for _, one := range s.now {
		production = production || one.Component == component && one.Production
	}
	for k, one := range s.now {
		if one.Component == component && (one.Production || !production) {
			all = append(all, s.words(strconv.Itoa(k), one))
		}
	}
	return all, nil
}

func (m *metrics) spans(ctx context.Context, repo contracts.RepositoryRef, now time.Time) (spans, error) {
	if known, ok := m.kept.Get(repo.ID); ok && now.Sub(known.until) < metricsKept && !now.Before(known.until) {
		return known, nil
	}
	from := now.AddDate(0, 0, -7*trendWeeks)
	entries, err := m.store.LedgerFacts(ctx, repo, from.AddDate(0, 0, -daysBefore))
	if err != nil {
		return spans{}, err
	}
	s := spans{until: now, now: ledger.Metrics(entries, now.AddDate(0, 0, -metricDays), now)}
	for week := range s.weekly {
		begin := from.AddDate(0, 0, 7*week)
		s.weekly[week] = ledger.Metrics(entries, begin, begin.AddDate(0, 0, 7))
	}
	m.kept.Add(repo.ID, s)
	return s, nil
}

// words writes the metrics of one target.
func (s spans) words(id string, one ledger.TargetMetrics) targetMetrics {
	trend := func(name string, value func(ledger.TargetMetrics) float64) template.HTML {
		bars := plot.Bars{ID: name + id, Title: "The last 8 weeks"}
		var texts []string
		for _, week := range s.weekly {
			found := math.NaN()
			for _, w := range week {
				if w.Component == one.Component && w.Environment == one.Environment && w.Instance == one.Instance {
					found = value(w)
				}
			}
			bars.Values = append(bars.Values, found)
			text := "unknown"
			if !math.IsNaN(found) {
				text = strconv.FormatFloat(found, 'g', 3, 64)
			}
			texts = append(texts, text)
		}
		bars.Description = "Week by week: " + strings.Join(texts, ", ")
		return template.HTML(bars.SVG()) // ours, and escaped there
	}
	t := targetMetrics{Environment: one.Environment, Instance: one.Instance}
	t.Four = []metric{
		{"Deployment frequency", frequency(one.Frequency), dashboard.Count(one.Deployments, "deployment", "deployments") + back(one.WentBack),
			trend("frequency", func(w ledger.TargetMetrics) float64 { return w.Frequency })},
		{"Lead time for changes", seconds(one.Lead.Median), fmt.Sprintf("known of %d of %s", one.Lead.Known, dashboard.Count(one.Lead.Of, "deployment", "deployments")),
			trend("lead", func(w ledger.TargetMetrics) float64 { return hours(w.Lead.Median) })},
		{"Change failure rate", rate(one.Failures.Rate), fmt.Sprintf("%d of %d with a result", one.Failures.Failed, one.Failures.Concluded),
			trend("failures", func(w ledger.TargetMetrics) float64 { return percent(w.Failures.Rate) })},
		{"Time to restore", seconds(one.Restore.Median), fmt.Sprintf("known of %d of %s", one.Restore.Known, dashboard.Count(one.Restore.Of, "failure", "failures")),
			trend("restore", func(w ledger.TargetMetrics) float64 { return hours(w.Restore.Median) })},
	}
	return t
}

// unknown stands where a metric has no value.
const unknown = "–"

func frequency(perDay float64) string {
	switch {
	case perDay == 0:
		return "none"
	case perDay >= 1:
		return strconv.FormatFloat(perDay, 'f', 1, 64) + " a day"
	}
	return strconv.FormatFloat(perDay*7, 'f', 1, 64) + " a week"
}

func back(n int) string {
	if n == 0 {
		return ""
	}
	return ", rolled back " + dashboard.Count(n, "time", "times")
}

func rate(share *float64) string {
	if share == nil {
		return unknown
	}
	return strconv.FormatFloat(100**share, 'f', 0, 64) + " %"
}

func percent(share *float64) float64 {
	if share == nil {
		return math.NaN()
	}
	return 100 * *share
}

func hours(seconds *int64) float64 {
	if seconds == nil {
		return math.NaN()
	}
	return float64(*seconds) / 3600
}

func seconds(n *int64) string {
	if n == nil {
		return unknown
	}
	d := time.Duration(*n) * time.Second
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return strconv.FormatFloat(d.Hours(), 'f', 1, 64) + " h"
	}
	return strconv.FormatFloat(d.Hours()/24, 'f', 1, 64) + " days"
}
