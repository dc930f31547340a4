package server

import (
	"context"
	"time"

	"plimsoll/config"
	"plimsoll/server/datadog"
	"plimsoll/server/datasource"
	"plimsoll/server/prometheus"
)

// MetricServers are those of the operator's file, by their kinds. Datadog may be nil.
type MetricServers struct {
	Prometheus *prometheus.Servers
	Datadog    *datadog.Servers
}

// mayUse reports whether the work of ctx may use what belongs to accounts or repositories.
type mayUse func(ctx context.Context, u users) (bool, error)

// OpenMetricServers makes the clients of metric servers; nil without any. Everybody may use
// them.
func OpenMetricServers(datasources []config.Datasource, now func() time.Time) (*MetricServers, error) {
	return openMetricServers(datasources, now, func(context.Context, users) (bool, error) { return true, nil })
}

func openMetricServers(datasources []config.Datasource, now func() time.Time, may mayUse) (*MetricServers, error) {
	if len(datasources) == 0 {
		return nil, nil
	}
	servers, err := prometheus.FromOperator(datasources)
	if err != nil {
		return nil, err
	}
	m := &MetricServers{}
	m.Prometheus, err = prometheus.New(prometheus.Config{Servers: servers, Now: now, MayAsk: func(ctx context.Context, s prometheus.Server) (bool, error) {
		return may(ctx, users{s.Accounts, s.Repositories})
	}})
	if err != nil {
		return nil, err
	}
	m.Datadog, err = datadog.New(datadog.Config{Servers: datadog.FromOperator(datasources), MayAsk: func(ctx context.Context, s datadog.Server) (bool, error) {
		return may(ctx, users{s.Accounts, s.Repositories})
	}})
	return m, err
}

// others are those beside Prometheus, by the languages of their queries.
func (m *MetricServers) others() map[config.Language]datasource.Client {
	others := map[config.Language]datasource.Client{}
	if m.Datadog != nil {
		others[config.LanguageDatadog] = m.Datadog
	}
	return others
}

// prepare makes the clients of other metric servers. The function that it returns puts them in
// the place of those in use. Without any in use there are none to replace.
func (m *MetricServers) prepare(datasources []config.Datasource) (replace func(), err error) {
	if m == nil {
		return nil, nil
	}
	servers, err := prometheus.FromOperator(datasources)
	if err != nil {
		return nil, err
	}
	one, err := m.Prometheus.Prepare(servers)
	if err != nil {
		return nil, err
	}
	other, err := m.Datadog.Prepare(datadog.FromOperator(datasources))
	if err != nil {
		return nil, err
	}
	return func() { one(); other() }, nil
}

// Close ends idle connections.
func (m *MetricServers) Close() {
	if m != nil {
		m.Prometheus.Close()
		if m.Datadog != nil {
			m.Datadog.Close()
		}
	}
}
