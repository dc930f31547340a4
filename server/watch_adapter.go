package server

import (
	"context"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server/probe"
	"plimsoll/server/signals"
)

// NewWatchSources makes what [deploy.Watch] asks: what environments may be asked, and
// metric servers. servers may be nil; then so are the signals.
func NewWatchSources(allowed probe.Rules, servers *MetricServers) (deploy.Prober, deploy.SignalSource, error) {
	return watchSources(prober{probe.New(probe.Config{}), func(context.Context, contracts.RepositoryRef) (probe.Rules, error) { return allowed, nil }}, servers)
}

func watchSources(asked prober, servers *MetricServers) (deploy.Prober, deploy.SignalSource, error) {
	if servers == nil {
		return asked, nil, nil
	}
	asker, err := signals.New(servers.Prometheus, servers.others())
	return asked, asker, err
}
