package handlers

import (
	"context"
	"slices"
	"strings"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// KindVerify looks at a deployment, and says what it has come to: VerifyArgs.
const KindVerify = "verify"

// VerifyArgs are the arguments of KindVerify.
type VerifyArgs struct {
	Repository contracts.RepositoryRef `json:"repository"`
	ID         string                  `json:"id"`
}

func verifyWork(v deploy.Verification, at time.Time) Work {
	return Work{
		Kind: KindVerify, Key: "verify/" + v.ID(), Installation: v.Repository.Installation, At: at,
		Args: VerifyArgs{Repository: v.Repository, ID: v.ID()},
	}
}

// Courses remembers verifications, their samples and their verdicts.
type Courses interface {
	// BeginVerification keeps one unless it is there, and tells whether it was new.
	BeginVerification(ctx context.Context, v deploy.Verification) (begun bool, err error)
	Verification(ctx context.Context, repo contracts.RepositoryRef, id string) (deploy.Course, error)
	// Verifications gives those of one place, the newest first.
	Verifications(ctx context.Context, repo contracts.RepositoryRef, place deploy.Place, most int) ([]deploy.Course, error)
	PutSample(ctx context.Context, repo contracts.RepositoryRef, id string, sample deploy.Sample) (taken bool, err error)
	Samples(ctx context.Context, repo contracts.RepositoryRef, id string) ([]deploy.Sample, error)
	// EndVerification keeps the verdict, once.
	EndVerification(ctx context.Context, repo contracts.RepositoryRef, id string, verdict deploy.Verdict) (ended bool, err error)
	PutVerificationRun(ctx context.Context, repo contracts.RepositoryRef, id string, run int64) error
	TellVerification(ctx context.Context, repo contracts.RepositoryRef, id string) error
	// PutVerificationPulls remembers the pull requests that a deployment carried.
	PutVerificationPulls(ctx context.Context, repo contracts.RepositoryRef, id string, pulls []int) error
	// PutHistory keeps what the signals were before, once; History gives it with the hash
	// of what is kept, nil where nothing is.
	PutHistory(ctx context.Context, repo contracts.RepositoryRef, id string, h *deploy.History) error
	History(ctx context.Context, repo contracts.RepositoryRef, id string) (h *deploy.History, hash string, err error)
}

// Prober asks an environment, within what the operator allows.
type Prober interface {
	Probe(ctx context.Context, v deploy.Verification, probe config.Probe) deploy.ProbeResult
}

// Verifier watches deployments and tells whether they work.
type Verifier struct {
	Courses       Courses
	Organisations *Organisations
	Prober        Prober
	// Signals asks metric servers; nil: the operator names none.
	Signals   Signals
	Answers   *Answerer
	Publisher Publisher
	Deployer  Deployer
	// Commits tells how old what is deployed is; nil: nobody asks.
	Commits Commits
	Record  Record
	Ledger  deploy.Ledger
	Queue   Queue
	// Roller does what follows from a verdict.
	Roller *Roller
	// Now gives the time that is kept.
	Now    func(ctx context.Context) (time.Time, error)
	WebURL string
	// Page gives the address of the page with the evidence, empty without one; may be nil.
	Page func(deploy.Verification) string
}

// sinceWhen is how long after its success a deployment that is heard of late is still
// watched: what is older is history.
const sinceWhen = 15 * time.Minute

// mostCourses of a place are looked at for the last one that was verified.
const mostCourses = 50

// Begin starts to watch the deployments that have succeeded, each in every place that
// it reaches. One that is watched already goes on.
func (v *Verifier) Begin(ctx context.Context, registration contracts.Registration, all []deploy.Deployment) error {
	now, err := v.Now(ctx)
	if err != nil {
		return err
	}
	var file *config.Repository
	for _, d := range all {
		if err := v.Roller.failed(ctx, registration.Repository, d); err != nil {
			return err
		}
		if d.State != deploy.Success || d.SucceededAt.IsZero() || now.Sub(d.SucceededAt) > sinceWhen {
			continue
		}
		if file == nil {
			if file, err = v.declared(ctx, registration); err != nil {
				return err
			}
		}
		for _, place := range d.Places {
			if err := v.begin(ctx, registration.Repository, file, d, place, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// declared is what the default branch says about itself, never nil.
func (v *Verifier) declared(ctx context.Context, registration contracts.Registration) (*config.Repository, error) {
	repo := registration.Repository
	organisation, err := v.Organisations.File(ctx, repo)
	if err != nil {
		return nil, err
	}
	file, err := v.Organisations.registered(ctx, registration)
	if err != nil || file == nil {
		return &config.Repository{}, err
	}
	return merged(file, organisation, repo.Name), nil
}

func (v *Verifier) begin(ctx context.Context, repo contracts.RepositoryRef, file *config.Repository, d deploy.Deployment, place deploy.Place, now time.Time) error {
	environment := environmentOf(file, place)
	plan := deploy.NewPlan(environment)
	if !plan.Declared && !place.Production {
		return nil // nobody asks for it
	}
	verification := deploy.Verification{
		Repository: repo, Deployment: d.ID, Place: place, Commit: d.Commit, Began: d.SucceededAt, Creator: d.Creator, Task: d.Task, Plan: plan,
		URL: string(environment.URL), Artifact: deploy.ArtifactOf(d.Payload, place.Component),
	}
	if verification.URL == "" {
		verification.URL = d.URL
	}
	before, err := v.Courses.Verifications(ctx, repo, place, mostCourses)
	if err != nil {
		return err
	}
	for _, course := range before {
		if course.Deployment == d.ID || course.Commit == d.Commit {
			continue
		}
		if verification.Before == "" {
			verification.Before = course.Commit
		}
		if course.Verdict != nil && course.Verdict.Answer == deploy.Verified {
			verification.Verified = course.Commit
			break
		}
	}
	if !slices.ContainsFunc(before, func(course deploy.Course) bool { return course.Deployment == d.ID }) {
		verification.Changes = v.changes(ctx, verification)
		if _, err := v.Courses.BeginVerification(ctx, verification); err != nil {
			return err
		}
	}
	// Also where it was there already: an earlier attempt may have come no further. What
	// it supersedes ends now and not at its next look.
	work := []Work{verifyWork(verification, now)}
	for _, course := range before {
		if course.Verdict == nil && course.Deployment != d.ID {
			work = append(work, verifyWork(course.Verification, now))
		}
	}
	return v.Queue.Enqueue(ctx, work...)
}

// environmentOf is what a file says of a place; the zero environment without a word.
func environmentOf(file *config.Repository, place deploy.Place) config.Environment {
	for _, component := range file.Components {
		if string(component.Name) != place.Component {
			continue
		}
		for name, environment := range component.Environments {
			if strings.EqualFold(string(name), place.Environment) {
				return environment
			}
		}
	}
	return config.Environment{}
}
