package alerts

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"

	"plimsoll/deploy/promql"
)

// Bounds of one expression, and of all in a file together (see [promql.Cost]). The
// largest rules of the rendered mixins have about 500 tokens.
const (
	maxExpression  = 32 << 10 // bytes
	maxTokens      = 2000
	maxPattern     = 50_000 // states and ranges that the patterns of one expression unfold to
	maxErrors      = 5      // reported of one expression
	maxAllTokens   = 200_000
	maxAllPatterns = 2_000_000
)

// budget is what may still be parsed.
type budget struct{ tokens, patterns int }

var fullBudget = budget{maxAllTokens, maxAllPatterns}

var errTooLarge = errors.New("too large")

// expression is an expression that was parsed.
type expression struct {
	metrics  []Metric
	matchers []*labels.Matcher // of all selectors
}

// expression checks and parses the rule's expression.
func (r *reader) expression(n *yaml.Node, expr entry, rule *Rule) {
	if strings.TrimSpace(rule.Expr.Value) == "" {
		if expr.value == nil || expr.value.Kind == yaml.ScalarNode {
			r.fault(Broken, n, "the rule has no expr", "add expr: with the query")
		}
		return
	}
	if strings.Contains(rule.Expr.Value, "{{") || strings.Contains(rule.Expr.Value, "{%") {
		r.templated(expr.value)
		return
	}
	parsed, err := r.parseExpression(rule.Expr.Value)
	if err == nil {
		rule.parsed = parsed
		return
	}
	if selectors, ok := logQL(rule.Expr.Value); ok {
		rule.Language, rule.parsed = LogQL, &expression{matchers: selectors}
		if !r.reported[string(LogQL)] {
			r.reported[string(LogQL)] = true
			r.fault(Foreign, expr.value, "the expression is LogQL, Loki's language: Prometheus expects PromQL", "keep it if Loki loads this file")
		}
		return
	}
	parseErrors, ok := errors.AsType[parser.ParseErrors](err)
	if !ok {
		r.fault(Broken, expr.value, err.Error(), "simplify it, or record a part of it under a name of its own")
		return
	}
	for i, e := range parseErrors {
		if i == maxErrors {
			break
		}
		at := r.lines.position(position(r.file.Path, expr.value), rule.Expr.Value, int(e.PositionRange.Start))
		r.faults.add(Broken, at, "the expression is not PromQL: "+promql.Shorten(e.Err.Error()), "")
	}
}

// parseExpression is [parseExpression] with what was parsed before: aliases of one
// expression are many and parsed once.
func (r *reader) parseExpression(text string) (*expression, error) {
	if known, ok := r.parsed[text]; ok {
		r.budget.tokens -= known.cost.tokens
		r.budget.patterns -= known.cost.patterns
		if r.budget.tokens < 0 || r.budget.patterns < 0 {
			return nil, errNoMore
		}
		return known.expression, known.err
	}
	before := r.budget
	parsed, err := parseExpression(text, &r.budget)
	r.parsed[text] = parsedBefore{parsed, err, budget{before.tokens - r.budget.tokens, before.patterns - r.budget.patterns}}
	return parsed, err
}

// parsedBefore is what became of an expression, and what it cost.
type parsedBefore struct {
	expression *expression
	err        error
	cost       budget
}

// patternsOf is what patterns cost here: 20 of the widest classes are let through in one
// expression.
func patternsOf(cost promql.Cost) int { return cost.Patterns + 5*cost.Wide }

var errNoMore = fmt.Errorf("the expressions before this one are all that is read of one file: %w", errTooLarge)

// parseExpression parses an expression whose size is bounded first. The error is
// [parser.ParseErrors], or says what is too large.
func parseExpression(text string, left *budget) (*expression, error) {
	if len(text) > maxExpression {
		return nil, fmt.Errorf("the expression has %d bytes, at most %d are read: %w", len(text), maxExpression, errTooLarge)
	}
	cost := promql.Measure(text, maxTokens)
	left.tokens -= cost.Tokens
	left.patterns -= patternsOf(cost)
	switch {
	case cost.Tokens > maxTokens:
		return nil, fmt.Errorf("the expression has more than %d words and signs: %w", maxTokens, errTooLarge)
	case patternsOf(cost) > maxPattern:
		return nil, fmt.Errorf("the regular expressions in it unfold to more than %d states: %w", maxPattern, errTooLarge)
	case left.tokens < 0 || left.patterns < 0:
		return nil, errNoMore
	}
	expr, err := parser.ParseExpr(text)
	if err != nil {
		return nil, err
	}
	parsed := &expression{}
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			parsed.matchers = append(parsed.matchers, s.LabelMatchers...)
			parsed.metrics = append(parsed.metrics, metricsOf(s)...)
		}
		return nil
	})
	return parsed, nil
}

var (
	// logOnly is what LogQL has and PromQL has not: line filters and stages behind a
	// selector, and functions of log ranges.
	logOnly = regexp.MustCompile(`\}\s*(\|=|\|~|\|>|!>|!=|!~|\|\s*[a-z_]+)|\b(bytes_rate|bytes_over_time|rate_counter|first_over_time|approx_topk)\s*\(|\|\s*(json|logfmt|unwrap|pattern|regexp|unpack|line_format|label_format|decolorize|drop|keep)\b|\|=|\|~`)
	// streams are LogQL's selectors: braces whose texts may hold braces.
	streams = regexp.MustCompile("\\{(?:[^{}\"`]|\"(?:\\\\.|[^\"\\\\])*\"|`[^`]*`)*\\}")
)

// logQL tells whether an expression that is no PromQL is LogQL, and gives the matchers
// of its stream selectors.
func logQL(text string) (matchers []*labels.Matcher, ok bool) {
	if len(text) > maxExpression || !logOnly.MatchString(text) {
		return nil, false
	}
	for _, selector := range streams.FindAllString(text, 20) {
		if cost := promql.Measure(selector, maxTokens); cost.Tokens > maxTokens || patternsOf(cost) > maxPattern {
			continue
		}
		if found, err := parser.ParseMetricSelector(selector); err == nil {
			matchers = append(matchers, found...)
		}
	}
	return matchers, len(matchers) > 0
}
