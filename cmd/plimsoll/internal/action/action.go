package action

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"plimsoll/cmd/plimsoll/internal/compare"
	"plimsoll/cmd/plimsoll/internal/git"
	"plimsoll/cmd/plimsoll/internal/readycheck"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

// Options say what the step checks, and what it writes.
type Options struct {
	// Contracts are paths in the repository, or NAME=PATH, beside those that the repository
	// file declares.
	Contracts []string
	// Consumers are checkouts, folders of declarations, and declarations.
	Consumers []string
	// Readiness: check it as well.
	Readiness bool
	// FailOn and ReadinessFailOn are the levels from which the answer is no.
	FailOn, ReadinessFailOn string
	// Comment: write the comment on the pull request.
	Comment bool
	// Author is the login whose comment is edited; empty: that of the token.
	Author string
	// JSON and SARIF are paths of files to write; empty: none.
	JSON, SARIF string
}

// Check refuses options that mean nothing.
func (o Options) Check() error {
	if !slices.Contains(compare.Levels, o.FailOn) {
		return fmt.Errorf("--fail-on %s: use one of %s", terminal.Shown(o.FailOn), strings.Join(compare.Levels, ", "))
	}
	if !slices.Contains(readycheck.Levels, o.ReadinessFailOn) {
		return fmt.Errorf("--readiness-fail-on %s: use one of %s", terminal.Shown(o.ReadinessFailOn), strings.Join(readycheck.Levels, ", "))
	}
	return nil
}

// Run checks the pull request of the workflow run, and writes the results. The error is a
// [terminal.Answer] where there are results.
func Run(ctx context.Context, t *terminal.Terminal, options Options) error {
	if err := options.Check(); err != nil {
		return err
	}
	r, err := readRun(t.Env)
	if err != nil {
		return err
	}
	found, err := evaluate(ctx, t, r, options)
	if err != nil {
		return err
	}
	if err := found.write(ctx, t, options); err != nil {
		return err
	}
	return found.answer.Err()
}

// evaluate runs both checks.
func evaluate(ctx context.Context, t *terminal.Terminal, r run, options Options) (*outcome, error) {
	repository, err := git.Open(ctx, ".")
	if errors.Is(err, git.ErrNoRepository) {
		return nil, fmt.Errorf("%w: add a step with actions/checkout and fetch-depth: 0 before this one", err)
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = repository.Close() }() // it was only read
	c, err := pair(ctx, repository, r)
	if err != nil {
		return nil, err
	}
	check, err := newContractsCheck(ctx, r, c, options, t.Now())
	if err != nil {
		return nil, err
	}
	if err := check.evaluate(ctx); err != nil {
		return nil, err
	}
	out := newOutcome(check, t.Now)
	if options.Readiness {
		readiness, err := readinessCheck(ctx, t, r, c, t.Now)
		if err != nil {
			return nil, err
		}
		out.readiness = &readiness
	}
	out.decide(options)
	return out, nil
}
