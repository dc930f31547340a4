package alerts

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Metric is a metric that an expression reads.
type Metric struct {
	// Name of the metric, or the regular expression that its whole name must match.
	Name    string
	Pattern bool
}

// Metrics gives the metrics that the rule's expression reads, each once and sorted: by
// name, by a matcher on __name__, inside subqueries and inside absent() as well. ALERTS
// and ALERTS_FOR_STATE are left out, which are there only while something fires. There
// are none if the expression could not be parsed or is not PromQL.
func (r Rule) Metrics() []Metric {
	if r.parsed == nil || r.Language != "" {
		return nil
	}
	return r.parsed.sorted()
}

func (e *expression) sorted() []Metric {
	all := slices.Clone(e.metrics)
	slices.SortFunc(all, func(a, b Metric) int { return strings.Compare(a.Name, b.Name) })
	return slices.Compact(all)
}

// metricsOf gives what a selector says of its metric's name.
func metricsOf(s *parser.VectorSelector) []Metric {
	var all []Metric
	for _, m := range s.LabelMatchers {
		if m.Name != model.MetricNameLabel || m.Value == "" || m.Value == "ALERTS" || m.Value == "ALERTS_FOR_STATE" {
			continue
		}
		switch m.Type {
		case labels.MatchEqual:
			all = append(all, Metric{Name: m.Value})
		case labels.MatchRegexp:
			all = append(all, Metric{Name: m.Value, Pattern: true})
		}
	}
	return all
}
