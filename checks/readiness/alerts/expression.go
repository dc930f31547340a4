package alerts

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"go.yaml.in/yaml/v3"
)

// Bounds of one expression, and of all in a file together. The parser's work grows
// with the square of the tokens where they nest (2,000 signs in a row: 25 ms), and
// with the size that a regular expression unfolds to. The largest rules of the
// rendered mixins have about 500 tokens.
const (
	maxExpression  = 32 << 10 // bytes
	maxTokens      = 2000
	maxPattern     = 50_000 // states and ranges that the patterns of one expression unfold to
	maxErrors      = 5      // of one expression, that are told
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
		if !r.told[string(LogQL)] {
			r.told[string(LogQL)] = true
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
		at := r.lines.place(position(r.file.Path, expr.value), rule.Expr.Value, int(e.PositionRange.Start))
		r.faults.add(Broken, at, "the expression is not PromQL: "+shorten(e.Err.Error()), "")
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

var errNoMore = fmt.Errorf("the expressions before this one are all that is read of one file: %w", errTooLarge)

// parseExpression parses an expression whose size is bounded first. The error is
// [parser.ParseErrors], or says what is too large.
func parseExpression(text string, left *budget) (*expression, error) {
	if len(text) > maxExpression {
		return nil, fmt.Errorf("the expression has %d bytes, at most %d are read: %w", len(text), maxExpression, errTooLarge)
	}
	tokens, patterns := size(text)
	left.tokens -= tokens
	left.patterns -= patterns
	switch {
	case tokens > maxTokens:
		return nil, fmt.Errorf("the expression has more than %d words and signs: %w", maxTokens, errTooLarge)
	case patterns > maxPattern:
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

// size counts an expression's tokens, up to the bound, and what its patterns unfold to.
func size(text string) (tokens, patterns int) {
	lexer := parser.Lex(text)
	var item parser.Item
	for pattern := false; tokens <= maxTokens; tokens++ {
		lexer.NextItem(&item)
		switch item.Typ {
		case parser.EOF, parser.ERROR:
			return tokens, patterns
		case parser.EQL_REGEX, parser.NEQ_REGEX:
			pattern = true
			continue
		case parser.COMMENT:
			continue
		case parser.STRING:
			if pattern {
				patterns += unfolded(item.Val)
			}
		}
		pattern = false
	}
	return tokens, patterns
}

// unfolded is about how many states and ranges a quoted pattern compiles to.
func unfolded(quoted string) int {
	if len(quoted) < 2 {
		return 0
	}
	text := quoted[1 : len(quoted)-1]
	if quoted[0] == '"' {
		if plain, err := strconv.Unquote(quoted); err == nil {
			text = plain
		}
	} else if quoted[0] == '\'' && strings.Contains(text, `\`) {
		if plain, err := strconv.Unquote(`"` + strings.ReplaceAll(strings.ReplaceAll(text, `\'`, `'`), `"`, `\"`) + `"`); err == nil {
			text = plain
		}
	}
	tree, err := syntax.Parse(text, syntax.Perl|syntax.DotNL)
	if err != nil {
		return 0
	}
	return states(tree)
}

// lastFold is the last rune that has a case (regexp/syntax, maxFold).
const lastFold = 0x1e943

func states(re *syntax.Regexp) int {
	sum := 1 + len(re.Rune)
	if re.Op == syntax.OpCharClass {
		// Prometheus' parser looks through a class rune by rune, where letters have cases:
		// 2 to 5 ms for [^/], of which 20 are let through in one expression.
		for i := 0; i+1 < len(re.Rune); i += 2 {
			sum += int(max(0, min(re.Rune[i+1], lastFold)-max(re.Rune[i], 'A'))) / 50
		}
	}
	for _, sub := range re.Sub {
		sum += states(sub)
	}
	if re.Op == syntax.OpRepeat {
		sum *= max(re.Min, re.Max, 1)
	}
	return min(sum, maxAllPatterns)
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
		if tokens, patterns := size(selector); tokens > maxTokens || patterns > maxPattern {
			continue
		}
		if found, err := parser.ParseMetricSelector(selector); err == nil {
			matchers = append(matchers, found...)
		}
	}
	return matchers, len(matchers) > 0
}

// shorten bounds a message that quotes a stranger's text.
func shorten(text string) string {
	const most = 300
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}
