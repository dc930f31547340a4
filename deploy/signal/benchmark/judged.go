package benchmark

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"plimsoll/deploy/signal"
)

// Input gives the judge what a service counts, with its control routes or without.
func (s Service) Input(control bool) signal.Input {
	begins := s.Begins
	if begins == 0 {
		begins = epoch
	}
	in := signal.Input{Deployed: begins + History*60, Now: begins + minutes*60, Clock: s.Clock, Probes: s.Probes}
	at := make([]int64, minutes)
	for m := range at {
		at[m] = begins + int64(m+1)*60
	}
	metric := func(name string, kind signal.Kind, role signal.Role, part func(Counts) signal.Points) {
		m := signal.Metric{Name: name, Kind: kind, Role: role, Step: 60, Points: part(s.Changed)}
		if control {
			other := part(s.Unchanged)
			m.Control = &other
		}
		if kind == signal.Proportion {
			m.Versions = s.beside(func(c Counts) []float64 { return part(c).Bad })
		}
		in.Metrics = append(in.Metrics, m)
	}
	metric("errors", signal.Proportion, signal.Errors, func(c Counts) signal.Points { return signal.Points{At: at, Bad: c.Bad, Total: c.Total} })
	if s.Latency != nil {
		m := signal.Metric{Name: "latency", Kind: signal.Series, Role: signal.Slow, Step: 60, Points: signal.Points{At: at, Value: s.Latency}}
		if control {
			m.Control = &signal.Points{At: at, Value: s.LatencyBeside}
		}
		in.Metrics = append(in.Metrics, m)
	} else {
		metric("slow", signal.Proportion, signal.Slow, func(c Counts) signal.Points { return signal.Points{At: at, Bad: c.Slow, Total: c.Total} })
	}
	metric("traffic", signal.Volume, signal.Traffic, func(c Counts) signal.Points { return signal.Points{At: at, Value: c.Total} })
	for _, m := range s.Earlier {
		t := begins + int64(m)*60
		in.Cuts = append(in.Cuts, signal.Cut{From: t, To: t, Why: "deployment"})
		in.Verified = append(in.Verified, t)
	}
	cuts, verified := s.Scenario.cuts(in.Deployed)
	in.Cuts, in.Verified = slices.Concat(in.Cuts, s.Cuts, cuts), slices.Concat(in.Verified, s.Settled, verified)
	return in
}

// probe asks the changed routes every minute: a probe fails as often as their requests do, and in one
// service of three while the first instances restart.
func (s *Service) probe(seed uint64) {
	r := rand.New(rand.NewPCG(seed, 0x9206e))
	slow := r.IntN(3) == 0
	for m := History; m < minutes; m++ {
		failed := r.Float64()*s.Changed.Total[m] < s.Changed.Bad[m] || slow && m < History+2
		at := s.Begins
		if at == 0 {
			at = epoch
		}
		s.Probes = append(s.Probes, signal.Probe{Name: "/", At: at + int64(m+1)*60, Passed: !failed})
	}
}

// Alphas are the shares of false alarms that are allowed.
var Alphas = []float64{0.01, 0.03}

// Outcome is what the judge said of one deployment; minutes after it, −1: never.
type Outcome struct {
	// Alarm by Alphas is p ≤ α; RollBack is p with the effect, and at Alphas[0], which
	// the judge is given, the answer itself, by whatever rule.
	Alarm, RollBack []int
	Verified        int
}

// Watched evaluates a deployment minute by minute, as a verification does, until it is
// verified. change, where given, alters the input before.
func Watched(in signal.Input, change func(*signal.Input)) (Outcome, error) {
	in.Thresholds.Alpha = Alphas[0]
	if change != nil {
		change(&in)
	}
	o := Outcome{Alarm: make([]int, len(Alphas)), RollBack: make([]int, len(Alphas)), Verified: -1}
	for i := range Alphas {
		o.Alarm[i], o.RollBack[i] = -1, -1
	}
	j, err := signal.New(in)
	if err != nil {
		return o, fmt.Errorf("benchmark: %w", err)
	}
	for m := 1; m <= Watch; m++ {
		v := j.At(in.Deployed + int64(m)*60)
		for _, r := range v.Metrics {
			for i, alpha := range Alphas {
				if !r.Calibrated || r.P > alpha*r.Alpha/v.Thresholds.Alpha {
					continue
				}
				if o.Alarm[i] < 0 {
					o.Alarm[i] = m
				}
				if i > 0 && o.RollBack[i] < 0 && r.Effect.Holds {
					o.RollBack[i] = m
				}
			}
		}
		if v.Answer == signal.RollBack && o.RollBack[0] < 0 {
			o.RollBack[0] = m
		}
		if v.Answer == signal.Verified {
			o.Verified = m
			break
		}
	}
	return o, nil
}
