package verification

import (
	"cmp"
	"context"
	"plimsoll/handlers/require"
	"slices"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Runs remembers verifications, their samples and their verdicts.
type Runs interface {
	// BeginVerification stores a verification unless it exists, and reports whether it was
	// new.
	BeginVerification(ctx context.Context, v deploy.Verification) (begun bool, err error)
	Verification(ctx context.Context, repo contracts.RepositoryRef, id string) (deploy.VerificationRun, error)
	// Verifications returns those of one target, newest first.
	Verifications(ctx context.Context, repo contracts.RepositoryRef, target deploy.Target, most int) ([]deploy.VerificationRun, error)
	// FailedTo returns the newest deployments to a target that failed since a time and never ran
	// there.
	FailedTo(ctx context.Context, repo contracts.RepositoryRef, target deploy.Target, since time.Time, most int) ([]deploy.Deployment, error)
	PutSample(ctx context.Context, repo contracts.RepositoryRef, id string, sample deploy.Sample) (taken bool, err error)
	Samples(ctx context.Context, repo contracts.RepositoryRef, id string) ([]deploy.Sample, error)
	// EndVerification stores the verdict, once.
	EndVerification(ctx context.Context, repo contracts.RepositoryRef, id string, verdict deploy.Verdict) (ended bool, err error)
	MarkReported(ctx context.Context, repo contracts.RepositoryRef, id string) error
	// PutVerificationPulls remembers the pull requests that a deployment carried.
	PutVerificationPulls(ctx context.Context, repo contracts.RepositoryRef, id string, pulls []int) error
	// PutHistory stores what the signals were before, once. History returns it with the
	// hash of what is stored, nil if nothing is.
	PutHistory(ctx context.Context, repo contracts.RepositoryRef, id string, h *deploy.History) error
	History(ctx context.Context, repo contracts.RepositoryRef, id string) (h *deploy.History, hash string, err error)
}

// Verifier watches deployments and reports whether they work.
type Verifier struct {
	deps VerifierDeps
}

// VerifierDeps is what a Verifier needs.
type VerifierDeps struct {
	Store         Store
	Organisations *source.Organisations
	// Observer takes samples; see NewObserver.
	Observer *deploy.Observer
	// Commits gives the age of what is deployed.
	Commits Commits
	Queue   work.Queue
	// Reporter publishes what is known of a verification.
	Reporter *Reporter
}

// Store remembers verifications and what they led to.
type Store interface {
	Runs
	PastRollbacks
	WaitingGates
	ledger.Ledger
	// Now returns the time that is stored.
	Now(ctx context.Context) (time.Time, error)
}

// NewVerifier returns a Verifier.
func NewVerifier(deps VerifierDeps) (*Verifier, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Verifier{deps}, nil
}

// Bounds on deployments whose events come late, such as after the server was down. After
// lateAfter, a deployment is verified from the time it is heard of, if it still runs. After
// mostLate it is history: it is compared with what ran before it on the same day.
const (
	lateAfter = 15 * time.Minute
	mostLate  = 20 * time.Hour
)

// mostRuns is how many runs of a target are read to find the last one that was verified.
const mostRuns = 50

// Begin starts to watch the deployments that have succeeded, each in every target that it
// reaches. A deployment that is watched already is not changed.
func (v *Verifier) Begin(ctx context.Context, registration contracts.Registration, all []deploy.Deployment) error {
	now, err := v.deps.Store.Now(ctx)
	if err != nil {
		return err
	}
	var file *config.Repository
	for _, d := range all {
		if err := v.checkRollbacks(ctx, registration.Repository, d); err != nil {
			return err
		}
		if d.State != deploy.Success || d.SucceededAt.IsZero() || now.Sub(d.SucceededAt) > mostLate {
			continue
		}
		if file == nil {
			if file, err = v.deps.Organisations.Declared(ctx, registration); err != nil {
				return err
			}
		}
		for _, target := range d.Targets {
			if err := v.begin(ctx, registration.Repository, file, d, target, now); err != nil {
				return err
			}
		}
	}
	return nil
}

func (v *Verifier) begin(ctx context.Context, repo contracts.RepositoryRef, file *config.Repository, d deploy.Deployment, target deploy.Target, now time.Time) error {
	environment := source.EnvironmentOf(file, target)
	plan := deploy.NewPlan(environment)
	if !plan.Declared && !target.Production {
		return nil // it is not declared
	}
	verification := deploy.Verification{
		Repository: repo, Deployment: d.ID, Target: target, Commit: d.Commit, Began: d.SucceededAt, Started: d.StartedAt, LogURL: d.LogURL, Creator: d.Creator, Task: d.Task, Plan: plan,
		URL: string(environment.URL), Artifact: deploy.ArtifactOf(d.Payload, target.Component),
	}
	if verification.URL == "" {
		verification.URL = d.URL
	}
	before, err := v.deps.Store.Verifications(ctx, repo, target, mostRuns)
	if err != nil {
		return err
	}
	if now.Sub(d.SucceededAt) > lateAfter {
		if worth, err := v.worthVerifyingLate(ctx, verification, before); err != nil || !worth {
			return err
		}
		verification.Began, verification.Started, verification.Succeeded = now, cmp.Or(d.StartedAt, d.SucceededAt), d.SucceededAt
	}
	for _, run := range before {
		if run.Deployment == d.ID || run.Commit == d.Commit {
			continue
		}
		if verification.Before == "" {
			verification.Before = run.Commit
		}
		if run.Verdict != nil && run.Verdict.Answer == deploy.Verified {
			verification.Verified = run.Commit
			break
		}
	}
	if !slices.ContainsFunc(before, func(run deploy.VerificationRun) bool { return run.Deployment == d.ID }) {
		verification.Changes = v.changes(ctx, verification)
		if _, err := v.deps.Store.BeginVerification(ctx, verification); err != nil {
			return err
		}
	}
	// Also if it existed: an earlier attempt may have failed after storing it. What it
	// supersedes ends now and not at its next sample.
	queued := []work.Work{work.VerifyWork(verification, now)}
	for _, run := range before {
		if run.Verdict == nil && run.Deployment != d.ID {
			queued = append(queued, work.VerifyWork(run.Verification, now))
		}
	}
	return v.deps.Queue.Enqueue(ctx, queued...)
}

// worthVerifyingLate reports whether a deployment that was heard of late is to be verified: it
// still runs in its target, and deployments before it were verified there. Otherwise the App
// was installed since, and the deployment is history.
func (v *Verifier) worthVerifyingLate(ctx context.Context, verification deploy.Verification, runs []deploy.VerificationRun) (bool, error) {
	earlier := false
	for _, run := range runs {
		if run.Deployment == verification.Deployment || run.DeployedAt().After(verification.Began) {
			return false, nil
		}
		earlier = true
	}
	if !earlier {
		return false, nil
	}
	live, err := v.deps.Store.Live(ctx, verification.Repository)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(live, func(version contracts.LiveVersion) bool {
		at := deploy.Target{Component: version.Component, Environment: version.Environment, Instance: version.Instance}
		return version.Release == "" && !version.Rolling && deploy.SameTarget(at, verification.Target) &&
			version.Commit == verification.Commit && version.Since.Equal(verification.Began)
	}), nil
}
