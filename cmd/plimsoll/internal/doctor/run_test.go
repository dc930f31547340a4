package doctor

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// A check that never ends stops no other one, and nothing after it in its group, which needs
// its result. The order of the findings is that of the groups.
func TestCheckThatNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		defer close(end)
		ok := func(name string) step {
			return step{name, time.Second, func(context.Context) []Finding { return []Finding{{Check: name, State: OK}} }}
		}
		groups := []group{
			{[]step{ok("a"), {"stuck", 10 * time.Second, func(context.Context) []Finding { <-end; return nil }}, ok("b")}},
			{[]step{ok("c"), ok("d")}},
		}
		var findings []string
		var underWay [][]string
		began := time.Now()
		run(t.Context(), groups, func(names []string) { underWay = append(underWay, names) }, func(f Finding) {
			findings = append(findings, string(f.State)+" "+f.Check)
		})
		if want := []string{"ok a", "not checked stuck", "not checked b", "ok c", "ok d"}; !slices.Equal(findings, want) {
			t.Errorf("%q, expected %q", findings, want)
		}
		if took := time.Since(began); took != 10*time.Second+grace {
			t.Errorf("it took %s", took)
		}
		if !slices.ContainsFunc(underWay, func(names []string) bool { return slices.Equal(names, []string{"stuck"}) }) || len(underWay[len(underWay)-1]) > 0 {
			t.Errorf("the progress was %q", underWay)
		}
	})
}

// An interrupted run says so of everything that did not end.
func TestInterruptedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		groups := []group{{[]step{
			{"a", time.Minute, func(ctx context.Context) []Finding {
				stop()
				<-ctx.Done()
				return []Finding{{Check: "a", State: Problem}}
			}},
			{"b", time.Minute, func(context.Context) []Finding { return []Finding{{Check: "b", State: OK}} }},
		}}}
		run(ctx, groups, nil, func(f Finding) {
			if f.State != NotChecked || f.Found != "It was interrupted." {
				t.Errorf("%+v", f)
			}
		})
	})
}

// A text that holds a secret is shown without it.
func TestNoFindingHoldsASecret(t *testing.T) {
	hidden := secrets{"the-password", "the-token"}
	if got := hidden.scrub("user:the-password refused, as is the-token"); got != "user:[secret] refused, as is [secret]" {
		t.Error(got)
	}
}
