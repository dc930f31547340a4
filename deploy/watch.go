package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"plimsoll/deploy/preset"
	"plimsoll/deploy/signal"
)

// Clock gives the time of a watch and waits.
type Clock interface {
	Now() time.Time
	// Wait returns at an instant, or with an error when ctx ends.
	Wait(ctx context.Context, until time.Time) error
}

// Progress is how far the watch of a deployment has come.
type Progress struct {
	VerificationRun
	Observations
	// Evaluation is how the signals stand; nil while nothing can be said.
	Evaluation *signal.Evaluation
	Now        time.Time
}

// Watch samples one deployment until there is a verdict, and shows the progress after each
// sample. It keeps observations in memory only and knows no other deployment. When ctx
// ends, so does the watch, with a verdict that says so. signals is nil if there is no
// metric server.
func Watch(ctx context.Context, v Verification, clock Clock, prober Prober, signals SignalSource, show func(Progress)) (Progress, error) {
	now := func(context.Context) (time.Time, error) { return clock.Now(), nil }
	observer, err := NewObserver(now, prober, signals, noPast{}, &inMemory{})
	if err != nil {
		return Progress{}, err
	}
	progress := Progress{VerificationRun: VerificationRun{Verification: v}}
	for {
		progress.Now = clock.Now()
		var err error
		if n, due, more := v.Next(progress.Samples, progress.Now); more {
			if due.After(progress.Now) {
				err = clock.Wait(ctx, due)
			}
			if err == nil {
				err = observer.Observe(ctx, v, n, &progress.Observations)
			}
		}
		if ctx.Err() != nil {
			progress.Now = clock.Now()
			verdict := Interrupted(v, progress.Samples, progress.Evaluation, progress.Now)
			progress.Verdict = &verdict
			return progress, nil
		}
		if err != nil {
			return Progress{}, fmt.Errorf("watch %s in %s: %w", v.Target.Component, v.Target.Environment, err)
		}
		if n := len(progress.Samples); n > 0 {
			progress.Now = progress.Samples[n-1].At
		}
		verdict, decided := Decide(v, progress.History, progress.Samples, progress.Now)
		progress.Evaluation = verdict.Signals
		if decided {
			progress.Verdict = &verdict
			return progress, nil
		}
		show(progress)
	}
}

// ReasonInterrupted: the watch was ended from outside, after Failed of Of samples.
const ReasonInterrupted ReasonKind = "interrupted"

// Interrupted is the verdict on a deployment whose watch was ended from outside, as far as
// it had come: no data is never a pass.
func Interrupted(v Verification, samples []Sample, signals *signal.Evaluation, now time.Time) Verdict {
	return Verdict{
		Answer: Inconclusive, At: now, Samples: len(samples), Signals: signals, Thresholds: DefaultThresholds,
		Reasons: []Reason{{Kind: ReasonInterrupted, Failed: len(samples), Of: v.Last() + 1}},
	}
}

// noPast knows nothing of what came before.
type noPast struct{}

func (noPast) Changed(context.Context, Verification) (preset.Changed, error) {
	return preset.Changed{}, nil
}

func (noPast) Earlier(context.Context, Verification) ([]VerificationRun, error) { return nil, nil }

func (noPast) Failed(context.Context, Verification) ([]Deployment, error) { return nil, nil }

// inMemory keeps what was observed of one verification while it is watched. Values pass
// through JSON, so that a replay decides the same.
type inMemory struct{ samples []Sample }

func (m *inMemory) KeepSample(_ context.Context, _ Verification, sample Sample) ([]Sample, error) {
	var kept Sample
	if err := json.Unmarshal(encoded(sample), &kept); err != nil {
		return nil, fmt.Errorf("keep sample %d: %w", sample.N, err)
	}
	m.samples = append(m.samples, kept)
	return m.samples, nil
}

func (m *inMemory) KeepHistory(_ context.Context, _ Verification, h *History) (*History, string, error) {
	kept := &History{}
	if err := json.Unmarshal(encoded(h), kept); err != nil {
		return nil, "", fmt.Errorf("keep the history: %w", err)
	}
	return kept, h.Hash(), nil
}
