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

// Look takes the sample that is due, decides, and tells.
func (v *Verifier) Look(ctx context.Context, args work.VerifyArgs) error {
	repo := args.Repository
	course, err := v.Courses.Verification(ctx, repo, args.ID)
	if err != nil {
		return err
	}
	samples, err := v.Courses.Samples(ctx, repo, args.ID)
	if err != nil {
		return err
	}
	seen := &sighting{samples: samples}
	if seen.history, seen.hash, err = v.Courses.History(ctx, repo, args.ID); err != nil {
		return err
	}
	if course.Verdict != nil {
		return v.tell(ctx, course, seen)
	}
	now, err := v.Now(ctx)
	if err != nil {
		return err
	}
	verdict, decided, err := v.superseded(ctx, course, len(samples), now)
	if err != nil {
		return err
	}
	n, due, more := course.Next(samples, now)
	if more && !due.After(now) && !decided {
		if err := v.look(ctx, course.Verification, n, seen); err != nil {
			return err
		}
		now = seen.samples[len(seen.samples)-1].At
	}
	if !decided {
		verdict, decided = deploy.Decide(course.Verification, seen.history, seen.samples, now)
	}
	if decided {
		return v.conclude(ctx, course, seen, verdict)
	}
	begun, err := v.Reporter.begun(ctx, course)
	if err != nil {
		return err
	}
	if !begun || n%course.Shown() == 0 {
		if err := v.Reporter.progress(ctx, course, seen, verdict.Signals, now); err != nil {
			return err
		}
	}
	_, due, _ = course.Next(seen.samples, now)
	return v.Queue.Enqueue(ctx, work.VerifyWork(course.Verification, due))
}

// superseded is the verdict on a deployment whose place has a newer one.
func (v *Verifier) superseded(ctx context.Context, course deploy.VerificationRun, samples int, now time.Time) (deploy.Verdict, bool, error) {
	newest, err := v.Courses.Verifications(ctx, course.Repository, course.Target, 1)
	if err != nil || len(newest) == 0 || newest[0].Deployment == course.Deployment {
		return deploy.Verdict{}, false, err
	}
	return deploy.Verdict{
		Answer: deploy.Superseded, At: now, Samples: samples, Reasons: []deploy.Reason{{Kind: deploy.ReasonNewer}}, Thresholds: deploy.DefaultThresholds,
	}, true, nil
}

// sighting is what a verdict rests on.
type sighting struct {
	samples []deploy.Sample
	// history is nil where it is not known, or not needed; hash names what is kept.
	history *deploy.History
	hash    string
}

// look takes a sample, and finds out what was before where that is not known yet.
func (v *Verifier) look(ctx context.Context, verification deploy.Verification, n int, seen *sighting) error {
	observed := deploy.Observations{Samples: seen.samples, History: seen.history, Hash: seen.hash}
	err := v.observer().Observe(ctx, verification, n, &observed)
	seen.samples, seen.history, seen.hash = observed.Samples, observed.History, observed.Hash
	return err
}

// conclude keeps the verdict with all that it was decided by, and tells.
func (v *Verifier) conclude(ctx context.Context, course deploy.VerificationRun, seen *sighting, verdict deploy.Verdict) error {
	if _, err := v.Courses.EndVerification(ctx, course.Repository, course.ID(), verdict); err != nil {
		return err
	}
	course, err := v.Courses.Verification(ctx, course.Repository, course.ID()) // the first verdict counts
	if err != nil {
		return err
	}
	return v.tell(ctx, course, seen)
}

// tell writes the ledger, then the check run, the status and the comments last. What an
// earlier attempt has told is not told again.
func (v *Verifier) tell(ctx context.Context, course deploy.VerificationRun, seen *sighting) error {
	if course.Told {
		return nil
	}
	repo := course.Repository
	err := v.Ledger.Append(ctx, ledger.Entry{
		Installation: repo.Installation, Kind: ledger.EntryVerdict, Repository: repo.ID, Component: course.Target.Component,
		Environment: course.Target.Environment, Commit: course.Commit, At: course.Verdict.At, Actor: course.Creator, Once: "verdict/" + course.ID(),
		Body: json.RawMessage(source.JSON(ledger.VerdictEntry{Verification: course.Verification, Plan: course.Plan.Hash(), Samples: seen.samples, History: seen.hash, Verdict: *course.Verdict})),
	})
	if err != nil {
		return err
	}
	if err := v.Reporter.report(ctx, course); err != nil {
		return err
	}
	if err := v.followUp(ctx, course); err != nil {
		return err
	}
	return v.Courses.TellVerification(ctx, repo, course.ID())
}

// deployed is what is told of a course.
func (r *Reporter) deployed(course deploy.VerificationRun, seen *sighting, signals *signal.Judgement, now time.Time) deploytext.Deployed {
	d := deploytext.Deployed{
		Repository: course.Repository, Course: course, Samples: seen.samples, History: seen.history, Signals: signals, Now: now,
	}
	if r == nil {
		return d
	}
	d.WebURL = r.WebURL
	if r.Page != nil {
		d.DetailsURL = r.Page(course.Verification)
	}
	return d
}
