package queue

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// gather gives every value that a queue shows, as "name{labels} value"; of
// histograms the count.
func gather(t *testing.T, q *Queue) []string {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(q)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			labels := ""
			for _, pair := range metric.GetLabel() {
				labels += pair.GetName() + "=" + pair.GetValue() + " "
			}
			value := metric.GetGauge().GetValue() + metric.GetCounter().GetValue() + float64(metric.GetHistogram().GetSampleCount())
			lines = append(lines, fmt.Sprintf("%s{%s} %g", family.GetName(), labels, value))
		}
	}
	return lines
}

func TestMetrics(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		b.Register("event", func(_ context.Context, job Job) error {
			switch job.Key {
			case "bad":
				return Permanent(errors.New("x"))
			case "limited":
				return Snooze{Until: b.clock().Add(time.Hour)}
			}
			return nil
		})
		b.enqueue(Job{Installation: 1, Kind: "event/push", Key: "good"}, Job{Installation: 1, Kind: "event/push/7", Key: "bad"})
		b.runDue()
		b.enqueue(Job{Installation: 1, Kind: "event/push", Key: "limited"})
		b.runDue()
		b.advance(30 * time.Second)
		want := []string{
			"plimsoll_queue_circuit_pauses_total{} 0",
			"plimsoll_queue_jobs{kind=event/push state=dead } 1",
			"plimsoll_queue_jobs{kind=event/push state=ready } 1",
			"plimsoll_queue_oldest_due_seconds{} 30",
			"plimsoll_queue_paused_installations{} 1",
			"plimsoll_queue_run_duration_seconds{kind=event/push } 3",
			"plimsoll_queue_runs_total{kind=event/push outcome=dead } 1",
			"plimsoll_queue_runs_total{kind=event/push outcome=done } 1",
			"plimsoll_queue_runs_total{kind=event/push outcome=snooze } 1",
			"plimsoll_queue_up{} 1",
		}
		if got := gather(t, b.Queue); !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	})
}

func TestMetricsOfSharedFaults(t *testing.T) {
	each(t, Config{}, func(t *testing.T, b *bench) {
		b.outage(func(Job) bool { return true })
		for _, key := range []string{"pull/1", "pull/2", "pull/3"} {
			b.enqueue(Job{Installation: 1, Kind: "pull", Key: key})
		}
		b.runDue()
		got := gather(t, b.Queue)
		for _, want := range []string{
			"plimsoll_queue_circuit_pauses_total{} 1", "plimsoll_queue_paused_installations{} 1",
			"plimsoll_queue_runs_total{kind=pull outcome=retry } 1", "plimsoll_queue_runs_total{kind=pull outcome=shared-fault } 2",
		} {
			if !slices.Contains(got, want) {
				t.Errorf("no %s in %q", want, got)
			}
		}
	})
}

func TestMetricsTellThatTheDatabaseIsGone(t *testing.T) {
	s, err := store.Open(t.Context(), store.Options{DSN: storetest.SQLite(t)})
	if err != nil {
		t.Fatal(err)
	}
	q := newQueue(t, s, Config{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := gather(t, q); !slices.Equal(got, []string{"plimsoll_queue_circuit_pauses_total{} 0", "plimsoll_queue_up{} 0"}) {
		t.Errorf("got %q", got)
	}
}
