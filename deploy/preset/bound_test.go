package preset

import (
	"errors"
	"math"
	"testing"
	"time"
)

func TestNearest(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		name    string
		buckets []Bucket
		want    float64 // 0: ErrNoBound
	}{
		{"between, nearer to the upper", []Bucket{{0.1, 90}, {1, 100}, {inf, 100}}, 1},              // p95 = 0.55
		{"between, nearer to the lower", []Bucket{{0.1, 94.9}, {1, 100}, {inf, 100}}, 0.1},          // p95 = 0.12
		{"between, nearer to the upper as a ratio", []Bucket{{0.1, 92.5}, {1, 100}, {inf, 100}}, 1}, // p95 = 0.4
		{"at a bound", []Bucket{{0.1, 95}, {1, 100}, {inf, 100}}, 0.1},
		{"in the first", []Bucket{{0.1, 100}, {1, 100}, {inf, 100}}, 0.1},
		{"above the last", []Bucket{{0.1, 0}, {1, 50}, {inf, 100}}, 1},
		{"in any order, and 1 written twice", []Bucket{{inf, 50}, {1, 49}, {1, 46}, {0.1, 40}, {inf, 50}, {0.1, 0}}, 1},
		{"nobody came", []Bucket{{0.1, 0}, {inf, 0}}, 0},
		{"no +Inf", []Bucket{{0.1, 5}, {1, 10}}, 0},
		{"+Inf alone", []Bucket{{inf, 5}}, 0},
		{"nothing", nil, 0},
	} {
		got, err := Nearest(c.buckets, Slow)
		if got != c.want || errors.Is(err, ErrNoBound) != (c.want == 0) {
			t.Errorf("%s: %g, %v", c.name, got, err)
		}
	}
	for le, ok := range map[string]bool{"0.5": true, "+Inf": true, "1.0": true, "": false, "NaN": false, "x": false} {
		var b Bucket
		if b.Read(le, 1) != ok {
			t.Errorf("%q: %t", le, !ok)
		}
	}
	var b Bucket
	if b.Read("1", math.NaN()) || b.Read("1", math.Inf(1)) {
		t.Error("a count that is none")
	}
}

func TestScrape(t *testing.T) {
	for samples, want := range map[float64]time.Duration{
		40: 15 * time.Second, 39: 15 * time.Second, 41: 15 * time.Second, 20: 30 * time.Second, 10: time.Minute, 9: time.Minute, 60: 10 * time.Second, 600: time.Second,
		2: 5 * time.Minute, 1: 0, 0: 0, math.NaN(): 0,
	} {
		if got := Scrape(samples); got != want {
			t.Errorf("%g samples: %s, expected %s", samples, got, want)
		}
	}
}

func TestSteps(t *testing.T) {
	for scrape, want := range map[time.Duration]time.Duration{
		0: time.Minute, time.Second: time.Minute, 15 * time.Second: time.Minute, 30 * time.Second: 2 * time.Minute, time.Minute: 4 * time.Minute, 5 * time.Minute: 20 * time.Minute,
	} {
		if got := Step(scrape); got != want {
			t.Errorf("%s: %s", scrape, got)
		}
	}
	now := time.Date(2026, 11, 21, 12, 34, 56, 0, time.UTC)
	for _, step := range []time.Duration{time.Minute, 2 * time.Minute, 7 * time.Minute, 5 * time.Hour} {
		span := History(now, step)
		if span.Points() > MaxPoints || span.End.After(now) || now.Sub(span.End) >= step || span.Points() != int(history/step) && history%step == 0 {
			t.Errorf("%s: %+v, %d points", step, span, span.Points())
		}
		next, points := span.Start, 0
		for _, day := range span.Days() {
			if !day.Start.Equal(next) || day.End.Sub(day.Start) >= 24*time.Hour || day.Points() < 1 {
				t.Errorf("%s: %+v, expected from %s", step, day, next)
			}
			next = day.End.Add(step)
			points += day.Points()
		}
		if points != span.Points() || next.Add(-step).After(span.End) {
			t.Errorf("%s: %d points in days, %d in all", step, points, span.Points())
		}
	}
	if n := History(now, time.Minute).Points(); n != 10_080 {
		t.Errorf("%d points of 7 days", n)
	}
}
