package pulls

import (
	"context"
	"errors"
	"slices"

	"plimsoll/checks/readiness"
)

// metricsOfBase asks the operator's metric servers for a pull request from a fork. Whether a
// metric exists is shown only for what the merge base asks about: with alerts of their own,
// outsiders could find out what the operator measures. The servers are not even asked.
type metricsOfBase struct {
	metrics readiness.Metrics
	// asked are the names that the merge base asks about, by metric server.
	asked map[string][]string
	// atHead: the merge base has asked about everything.
	atHead bool
}

var errOutsider = errors.New("this pull request comes from a fork: of metrics that the base branch does not read, nothing is looked up")

// Named implements readiness.Metrics.
func (m *metricsOfBase) Named() bool { return m.metrics.Named() }

// Missing implements readiness.Metrics.
func (m *metricsOfBase) Missing(ctx context.Context, datasource string, names []string) ([]string, error) {
	if !m.atHead {
		m.asked[datasource] = append(m.asked[datasource], names...)
	} else if slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(m.asked[datasource], name) }) {
		return nil, errOutsider
	}
	return m.metrics.Missing(ctx, datasource, names)
}
