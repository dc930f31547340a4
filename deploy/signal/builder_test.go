package signal

import (
	"math"
	"math/rand/v2"
	"testing"

	"plimsoll/config"
)

// deployed is the instant of the deployment in these tests.
const deployed = 1_800_000_000

// week is a service's minutes: seven days, and thirty minutes after the deployment.
type week struct {
	at                        []int64
	total, bad, slow, latency Numbers
}

// happening is what goes on in a minute, counted from the deployment.
type happening struct{ traffic, errors, slow, latency float64 }

func usual() happening { return happening{traffic: 600, errors: 0.004, slow: 0.05, latency: 120} }

// observe makes minutes from first to 30 of what happens in them.
func observe(seed uint64, first int, what func(minute int, h *happening)) week {
	r := rand.New(rand.NewPCG(seed, 7))
	var w week
	drift := 0.0
	for m := first; m <= 30; m++ {
		h := usual()
		drift = 0.8*drift + 0.1*r.NormFloat64()
		h.traffic *= 1 + 0.3*math.Sin(2*math.Pi*float64(m)/1440)
		h.errors *= math.Exp(drift)
		if what != nil {
			what(m, &h)
		}
		total := math.Max(0, math.Round(h.traffic+math.Sqrt(h.traffic)*r.NormFloat64()))
		some := func(p float64) float64 {
			mean := total * p
			return math.Min(total, math.Max(0, math.Round(mean+math.Sqrt(mean)*r.NormFloat64())))
		}
		w.at = append(w.at, deployed+int64(m)*60)
		w.total = append(w.total, total)
		w.bad = append(w.bad, some(h.errors))
		w.slow = append(w.slow, some(h.slow))
		w.latency = append(w.latency, h.latency*math.Exp(0.5*drift+0.02*r.NormFloat64()))
	}
	return w
}

func (w week) input() Input {
	return Input{Deployed: deployed, Now: deployed + 1800, Metrics: []Metric{
		{Name: "errors", Kind: Proportion, Role: Errors, Step: 60, Points: Points{At: w.at, Bad: w.bad, Total: w.total}},
		{Name: "slow", Kind: Proportion, Role: Slow, Step: 60, Points: Points{At: w.at, Bad: w.slow, Total: w.total}},
		{Name: "latency", Kind: Series, Role: Slow, Step: 60, Points: Points{At: w.at, Value: w.latency}},
		{Name: "traffic", Kind: Volume, Role: Traffic, Step: 60, Points: Points{At: w.at, Value: w.total}},
	}}
}

// keep leaves points of every metric in the input.
func keep(in *Input, leave func(m Metric, minute int64) bool) {
	for i, m := range in.Metrics {
		var p Points
		for k, at := range m.At {
			if !leave(m, (at-in.Deployed)/60) {
				continue
			}
			p.At = append(p.At, at)
			for _, n := range []struct{ from, to *Numbers }{{&m.Bad, &p.Bad}, {&m.Total, &p.Total}, {&m.Value, &p.Value}} {
				if k < len(*n.from) {
					*n.to = append(*n.to, (*n.from)[k])
				}
			}
		}
		in.Metrics[i].Points = p
	}
}

// watch evaluates minute by minute and gives the first evaluation that is decided.
func watch(t *testing.T, in Input) (Evaluation, int) {
	t.Helper()
	j, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	for m := int64(0); ; m++ {
		v := j.At(in.Deployed + 60*m)
		if v.Decided || m == 30 {
			return v, int(m)
		}
		if v.Answer != Inconclusive && v.Answer != Investigate {
			t.Fatalf("minute %d: %s, and not decided", m, v.Answer)
		}
	}
}

func has(v Evaluation, code Code, metric string) bool {
	for _, r := range v.Reasons {
		if r.Code == code && (metric == "" || r.Metric == metric) {
			return true
		}
	}
	return false
}

func limit(text string, t *testing.T) *Limit {
	t.Helper()
	file := "version: 1\ncomponents:\n  - name: a\n    environments:\n      p:\n        verify:\n          signals:\n            - {name: s, query: up, better: down, rollback: \"" + text + "\"}\n"
	parsed, err := config.ParseRepository("plimsoll.yml", []byte(file))
	if err != nil {
		t.Fatal(err)
	}
	return LimitOf(parsed.Components[0].Environments["p"].Verify.Signals[0].Rollback)
}
