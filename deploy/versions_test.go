package deploy

import (
	"testing"
	"time"

	"plimsoll/deploy/signal"
)

// Which version is the deployed one shows in when each has served.
func TestBind(t *testing.T) {
	began := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	started := began.Add(-20 * time.Minute)
	// side serves in the minutes from a to b, counted from the success.
	side := func(version string, a, b int) Side {
		s := Side{Version: version, Track: Track{From: began.Add(-40 * time.Minute).Unix()}}
		for m := -40; m <= 0; m++ {
			total := 0.0
			if m >= a && m <= b {
				total = 10
			}
			s.Track.Bad, s.Track.Total = append(s.Track.Bad, 0), append(s.Track.Total, total)
		}
		return s
	}
	late := Side{Version: "new", Track: Track{From: began.Add(3 * time.Minute).Unix(), Bad: signal.Numbers{0}, Total: signal.Numbers{10}}}
	for _, c := range []struct {
		name    string
		sides   []Side
		samples []Sample
		cuts    []signal.Cut
		want    Binding
		settled bool // after Settle
	}{
		{name: "both", sides: []Side{side("old", -40, 0), side("new", -10, 0)}, want: Binding{Old: "old", New: "new"}, settled: true},
		{name: "nothing new", sides: []Side{side("old", -40, 0)}, want: Binding{Old: "old", Why: NoNewVersion}, settled: true},
		{name: "new in a sample", sides: []Side{side("old", -40, 0)}, samples: []Sample{{Signals: []Measured{{Sides: []Side{late}}}}}, want: Binding{Old: "old", New: "new"}, settled: true},
		{name: "the new name served before", sides: []Side{side("old", -40, 0), side("new", -21, 0)}, want: Binding{Why: SeveralOld}, settled: true},
		{name: "two new ones", sides: []Side{side("old", -40, 0), side("a", -10, 0), side("b", -5, 0)}, want: Binding{Old: "old", Why: SeveralNew}, settled: true},
		{name: "one that had gone before", sides: []Side{side("older", -40, -35), side("old", -34, 0), side("new", -10, 0)}, want: Binding{Old: "old", New: "new"}, settled: true},
		{name: "only new", sides: []Side{side("new", -10, 0)}, want: Binding{Why: NoOldVersion}, settled: true},
		{name: "unsettled", sides: []Side{side("old", -40, 0), side("new", -10, 0)}, cuts: []signal.Cut{{From: 1, To: started.Unix(), Why: CutUnsettled}}, want: Binding{Old: "old", New: "new", Why: UnsettledOld}, settled: true},
		{name: "the old one failed", sides: []Side{side("old", -40, 0), side("new", -10, 0)}, cuts: []signal.Cut{{From: 1, To: started.Unix(), Why: CutFailed}}, want: Binding{Old: "old", New: "new", Why: UnsettledOld}, settled: true},
		{name: "settled long ago", sides: []Side{side("old", -40, 0), side("new", -10, 0)}, cuts: []signal.Cut{{From: 1, To: started.Unix() - 60, Why: CutUnsettled}}, want: Binding{Old: "old", New: "new"}, settled: true},
		{name: "replaced before the new one was warm", sides: []Side{side("old", -40, -15)}, want: Binding{Old: "old", Why: NoNewVersion}},
		{name: "replaced at once", sides: []Side{side("old", -40, -15), side("new", -14, 0)}, want: Binding{Old: "old", New: "new"}},
		{name: "nothing", want: Binding{Why: NoOldVersion}},
	} {
		v := Verification{Began: began, Started: started}
		h := &History{Until: began.Unix(), Step: 60, Cuts: c.cuts, Versions: &Versions{Label: "pod"}, Signals: []Watched{{Name: "errors", Kind: signal.Proportion, Sides: &Sides{Tracks: c.sides}}}}
		if got := h.Bind(v, c.samples); got != c.want {
			t.Errorf("%s: %+v, expected %+v", c.name, got, c.want)
		}
		in := Input(v, h, c.samples, 0, began.Add(30*time.Minute))
		if compared := in.Metrics[0].Versions != nil; compared != (c.want.Why == "") {
			t.Errorf("%s: compared %v", c.name, compared)
		}
		if h.Settle(v); (h.Versions != nil && h.Signals[0].Sides != nil) != c.settled {
			t.Errorf("%s: %+v after it is settled, expected %v", c.name, h.Versions, c.settled)
		}
	}
	silent := &History{Until: began.Unix(), Step: 60, Versions: &Versions{Label: "pod"}, Signals: []Watched{{Name: "errors", Kind: signal.Proportion, Sides: &Sides{Tracks: []Side{side("older", -40, -25), side("old", -40, 0), side("new", -10, 0)}}}}}
	if silent.Settle(Verification{Began: began}); silent.RolledOut != began.Add(-11*time.Minute).Unix() || silent.Bind(Verification{Began: began}, nil) != (Binding{Old: "old", New: "new"}) {
		t.Errorf("without a status of the roll-out: it began at %d, %+v", silent.RolledOut, silent.Bind(Verification{Began: began}, nil))
	}
	if silent.cutOut(Verification{Began: began}, nil, nil); len(silent.Cuts) != 1 || silent.Cuts[0] != (signal.Cut{From: began.Add(-11 * time.Minute).Unix(), To: began.Unix(), Why: CutRollOut}) {
		t.Errorf("without a status of the roll-out: %+v", silent.Cuts)
	}
	before := &History{Until: began.Unix(), Step: 60, Versions: &Versions{Label: "pod"}, Signals: []Watched{{Name: "errors", Sides: &Sides{Tracks: []Side{side("older", -40, -23), side("old", -25, 0)}}}}}
	if before.Settle(Verification{Began: began}); before.RolledOut != 0 {
		t.Errorf("the roll-out of the deployment before: it began at %d", before.RolledOut)
	}
	canary := &History{Until: began.Unix(), Step: 60, Versions: &Versions{Label: "pod"}, Signals: []Watched{{Name: "errors", Sides: &Sides{Tracks: []Side{side("old", -40, 0), side("canary", -40, 0)}}}}}
	if canary.Settle(Verification{Began: began}); canary.RolledOut != 0 {
		t.Errorf("two that always served: the roll-out began at %d", canary.RolledOut)
	}
	many := &History{Until: began.Unix(), Step: 60, Versions: &Versions{Label: "pod"}, Signals: []Watched{{Sides: &Sides{}}}}
	for i := range 11 {
		many.Signals[0].Sides.Tracks = append(many.Signals[0].Sides.Tracks, side(string(rune('a'+i)), -40, 0))
	}
	if many.Settle(Verification{Began: began, Started: started}); many.Versions == nil || many.Versions.Why == "" || many.Signals[0].Sides != nil {
		t.Errorf("eleven versions: %+v", many.Versions)
	}
}
