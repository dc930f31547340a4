package signal

import (
	"slices"
	"testing"

	"plimsoll/config"
)

// TestAnswers: what happens to a service, and what is said of it.
func TestAnswers(t *testing.T) {
	after := func(from int, change func(h *happening)) func(int, *happening) {
		return func(m int, h *happening) {
			if m > from {
				change(h)
			}
		}
	}
	probes := func(passed ...bool) (answers []Probe) {
		for i, p := range passed {
			answers = append(answers, Probe{Name: "/healthz", At: deployed + 300 + int64(i)*30, Passed: p})
		}
		return answers
	}
	for _, c := range []struct {
		name    string
		what    func(int, *happening)
		change  func(in *Input)
		answer  Answer
		reason  Code
		metric  string
		between [2]int // minutes of the decision
	}{
		{name: "nothing happens", answer: Verified, reason: Excluded, metric: "errors", between: [2]int{15, 30}},
		{name: "errors step up", what: after(0, func(h *happening) { h.errors += 0.03 }), answer: RollBack, reason: Alarm, metric: "errors", between: [2]int{7, 10}},
		{name: "errors creep", what: func(m int, h *happening) {
			if m > 0 {
				h.errors += 0.002 * float64(m)
			}
		}, answer: RollBack, reason: Alarm, metric: "errors", between: [2]int{7, 20}},
		{name: "latency", what: after(0, func(h *happening) { h.slow, h.latency = 0.2, 250 }), answer: RollBack, reason: Alarm, metric: "slow", between: [2]int{7, 10}},
		{name: "latency as a series alone", what: after(0, func(h *happening) { h.latency = 250 }), answer: RollBack, reason: Alarm, metric: "latency", between: [2]int{7, 25}},
		{name: "traffic is lost", what: after(0, func(h *happening) { h.traffic *= 0.3 }), answer: RollBack, reason: Alarm, metric: "traffic", between: [2]int{7, 10}},
		{name: "a restart disturbs", what: func(m int, h *happening) {
			if m > 0 && m <= 4 {
				h.errors, h.slow, h.latency, h.traffic = 0.5, 0.9, 2000, 60
			}
		}, answer: Verified, reason: Excluded, between: [2]int{15, 30}},
		{name: "a slow restart, told of", what: func(m int, h *happening) {
			if m > 0 && m <= 9 {
				h.errors = 0.5
			}
		}, change: func(in *Input) { in.Restart = 5 * 60 }, answer: Verified, reason: Excluded, between: [2]int{20, 30}},
		{name: "better", what: after(0, func(h *happening) { h.errors, h.slow, h.latency, h.traffic = 0, 0.01, 60, h.traffic*1.5 }), answer: Verified, reason: Excluded, between: [2]int{15, 15}},
		{name: "no traffic after", what: after(0, func(h *happening) { h.traffic = 0 }), change: func(in *Input) { in.Metrics = in.Metrics[:2] }, answer: Inconclusive, reason: NoData, metric: "errors", between: [2]int{30, 30}},
		{name: "no traffic ever", what: func(_ int, h *happening) { h.traffic = 0 }, answer: Inconclusive, reason: NoData, metric: "errors", between: [2]int{30, 30}},
		{name: "no data after", change: func(in *Input) {
			keep(in, func(_ Metric, m int64) bool { return m <= 0 })
		}, answer: Investigate, reason: Vanished, metric: "errors", between: [2]int{30, 30}},
		{name: "one series vanishes", change: func(in *Input) {
			keep(in, func(of Metric, m int64) bool { return of.Name != "traffic" || m < 12 })
		}, answer: Investigate, reason: Vanished, metric: "traffic", between: [2]int{30, 30}},
		{name: "a series vanishes and a probe fails", change: func(in *Input) {
			keep(in, func(of Metric, m int64) bool { return of.Name != "traffic" || m <= 0 })
			in.Probes = probes(true, false, false, false)
		}, answer: RollBack, reason: ProbeFailing, metric: "/healthz", between: [2]int{6, 7}},
		{name: "the metric server is down", change: func(in *Input) {
			keep(in, func(_ Metric, m int64) bool { return m <= 0 })
			for i := range in.Metrics {
				in.Metrics[i].Answered = deployed
			}
		}, answer: Inconclusive, reason: NoAnswer, metric: "errors", between: [2]int{30, 30}},
		{name: "a probe fails, metrics are well", change: func(in *Input) { in.Probes = probes(false, false, true, false, false) }, answer: Investigate, reason: ProbeFailing, between: [2]int{30, 30}},
		{name: "a probe failed and recovered", change: func(in *Input) { in.Probes = probes(false, false, false, true, true, true, true, true) }, answer: Verified, reason: Excluded, between: [2]int{15, 30}},
		{name: "probes alone pass", change: func(in *Input) { in.Metrics, in.Probes = nil, probes(true, true) }, answer: Verified, reason: ProbesPassed, between: [2]int{30, 30}},
		{name: "probes alone fail", change: func(in *Input) { in.Metrics, in.Probes = nil, probes(false, false, false) }, answer: RollBack, reason: ProbeFailing, between: [2]int{6, 6}},
		{name: "probes fail while it restarts", change: func(in *Input) {
			in.Probes = probes(true, true, true)
			for i := range 9 {
				in.Probes = append(in.Probes, Probe{Name: "/healthz", At: deployed + int64(i)*30})
			}
		}, answer: Verified, reason: Excluded, between: [2]int{15, 30}},
		{name: "nothing is watched", change: func(in *Input) { in.Metrics = nil }, answer: Inconclusive, reason: NothingWatched, between: [2]int{30, 30}},
		{name: "an absolute limit", what: after(7, func(h *happening) { h.errors = 0.2 }), change: func(in *Input) {
			in.Metrics = in.Metrics[:1]
			in.Metrics[0].RollBack, in.Metrics[0].Objective = &Limit{Operator: ">", Value: 0.05, Percent: true, For: 300}, 0.9
			keep(in, func(_ Metric, m int64) bool { return m > -120 })
		}, answer: RollBack, reason: RollBackLimit, metric: "errors", between: [2]int{12, 14}},
		{name: "no history, no limit", change: func(in *Input) {
			keep(in, func(_ Metric, m int64) bool { return m > -120 })
		}, answer: Inconclusive, reason: NoHistory, metric: "errors", between: [2]int{30, 30}},
		{name: "no history, within a limit", change: func(in *Input) {
			in.Metrics = in.Metrics[:1]
			in.Metrics[0].RollBack = &Limit{Operator: ">", Value: 0.05, Percent: true}
			keep(in, func(_ Metric, m int64) bool { return m > -120 })
		}, answer: Verified, reason: WithinLimits, metric: "errors", between: [2]int{30, 30}},
		{name: "no history, statistics only ask", what: after(0, func(h *happening) { h.errors = 0.009 }), change: func(in *Input) {
			keep(in, func(_ Metric, m int64) bool { return m > -120 })
		}, answer: Investigate, reason: SuspiciousUncalibrated, metric: "errors", between: [2]int{30, 30}},
		{name: "no history, the budget burns", what: after(0, func(h *happening) { h.errors = 0.1 }), change: func(in *Input) {
			keep(in, func(_ Metric, m int64) bool { return m > -120 })
		}, answer: Investigate, reason: Burning, metric: "errors", between: [2]int{30, 30}},
		{name: "no history, a probe fails, the metrics are well", change: func(in *Input) {
			keep(in, func(_ Metric, m int64) bool { return m > -120 })
			in.Probes = probes(false, false, false)
		}, answer: Investigate, reason: ProbeFailing, between: [2]int{30, 30}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := observe(3, -7*1440, c.what).input()
			if c.change != nil {
				c.change(&in)
			}
			v, minute := watch(t, in)
			if v.Answer != c.answer || !v.Decided || !has(v, c.reason, c.metric) {
				t.Errorf("%s at minute %d (decided %v), expected %s by %s of %s; reasons %+v", v.Answer, minute, v.Decided, c.answer, c.reason, c.metric, v.Reasons)
			}
			if minute < c.between[0] || minute > c.between[1] {
				t.Errorf("decided at minute %d, expected %v", minute, c.between)
			}
		})
	}
}

