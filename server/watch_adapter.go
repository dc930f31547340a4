package server

import (
	"context"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server/probe"
	"plimsoll/server/prometheus"
	"plimsoll/server/signals"
)

// NewWatchSources makes what [deploy.Watch] asks: environments that may be probed, and
// metric servers. servers may be nil; then so are the signals.
func NewWatchSources(allowed []config.Allowed, servers *prometheus.Servers) (deploy.Prober, deploy.SignalSource, error) {
	return watchSources(prober{probe.New(probe.Config{}), func(context.Context, contracts.RepositoryRef) ([]config.Allowed, error) { return allowed, nil }}, servers)
}

func watchSources(asked prober, servers *prometheus.Servers) (deploy.Prober, deploy.SignalSource, error) {
	if servers == nil {
		return asked, nil, nil
	}
	asker, err := signals.New(servers)
	return asked, asker, err
}
