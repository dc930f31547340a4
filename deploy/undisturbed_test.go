package deploy

import (
	"reflect"
	"testing"

	"plimsoll/deploy/signal"
)

func TestUndisturbed(t *testing.T) {
	const deployed = 10_007
	h := &History{Step: 60, Disturbed: 9_000}
	p := signal.Points{At: []int64{8_880, 8_940, 9_000, 9_060, 9_960, 10_020}, Bad: signal.Numbers{1, 2, 3, 90, 91, 4}, Total: signal.Numbers{10, 20, 30, 40, 50, 60}}
	u := h.undisturbed(deployed)
	want := signal.Points{At: []int64{8_880 + 960, 8_940 + 960, 9_000 + 960, 10_020}, Bad: signal.Numbers{1, 2, 3, 4}, Total: signal.Numbers{10, 20, 30, 60}}
	if got := u.points(p); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, expected %+v", got, want)
	}
	cuts := []signal.Cut{{From: 9_500, To: 9_500}, {From: 9_000, To: 9_000}, {From: 9_000, To: deployed}, {From: 5_000, To: 5_000}, {From: 8_000, To: 9_500}}
	if got := u.cuts(cuts); !reflect.DeepEqual(got, []signal.Cut{{From: 5_960, To: 5_960}, {From: 8_960, To: deployed}}) {
		t.Errorf("%+v", got)
	}
	if got := u.all([]int64{4_000, 9_500}); !reflect.DeepEqual(got, []int64{4_960}) {
		t.Errorf("%v", got)
	}
	for _, h := range []*History{{Step: 60}, {Step: 60, Disturbed: deployed}, {Step: 60, Disturbed: deployed - mostDisturbed - 1}, {Disturbed: 9_000}} {
		if got := h.undisturbed(deployed).points(p); !reflect.DeepEqual(got, p) {
			t.Errorf("%+v leaves out: %+v", h, got)
		}
	}
}
