package readycheck

import (
	"context"
	"fmt"
	"time"

	"plimsoll/checks/readiness"
	"plimsoll/config"
	"plimsoll/server/prometheus"
)

// MetricsToken is the environment variable with the metric server's token.
const MetricsToken = "PLIMSOLL_METRICS_TOKEN"

// oneServer is the metric server of the command line: whatever name the repository
// file has for it, it is asked.
type oneServer struct{ *prometheus.Servers }

var _ readiness.Metrics = oneServer{}

// metricServer makes the client of the metric server; nil without an address.
func metricServer(address string, env func(string) string) (*oneServer, error) {
	if address == "" {
		return nil, nil
	}
	servers, err := prometheus.New(prometheus.Config{
		Servers: []prometheus.Server{{Name: prometheus.Default, URL: address, Token: config.NewSecret(env(MetricsToken))}},
		Timeout: 15 * time.Second,
	})
	if err != nil {
		return nil, fmt.Errorf("--metrics: %w", err)
	}
	return &oneServer{servers}, nil
}

// Missing asks the one server, by whatever name.
func (s oneServer) Missing(ctx context.Context, _ string, names []string) ([]string, error) {
	return s.Servers.Missing(ctx, prometheus.Default, names)
}

// metricsRule needs a metric server to be evaluated.
const metricsRule = "AL004"

// notAsked gives the components with alerts of which no metric server was asked,
// because none was named.
func notAsked(standing readiness.Standing) (components []string) {
	for _, c := range standing.Components {
		if c.Result(metricsRule).Reason == readiness.NoMetrics {
			components = append(components, c.Name)
		}
	}
	return components
}
