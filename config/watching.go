package config

import (
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a container image may have no time zones
	"unicode"
)

// RequestPath is the path (and query) of a request to an environment's address.
type RequestPath string

func (RequestPath) form() form {
	return form{expects: "a path", tags: onlyText, hint: "such as /healthz", pattern: `^/([^/\\]|$)`, examples: []string{"/healthz"}}
}

func (r *RequestPath) parse(text string) *wrong {
	switch {
	case strings.Contains(text, "://"), strings.HasPrefix(text, "//"):
		return &wrong{"expected a path, found the URL " + quote(text), "write only the path; it is requested at the environment's own URL"}
	case !strings.HasPrefix(text, "/"):
		return &wrong{"the path " + quote(text) + " does not begin with /", "write /" + text}
	case strings.ContainsFunc(text, unicode.IsSpace), strings.ContainsFunc(text, unicode.IsControl), strings.ContainsAny(text, `\#`):
		return &wrong{"a blank, backslash, # or control character in the path " + quote(text), "escape it with %…"}
	case len(text) > 1024:
		return &wrong{"a path of more than 1,024 bytes", "use a shorter path"}
	}
	*r = RequestPath(text)
	return nil
}

// Workflow is a file of .github/workflows, by its name alone.
type Workflow string

var workflowPattern = newShape(`^[A-Za-z0-9][A-Za-z0-9._-]*\.ya?ml$`)

func (Workflow) form() form {
	return form{expects: "the file name of a workflow", tags: onlyText, hint: "write the name of a file in .github/workflows, such as rollback.yml", pattern: workflowPattern.String(), examples: []string{"rollback.yml"}}
}

func (w *Workflow) parse(text string) *wrong {
	name := strings.TrimPrefix(text, ".github/workflows/")
	if !workflowPattern.MatchString(name) {
		return &wrong{message: "expected the file name of a workflow, found " + quote(text)}
	}
	*w = Workflow(name)
	return nil
}

// Query is a PromQL expression.
type Query string

func (Query) form() form {
	return form{expects: "a PromQL query", tags: onlyText, pattern: `\S`, examples: []string{"sum(rate(orders_placed_total[1m]))"}}
}

func (q *Query) parse(text string) *wrong {
	switch *q = Query(strings.TrimSpace(text)); {
	case *q == "":
		return &wrong{"an empty query", "write PromQL, such as sum(rate(orders_placed_total[1m]))"}
	case len(*q) > 4096:
		return &wrong{"a query of more than 4,096 bytes", "put it into a recording rule"}
	}
	return nil
}

// Literal is the value that a JSON field must have: text, a number, true, false
// or null.
type Literal struct {
	Text string
	// Kind is string, number, boolean or null.
	Kind string
}

func (Literal) form() form {
	return form{expects: "text, a number, true, false or null", tags: []string{"!!str", "!!int", "!!float", "!!bool", "!!null", "!!timestamp"}}
}

func (l *Literal) tag(tag string) {
	l.Kind = map[string]string{"!!int": "number", "!!float": "number", "!!bool": "boolean", "!!null": "null"}[tag]
	if l.Kind == "" {
		l.Kind = "string"
	}
}

// Templates are the placeholders that need no step and no secret.
var Templates = []string{"deployment.sha", "deployment.environment", "deployment.id"}

var template = newShape(`\{\{\s*(.*?)\s*\}\}`)

func (l *Literal) parse(text string) *wrong {
	l.Text = text
	if l.Kind == "null" {
		l.Text = "null"
	}
	return nil
}

// TimeZone is the name of a time zone as IANA has it; empty: UTC.
type TimeZone string

var timeZonePattern = newShape(`^[A-Z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}$`)

func (TimeZone) form() form {
	return form{expects: "a time zone", tags: onlyText, hint: "such as Europe/Berlin, America/New_York or UTC", pattern: timeZonePattern.String(), examples: []string{"Europe/Berlin"}}
}