// TestHarmThatIsOver: an effect that has gone by the last look rolls nothing back.
func TestHarmThatIsOver(t *testing.T) {
	in := observe(3, -7*1440, func(m int, h *happening) {
		if m > 5 && m <= 12 {
			h.errors, h.latency = 0.05, 400
		}
	}).input()
	v, err := Decide(in)
	if err != nil {
		t.Fatal(err)
	}
	if v.Answer != Investigate || !has(v, AlarmWithoutEffect, "errors") || !v.Metrics[0].Effect.Gone {
		t.Errorf("%s: %+v; effect %+v", v.Answer, v.Reasons, v.Metrics[0].Effect)
	}
	if early, _ := watch(t, in); early.Answer != RollBack {
		t.Errorf("while it lasted: %s", early.Answer)
	}
}

// TestLimits: what was declared, against what is measured.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		text string
		want Limit
	}{
		{"> 5% for 5m", Limit{Operator: ">", Value: 0.05, Percent: true, For: 300}},
		{"< 3", Limit{Operator: "<", Value: 3}},
		{"+50%", Limit{Relative: true, Value: 0.5, Percent: true}},
	} {
		if got := limit(c.text, t); *got != c.want {
			t.Errorf("%s: %+v", c.text, *got)
		}
	}
	if LimitOf(config.Bound{}) != nil {
		t.Error("no bound became a limit")
	}
	in := observe(3, -7*1440, nil).input()
	in.Metrics = in.Metrics[2:3]
	for _, c := range []struct {
		limit Limit
		hit   bool
	}{
		{Limit{Operator: ">", Value: 1}, true}, {Limit{Operator: ">=", Value: 1}, true}, {Limit{Operator: "<", Value: 1}, false}, {Limit{Operator: "<=", Value: 1e6}, true},
		{Limit{Operator: ">", Value: 1, For: 24 * 60}, true}, {Limit{Operator: ">", Value: 1, For: 26 * 60}, false},
	} {
		in.Metrics[0].RollBack = &c.limit
		v, err := Decide(in)
		if err != nil {
			t.Fatal(err)
		}
		if has(v, RollBackLimit, "latency") != c.hit {
			t.Errorf("%+v: %v", c.limit, v.Reasons)
		}
	}
}

