package preset

import (
	"cmp"
	"math"
	"strings"
	"time"
)

const (
	// defaultScrape is how often Prometheus' own example asks.
	defaultScrape = 15 * time.Second
	// leastStep keeps 7 days within the points that one answer may have.
	leastStep = time.Minute
	// MaxPoints is how many points of a series Prometheus gives at most (web/api/v1).
	MaxPoints = 11_000
	// history is how far placebos reach back.
	history = 7 * 24 * time.Hour
)

// Step is how far the points of a range lie apart: 60 seconds, or 4 scrapes where that is
// longer. scrape is how often the service is scraped; 0: 15 seconds.
func Step(scrape time.Duration) time.Duration {
	return max(leastStep, 4*cmp.Or(scrape, defaultScrape)).Round(time.Second)
}

// ScrapeOf returns how often a service would be scraped whose step is a window.
func ScrapeOf(window time.Duration) time.Duration { return window / 4 }

// scrapesOver is how long scrapes are counted for, to find out how far they lie apart.
const scrapesOver = 10 * time.Minute

// Scrapes returns the query for how many samples a series of the service has had lately.
// Ask it for the time of the deployment, and give its value to Scrape. Recording rules are
// evaluated in groups: the one that is evaluated least often counts.
func (s Source) Scrapes() string {
	count := func(metric string) string {
		return "max(count_over_time(" + selector{metric: metric, matchers: s.match}.String() + "[" + promDuration(scrapesOver) + "]))"
	}
	if s.recorded == nil {
		return count(s.present())
	}
	var all []string
	for _, rule := range s.Rules() {
		all = append(all, "label_replace("+count(rule)+`, "rule", `+quoted(rule)+`, "", "")`)
	}
	return "min(" + strings.Join(all, " or ") + ")"
}

// Scrape returns how often a service is scraped, from the answer to Scrapes' query, in
// whole seconds that people choose; 0 if that is unknown.
func Scrape(samples float64) time.Duration {
	if !(samples >= 2) {
		return 0
	}
	apart := float64(scrapesOver) / samples
	nearest, least := time.Duration(0), math.Inf(1)
	for _, each := range []time.Duration{1, 2, 5, 10, 15, 20, 30, 60, 120, 300} {
		if off := math.Abs(math.Log(float64(each*time.Second) / apart)); off < least {
			nearest, least = each*time.Second, off
		}
	}
	return nearest
}

// Span is a range with its step; both ends are points.
type Span struct {
	Start, End time.Time
	Step       time.Duration
}

// Points is how many points a series has at most.
func (s Span) Points() int { return int(s.End.Sub(s.Start)/s.Step) + 1 }

// History returns the 7 days before a time, whole steps since 1970 so that what was asked
// before can be used again. It fits into one answer.
func History(before time.Time, step time.Duration) Span {
	end := before.UTC().Truncate(step)
	return Span{Start: end.Add(-history).Add(step), End: end, Step: step}
}

// Days cuts a span into pieces of a day at the most, without a point twice: what a metric
// server keeps in memory while it answers grows with the points of an answer.
func (s Span) Days() []Span {
	var days []Span
	each := 24 * time.Hour / s.Step * s.Step
	for start := s.Start; !start.After(s.End); start = start.Add(each) {
		end := start.Add(each - s.Step)
		if end.After(s.End) {
			end = s.Start.Add(s.End.Sub(s.Start) / s.Step * s.Step)
		}
		days = append(days, Span{start, end, s.Step})
	}
	return days
}
