package deploy

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"plimsoll/config"
)

var began = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

// watch is a verification of five minutes with a health probe and one for the version.
func watch(signals int) Verification {
	return Verification{
		Deployment: 7, Commit: "abc", Began: began, URL: "https://orders.acme.dev",
		Plan: Plan{Declared: true, For: 5 * time.Minute, Every: time.Minute, Probes: make([]config.Probe, 2), Signals: make([]config.Signal, signals)},
	}
}

// samplesOf are samples by one letter each: p passes, f fails, o is answered by another
// version, r may not be asked, - was not taken.
func samplesOf(pattern string) (samples []Sample) {
	for n, letter := range pattern {
		health := ProbeResult{Method: "GET", Path: "/healthz", Outcome: ProbePassed, Status: 200}
		version := ProbeResult{Method: "GET", Path: "/version", Outcome: ProbePassed, Fields: []ProbedField{{Path: "sha", Matches: true, Version: true}}}
		switch letter {
		case '-':
			continue
		case 'f':
			health.Outcome, health.Status = ProbeStatus, 503
		case 'o':
			version.Outcome, version.Fields = ProbeField, []ProbedField{{Path: "sha", Kind: "string", Version: true}}
		case 'r':
			health.Outcome, health.Refusal = ProbeRefused, RefusedHost
			version = health
		}
		samples = append(samples, Sample{N: n, At: began.Add(time.Duration(n) * time.Minute), Probes: []ProbeResult{health, version}})
	}
	return samples
}

func TestDecide(t *testing.T) {
	for pattern, c := range map[string]struct {
		signals int
		want    Answer // empty: too early
		kind    ReasonKind
	}{
		"":       {want: ""},
		"p":      {want: ""},
		"ff":     {want: ""},
		"fff":    {want: RollBack, kind: ReasonProbeFails},
		"fpfpf":  {want: RollBack, kind: ReasonProbeFails},
		"fppppf": {want: Investigate, kind: ReasonProbeUnsteady},
		"fppppp": {want: Investigate, kind: ReasonProbeUnsteady},
		"pppppf": {want: Investigate, kind: ReasonProbeUnsteady},
		"pppppp": {want: Verified, kind: ReasonProbesPass},
		"oopppp": {want: Verified, kind: ReasonProbesPass},
		"oooooo": {want: Investigate, kind: ReasonOldVersion},
		"ooo":    {want: ""},
		"rrrrrr": {want: Inconclusive, kind: ReasonNotProbed},
		"p----p": {want: Inconclusive, kind: ReasonTooFew},
		"pp---p": {want: Verified, kind: ReasonProbesPass},
	} {
		t.Run(pattern, func(t *testing.T) {
			samples := samplesOf(pattern)
			now := began.Add(time.Duration(max(len(pattern)-1, 0)) * time.Minute)
			verdict, decided := Decide(watch(c.signals), nil, samples, now)
			if decided != (c.want != "") || verdict.Answer != c.want || decided && verdict.Reasons[0].Kind != c.kind {
				t.Errorf("%q %t %+v, expected %q by %s", verdict.Answer, decided, verdict.Reasons, c.want, c.kind)
			}
		})
	}
}

// Signals that nobody evaluated are no pass, and no reason to go back.
func TestSignalsThatAreNotEvaluated(t *testing.T) {
	verdict, decided := Decide(watch(1), nil, samplesOf("pppppp"), began.Add(5*time.Minute))
	if !decided || verdict.Answer != Inconclusive || verdict.Reasons[0].Kind != ReasonNotMeasured {
		t.Errorf("%+v, %t", verdict, decided)
	}
	if verdict, _ := Decide(watch(1), nil, samplesOf("fff"), began.Add(2*time.Minute)); verdict.Answer != RollBack {
		t.Errorf("%+v: a probe that fails decides all the same", verdict)
	}
}

func TestWhatCantBeWatched(t *testing.T) {
	v := watch(0)
	v.URL = ""
	if verdict, ok := Decide(v, nil, nil, began); !ok || verdict.Reasons[0].Kind != ReasonNoAddress {
		t.Errorf("%+v, %t", verdict, ok)
	}
	if verdict, ok := Decide(Verification{}, nil, nil, began); !ok || verdict.Answer != Inconclusive || verdict.Reasons[0].Kind != ReasonNotDeclared {
		t.Errorf("%+v, %t", verdict, ok)
	}
}

// The next look is the newest that is due; what was missed is not made up.
func TestNext(t *testing.T) {
	v := watch(0)
	for name, c := range map[string]struct {
		taken   string
		minutes float64
		n       int
		ok      bool
	}{
		"the first":            {"", 0, 0, true},
		"the first, late":      {"", 0.5, 0, true},
		"the second":           {"p", 0, 1, true},
		"after an outage":      {"pp", 4, 4, true},
		"after the end":        {"pp", 60, 5, true},
		"when all were taken":  {"pppppp", 6, 6, false},
		"all but one, at once": {"ppppp", 4, 5, true},
	} {
		t.Run(name, func(t *testing.T) {
			n, due, ok := v.Next(samplesOf(c.taken), began.Add(time.Duration(c.minutes*float64(time.Minute))))
			if ok != c.ok || ok && (n != c.n || !due.Equal(v.Due(c.n))) {
				t.Errorf("%d at %s, %t; expected %d, %t", n, due, ok, c.n, c.ok)
			}
		})
	}
}

// Where nothing is declared nothing is looked at.
func TestNextOfNothing(t *testing.T) {
	v := Verification{Began: began}
	if n, _, ok := v.Next(nil, began.Add(time.Hour)); ok || n > v.Last()+1 {
		t.Errorf("look %d is due, the last one is %d", n, v.Last())
	}
}

// What is stored is what was decided by.
func TestVerificationThroughJSON(t *testing.T) {
	file, err := config.ParseRepository("plimsoll.yml", []byte(`version: 1
components:
  - name: orders
    environments:
      production:
        verify:
          for: 7m
          every: 20s
          probes:
            - get: /version
              expect: {status: 2XX, within: 500ms, json: {sha: "{{deployment.sha}}", ready: true, count: 3, none: null}}
          signals:
            - preset: http
              match: {job: orders}
            - {name: orders, query: "sum(rate(orders_total[1m]))", better: up, investigate: "-10%", rollback: "< 3 for 5m"}
`))
	if err != nil {
		t.Fatal(err)
	}
	v := watch(0)
	v.Plan = NewPlan(file.Components[0].Environments["production"])
	if v.Plan.For != 7*time.Minute || v.Plan.Every != 20*time.Second || v.Plan.Baseline != DefaultBaseline || v.Last() != 21 {
		t.Errorf("plan %+v", v.Plan)
	}
	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var again Verification
	if err := json.Unmarshal(encoded, &again); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, v) {
		t.Errorf("stored %+v\nread %+v", v, again)
	}
	if again.Plan.Hash() != v.Plan.Hash() {
		t.Error("another hash")
	}
}
