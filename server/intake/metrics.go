package intake

import "github.com/prometheus/client_golang/prometheus"

type metrics struct {
	hooks *prometheus.CounterVec
}

func newMetrics() metrics {
	return metrics{hooks: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "plimsoll_webhooks_total",
		Help: "Webhooks by event and what became of them: stored, duplicate, revived, ignored, failed, refused-….",
	}, []string{"event", "result"})}
}

// count counts a webhook. Only signed ones name their event: others could name
// any number.
func (m *metrics) count(event string, r result) { m.hooks.WithLabelValues(event, string(r)).Inc() }

// Describe is for Prometheus.
func (in *Intake) Describe(to chan<- *prometheus.Desc) { in.hooks.Describe(to) }

// Collect is for Prometheus.
func (in *Intake) Collect(to chan<- prometheus.Metric) { in.hooks.Collect(to) }

var _ prometheus.Collector = (*Intake)(nil)
