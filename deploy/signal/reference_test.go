package signal

import (
	"reflect"
	"testing"
)

// earlier adds a deployment, minutes before this one, with what went on until it was over.
func earlier(in *Input, minutes, over int64, verified bool) {
	at := in.Deployed - minutes*60
	in.Cuts = append(in.Cuts, Cut{From: at, To: at + over*60, Why: "deployment"})
	if verified {
		in.Verified = append(in.Verified, at)
	}
}

// TestQuiet: the reference is the newest cells in which nothing happened.
func TestQuiet(t *testing.T) {
	in := Input{Deployed: deployed, Cuts: []Cut{{From: deployed - 10*minute, To: deployed}, {From: deployed - 40*minute, To: deployed - 40*minute}}}
	c := layCuts(in, 60, 300, -2000, 30)
	// A cut covers the cell in which it begins, and its guard.
	got := c.quiet(0, 60, -1440)
	want := reference{{-35, -11}, {-77, -41}}
	if !reflect.DeepEqual(got, want) || got.cells() != 60 || got.begins() != -77 {
		t.Errorf("%v, expected %v", got, want)
	}
	if got := c.quiet(0, 60, -45); got != nil {
		t.Errorf("27 of 60 quiet cells are a reference: %v", got)
	}
	if got := c.quiet(0, 60, -60); got.cells() != 43 {
		t.Errorf("43 of 60 quiet cells are none: %v", got)
	}
}

// TestReference: what a deployment is compared with, whatever came before it.
func TestReference(t *testing.T) {
	harm := func(from, to int) func(int, *happening) {
		return func(m int, h *happening) {
			if m > from && m <= to {
				h.errors += 0.03
			}
		}
	}
	both := func(whats ...func(int, *happening)) func(int, *happening) {
		return func(m int, h *happening) {
			for _, what := range whats {
				what(m, h)
			}
		}
	}
	for _, c := range []struct {
		name   string
		what   func(int, *happening)
		change func(in *Input)
		answer Answer
		reason Code
		begins int64 // minutes before the deployment, of the reference of errors; 0: whatever
	}{
		{name: "a harmless deployment shortly before", what: harm(-25, -21), change: func(in *Input) { earlier(in, 25, 0, true) }, answer: Verified, reason: Excluded, begins: -66},
		{name: "a roll-out that serves before it is over", what: harm(-10, 30), change: func(in *Input) { earlier(in, 10, 10, false) }, answer: RollBack, reason: Alarm, begins: -71},
		{name: "the same fault in what this one superseded", what: harm(-25, 30), change: func(in *Input) { earlier(in, 25, 25, false) }, answer: RollBack, reason: Alarm, begins: -86},
		{name: "what it superseded was at fault, and this one is not", what: harm(-25, 0), change: func(in *Input) { earlier(in, 25, 25, false) }, answer: Verified, reason: Excluded, begins: -86},
		{name: "an incident before that nobody declared, and the same after", what: harm(-70, 30), answer: RollBack, reason: Alarm},
		{name: "an incident before, and nothing after", what: harm(-50, -3), answer: Verified, reason: Excluded},
		{name: "a little more than usual since it was verified, and so after", what: func(m int, h *happening) {
			if m > -100 {
				h.errors *= 1.3
			}
		}, change: func(in *Input) { earlier(in, 100, 0, true) }, answer: Verified, reason: Excluded, begins: -60},
		{name: "better since it was verified, and then as before", what: func(m int, h *happening) {
			if m > -400 && m <= 0 {
				h.errors = 0.0002
			}
		}, change: func(in *Input) { earlier(in, 400, 0, true) }, answer: RollBack, reason: Alarm, begins: -60},
		{name: "what has been so for a day is what it is compared with", what: harm(-1440-300, 30), change: func(in *Input) { earlier(in, 1440+300, 1440, false) }, answer: Verified, reason: Excluded},
		{name: "deployments without a pause", change: func(in *Input) {
			for m := int64(20); m < 3*1440; m += 20 {
				earlier(in, m, 18, false)
			}
		}, answer: Inconclusive, reason: NoReference},
		{name: "a fault, and deployments without a pause", what: harm(0, 30), change: func(in *Input) {
			for m := int64(20); m < 3*1440; m += 20 {
				earlier(in, m, 18, false)
			}
		}, answer: Inconclusive, reason: NoReference},
		{name: "a rollback ends what it undoes", what: both(harm(-30, 0), harm(-400, -370)), change: func(in *Input) {
			earlier(in, 30, 30, false)
			earlier(in, 400, 30, false)
		}, answer: Verified, reason: Excluded, begins: -91},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := observe(3, -7*1440, c.what).input()
			in.Metrics = in.Metrics[:1]
			if c.change != nil {
				c.change(&in)
			}
			v, minute := watch(t, in)
			if v.Answer != c.answer || !has(v, c.reason, "errors") {
				t.Errorf("%s at minute %d, expected %s by %s; %+v", v.Answer, minute, c.answer, c.reason, v.Reasons)
			}
			if r := v.Metrics[0].Reference; c.begins != 0 && (len(r) == 0 || (r[0].From-deployed)/60 != c.begins) {
				t.Errorf("the reference is %v, expected to begin %d minutes before", r, c.begins)
			}
		})
	}
}

