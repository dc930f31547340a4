package server

import (
	"context"
	"time"

	"plimsoll/config"
	"plimsoll/handlers/verification"
	"plimsoll/server/probe"
	"plimsoll/server/prometheus"
	"plimsoll/server/signals"
	"plimsoll/server/store"
)

// NewWatch makes what watches a deployment without GitHub, see [handlers.Verifier.Watch].
// What was seen is kept in a store of its own; servers may be nil.
func NewWatch(keep *store.Store, allowed []config.Allowed, servers *prometheus.Servers, now func() time.Time) *verification.Verifier {
	v := &verification.Verifier{
		Courses: keep, Prober: prober{probe.New(probe.Config{}), allowed},
		Now: func(context.Context) (time.Time, error) { return now(), nil },
	}
	if servers != nil {
		v.Signals = &signals.Asker{Servers: servers}
	}
	return v
}
