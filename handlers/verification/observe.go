package verification

import (
	"context"
	"encoding/json"
	"time"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/deploy/signal"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Observe takes the sample that is due, decides, and reports.
func (v *Verifier) Observe(ctx context.Context, args work.VerifyArgs) error {
	repo := args.Repository
	run, err := v.deps.Store.Verification(ctx, repo, args.ID)
	if err != nil {
		return err
	}
	samples, err := v.deps.Store.Samples(ctx, repo, args.ID)
	if err != nil {
		return err
	}
	seen := &deploy.Observations{Samples: samples}
	if seen.History, seen.Hash, err = v.deps.Store.History(ctx, repo, args.ID); err != nil {
		return err
	}
	if run.Verdict != nil {
		return v.report(ctx, run, seen)
	}
	now, err := v.deps.Store.Now(ctx)
	if err != nil {
		return err
	}
	verdict, decided, newer, err := v.superseded(ctx, run, len(samples), now)
	if err != nil {
		return err
	}
	n, due, more := run.Next(samples, now)
	if more && !due.After(now) && !decided {
		if err := v.deps.Observer.Observe(ctx, run.Verification, n, seen); err != nil {
			return err
		}
		now = seen.Samples[len(seen.Samples)-1].At
	}
	if !decided {
		verdict, decided = deploy.Decide(run.Verification, seen.History, seen.Samples, now)
		verdict.Newer = newer
	}
	if decided {
		return v.conclude(ctx, run, seen, verdict)
	}
	begun, err := v.deps.Reporter.begun(ctx, run)
	if err != nil {
		return err
	}
	if !begun || n%run.Shown() == 0 {
		if err := v.deps.Reporter.progress(ctx, run, seen, verdict.Signals, now); err != nil {
			return err
		}
	}
	_, due, _ = run.Next(seen.Samples, now)
	return v.deps.Queue.Enqueue(ctx, work.VerifyWork(run.Verification, due))
}

// superseded is the verdict on a deployment if its target has a newer one, unless a gate waits
// for the verdict. newer is the newer deployment, 0 without one.
func (v *Verifier) superseded(ctx context.Context, run deploy.VerificationRun, samples int, now time.Time) (verdict deploy.Verdict, decided bool, newer int64, err error) {
	newest, err := v.deps.Store.Verifications(ctx, run.Repository, run.Target, 1)
	if err != nil || len(newest) == 0 || newest[0].Deployment == run.Deployment {
		return verdict, false, 0, err
	}
	newer = newest[0].Deployment
	if needed, err := v.needed(ctx, run); err != nil || needed {
		return verdict, false, newer, err
	}
	return deploy.Verdict{
		Answer: deploy.Superseded, At: now, Samples: samples, Reasons: []deploy.Reason{{Kind: deploy.ReasonNewer}}, Thresholds: deploy.DefaultThresholds,
	}, true, newer, nil
}

// conclude stores the verdict with everything that it was decided by, and reports it.
func (v *Verifier) conclude(ctx context.Context, run deploy.VerificationRun, seen *deploy.Observations, verdict deploy.Verdict) error {
	if _, err := v.deps.Store.EndVerification(ctx, run.Repository, run.ID(), verdict); err != nil {
		return err
	}
	run, err := v.deps.Store.Verification(ctx, run.Repository, run.ID()) // the first verdict counts
	if err != nil {
		return err
	}
	return v.report(ctx, run, seen)
}

// report writes the ledger, then the check run, the status and, last, the comments. What an
// earlier attempt has reported is not reported again.
func (v *Verifier) report(ctx context.Context, run deploy.VerificationRun, seen *deploy.Observations) error {
	if run.Reported {
		return nil
	}
	repo := run.Repository
	err := v.deps.Store.Append(ctx, ledger.Entry{
		Installation: repo.Installation, Kind: ledger.EntryVerdict, Repository: repo.ID, Component: run.Target.Component,
		Environment: run.Target.Environment, Commit: run.Commit, At: run.Verdict.At, Actor: run.Creator, Once: "verdict/" + run.ID(),
		Body: json.RawMessage(source.JSON(ledger.VerdictEntry{Verification: run.Verification, Plan: run.Plan.Hash(), Samples: seen.Samples, History: seen.Hash, Verdict: *run.Verdict})),
	})
	if err != nil {
		return err
	}
	if err := v.deps.Reporter.report(ctx, run); err != nil {
		return err
	}
	if err := v.followUp(ctx, run); err != nil {
		return err
	}
	return v.deps.Store.MarkReported(ctx, repo, run.ID())
}

// deployed is what is published about a verification.
func (r *Reporter) deployed(ctx context.Context, run deploy.VerificationRun, seen *deploy.Observations, signals *signal.Evaluation, now time.Time) (deploytext.Deployed, error) {
	page, err := r.deps.Page(ctx, run.Verification)
	return deploytext.Deployed{
		Repository: run.Repository, Run: run, Samples: seen.Samples, History: seen.History, Signals: signals, Now: now,
		WebURL: r.deps.WebURL, DetailsURL: page,
	}, err
}
