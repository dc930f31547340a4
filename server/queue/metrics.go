package queue

import (
	"context"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics of this process's work; the counts of jobs are read when asked for.
type metrics struct {
	runs     *prometheus.CounterVec
	duration *prometheus.HistogramVec
	// circuitPauses counts pauses because of faults that jobs share.
	circuitPauses prometheus.Counter
	jobs          *prometheus.Desc
	oldest        *prometheus.Desc
	paused        *prometheus.Desc
	up            *prometheus.Desc
}

func newMetrics() metrics {
	return metrics{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "plimsoll_queue_runs_total",
			Help: "Runs of jobs in this process, by how they ended: done, retry, snooze, shared-fault, dead, given-back, lease-lost.",
		}, []string{"kind", "outcome"}),
		duration: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name:    "plimsoll_queue_run_duration_seconds",
			Help:    "How long runs of jobs took in this process.",
			Buckets: prometheus.ExponentialBuckets(0.005, 3, 11), // 5 ms to 5 minutes
		}, []string{"kind"}),
		circuitPauses: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "plimsoll_queue_circuit_pauses_total",
			Help: "Pauses of installations in this process because of a fault that their jobs share.",
		}),
		jobs: prometheus.NewDesc("plimsoll_queue_jobs",
			"Jobs in the queue of all replicas; finished ones are not counted.", []string{"state", "kind"}, nil),
		oldest: prometheus.NewDesc("plimsoll_queue_oldest_due_seconds",
			"How long the oldest ready job has been due.", nil, nil),
		paused: prometheus.NewDesc("plimsoll_queue_paused_installations",
			"Installations that are paused until a rate limit resets, or because of a fault that their jobs share.", nil, nil),
		up: prometheus.NewDesc("plimsoll_queue_up",
			"1 when the queue could be counted, 0 when the database did not answer.", nil, nil),
	}
}

func (m *metrics) observe(kind string, o outcome, took time.Duration) {
	m.runs.WithLabelValues(label(kind), string(o)).Inc()
	m.duration.WithLabelValues(label(kind)).Observe(took.Seconds())
}

// label bounds the kinds in metrics: "event/push/…" counts as "event/push".
func label(kind string) string {
	parts := strings.SplitN(kind, "/", 3)
	return strings.Join(parts[:min(2, len(parts))], "/")
}

// Describe is for Prometheus.
func (q *Queue) Describe(to chan<- *prometheus.Desc) {
	q.runs.Describe(to)
	q.duration.Describe(to)
	q.circuitPauses.Describe(to)
	for _, desc := range []*prometheus.Desc{q.jobs, q.oldest, q.paused, q.up} {
		to <- desc
	}
}

// Collect is for Prometheus. It asks the database.
func (q *Queue) Collect(to chan<- prometheus.Metric) {
	q.runs.Collect(to)
	q.duration.Collect(to)
	q.circuitPauses.Collect(to)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	stats, err := q.Stats(ctx)
	if err != nil {
		to <- prometheus.MustNewConstMetric(q.up, prometheus.GaugeValue, 0)
		return
	}
	to <- prometheus.MustNewConstMetric(q.up, prometheus.GaugeValue, 1)
	to <- prometheus.MustNewConstMetric(q.oldest, prometheus.GaugeValue, stats.OldestDue.Seconds())
	to <- prometheus.MustNewConstMetric(q.paused, prometheus.GaugeValue, float64(len(stats.Paused)))
	type series struct {
		state State
		kind  string
	}
	sums := map[series]float64{}
	for _, count := range stats.Counts {
		sums[series{count.State, label(count.Kind)}] += float64(count.Jobs)
	}
	for key, n := range sums {
		to <- prometheus.MustNewConstMetric(q.jobs, prometheus.GaugeValue, n, string(key.state), key.kind)
	}
}

var _ prometheus.Collector = (*Queue)(nil)
