package handlers

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"plimsoll/checks"
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
	Publisher     Publisher
	Deployer      Deployer
	Record        Record
	Ledger        deploy.Ledger
	Queue         Queue
	// Now gives the time that is kept.
	Now    func(ctx context.Context) (time.Time, error)
	WebURL string
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
	if _, err := v.Courses.BeginVerification(ctx, verification); err != nil {
		return err
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

// Look takes the sample that is due, decides, and tells.
func (v *Verifier) Look(ctx context.Context, args VerifyArgs) error {
	repo := args.Repository
	course, err := v.Courses.Verification(ctx, repo, args.ID)
	if err != nil {
		return err
	}
	samples, err := v.Courses.Samples(ctx, repo, args.ID)
	if err != nil {
		return err
	}
	if course.Verdict != nil {
		return v.tell(ctx, course, samples)
	}
	now, err := v.Now(ctx)
	if err != nil {
		return err
	}
	verdict, decided, err := v.superseded(ctx, course, len(samples), now)
	if err != nil {
		return err
	}
	if !decided {
		verdict, decided = deploy.Decide(course.Verification, samples, now)
	}
	if n, due, more := course.Next(samples, now); !decided && more && !due.After(now) {
		sample, err := v.sample(ctx, course.Verification, n)
		if err != nil {
			return err
		}
		if _, err := v.Courses.PutSample(ctx, repo, args.ID, sample); err != nil {
			return err
		}
		samples = append(samples, sample)
		verdict, decided = deploy.Decide(course.Verification, samples, sample.At)
	}
	if decided {
		return v.conclude(ctx, course, samples, verdict)
	}
	if err := v.publish(ctx, &course, samples, now); err != nil {
		return err
	}
	_, due, _ := course.Next(samples, now)
	return v.Queue.Enqueue(ctx, verifyWork(course.Verification, due))
}

// superseded is the verdict on a deployment whose place has a newer one.
func (v *Verifier) superseded(ctx context.Context, course deploy.Course, samples int, now time.Time) (deploy.Verdict, bool, error) {
	newest, err := v.Courses.Verifications(ctx, course.Repository, course.Place, 1)
	if err != nil || len(newest) == 0 || newest[0].Deployment == course.Deployment {
		return deploy.Verdict{}, false, err
	}
	return deploy.Verdict{
		Answer: deploy.Superseded, At: now, Samples: samples, Reasons: []deploy.Reason{{Kind: deploy.ReasonNewer}}, Thresholds: deploy.DefaultThresholds,
	}, true, nil
}

// sample looks once.
func (v *Verifier) sample(ctx context.Context, verification deploy.Verification, n int) (deploy.Sample, error) {
	sample := deploy.Sample{N: n}
	for _, probe := range verification.Plan.Probes {
		result := v.Prober.Probe(ctx, verification, probe)
		if ctx.Err() != nil {
			return sample, ctx.Err() // we gave up, which says nothing of the environment
		}
		sample.Probes = append(sample.Probes, result)
	}
	var err error
	sample.At, err = v.Now(ctx)
	return sample, err
}

// conclude keeps the verdict with all that it was decided by, and tells.
func (v *Verifier) conclude(ctx context.Context, course deploy.Course, samples []deploy.Sample, verdict deploy.Verdict) error {
	if _, err := v.Courses.EndVerification(ctx, course.Repository, course.ID(), verdict); err != nil {
		return err
	}
	course, err := v.Courses.Verification(ctx, course.Repository, course.ID()) // the first verdict counts
	if err != nil {
		return err
	}
	return v.tell(ctx, course, samples)
}

// verdictEntry is the body of the ledger's entry of a verdict: what it was decided by,
// so that the same is decided again from it.
type verdictEntry struct {
	Verification deploy.Verification `json:"verification"`
	Plan         string              `json:"plan"`
	Samples      []deploy.Sample     `json:"samples"`
	Verdict      deploy.Verdict      `json:"verdict"`
}

// tell writes the ledger, then the check run, the status and the comments last. What an
// earlier attempt has told is not told again.
func (v *Verifier) tell(ctx context.Context, course deploy.Course, samples []deploy.Sample) error {
	if course.Told {
		return nil
	}
	repo := course.Repository
	err := v.Ledger.Append(ctx, deploy.Entry{
		Installation: repo.Installation, Kind: deploy.EntryVerdict, Repository: repo.ID, Component: course.Place.Component,
		Environment: course.Place.Environment, Commit: course.Commit, At: course.Verdict.At, Actor: course.Creator, Once: "verdict/" + course.ID(),
		Body: json.RawMessage(plain(verdictEntry{course.Verification, course.Plan.Hash(), samples, *course.Verdict})),
	})
	if err != nil {
		return err
	}
	now, err := v.Now(ctx)
	if err != nil {
		return err
	}
	if err := v.publish(ctx, &course, samples, now); err != nil {
		return err
	}
	if err := v.report(ctx, course, samples, now); err != nil {
		return err
	}
	return v.Courses.TellVerification(ctx, repo, course.ID())
}

// deployed is what is told of a course.
func (v *Verifier) deployed(course deploy.Course, samples []deploy.Sample, now time.Time) checks.Deployed {
	return checks.Deployed{WebURL: v.WebURL, Repository: course.Repository, Course: course, Samples: samples, Now: now}
}

// publish brings the check run to what is known, making it where there is none.
func (v *Verifier) publish(ctx context.Context, course *deploy.Course, samples []deploy.Sample, now time.Time) error {
	run := checks.DeploymentRun(v.deployed(*course, samples, now))
	if course.CheckRun != 0 {
		if _, err := checks.Republish(ctx, v.Publisher, course.Repository, course.CheckRun, run); err != nil {
			return fmt.Errorf("publish %s on %s: %w", run.Name, run.HeadSHA, err)
		}
		return nil
	}
	id, err := publishRun(ctx, v.Publisher, course.Repository, run, v.Queue.Again(ctx))
	if err != nil {
		return err
	}
	course.CheckRun = id
	return v.Courses.PutVerificationRun(ctx, course.Repository, course.ID(), id)
}
