package queue

import (
	"testing"
	"time"
)

func TestConfigIsChecked(t *testing.T) {
	for _, c := range []Config{{Workers: -1}, {Lease: -1}, {Keep: time.Hour}, {MaxFailures: -1}, {Poll: -1}} {
		if _, err := New(nil, c); err == nil {
			t.Errorf("New(%+v) gave no error", c)
		}
	}
}

func TestBackoffDoublesUpToItsBound(t *testing.T) {
	config := Config{Random: func() float64 { return 0 }}.WithDefaults()
	for failures, want := range map[int]time.Duration{1: 5 * time.Second, 2: 10 * time.Second, 10: 2560 * time.Second, 11: time.Hour, 500: time.Hour} {
		if got := config.backoff(failures); got != want {
			t.Errorf("after %d failures: %v, want %v", failures, got, want)
		}
	}
	config.Random = func() float64 { return 0.5 }
	if got := config.backoff(1); got != 3750*time.Millisecond {
		t.Errorf("with jitter: %v", got)
	}
}
