package signal

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"

	"plimsoll/config"
)

// TestHostile: whatever a metric server or a history holds, the judge answers, says
// nothing that JSON can't carry, and does not verify what it can't see.
func TestHostile(t *testing.T) {
	all := func(f func(i int, m *Metric)) func(in *Input) {
		return func(in *Input) {
			for k := range in.Metrics {
				for i := range in.Metrics[k].At {
					f(i, &in.Metrics[k])
				}
			}
		}
	}
	set := func(m *Metric, i int, bad, total, value float64) {
		if m.Kind == Proportion {
			m.Bad[i], m.Total[i] = bad, total
			return
		}
		m.Value[i] = value
	}
	for _, c := range []struct {
		name   string
		change func(in *Input)
		never  []Answer
	}{
		{"not a number", all(func(i int, m *Metric) { set(m, i, math.NaN(), 100, math.NaN()) }), []Answer{Verified, RollBack}},
		{"infinite", all(func(i int, m *Metric) { set(m, i, 1, math.Inf(1), math.Inf(-1)) }), []Answer{Verified, RollBack}},
		{"huge", all(func(i int, m *Metric) { set(m, i, 1e300, 1e300, 1e300) }), []Answer{Verified, RollBack}},
		{"negative", all(func(i int, m *Metric) { set(m, i, -5, 100, -5) }), []Answer{RollBack}},
		{"zero", all(func(i int, m *Metric) { set(m, i, 0, 0, 0) }), []Answer{Verified, RollBack}},
		{"all bad, always", all(func(i int, m *Metric) { set(m, i, 100, 100, 100) }), []Answer{RollBack}},
		{"all equal", all(func(i int, m *Metric) { set(m, i, 1, 100, 100) }), []Answer{RollBack}},
		{"more bad than all", all(func(i int, m *Metric) { set(m, i, 200, 100, 100) }), []Answer{RollBack}},
		{"denormal", all(func(i int, m *Metric) { set(m, i, 5e-324, 5e-324, 5e-324) }), []Answer{RollBack}},
		{"up to the largest count", all(func(i int, m *Metric) { set(m, i, 1e15*float64(i%2), 1e15, 1e15*float64(i%2)) }), nil},
		{"counter resets", all(func(i int, m *Metric) {
			if i%100 == 0 {
				set(m, i, -1e9, -1e9, -1e9)
			}
		}), []Answer{RollBack}},
		{"every second point", func(in *Input) { keep(in, func(_ Metric, m int64) bool { return m%2 == 0 }) }, []Answer{RollBack}},
		{"one point in ten", func(in *Input) { keep(in, func(_ Metric, m int64) bool { return m%10 == 0 }) }, []Answer{Verified, RollBack}},
		{"no hour before", func(in *Input) { keep(in, func(_ Metric, m int64) bool { return m <= -60 || m > 0 }) }, []Answer{Verified, RollBack}},
		{"no point at all", func(in *Input) { keep(in, func(Metric, int64) bool { return false }) }, []Answer{Verified, RollBack}},
		{"one point", func(in *Input) { keep(in, func(_ Metric, m int64) bool { return m == -5000 }) }, []Answer{Verified, RollBack}},
		{"every point at one time", all(func(i int, m *Metric) { m.At[i] = deployed + 600 }), []Answer{Verified, RollBack}},
		{"times at the ends of time", all(func(i int, m *Metric) { m.At[i] = []int64{math.MinInt64, math.MaxInt64}[i%2] }), []Answer{Verified, RollBack}},
		{"a deployment at the end of time", func(in *Input) { in.Deployed, in.Now = math.MaxInt64-1e6, math.MaxInt64 }, []Answer{Verified, RollBack}},
		{"a deployment before time", func(in *Input) { in.Deployed, in.Now = math.MinInt64, math.MinInt64+100 }, []Answer{Verified, RollBack}},
		{"a look before the deployment", func(in *Input) { in.Now = in.Deployed - 100 }, []Answer{Verified, RollBack}},
		{"lists of other lengths", func(in *Input) {
			for i := range in.Metrics {
				in.Metrics[i].Bad, in.Metrics[i].Value = in.Metrics[i].Bad[:min(5, len(in.Metrics[i].Bad))], nil
			}
		}, []Answer{Verified, RollBack}},
		{"cuts that end before they begin", func(in *Input) {
			in.Cuts = []Cut{{From: math.MaxInt64, To: math.MinInt64}, {From: math.MinInt64, To: math.MinInt64}, {From: deployed, To: deployed - day}}
			in.Verified = []int64{math.MinInt64, math.MaxInt64, deployed, deployed}
		}, []Answer{RollBack}},
		{"everything cut", func(in *Input) { in.Cuts = []Cut{{From: math.MinInt64, To: math.MaxInt64}} }, []Answer{Verified, RollBack}},
		{"a clock that jumps to the ends of time", func(in *Input) {
			in.Clock = []Offset{{From: math.MinInt64, Seconds: -day}, {From: deployed - day, Seconds: day}, {From: math.MaxInt64, Seconds: 1}}
		}, []Answer{RollBack}},
		{"an empty control", func(in *Input) { in.Metrics[0].Control = &Points{} }, []Answer{RollBack}},
		{"probes outside of the window", func(in *Input) {
			for i := range 10 {
				in.Probes = append(in.Probes, Probe{Name: "x", At: deployed - int64(i)}, Probe{Name: "x", At: deployed + 1e6})
			}
		}, []Answer{RollBack}},
		{"no step after the guard", func(in *Input) { in.Thresholds.Window, in.Thresholds.Guard = 300, 300 }, []Answer{Verified, RollBack}},
		{"steps longer than the window", func(in *Input) { in.Metrics[0].Step, in.Metrics[2].Step, in.Metrics[3].Step = 3600, 3600, 3600 }, []Answer{Verified, RollBack}},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := observe(3, -7*1440, nil).input()
			for i := range in.Metrics {
				m := &in.Metrics[i]
				m.At = append([]int64(nil), m.At...)
				m.Bad, m.Total, m.Value = append(Numbers(nil), m.Bad...), append(Numbers(nil), m.Total...), append(Numbers(nil), m.Value...)
			}
			c.change(&in)
			v := evaluated(t, in)
			for _, never := range c.never {
				if v.Answer == never {
					t.Errorf("%s: %+v", v.Answer, v.Reasons)
				}
			}
			if len(v.Reasons) == 0 {
				t.Error("an answer without a reason")
			}
		})
	}
}

