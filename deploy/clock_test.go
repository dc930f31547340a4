package deploy

import (
	"context"
	"slices"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/deploy/preset"
	"plimsoll/deploy/signal"
)

// emptySource has one signal without points.
type emptySource struct{ SignalSource }

func (emptySource) History(_ context.Context, v Verification, _ preset.Changed) (*History, *Gap, error) {
	return &History{Asked: v.Began, Step: 60, Signals: []Watched{{Name: "throughput", Kind: signal.Volume, Value: "up"}}}, nil, nil
}

func (emptySource) Since(context.Context, *History, []int64, time.Time) ([]Measured, *Gap, error) {
	return nil, nil, nil
}

// TestLocalClock: what a verification is decided by has the changes of the clock of the declared
// time zone.
func TestLocalClock(t *testing.T) {
	monday := time.Date(2026, 10, 26, 16, 0, 0, 0, time.UTC) // the day after the change in Europe
	for _, c := range []struct {
		zone  string
		began time.Time
		want  []int64
	}{
		{"timezone: Europe/Berlin", monday, []int64{7200, 3600}},
		{"timezone: America/New_York", monday, nil},
		{"timezone: Europe/Berlin", monday.AddDate(0, 2, 0), nil},
		{"every: 30s", monday, nil},
	} {
		file, err := config.ParseRepository("plimsoll.yml", []byte("version: 1\ncomponents:\n  - name: a\n    environments:\n      p:\n        verify:\n          "+c.zone+"\n          signals: [{preset: http, match: {job: a}}]\n"))
		if err != nil {
			t.Fatal(err)
		}
		v := Verification{Began: c.began, Plan: NewPlan(file.Components[0].Environments["p"])}
		o, err := NewObserver(func(context.Context) (time.Time, error) { return c.began, nil }, nobody{}, emptySource{}, noPast{}, &inMemory{})
		if err != nil {
			t.Fatal(err)
		}
		seen := &Observations{}
		if err := o.Observe(t.Context(), v, 0, seen); err != nil {
			t.Fatal(err)
		}
		var got []int64
		for _, o := range Input(v, seen.History, seen.Samples, 0, c.began).Clock {
			got = append(got, o.Seconds)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s at %s: offsets %v, expected %v", c.zone, c.began, got, c.want)
		}
	}
}

// nobody answers no probe.
type nobody struct{ Prober }
