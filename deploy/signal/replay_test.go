package signal

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
)

func creeping() Input {
	in := observe(5, -7*1440, func(m int, h *happening) {
		if m > 3 {
			h.errors *= 1.6
		}
	}).input()
	control := observe(6, -7*1440, nil)
	in.Metrics[0].Control = &Points{At: control.at, Bad: control.bad, Total: control.total}
	in.Cuts = []Cut{{From: deployed - 3*day, To: deployed - 3*day + hour, Why: "incident"}, {From: deployed - day, To: deployed - day, Why: "deployment"}}
	in.Verified = []int64{deployed - day}
	in.Probes = []Probe{{Name: "/healthz", At: deployed + 700, Passed: true}}
	return in
}

// TestReplay: what a ledger stores gives the same evaluation, byte for byte.
func TestReplay(t *testing.T) {
	in := creeping()
	in.Metrics[0].Bad[9], in.Metrics[2].Value[12], in.Metrics[3].Value[13] = math.NaN(), math.Inf(1), math.Inf(-1)
	first, err := Decide(in)
	if err != nil {
		t.Fatal(err)
	}
	stored, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var read Input
	if err := json.Unmarshal(stored, &read); err != nil {
		t.Fatal(err)
	}
	second, err := Decide(read)
	if err != nil {
		t.Fatal(err)
	}
	a, errA := json.Marshal(first)
	b, errB := json.Marshal(second)
	if errA != nil || errB != nil || string(a) != string(b) {
		t.Errorf("%v %v\nfirst  %s\nreplay %s", errA, errB, a, b)
	}
	var evaluation Evaluation
	if err := json.Unmarshal(a, &evaluation); err != nil || !reflect.DeepEqual(evaluation, first) {
		t.Errorf("a judgement read back differs: %v", err)
	}
	if d := first.Metrics[0].Dropped + first.Metrics[2].Dropped + first.Metrics[3].Dropped; d != 4 {
		// Traffic counts the very requests that errors are a part of.
		t.Errorf("%d points dropped, expected 4", d)
	}
}

// TestStableNames: what is stored today must be readable tomorrow.
func TestStableNames(t *testing.T) {
	in := creeping()
	keep(&in, func(_ Metric, m int64) bool { return m == 1 })
	in.Metrics, in.Metrics[0].Control, in.Thresholds = in.Metrics[:1], nil, Thresholds{Alpha: 0.03}
	in.Metrics[0].Bad, in.Metrics[0].Total = Numbers{1}, Numbers{600}
	got, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(got, &fields); err != nil {
		t.Fatal(err)
	}
	delete(fields, "thresholds")
	got, _ = json.Marshal(fields)
	const want = `{"cuts":[{"from":1799740800,"to":1799744400,"why":"incident"},{"from":1799913600,"to":1799913600,"why":"deployment"}],` +
		`"deployed":1800000000,"metrics":[{"at":[1800000060],"bad":[1],"kind":"proportion","name":"errors","role":"errors","step":60,"total":[600]}],` +
		`"now":1800001800,"probes":[{"at":1800000700,"name":"/healthz","passed":true}],"restart":0,"verified":[1799913600]}`
	if string(got) != want {
		t.Errorf("an input reads\n%s\nexpected\n%s", got, want)
	}
}

// TestOrderIsNothing: points, cuts and probes may come in any order.
func TestOrderIsNothing(t *testing.T) {
	in := creeping()
	want, err := Decide(in)
	if err != nil {
		t.Fatal(err)
	}
	order := rand.New(rand.NewPCG(8, 8)).Perm(len(in.Metrics[0].At))
	for i, m := range in.Metrics {
		in.Metrics[i].At = nil
		for _, k := range order {
			in.Metrics[i].At = append(in.Metrics[i].At, m.At[k])
		}
		in.Metrics[i].Bad, in.Metrics[i].Total, in.Metrics[i].Value = m.Bad.ordered(order), m.Total.ordered(order), m.Value.ordered(order)
	}
	slices.Reverse(in.Cuts)
	got, err := Decide(in)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("shuffled:\n%+v\nexpected\n%+v", got, want)
	}
}

func (n Numbers) ordered(order []int) (out Numbers) {
	for _, k := range order {
		if n != nil {
			out = append(out, n[k])
		}
	}
	return out
}

// TestNoLookAhead: a look sees nothing of what came later, and what one Judge says
// look by look is what a new one says of the data up to then.
func TestNoLookAhead(t *testing.T) {
	in := creeping()
	j, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range []int64{0, 4, 6, 7, 9, 13, 14, 22, 29, 30} {
		cut := creeping()
		cut.Now = cut.Deployed + m*60
		keep(&cut, func(_ Metric, at int64) bool { return at <= m })
		alone, err := Decide(cut)
		if err != nil {
			t.Fatal(err)
		}
		if got := j.At(cut.Now); !reflect.DeepEqual(got, alone) {
			t.Errorf("minute %d:\n%+v\nfrom the data up to then\n%+v", m, got, alone)
		}
	}
}

// TestRunningP: p never rises from look to look, so that looking costs nothing.
func TestRunningP(t *testing.T) {
	j, err := New(creeping())
	if err != nil {
		t.Fatal(err)
	}
	last := []float64{1, 1, 1, 1}
	for m := int64(0); m <= 30; m++ {
		for i, r := range j.At(deployed + m*60).Metrics {
			if r.P > last[i] {
				t.Errorf("minute %d: p of %s rose from %v to %v", m, r.Name, last[i], r.P)
			}
			last[i] = r.P
		}
	}
}

// TestCutsAndVerified: nothing cut is a placebo, and verified deployments are.
func TestCutsAndVerified(t *testing.T) {
	in := creeping()
	in.Metrics = in.Metrics[:1]
	in.Metrics[0].Control = nil
	v, err := Decide(in)
	if err != nil {
		t.Fatal(err)
	}
	if r := v.Metrics[0]; r.VerifiedPlacebos != 1 || r.Placebos > 1249 || r.Placebos < 1200 {
		t.Errorf("%d placebos, %d of them verified deployments", r.Placebos, r.VerifiedPlacebos)
	}
	c := layCuts(in, 60, 300, -10080, 30)
	instants, verified := c.instants(in, 60, -10079, reference{{-60, 0}}, 30, 1400)
	for i, at := range instants {
		if at+30 > 0 || at-60 < -10080 {
			t.Errorf("placebo at %d reaches out of the history", at)
		}
		own := i >= len(instants)-verified
		for _, cut := range in.Cuts {
			from, to := (cut.From-deployed)/60, (cut.To-deployed)/60
			if own && cut.Why == "deployment" {
				continue
			}
			if int64(at-60) < to && int64(at+30) >= from {
				t.Errorf("placebo at %d touches the %s from %d to %d", at, cut.Why, from, to)
			}
		}
	}
	// A cut every twenty minutes leaves nothing to calibrate with: the answer says so.
	for at := int64(deployed - 7*day); at < deployed; at += 20 * minute {
		in.Cuts = append(in.Cuts, Cut{From: at, To: at})
	}
	if v, err = Decide(in); err != nil || v.Metrics[0].Calibrated || !has(v, FewPlacebos, "errors") {
		t.Errorf("%v: %+v", err, v.Reasons)
	}
}
