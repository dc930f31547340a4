package preset

import (
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
}

// with gives the selector with further conditions.
func (s selector) with(more ...matcher) selector {
	return selector{s.metric, append(s.matchers[:len(s.matchers):len(s.matchers)], more...)}
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
		b.WriteString(m.label + m.operator + strconv.Quote(m.value))
	}
	b.WriteString("}")
	return b.String()
}

// back is how long a series must have been away to count as new.
const back = time.Hour

// counted writes how much a counter grew in the step that ends at the time asked for.
// any holds one and shows that the service was there before: what is new is new beside it.
func counted(one, any selector, step time.Duration) string {
	text, width := one.String(), promDuration(step)
	before := func(s selector) string {
		return "last_over_time(" + s.String() + "[" + promDuration(back) + "] offset " + width + ")"
	}
	return "sum(((" + text + " unless " + before(one) + ") and on() " + before(any) + ")" +
		" or (" + text + " - " + text + " offset " + width + " >= 0)" +
		" or increase(" + text + "[" + width + "]))"
}

// promDuration writes a duration as PromQL has it.
func promDuration(d time.Duration) string {
	if d%time.Second != 0 {
		return strconv.FormatInt(d.Milliseconds(), 10) + "ms"
	}
	return strconv.FormatInt(int64(d/time.Second), 10) + "s"
}

// labelName is what a label can be called in every version of Prometheus.
var labelName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// bounded gives the condition that le is a bound: 1 is written 1 in the classic text
// format, 1.0 in OpenMetrics and by Prometheus 3.
func bounded(bound float64) matcher {
	text := strconv.FormatFloat(bound, 'g', -1, 64)
	if !strings.ContainsAny(text, ".eI") {
		return matcher{"le", "=~", text + `|` + text + `\.0`}
	}
	return matcher{"le", "=", text}
}
