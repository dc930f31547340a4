package verification

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/preset"
)

// ChangedOperations finds what deployed commits changed in contracts.
type ChangedOperations interface {
	// ChangedOperations returns the operations of a component's contracts that differ
	// between two commits and are in both, sorted.
	ChangedOperations(ctx context.Context, repo contracts.RepositoryRef, component, before, after string) ([]contracts.OperationRef, error)
}

// NewObserver returns what takes the samples of verifications and stores them with the
// verifications. signals is nil if no metric server is configured.
func NewObserver(store Store, prober deploy.Prober, signals deploy.SignalSource, changed ChangedOperations) (*deploy.Observer, error) {
	if store == nil || prober == nil || changed == nil {
		return nil, errors.New("make the observer: it needs a store, a prober and what deployments changed")
	}
	if signals != nil {
		signals = loggedSignals{signals}
	}
	return deploy.NewObserver(store.Now, prober, signals, past{store, changed}, observationStore{store})
}

// observationStore keeps what was observed with the verifications.
type observationStore struct{ Runs }

var _ deploy.ObservationStore = observationStore{}

// KeepSample keeps a sample.
func (m observationStore) KeepSample(ctx context.Context, v deploy.Verification, sample deploy.Sample) ([]deploy.Sample, error) {
	if _, err := m.PutSample(ctx, v.Repository, v.ID(), sample); err != nil {
		return nil, err
	}
	return m.Samples(ctx, v.Repository, v.ID())
}

// KeepHistory keeps what the signals were before the deployment.
func (m observationStore) KeepHistory(ctx context.Context, v deploy.Verification, h *deploy.History) (*deploy.History, string, error) {
	if err := m.PutHistory(ctx, v.Repository, v.ID(), h); err != nil {
		return nil, "", err
	}
	kept, hash, err := m.History(ctx, v.Repository, v.ID())
	if err == nil && kept == nil {
		err = fmt.Errorf("the history of the verification %s was deleted meanwhile", v.ID())
	}
	return kept, hash, err
}

// past knows what came before a deployment, from contracts and earlier verifications.
type past struct {
	runs    Runs
	answers ChangedOperations
}

var _ deploy.Past = past{}

// Changed returns the operations that the deployed commits changed.
func (p past) Changed(ctx context.Context, v deploy.Verification) (preset.Changed, error) {
	var changed preset.Changed
	if v.Before == "" {
		return changed, nil
	}
	operations, err := p.answers.ChangedOperations(ctx, v.Repository, v.Target.Component, v.Before, v.Commit)
	if err != nil {
		return changed, err
	}
	for _, o := range operations {
		changed.Operations = append(changed.Operations, preset.Operation{Method: o.Method, Path: o.Path})
	}
	return changed, nil
}

// mostEarlier bounds the deployments of a history: one every three minutes.
const mostEarlier = 4000

// Earlier returns the verifications in the same target, as far back as a history reaches.
func (p past) Earlier(ctx context.Context, v deploy.Verification) ([]deploy.VerificationRun, error) {
	for most := mostRuns; ; most = min(4*most, mostEarlier) {
		runs, err := p.runs.Verifications(ctx, v.Repository, v.Target, most)
		if err != nil || len(runs) < most || most == mostEarlier || v.Began.Sub(runs[len(runs)-1].Began) > deploy.HistoryReach {
			return runs, err
		}
	}
}

// Failed returns the deployments to the same target that failed, as far back as a history reaches.
func (p past) Failed(ctx context.Context, v deploy.Verification) ([]deploy.Deployment, error) {
	return p.runs.FailedTo(ctx, v.Repository, v.Target, v.Began.Add(-deploy.HistoryReach), mostEarlier)
}

// loggedSignals logs when a metric server does not answer.
type loggedSignals struct{ deploy.SignalSource }

// Since measures each signal of a history.
func (s loggedSignals) Since(ctx context.Context, h *deploy.History, answered []int64, now time.Time) ([]deploy.Measured, *deploy.Gap, error) {
	measured, gap, err := s.SignalSource.Since(ctx, h, answered, now)
	if gap != nil {
		zerolog.Ctx(ctx).Info().Str("gap", string(gap.Kind)).Str("detail", gap.Detail).Msg("the metric server gives no answer")
	}
	return measured, gap, err
}
