package signal

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
)

// TestPromises: what is said beforehand is what the window then shows.
func TestPromises(t *testing.T) {
	in := observe(3, -7*1440, nil).input()
	j, err := New(in)
	if err != nil {
		t.Fatal(err)
	}
	promises := j.Promises()
	v := j.At(in.Now)
	for i, p := range promises {
		r := v.Metrics[i]
		if p.Metric != r.Name || !p.Calibrated || p.Excludes <= 0 {
			t.Errorf("%+v", p)
		}
		if ratio := p.Excludes / r.Bound.Reach; ratio < 0.6 || ratio > 1.7 {
			t.Errorf("%s: %v promised, %v reached", p.Metric, p.Excludes, r.Bound.Reach)
		}
	}
	if p := promises[0]; math.Abs(p.PerMinute-600) > 5 || math.Abs(p.Base-0.004) > 0.0005 || p.Sees < 0.001 || p.Sees > 0.01 || p.Requests < 5000 || p.Seconds < 300 {
		t.Errorf("errors: %+v", p)
	}
	if p := promises[3]; math.Abs(p.PerMinute-600) > 5 || p.Margin != 0.3 {
		t.Errorf("traffic: %+v", p)
	}
	var read []Promise
	if data, err := json.Marshal(promises); err != nil {
		t.Error(err)
	} else if err := json.Unmarshal(data, &read); err != nil || !reflect.DeepEqual(read, promises) {
		t.Errorf("read back from %s: %v", data, err)
	}
}

// TestPromisesOfLittle: without history nothing is promised, without traffic nothing
// is seen.
func TestPromisesOfLittle(t *testing.T) {
	for name, in := range map[string]Input{
		"two hours": observe(3, -120, nil).input(),
		"silence":   observe(3, -7*1440, func(_ int, h *happening) { h.traffic = 0 }).input(),
		"nothing":   {Deployed: deployed, Metrics: []Metric{{Name: "errors", Kind: Proportion, Step: 60}}},
	} {
		j, err := New(in)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range j.Promises() {
			if p.Kind == Proportion && (p.Sees != 0 || p.Requests != 0 || p.Excludes != 0) {
				t.Errorf("%s: %+v", name, p)
			}
			if _, err := json.Marshal(p); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	near(t, "0.2 % with 598 requests", smallestSeen(0.002, 598), 0.01, 0.0002)
	near(t, "0.2 % with 8,918 requests", smallestSeen(0.002, 8918), 0.002, 0.00005)
	near(t, "too few", smallestSeen(0.5, 3), 0, 0)
}