// TestTraffic: three times the traffic is no alarm, as long as the history can speak for it.
func TestTraffic(t *testing.T) {
	more := func(times float64) func(int, *happening) {
		return func(m int, h *happening) {
			if m > 0 {
				h.traffic *= times
			}
		}
	}
	in := observe(3, -7*1440, more(4)).input()
	in.Metrics = in.Metrics[:1]
	v, _ := watch(t, in)
	if v.Answer != Inconclusive || !has(v, UnusualTraffic, "errors") || v.Metrics[0].P != 1 {
		t.Errorf("four times the traffic: %s, %+v", v.Answer, v.Reasons)
	}
	in = observe(3, -7*1440, more(1.8)).input()
	in.Metrics = in.Metrics[:1]
	if v, _ = watch(t, in); v.Answer != Verified {
		t.Errorf("1.8 times the traffic: %s, %+v", v.Answer, v.Reasons)
	}
}

// TestGross: harm that nobody needs statistics for is told while instances restart.
func TestGross(t *testing.T) {
	probes := func(failing bool) (all []Probe) {
		for at := int64(0); at <= 1800; at += 30 {
			all = append(all, Probe{Name: "/healthz", At: deployed + at, Passed: !failing || at < 30})
		}
		return all
	}
	for _, c := range []struct {
		name    string
		errors  float64
		from    int // minutes
		to      int
		probes  []Probe
		change  func(in *Input)
		answer  Answer
		reason  Code
		between [2]int
	}{
		{name: "most fail, and so does a probe", errors: 0.7, to: 30, probes: probes(true), answer: RollBack, reason: Gross, between: [2]int{2, 3}},
		{name: "most fail, and the probes pass", errors: 0.7, to: 4, probes: probes(false), answer: Verified, reason: Excluded, between: [2]int{8, 30}},
		{name: "some fail, and so does a probe", errors: 0.3, to: 4, probes: probes(true)[:5], answer: Verified, reason: Excluded, between: [2]int{8, 30}},
		{name: "most always fail", errors: 0.7, from: -8000, to: 30, probes: probes(true)[:5], answer: Verified, reason: Excluded, between: [2]int{8, 30}},
		{name: "most failed after a deployment that was verified", errors: 0.7, to: 4, probes: probes(true)[:5], change: func(in *Input) {
			earlier(in, 2000, 0, true)
			for i, at := range in.Metrics[0].At {
				if m := (at - deployed) / 60; m > -2000 && m <= -1997 {
					in.Metrics[0].Bad[i] = in.Metrics[0].Total[i]
				}
			}
		}, answer: Verified, reason: Excluded, between: [2]int{8, 30}},
		{name: "the old version's do not count", errors: 0.7, to: 4, probes: probes(true)[:5], change: func(in *Input) { in.Restart = 4 * 60 }, answer: Verified, reason: Excluded, between: [2]int{8, 30}},
		{name: "a limit that holds at once", errors: 0.2, to: 30, change: func(in *Input) {
			in.Metrics[0].RollBack = &Limit{Operator: ">", Value: 0.1, Percent: true, AtOnce: true}
		}, answer: RollBack, reason: RollBackLimit, between: [2]int{1, 2}},
		{name: "a change from the baseline has to be unusual as well, also at once", errors: 0.0045, from: -8000, to: 30, change: func(in *Input) {
			in.Metrics[0].RollBack = &Limit{Relative: true, Value: 0.001, Percent: true, AtOnce: true}
		}, answer: Verified, reason: Excluded, between: [2]int{8, 30}},
		{name: "a limit that does not", errors: 0.2, to: 30, change: func(in *Input) {
			in.Metrics[0].RollBack = &Limit{Operator: ">", Value: 0.1, Percent: true}
		}, answer: RollBack, reason: RollBackLimit, between: [2]int{6, 6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := observe(3, -7*1440, func(m int, h *happening) {
				if m > c.from && m <= c.to {
					h.errors = c.errors
				}
			}).input()
			in.Metrics, in.Probes = in.Metrics[:1], c.probes
			if c.change != nil {
				c.change(&in)
			}
			v, minute := watch(t, in)
			if has(v, Gross, "") && c.reason != Gross {
				t.Errorf("gross harm is named: %+v", v.Reasons)
			}
			if v.Answer != c.answer || c.reason != "" && !has(v, c.reason, "errors") || minute < c.between[0] || minute > c.between[1] {
				t.Errorf("%s at minute %d, expected %s by %s at %v; %+v", v.Answer, minute, c.answer, c.reason, c.between, v.Reasons)
			}
		})
	}
}

// TestBurnRate: what burns always is no reason, and neither is a burn rate without history.
func TestBurnRate(t *testing.T) {
	for _, c := range []struct {
		name          string
		before, after float64
		objective     float64
		burns         bool
	}{
		{"3 % always, 99.9 % promised", 0.03, 0.03, 0.999, false},
		{"3 % always, nothing promised", 0.03, 0.03, 0, false},
		{"3 %, then 10 %, nothing promised: three times the usual", 0.03, 0.1, 0, false},
		{"3 %, then 10 %, 99.9 % promised", 0.03, 0.1, 0.999, true},
		{"0.1 %, then 10 %", 0.001, 0.1, 0, true},
	} {
		in := observe(3, -7*1440, func(m int, h *happening) {
			if h.errors = c.before; m > 0 {
				h.errors = c.after
			}
		}).input()
		in.Metrics = in.Metrics[:1]
		in.Metrics[0].Objective = c.objective
		v, err := Decide(in)
		if err != nil {
			t.Fatal(err)
		}
		if has(v, Burning, "errors") != c.burns {
			t.Errorf("%s: %+v", c.name, v.Reasons)
		}
	}
}
