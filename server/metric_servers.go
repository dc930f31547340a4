package server

import (
	"context"
	"time"

	"plimsoll/checks/readiness"
	"plimsoll/config"
	"plimsoll/server/cloudwatch"
	"plimsoll/server/datadog"
	"plimsoll/server/datasource"
	"plimsoll/server/prometheus"
)

// MetricServers are those of the operator's file, by their kinds.
type MetricServers struct {
	Prometheus *prometheus.Servers
	Datadog    *datadog.Servers
	CloudWatch *cloudwatch.Servers
}

// mayUse reports whether the work of ctx may use what belongs to accounts or repositories.
type mayUse func(ctx context.Context, u users) (bool, error)

// OpenMetricServers makes the clients of metric servers; nil without any. Everybody may use
// them.
func OpenMetricServers(datasources []config.Datasource, now func() time.Time) (*MetricServers, error) {
	if len(datasources) == 0 {
		return nil, nil
	}
	return openMetricServers(datasources, now, func(context.Context, users) (bool, error) { return true, nil })
}

func openMetricServers(datasources []config.Datasource, now func() time.Time, may mayUse) (*MetricServers, error) {
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
	if err != nil {
		return nil, err
	}
	m.CloudWatch, err = cloudwatch.New(cloudwatch.Config{Servers: cloudwatch.FromOperator(datasources), Now: now, MayAsk: func(ctx context.Context, s cloudwatch.Server) (bool, error) {
		return may(ctx, users{s.Accounts, s.Repositories})
	}})
	return m, err
}

// others are those beside Prometheus, by the languages of their queries.
func (m *MetricServers) others() map[config.Language]datasource.Client {
	return map[config.Language]datasource.Client{config.LanguageDatadog: m.Datadog, config.LanguageCloudWatch: m.CloudWatch}
}

// Named reports whether there is any.
func (m *MetricServers) Named() bool {
	return m.Prometheus.Named() || m.Datadog.Named() || m.CloudWatch.Named()
}

// Missing implements [readiness.Metrics]: rule files for alerts are Prometheus's.
func (m *MetricServers) Missing(ctx context.Context, datasource string, names []string) ([]string, error) {
	return m.Prometheus.Missing(ctx, datasource, names)
}

var _ readiness.Metrics = (*MetricServers)(nil)

// prepare makes the clients of other metric servers. The function that it returns puts them in
// the place of those in use.
func (m *MetricServers) prepare(datasources []config.Datasource) (replace func(), err error) {
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
	third, err := m.CloudWatch.Prepare(cloudwatch.FromOperator(datasources))
	if err != nil {
		return nil, err
	}
	return func() { one(); other(); third() }, nil
}

// Close ends idle connections.
func (m *MetricServers) Close() {
	if m != nil {
		m.Prometheus.Close()
		m.Datadog.Close()
		m.CloudWatch.Close()
	}
}
