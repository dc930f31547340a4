package promql

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Matchers are conditions that every selector of a query has to carry. A metric server that
// several tenants share holds them apart by a label.
type Matchers []*labels.Matcher

// ReadMatchers reads conditions such as namespace="acme".
func ReadMatchers(texts []string) (Matchers, error) {
	var all Matchers
	for _, text := range texts {
		found, err := parser.ParseMetricSelector("{" + text + "}")
		switch {
		case err == nil && len(found) == 0:
			return nil, errors.New("an empty text is no matcher, expected one such as namespace=\"acme\"")
		case err != nil:
			return nil, fmt.Errorf("%q is no matcher, expected one such as namespace=\"acme\": %s", text, Shorten(err.Error()))
		case slices.ContainsFunc(found, func(m *labels.Matcher) bool { return m.Name == model.MetricNameLabel }):
			return nil, fmt.Errorf("%q names a metric, expected a label such as namespace=\"acme\"", text)
		}
		all = append(all, found...)
	}
	return all, nil
}

// errNotEnforced means that a query was not understood as its text is written.
var errNotEnforced = errors.New("the matchers of the metric server can't be put into this query")

// Enforce returns a query whose selectors all carry the matchers, in addition to their own. It works
// on what the query means, never on its text, and reads the result again to make sure.
func (m Matchers) Enforce(query string) (string, error) {
	if len(m) == 0 {
		return query, nil
	}
	expr, err := parser.ParseExpr(query)
	if err != nil {
		return "", err
	}
	selectors := selectorsOf(expr)
	for _, s := range selectors {
		s.LabelMatchers = append(slices.Clone(s.LabelMatchers), m...)
	}
	text := expr.String()
	again, err := parser.ParseExpr(text)
	if err != nil {
		return "", errNotEnforced
	}
	if carried := selectorsOf(again); len(carried) != len(selectors) || slices.ContainsFunc(carried, func(s *parser.VectorSelector) bool { return !m.carriedBy(s) }) {
		return "", errNotEnforced
	}
	return text, nil
}

// Selector selects every series that carries the matchers; empty without any.
func (m Matchers) Selector() string {
	if len(m) == 0 {
		return ""
	}
	texts := make([]string, len(m))
	for i, matcher := range m {
		texts[i] = matcher.String()
	}
	return "{" + strings.Join(texts, ",") + "}"
}

func (m Matchers) carriedBy(s *parser.VectorSelector) bool {
	return !slices.ContainsFunc(m, func(forced *labels.Matcher) bool {
		return !slices.ContainsFunc(s.LabelMatchers, func(own *labels.Matcher) bool {
			return own.Type == forced.Type && own.Name == forced.Name && own.Value == forced.Value
		})
	})
}

func selectorsOf(expr parser.Expr) (all []*parser.VectorSelector) {
	parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
		if s, ok := node.(*parser.VectorSelector); ok {
			all = append(all, s)
		}
		return nil
	})
	return all
}