// evaluated decides, and checks what holds of every evaluation.
func evaluated(t *testing.T, in Input) Evaluation {
	t.Helper()
	v, err := Decide(in)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatalf("a judgement that JSON can't carry: %v", err)
	}
	var read Evaluation
	if err := json.Unmarshal(data, &read); err != nil {
		t.Fatal(err)
	}
	for _, r := range v.Metrics {
		if !(r.P > 0 && r.P <= 1 && r.Corrected > 0 && r.Corrected <= 1) {
			t.Errorf("%s: p %v, corrected %v", r.Name, r.P, r.Corrected)
		}
		if v.Answer == Verified && r.After.Points == 0 {
			t.Errorf("verified, but nothing was seen of %s", r.Name)
		}
	}
	if v.Answer == Verified && !v.Decided || v.Answer == RollBack && !v.Decided {
		t.Errorf("%s, but not decided", v.Answer)
	}
	return v
}

func TestRefused(t *testing.T) {
	for _, c := range []struct {
		say    string
		change func(in *Input)
	}{
		{"no name", func(in *Input) { in.Metrics[0].Name = "" }},
		{"the oldest first", func(in *Input) { in.Clock = []Offset{{From: 5}, {From: 5}} }},
		{"less than a day", func(in *Input) { in.Clock = []Offset{{Seconds: day + 1}} }},
		{"two metrics called", func(in *Input) { in.Metrics[1].Name = "errors" }},
		{"unknown kind", func(in *Input) { in.Metrics[0].Kind = "gauge" }},
		{"up or down", func(in *Input) { in.Metrics[0].Better = config.Better("left") }},
		{"a step of 15 s", func(in *Input) { in.Metrics[0].Step = 15 }},
		{"a weight of", func(in *Input) { in.Metrics[0].Weight = math.NaN() }},
		{"an objective of", func(in *Input) { in.Metrics[0].Objective = 1 }},
		{"a harm of ratio", func(in *Input) { in.Metrics[0].Effect = &Harm{Ratio: math.Inf(1)} }},
		{"a limit", func(in *Input) { in.Metrics[0].RollBack = &Limit{Operator: "~", Value: 3} }},
		{"alpha of", func(in *Input) { in.Thresholds.Alpha = 1.5 }},
		{"confidence of", func(in *Input) { in.Thresholds.Confidence = math.NaN() }},
		{"baseline of", func(in *Input) { in.Thresholds.Baseline = 30 * day }},
		{"window of", func(in *Input) { in.Thresholds.Window = -5 }},
		{"placebos", func(in *Input) { in.Thresholds.MostPlacebo = 1 << 30 }},
		{"a restart", func(in *Input) { in.Restart = -2 }},
		{"more than", func(in *Input) { in.Metrics = make([]Metric, 65) }},
		{"more than", func(in *Input) { in.Metrics[0].At = make([]int64, 100_001) }},
	} {
		in := observe(3, -120, nil).input()
		c.change(&in)
		if _, err := Decide(in); !errors.Is(err, ErrInput) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("expected %q, got: %v", c.say, err)
		}
	}
}

