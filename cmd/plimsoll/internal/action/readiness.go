package action

import (
	"context"
	"errors"
	"time"

	"plimsoll/checks"
	readinesstext "plimsoll/checks/text/readiness"
	"plimsoll/cmd/plimsoll/internal/readycheck"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
)

// Clock gives the time.
type Clock func() time.Time

// ready is the outcome of the readiness check.
type ready struct {
	run checks.CheckRun
	// result is nil where the repository file is missing or invalid.
	result *readycheck.Result
	broken bool
}

// readinessCheck checks what the pull request brings to production.
func readinessCheck(ctx context.Context, t *terminal.Terminal, r run, c commits, now Clock) (ready, error) {
	about := readinesstext.Readiness{WebURL: r.webURL, Repository: r.repository, Number: r.number, Fork: r.fork,
		BaseSHA: c.base, BaseRef: r.baseRef, HeadSHA: r.headSHA, ChangedFiles: c.atHead, Now: now()}
	result, err := readycheck.Evaluate(ctx, t, readycheck.Options{Dir: ".", Base: c.base, Head: c.head})
	if errors.Is(err, readycheck.ErrNoRepositoryFile) {
		return ready{run: readinesstext.ReadinessNotEnrolled(r.headSHA, r.number)}, nil
	}
	var problems []contracts.Problem
	if _, invalid := errors.AsType[*config.Error](err); invalid {
		problems = evidence.ProblemsOf(err)
		if len(problems) == 0 {
			problems = append(problems, contracts.Problem{Message: err.Error()})
		}
		about.FileProblems, about.FileBroken, about.Touched = problems, true, true
		return ready{run: readinesstext.ReadinessReport(about), broken: true}, nil
	}
	if err != nil {
		return ready{}, err
	}
	return ready{run: result.CheckRun(about), result: result}, nil
}

// answer says whether the outcome is at the level to fail on, or above it.
func (r ready) answer(failOn string) terminal.Answer {
	switch {
	case r.broken && failOn != "none":
		return terminal.No
	case r.result == nil:
		return terminal.Fine
	}
	return r.result.Status(failOn)
}

// verdict is ready, blocked, unknown or not-enrolled.
func (r ready) verdict() string {
	switch {
	case r.broken:
		return "blocked"
	case r.result == nil:
		return "not-enrolled"
	}
	return r.result.Verdict()
}