func (z *TimeZone) parse(text string) *wrong {
	// Local is the server's own zone, which says nothing of the service.
	if _, err := time.LoadLocation(text); err != nil || text == "Local" || !timeZonePattern.MatchString(text) {
		return &wrong{message: "unknown time zone " + quote(text)}
	}
	*z = TimeZone(text)
	return nil
}

// LabelName is the name of a label of a metric.
type LabelName string

func (LabelName) form() form {
	return form{expects: "the name of a label", tags: onlyText, hint: "letters, digits and underscore, no digit first", pattern: labelName.String(), examples: []string{"version"}}
}

func (l *LabelName) parse(text string) *wrong {
	if *l = LabelName(text); !labelName.MatchString(text) || strings.HasPrefix(text, "__") {
		return &wrong{message: "expected the name of a label, found " + quote(text)}
	}
	return nil
}

// Percentage is a share between 0 and 100 %, such as "99.9%"; empty: none.
type Percentage string

var percentagePattern = newShape(`^\d{1,2}(?:\.\d{1,6})?\s*%$`)

func (Percentage) form() form {
	return form{expects: "a percentage", tags: onlyText, hint: `write "99.9%"; it is below 100 %`, pattern: percentagePattern.String(), examples: []string{"99.9%"}}
}

func (p *Percentage) parse(text string) *wrong {
	*p = Percentage(text)
	if !percentagePattern.MatchString(text) || p.Share() <= 0 {
		return &wrong{message: "expected a percentage between 0 and 100, found " + quote(text)}
	}
	return nil
}

// Share returns it as a fraction, 0.999 for "99.9%"; 0 of none.
func (p Percentage) Share() float64 {
	value, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(string(p), "%")), 64)
	if err != nil {
		return 0
	}
	return value / 100
}

// Bound is a limit of a signal: "-10%" or "+0.5" against the baseline, "< 3" or
// "> 1%" in itself, and optionally for how long ("> 5% for 5m").
type Bound struct {
	// Text as written; empty: no bound.
	Text string
	// Relative: Value is a difference from the baseline (signed); else the bad
	// side of Value is Operator's (> >= < <=).
	Relative bool
	Operator string
	// Value, divided by 100 where Percent.
	Value   float64
	Percent bool
	// For is how long it must last; 0: one sample is enough.
	For Duration
	// AtOnce: "for 0s" is written: it counts while instances restart as well.
	AtOnce bool `json:",omitempty"`
}

var zero = newShape(`^0[smh]?$`)

var boundPattern = newShape(`^([+-]|[<>]=?)\s*(\d+(?:\.\d+)?)\s*(%)?(?:\s+for\s+(\S+))?$`)

func (Bound) form() form {
	return form{expects: "a threshold", tags: onlyText, hint: `write "-10%" or "+0.5" for a change from the baseline, or "< 3", "> 1%", "> 5% for 5m" for a level`,
		pattern: `^([+-]|[<>]=?)\s*\d+(\.\d+)?\s*%?(\s+for\s+\S+)?$`, examples: []string{"-10%", "< 3", "> 5% for 5m"}}
}

func (b *Bound) parse(text string) *wrong {
	m := boundPattern.submatch(text)
	if m == nil {
		return &wrong{message: "expected a threshold, found " + quote(text)}
	}
	b.Text, b.Operator, b.Percent = text, m[1], m[3] != ""
	b.Value, _ = strconv.ParseFloat(m[2], 64)
	if b.Value > 1e15 {
		return &wrong{message: "a threshold beyond 1e15: " + quote(text)}
	}
	if b.Percent {
		b.Value /= 100
	}
	if m[1] == "+" || m[1] == "-" {
		b.Relative, b.Operator = true, ""
		if m[1] == "-" {
			b.Value = -b.Value
		}
		if b.Percent && b.Value < -1 {
			return &wrong{"a drop of more than 100%: " + quote(text), "write at most -100%, which means that nothing is left"}
		}
	}
	if m[4] != "" {
		if zero.MatchString(m[4]) {
			b.AtOnce = true
			return nil
		}
		return b.For.parse(m[4])
	}
	return nil
}