// FuzzDecide turns bytes into a short history of any numbers at any times.
func FuzzDecide(f *testing.F) {
	f.Add([]byte("errors"), uint8(0), int64(0))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0xf8, 0x7f, 1, 2, 3, 4, 5, 6, 7, 8}, uint8(1), int64(-1))
	f.Add([]byte(strings.Repeat("\x00\x01", 200)), uint8(2), int64(1<<62))
	f.Fuzz(func(t *testing.T, data []byte, kind uint8, shift int64) {
		in := Input{Deployed: deployed, Now: deployed + 1800, Restart: int64(kind>>6) - 1,
			Thresholds: Thresholds{LeastHistory: 60, LeastPlacebo: 1, MostPlacebo: 50, History: 6 * hour}}
		p := Points{}
		for i := 0; i+8 <= len(data) && i < 4096; i += 8 {
			bits := binary.LittleEndian.Uint64(data[i:])
			x := math.Float64frombits(bits)
			if bits&1 == 0 {
				x = float64(bits >> 40)
			}
			at := deployed + 1800 - int64(i/8)*60
			if bits&0xff == 0xff {
				at += shift
			}
			p.At = append(p.At, at)
			p.Bad, p.Total, p.Value = append(p.Bad, x), append(p.Total, 1000*x), append(p.Value, x)
		}
		for i, k := range []Kind{Proportion, Series, Volume} {
			m := Metric{Name: string(k), Kind: k, Role: []Role{Errors, Slow, Traffic, Other}[kind%4], Step: 60 << (kind % 3), Points: p}
			if int(kind)%3 == i {
				m.Control, m.Better = &p, config.Up
			}
			in.Metrics = append(in.Metrics, m)
		}
		in.Cuts = []Cut{{From: shift, To: deployed - hour}}
		evaluated(t, in)
	})
}

func TestNumbers(t *testing.T) {
	for text, want := range map[string]string{"[1,null,0.1]": "[1,null,0.1]", "null": "null", "[]": "[]", "[1e300,-5]": "[1e+300,-5]"} {
		var n Numbers
		if err := json.Unmarshal([]byte(text), &n); err != nil {
			t.Fatal(err)
		}
		if got, err := json.Marshal(n); err != nil || string(got) != want {
			t.Errorf("%s: %s %v", text, got, err)
		}
	}
	var n Numbers
	if json.Unmarshal([]byte(`["x"]`), &n) == nil {
		t.Error("text became a number")
	}
}