// TestDeclaredEffect: a roll back needs what was declared, where it was.
func TestDeclaredEffect(t *testing.T) {
	in := observe(3, -7*1440, func(m int, h *happening) {
		if m > 0 {
			h.latency *= 1.6
		}
	}).input()
	in.Metrics = in.Metrics[2:3]
	if v, _ := watch(t, in); v.Answer != RollBack {
		t.Errorf("60 %% slower: %s", v.Answer)
	}
	in.Metrics[0].RollBack = &Limit{Relative: true, Value: 1, Percent: true}
	if v, _ := watch(t, in); v.Answer != Investigate || !has(v, AlarmWithoutEffect, "latency") {
		t.Errorf("60 %% slower where twice is declared: %s %v", v.Answer, v.Reasons)
	}
}

// TestBetterUp: the same data the other way round give the same statistics.
func TestBetterUp(t *testing.T) {
	in := observe(3, -7*1440, func(m int, h *happening) {
		if m > 0 {
			h.errors, h.latency = 0.05, 300
		}
	}).input()
	in.Metrics = []Metric{in.Metrics[0], in.Metrics[2]}
	turned := in
	turned.Metrics = slices.Clone(in.Metrics)
	for i := range turned.Metrics {
		turned.Metrics[i].Better = config.Up
	}
	turned.Metrics[0].Bad, turned.Metrics[1].Value = nil, nil
	for i, bad := range in.Metrics[0].Bad {
		turned.Metrics[0].Bad = append(turned.Metrics[0].Bad, in.Metrics[0].Total[i]-bad)
		turned.Metrics[1].Value = append(turned.Metrics[1].Value, -in.Metrics[1].Value[i])
	}
	a, errA := Decide(in)
	b, errB := Decide(turned)
	if errA != nil || errB != nil {
		t.Fatal(errA, errB)
	}
	for i := range a.Metrics {
		if a.Metrics[i].Largest != b.Metrics[i].Largest || a.Metrics[i].P != b.Metrics[i].P || a.Metrics[i].Effect.Relative != b.Metrics[i].Effect.Relative {
			t.Errorf("%s: %+v\nturned: %+v", a.Metrics[i].Name, a.Metrics[i], b.Metrics[i])
		}
	}
	if near := b.Metrics[0].After.Value; near > 0.96 || near < 0.94 {
		t.Errorf("a success rate of %v, expected 0.95", near)
	}
}
