package deploy_test

import (
	"context"
	"testing"
	"time"

	"plimsoll/config"
	"plimsoll/deploy"
)

// leapingClock is a clock on which time passes by waiting alone.
type leapingClock struct{ now time.Time }

func (c *leapingClock) Now() time.Time { return c.now }

func (c *leapingClock) Wait(ctx context.Context, until time.Time) error {
	c.now = until
	return ctx.Err()
}

// scripted answers probe n as it is told to.
type scripted struct {
	asked  int
	answer func(n int) deploy.ProbeOutcome
}

func (s *scripted) Probe(_ context.Context, _ deploy.Verification, p config.Probe) (deploy.ProbeResult, error) {
	s.asked++
	return deploy.ProbeResult{Method: "GET", Path: "/healthz", Outcome: s.answer(s.asked), Status: 200}, nil
}

func TestWatch(t *testing.T) {
	began := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	passing := func(int) deploy.ProbeOutcome { return deploy.ProbePassed }
	for _, c := range []struct {
		name   string
		answer func(n int) deploy.ProbeOutcome
		// cancelled is the probe at which the watching is ended from outside; 0: it is not.
		cancelled      int
		want           deploy.Answer
		reason         deploy.ReasonKind
		samples, shown int
	}{
		{name: "every probe passes", answer: passing, want: deploy.Verified, reason: deploy.ReasonProbesPass, samples: 5, shown: 4},
		{name: "the third probe is the first to fail", answer: func(n int) deploy.ProbeOutcome {
			if n < 3 {
				return deploy.ProbePassed
			}
			return deploy.ProbeStatus
		}, want: deploy.RollBack, reason: deploy.ReasonProbeFails, samples: 5, shown: 4},
		{name: "it fails from the beginning", answer: func(int) deploy.ProbeOutcome { return deploy.ProbeStatus }, want: deploy.RollBack, reason: deploy.ReasonProbeFails, samples: 3, shown: 2},
		{name: "it is ended from outside", answer: passing, cancelled: 3, want: deploy.Inconclusive, reason: deploy.ReasonInterrupted, samples: 2, shown: 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			v := deploy.Verification{
				Target: deploy.Target{Component: "orders", Environment: "production"}, Began: began, URL: "https://orders.acme.dev",
				Plan: deploy.Plan{Declared: true, For: 2 * time.Minute, Every: 30 * time.Second, Probes: []config.Probe{{}}},
			}
			prober := &scripted{answer: func(n int) deploy.ProbeOutcome {
				if n == c.cancelled {
					cancel()
				}
				return c.answer(n)
			}}
			shown := 0
			got, err := deploy.Watch(ctx, v, &leapingClock{now: began}, prober, nil, func(p deploy.Progress) {
				if shown++; p.Verdict != nil || len(p.Samples) != shown {
					t.Errorf("shown after %d samples, the %d. time: %+v", len(p.Samples), shown, p.Verdict)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			if got.Verdict == nil || got.Verdict.Answer != c.want || got.Verdict.Reasons[0].Kind != c.reason || len(got.Samples) != c.samples || shown != c.shown {
				t.Errorf("%d samples, shown %d times: %+v; expected %d, %d: %s, %s", len(got.Samples), shown, got.Verdict, c.samples, c.shown, c.want, c.reason)
			}
		})
	}
}

// Without a metric server the signals that are declared are a gap, never a pass.
func TestWatchWithoutAMetricServer(t *testing.T) {
	began := time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)
	v := deploy.Verification{Began: began, Plan: deploy.Plan{Declared: true, For: time.Minute, Every: 30 * time.Second, Signals: []config.Signal{{}}}}
	got, err := deploy.Watch(t.Context(), v, &leapingClock{now: began}, &scripted{}, nil, func(deploy.Progress) {})
	if err != nil {
		t.Fatal(err)
	}
	if got.Verdict.Answer != deploy.Inconclusive || got.History == nil || got.Hash != got.History.Hash() || got.Verdict.Reasons[0].Gap.Kind != deploy.GapDatasource {
		t.Errorf("%+v with %+v", got.Verdict, got.History)
	}
}
