package signal

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// office is a service whose callers work from 8 to 18 by their own clock: traffic and nothing
// else.
func office(t *testing.T, zone string, at time.Time, seed uint64) Input {
	t.Helper()
	place, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(seed, 11))
	in := Input{Deployed: at.Unix(), Now: at.Unix() + 30*minute, Metrics: []Metric{{Name: "throughput", Kind: Volume, Role: Traffic, Step: 60}}}
	m := &in.Metrics[0]
	for k := int64(-8*1440 - 60); k <= 30; k++ {
		local := time.Unix(in.Deployed+k*60, 0).In(place)
		hours := float64(local.Hour()) + float64(local.Minute())/60
		traffic := 40.0
		if hours >= 8 && hours < 18 {
			traffic = 800
		}
		m.At = append(m.At, in.Deployed+k*60)
		m.Value = append(m.Value, math.Max(0, math.Round(traffic+math.Sqrt(traffic)*r.NormFloat64())))
	}
	return in
}

// TestClockChange deploys right before the office closes, in the days before and after the last
// clock changes. Whether traffic falls is no matter of the deployment.
func TestClockChange(t *testing.T) {
	for _, c := range []struct {
		zone string
		// day is the one on which the clock is changed.
		day time.Time
	}{
		{"Europe/Berlin", time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)},
		{"Europe/Berlin", time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC)},
		{"America/New_York", time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC)},
		{"America/New_York", time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)},
	} {
		place, err := time.LoadLocation(c.zone)
		if err != nil {
			t.Fatal(err)
		}
		for _, after := range []int{-1, 1, 2, 4} {
			at := time.Date(c.day.Year(), c.day.Month(), c.day.Day()+after, 17, 58, 0, 0, place)
			in := office(t, c.zone, at, uint64(after+10))
			in.Clock = ClockOf(place, at)
			if after > 0 && len(in.Clock) != 2 {
				t.Errorf("%s, %d days after: the clock has %d offsets", at, after, len(in.Clock))
			}
			evaluation, err := Decide(in)
			if err != nil {
				t.Fatal(err)
			}
			if evaluation.Answer != Verified {
				t.Errorf("%s, %d days after the clock change: %s, expected verified\n%+v\n%+v", at, after, evaluation.Answer, evaluation.Reasons, evaluation.Metrics[0])
			}
			if in.Clock = nil; after == 1 {
				if evaluation, err = Decide(in); err != nil || evaluation.Answer == Verified {
					t.Errorf("%s: %s without the local clock (%v): the test shows nothing", at, evaluation.Answer, err)
				}
			}
		}
	}
}
