package terminal

import (
	"strings"
	"testing"
	"time"
)

// A counter is silent for a second, then shows rate and time left on standard error, and
// takes the line away. Where nobody watches, nothing is written.
func TestCounter(t *testing.T) {
	for _, watched := range []bool{true, false} {
		var out, errs strings.Builder
		now := time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)
		term := &Terminal{Stdout: &out, Stderr: &errs, Progress: watched, Now: func() time.Time { return now }}
		count := term.Counter("installation 4711", "entries")
		now = now.Add(500 * time.Millisecond)
		count(4_000, 200_000)
		if errs.String() != "" {
			t.Errorf("after half a second: %q", errs.String())
		}
		now = now.Add(1500 * time.Millisecond)
		count(16_000, 200_000)
		now = now.Add(100 * time.Millisecond)
		count(17_000, 200_000) // too soon
		count(0, 0)
		want := ""
		if watched {
			want = "installation 4711: 16,000 of 200,000 entries, 8,000 per second, 23 s left\r\x1b[K"
		}
		if errs.String() != want || out.String() != "" {
			t.Errorf("watched %v: %q, want %q; stdout %q", watched, errs.String(), want, out.String())
		}
	}
}

func TestTimeLeft(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 300 * time.Millisecond: "1 s", 59 * time.Second: "59 s", 61 * time.Second: "2 min", 90 * time.Minute: "1 h 30 min",
	} {
		if got := TimeLeft(d); got != want {
			t.Errorf("%s: %s, want %s", d, got, want)
		}
	}
}
