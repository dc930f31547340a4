package preset

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// matcher is one condition on a label.
type matcher struct{ label, operator, value string }

// selector is a metric with conditions.
type selector struct {
	metric   string
	matchers []matcher
	// native: the metric is a native histogram, whose observations are counted.
	native bool
	// rate: the metric is a rate that a recording rule records.
	rate bool
}

// with returns the selector with further conditions.
func (s selector) with(more ...matcher) selector {
	s.matchers = append(s.matchers[:len(s.matchers):len(s.matchers)], more...)
	return s
}

// number writes the count of a native histogram that an expression gives. What is no native
// histogram gives nothing there.
func (s selector) number(expression string) string {
	if s.native {
		return "histogram_count(" + expression + ")"
	}
	return expression
}

// lately selects what the metric had within Recent. last_over_time loses native histograms in
// old servers.
func (s selector) lately() string {
	if s.native {
		return s.number("increase(" + s.String() + "[" + promDuration(Recent) + "])")
	}
	return "last_over_time(" + s.String() + "[" + promDuration(Recent) + "])"
}

// String writes it in PromQL. The values are quoted: PromQL reads Go's escapes.
// https://prometheus.io/docs/prometheus/latest/querying/basics/#string-literals
func (s selector) String() string {
	var b strings.Builder
	b.WriteString(s.metric + "{")
	for i, m := range s.matchers {
		if i > 0 {
			b.WriteString(",")
		}
		b.WriteString(m.label + m.operator + quoted(m.value))
	}
	b.WriteString("}")
	return b.String()
}

func quoted(text string) string { return strconv.Quote(text) }

// back is how long a series must have been away to count as new.
const back = time.Hour

// pace is how often a service is scraped, and how far the points of its signals lie apart.
type pace struct{ scrape, step time.Duration }

func paceOf(scrape time.Duration) pace { return pace{cmp.Or(scrape, defaultScrape), Step(scrape)} }

// grown writes how much each series of a counter grew in the step that ends at the time
// asked for. A window that is one scrape longer than the step holds all its increments, and
// increase() stretches them from the step to the window: that is taken back. Of a rate it writes
// the average over the step: how often a recording rule is evaluated does not matter.
func (p pace) grown(s selector) string {
	if s.rate {
		return "avg_over_time(" + s.String() + "[" + promDuration(p.step) + "])"
	}
	return s.number(p.increase(s))
}

func (p pace) increase(s selector) string {
	return "increase(" + s.String() + "[" + promDuration(p.step+p.scrape) + "])"
}

// slower writes how many of what each native histogram grew by were above a bound; nothing where
// none was.
func (p pace) slower(s selector, bound float64) string {
	return "(histogram_fraction(" + strconv.FormatFloat(bound, 'g', -1, 64) + ", +Inf, " + p.increase(s) + ") * " + p.grown(s) + " > 0)"
}

// shrunk takes back what increase() stretched, and makes counts of the rates of a recording rule.
func (p pace) shrunk(s selector) string {
	if s.rate {
		return " * " + seconds(p.step)
	}
	return " * " + seconds(p.step) + " / " + seconds(p.step+p.scrape)
}

// counted writes how much a counter grew, over all its series.
func (p pace) counted(s selector) string {
	return "sum(" + p.grown(s) + ")" + p.shrunk(s)
}

// countedNew writes the same with the first values of new series. any shows that the
// service was there before: what is new is new beside it.
func (p pace) countedNew(s, any selector) string {
	if s.rate { // a rate does not have them
		return p.counted(s)
	}
	return "sum(" + p.firstOf(s) + " and on() group(" + any.String() + " offset " + promDuration(p.step) + ") or " + p.grown(s) + p.shrunk(s) + ")"
}

// firstOf writes the first values of the series that are new.
func (p pace) firstOf(s selector) string {
	return s.number("(" + s.String() + " unless last_over_time(" + s.String() + "[" + promDuration(back) + "] offset " + promDuration(p.step) + "))")
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'g', -1, 64) }

// promDuration writes a duration as PromQL has it.
func promDuration(d time.Duration) string {
	if d%time.Second != 0 {
		return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + "s"
}

// labelName is what a label can be called in every version of Prometheus.
var labelName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// bounded returns the condition that le is a bound: 1 is written 1 in the classic text
// format, 1.0 in OpenMetrics and by Prometheus 3.
func bounded(bound float64) matcher {
	text := strconv.FormatFloat(bound, 'g', -1, 64)
	if !strings.ContainsAny(text, ".eI") {
		return matcher{"le", "=~", text + `|` + text + `\.0`}
	}
	return matcher{"le", "=", text}
}
