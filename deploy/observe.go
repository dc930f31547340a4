package deploy

import (
	"context"
	"fmt"
	"strings"
	"time"

	"plimsoll/config"
	"plimsoll/deploy/preset"
)

// Prober sends probes to an environment, as far as the operator allows it.
type Prober interface {
	// Probe fails only if it can't be sent now: the sample is taken later.
	Probe(ctx context.Context, v Verification, probe config.Probe) (ProbeResult, error)
}

// SignalSource asks metric servers for what a repository declares.
type SignalSource interface {
	// History finds what the declared signals are and what they were in the seven days
	// before the deployment. A signal that can't be measured is a gap of the history. A gap
	// that is returned beside it passes by itself: there is no history yet. The error is
	// that of ctx.
	History(ctx context.Context, v Verification, changed preset.Changed) (*History, *Gap, error)
	// Since measures each signal of a history from the time up to which it was answered for
	// (answered, in Unix seconds) until now.
	Since(ctx context.Context, h *History, answered []int64, now time.Time) ([]Measured, *Gap, error)
}

// Past knows what came before a deployment.
type Past interface {
	// Changed returns the operations that the deployed commit changed in the contracts of
	// the component; none if that is unknown.
	Changed(ctx context.Context, v Verification) (preset.Changed, error)
	// Earlier returns the verifications in the same target, newest first.
	Earlier(ctx context.Context, v Verification) ([]VerificationRun, error)
	// Failed returns the deployments to the same target that failed, newest first.
	Failed(ctx context.Context, v Verification) ([]Deployment, error)
}

// ObservationStore keeps what was observed of verifications. What is stored counts: another
// attempt may have observed the same.
type ObservationStore interface {
	// KeepSample stores a sample unless one with its number exists, and returns all that
	// are stored.
	KeepSample(ctx context.Context, v Verification, sample Sample) ([]Sample, error)
	// KeepHistory stores what the signals were before the deployment unless that is known,
	// and returns what is stored with its hash.
	KeepHistory(ctx context.Context, v Verification, h *History) (kept *History, hash string, err error)
}

// Observations is what a verdict is based on.
type Observations struct {
	Samples []Sample
	// History is nil if it is not known, or not needed. Hash names what is stored.
	History *History
	Hash    string
}

// Observer takes samples of deployments.
type Observer struct {
	now    func(ctx context.Context) (time.Time, error)
	prober Prober
	// signals is nil if there is no metric server.
	signals SignalSource
	past    Past
	store   ObservationStore
}

// NewObserver makes an observer. signals is nil if there is no metric server. The error names
// what else is nil.
func NewObserver(now func(ctx context.Context) (time.Time, error), prober Prober, signals SignalSource, past Past, store ObservationStore) (*Observer, error) {
	var missing []string
	for _, dependency := range []struct {
		name string
		nil  bool
	}{{"now", now == nil}, {"prober", prober == nil}, {"past", past == nil}, {"store", store == nil}} {
		if dependency.nil {
			missing = append(missing, dependency.name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("make a deploy.Observer: missing %s", strings.Join(missing, ", "))
	}
	return &Observer{now: now, prober: prober, signals: signals, past: past, store: store}, nil
}

// Observe takes sample n. It finds out what the signals were before the deployment if that
// is not known yet.
func (o *Observer) Observe(ctx context.Context, v Verification, n int, seen *Observations) error {
	sample := Sample{N: n}
	for _, probe := range v.Plan.Probes {
		result, err := o.prober.Probe(ctx, v, probe)
		if ctx.Err() != nil {
			return ctx.Err() // we gave up, which says nothing of the environment
		}
		if err != nil {
			return err
		}
		sample.Probes = append(sample.Probes, result)
	}
	if err := o.measure(ctx, v, &sample, seen); err != nil {
		return err
	}
	var err error
	if sample.At, err = o.now(ctx); err != nil {
		return err
	}
	seen.Samples, err = o.store.KeepSample(ctx, v, sample)
	return err
}

// measure adds to a sample what the signals are now, and stores what they were before if
// that is not known yet.
func (o *Observer) measure(ctx context.Context, v Verification, sample *Sample, seen *Observations) error {
	if len(v.Plan.Signals) == 0 {
		return nil
	}
	if seen.History == nil {
		gap, err := o.findHistory(ctx, v, seen)
		if err != nil || gap != nil {
			sample.Gap = gap
			return err
		}
	}
	if o.signals == nil || len(seen.History.Signals) == 0 {
		return nil
	}
	now, err := o.now(ctx)
	if err != nil {
		return err
	}
	answered := make([]int64, len(seen.History.All()))
	for i := range answered {
		answered[i] = seen.History.Answered(i, seen.Samples)
	}
	sample.Signals, sample.Gap, err = o.signals.Since(ctx, seen.History, answered, now)
	return err
}

// findHistory finds out what the signals were before the deployment, and keeps it.
func (o *Observer) findHistory(ctx context.Context, v Verification, seen *Observations) (*Gap, error) {
	found := &History{Asked: v.Began, Datasource: v.Plan.Datasource, Gaps: []Gap{{Kind: GapDatasource, Detail: v.Plan.Datasource}}}
	if o.signals != nil {
		changed, err := o.past.Changed(ctx, v)
		if err != nil {
			return nil, err
		}
		var gap *Gap
		if found, gap, err = o.signals.History(ctx, v, changed); err != nil || gap != nil {
			return gap, err
		}
		earlier, err := o.past.Earlier(ctx, v)
		if err != nil {
			return nil, err
		}
		failed, err := o.past.Failed(ctx, v)
		if err != nil {
			return nil, err
		}
		found.cutOut(v, earlier, failed)
		if found.Clock, err = v.Plan.clock(v.Began); err != nil {
			return nil, err
		}
	}
	var err error
	seen.History, seen.Hash, err = o.store.KeepHistory(ctx, v, found)
	return nil, err
}
