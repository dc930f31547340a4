package verification

import (
	"context"
	"time"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/deploy"
	"plimsoll/deploy/signal"
)

// Watch looks at one deployment until there is a verdict, and tells nobody but seen,
// after each look. It is the course of Look without GitHub, a queue or a ledger: of v it
// uses Courses, Prober, Signals, Answers and Now. wait returns at an instant, or when ctx
// ends; then the watching ends, with a verdict that says so.
func (v *Verifier) Watch(ctx context.Context, verification deploy.Verification, wait func(ctx context.Context, until time.Time) error, seen func(deploytext.Deployed)) (deploytext.Deployed, error) {
	course := deploy.Course{Verification: verification}
	look := &sighting{}
	var judged *signal.Judgement
	for {
		now, err := v.Now(ctx)
		if err == nil {
			if n, due, more := verification.Next(look.samples, now); more {
				if due.After(now) {
					err = wait(ctx, due)
				}
				if err == nil {
					err = v.look(ctx, verification, n, look)
				}
			}
		}
		if ctx.Err() != nil {
			return v.interrupted(context.WithoutCancel(ctx), course, look, judged)
		}
		if err != nil {
			return deploytext.Deployed{}, err
		}
		if len(look.samples) > 0 {
			now = look.samples[len(look.samples)-1].At
		}
		verdict, decided := deploy.Decide(verification, look.history, look.samples, now)
		judged = verdict.Signals
		if decided {
			course.Verdict = &verdict
			return v.Reporter.deployed(course, look, judged, now), nil
		}
		seen(v.Reporter.deployed(course, look, judged, now))
	}
}

func (v *Verifier) interrupted(ctx context.Context, course deploy.Course, look *sighting, judged *signal.Judgement) (deploytext.Deployed, error) {
	now, err := v.Now(ctx)
	if err != nil {
		return deploytext.Deployed{}, err
	}
	verdict := deploy.Interrupted(course.Verification, look.samples, judged, now)
	course.Verdict = &verdict
	return v.Reporter.deployed(course, look, judged, now), nil
}
