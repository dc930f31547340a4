package handlers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"plimsoll/checks"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// Issues keeps the issue about a deployment that went bad.
type Issues interface {
	CreateIssue(ctx context.Context, repo contracts.RepositoryRef, title, body string) (number int, err error)
	// EditIssue replaces the text, and closes the issue where that is said.
	EditIssue(ctx context.Context, repo contracts.RepositoryRef, number int, body string, closed bool) error
	// FindIssue gives this App's own issue that holds a marker, 0 without one.
	FindIssue(ctx context.Context, repo contracts.RepositoryRef, marker string, since time.Time) (number int, err error)
}

// concerned tells whether a verdict is about something that is not over: it ends a
// roll back, or a place is verified in which something went bad before.
func concerned(course deploy.Course, remedies []deploy.Remedy) bool {
	for _, m := range remedies {
		if ends(course, m) {
			return true
		}
	}
	return false
}

// ends tells whether a verdict ends a remedy: it is on the deployment that goes back, or
// the place is verified again by another.
func ends(course deploy.Course, m deploy.Remedy) bool {
	if m.Verification == course.ID() || m.Outcome == deploy.Verified || !deploy.SamePlace(m.Place, course.Place) {
		return false
	}
	if course.Verdict.Answer == deploy.Verified && course.Began.After(m.Began) {
		return true
	}
	return m.Outcome == "" && m.MadeBy(course.Verification)
}

// end tells what a verdict ends to be over.
func (r *Roller) end(ctx context.Context, course deploy.Course, remedies []deploy.Remedy) error {
	for i, m := range remedies {
		// What an earlier attempt has ended is told again: it may have come no further.
		again := m.EndedBy == course.Deployment
		if !again && !ends(course, m) {
			continue
		}
		if !again {
			if m.MadeBy(course.Verification) {
				m.Made = course.Deployment
			}
			m.Outcome, m.OutcomeAt, m.Ended, m.EndedBy = course.Verdict.Answer, course.Verdict.At, course.Commit, course.Deployment
			if err := r.Remedies.PutRemedy(ctx, course.Repository, m); err != nil {
				return err
			}
		}
		remedies[i] = m
		if err := r.enter(ctx, course, m); err != nil {
			return err
		}
		bad, err := r.Verifier.Courses.Verification(ctx, course.Repository, m.Verification)
		if err != nil {
			return err
		}
		if err := r.tell(ctx, bad); err != nil {
			return err
		}
	}
	return nil
}

// tell brings what people see of a deployment that went bad up to what was done: the
// check run, the issue, and the comments last.
func (r *Roller) tell(ctx context.Context, course deploy.Course) error {
	if course.Verdict == nil {
		return nil // somebody has asked while it is watched: the verdict tells
	}
	seen, err := r.seen(ctx, course)
	if err != nil {
		return err
	}
	now, err := r.Now(ctx)
	if err != nil {
		return err
	}
	if err := r.Verifier.publish(ctx, &course, seen, course.Verdict.Signals, now); err != nil {
		return err
	}
	if err := r.issue(ctx, &course, seen, now); err != nil {
		return fmt.Errorf("keep the issue about %s: %w", course.ID(), err)
	}
	if m := course.Remedy; m.EndedBy != 0 && m.EndedBy != m.Made {
		return nil // another deployment has ended it, and told so on the pull requests that it carried
	}
	return r.Verifier.tellPulls(ctx, course, seen, now)
}

// seen is what the verdict of a course rests on.
func (r *Roller) seen(ctx context.Context, course deploy.Course) (*sighting, error) {
	samples, err := r.Verifier.Courses.Samples(ctx, course.Repository, course.ID())
	if err != nil {
		return nil, err
	}
	seen := &sighting{samples: samples}
	seen.history, seen.hash, err = r.Verifier.Courses.History(ctx, course.Repository, course.ID())
	return seen, err
}

// issue keeps the issue about a deployment that went bad, where one is asked for. It is
// closed when the place is verified again.
func (r *Roller) issue(ctx context.Context, course *deploy.Course, seen *sighting, now time.Time) error {
	m := course.Remedy
	if m.IssueClosed || m.Issue == 0 && (course.Verdict.Answer != deploy.RollBack || !course.Plan.Response.Wants(config.FailIssue)) {
		return nil
	}
	repo := course.Repository
	pulls, err := r.Verifier.carried(ctx, *course)
	if err != nil {
		return err
	}
	course.Pulls = pulls
	told := r.Verifier.deployed(*course, seen, course.Verdict.Signals, now)
	title, body := checks.DeploymentIssue(told, pulls)
	if m.Issue == 0 {
		if m.Issue, err = r.Issues.FindIssue(ctx, repo, checks.IssueMarker(m.Verification), course.Began); err != nil {
			return err
		}
	}
	if m.Issue == 0 {
		if m.Issue, err = r.Issues.CreateIssue(ctx, repo, title, body); err != nil {
			return err
		}
		if err := r.Remedies.PutRemedy(ctx, repo, *m); err != nil {
			return err
		}
	}
	over := m.Outcome == deploy.Verified
	if over {
		if err := r.closing(ctx, *course, told); err != nil {
			return err
		}
	}
	err = r.Issues.EditIssue(ctx, repo, m.Issue, body, over)
	if errors.Is(err, fs.ErrNotExist) {
		over, err = true, nil // somebody has deleted it
	}
	if err != nil {
		return err
	}
	m.IssueClosed = over
	return r.Remedies.PutRemedy(ctx, repo, *m)
}

// closing says in a comment why the issue is closed, once.
func (r *Roller) closing(ctx context.Context, course deploy.Course, told checks.Deployed) error {
	m, marker := course.Remedy, checks.IssueMarker(course.ID()+"/closed")
	id, err := r.Verifier.Publisher.FindComment(ctx, course.Repository, m.Issue, marker)
	if err != nil || id != 0 {
		return err
	}
	_, err = r.Verifier.Publisher.CreateComment(ctx, course.Repository, m.Issue, checks.DeploymentIssueClosed(told)+"\n\n"+marker)
	return err
}
