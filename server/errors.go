package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	failuretext "plimsoll/checks/text/failure"
	"plimsoll/contracts"
	"plimsoll/server/github"
	"plimsoll/server/probe"
	"plimsoll/server/queue"
	"plimsoll/server/store"
)

// notFoundAttempts is how often something may not be found before that counts: right after
// an event, GitHub may not show yet what it is about. With the queue's pauses, the last of
// these attempts is more than half a minute after the first.
const notFoundAttempts = 4

// busyPause is how long an observation is put off whose host is being probed for another
// one: about as long as a probe takes.
const busyPause = time.Second

// classed gives a job's error the class that the queue goes by: limits sleep,
// what may pass is tried again, marked where others may meet it too, and the rest is dead
// at once. An observation whose host is in use is put off.
func classed(err error, job queue.Job) error {
	if limited, ok := errors.AsType[*github.RateLimited](err); ok {
		return queue.Snooze{Until: limited.Until, Scope: queue.Installation, Reason: err}
	}
	if errors.Is(err, probe.ErrBusy) {
		return queue.Snooze{For: busyPause, Scope: queue.ThisJob, Reason: err}
	}
	if final(err, job) {
		return queue.Permanent(advised(err))
	}
	if shared(err) {
		return queue.Shared(err)
	}
	return err
}

// shared reports whether an error is likely not caused by the subject: GitHub or the
// database does not answer, or the App's token is refused.
func shared(err error) bool {
	if failure, ok := errors.AsType[*github.Error](err); ok && failure.Class == github.ClassRetry {
		return failure.Token || failure.Status == 0 || failure.Status >= http.StatusInternalServerError || failure.Status == http.StatusUnauthorized
	}
	return store.Unavailable(err)
}

// final reports whether another try would only give the same error.
func final(err error, job queue.Job) bool {
	switch github.Classify(err) {
	case github.ClassPermission, github.ClassSuspended, github.ClassArchived, github.ClassPermanent:
		return true
	case github.ClassNotFound:
		// A token that is not given is no young object: no later attempt makes it one.
		failure, ok := errors.AsType[*github.Error](err)
		return job.Attempt >= notFoundAttempts || ok && failure.Token
	}
	return false
}

// advised adds what to do about an error that can't be reported on GitHub. The log and
// `plimsoll jobs` show it.
func advised(err error) error {
	switch github.Classify(err) {
	case github.ClassArchived:
		return fmt.Errorf("%w. %s", err, failuretext.RepositoryArchived().Next)
	case github.ClassSuspended:
		return fmt.Errorf("%w. %s", err, failuretext.InstallationSuspended().Next)
	}
	return err
}

// admitAfter is the attempt at which an error that might have passed by itself is reported
// on the pull request; it is tried again all the same.
const admitAfter = 4

// explain returns the text for an error that is reported to people.
func explain(ctx context.Context, err error) (explanation failuretext.Explanation, report bool) {
	delivery := deliveryOf(ctx)
	switch github.Classify(err) {
	case github.ClassPermission:
		return failuretext.MissingPermission(neededPermission(err), delivery), true
	case github.ClassPermanent:
		if problem, ok := errors.AsType[*contracts.Problem](err); ok {
			return failuretext.Unreadable(*problem, delivery), true
		}
		if errors.Is(err, github.ErrTooLong) {
			return failuretext.OverLimit("What GitHub says about this pull request", fmt.Sprintf("%d MiB", github.MaxAnswer>>20), delivery), true
		}
		return failuretext.InternalError(delivery), true
	case github.ClassRateLimited, github.ClassCancelled, github.ClassSuspended, github.ClassArchived:
		return failuretext.Explanation{}, false
	}
	job, ok := queue.FromContext(ctx)
	return failuretext.InternalError(delivery), ok && job.Attempt == admitAfter
}
