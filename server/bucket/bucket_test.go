package bucket_test

import (
	"testing"
	"time"

	"plimsoll/server/bucket"
)

func TestBuckets(t *testing.T) {
	start := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	at := func(after time.Duration) time.Time { return start.Add(after) }
	b := bucket.New[string](3, 0.5, 2)
	take := func(key string, n int, after, want time.Duration) {
		t.Helper()
		if got := b.Take(key, n, at(after)); got != want {
			t.Errorf("%d of %s after %s: wait %s, want %s", n, key, after, got, want)
		}
	}
	take("a", 1, 0, 0)
	take("a", 2, 0, 0)
	take("a", 1, 0, 2*time.Second)
	take("a", 2, 0, 4*time.Second) // what is not taken is not spent
	take("b", 3, 0, 0)             // another key, another bucket
	take("a", 1, 2*time.Second, 0)
	take("a", 1, 2*time.Second, 2*time.Second)
	take("a", 1, time.Second, 2*time.Second) // a clock that goes back fills nothing
	take("a", 3, time.Minute, 0)             // never more than the burst
	take("a", 1, time.Minute, 2*time.Second)

	b.Spend("a", 3, at(time.Minute)) // beyond what is there
	take("a", 1, time.Minute, 8*time.Second)
	take("a", 1, time.Minute+8*time.Second, 0)

	b.Spend("a", 100, at(time.Hour)) // the burst
	take("a", 1, time.Hour, 2*time.Second)

	b.Spend("c", 1, at(time.Hour)) // the third key: b was used longest ago
	take("a", 1, time.Hour, 2*time.Second)
	take("b", 3, time.Hour, 0)
}
