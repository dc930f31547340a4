package pulls

import (
	"context"
	"errors"
	"fmt"
	"plimsoll/handlers/require"
	"strings"
	"time"

	"plimsoll/checks"
	failuretext "plimsoll/checks/text/failure"
	readinesstext "plimsoll/checks/text/readiness"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// ReadinessEvaluator answers a pull request with the check run plimsoll/readiness.
type ReadinessEvaluator struct {
	deps ReadinessDeps
}

// ReadinessDeps is what a ReadinessEvaluator needs.
type ReadinessDeps struct {
	GitHub   GitHub
	Queue    work.Queue
	Index    Index
	Verdicts *Verdicts
	Comparer *ReadinessComparer
	// Promiser says what a deployment can show.
	Promiser *Promiser
}

// NewReadinessEvaluator returns a ReadinessEvaluator.
func NewReadinessEvaluator(deps ReadinessDeps) (*ReadinessEvaluator, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &ReadinessEvaluator{deps}, nil
}

// Do evaluates the readiness of a pull request as it is now, and nothing else.
func (r *ReadinessEvaluator) Do(ctx context.Context, args work.PullArgs) error {
	pull, err := r.deps.GitHub.PullRequest(ctx, args.Repository, args.Number)
	if err != nil {
		return fmt.Errorf("read pull request %s#%d: %w", args.Repository.FullName(), args.Number, err)
	}
	if !pull.Open {
		return nil
	}
	comparison, err := source.Compare(ctx, r.deps.GitHub, pull)
	if err != nil {
		return err
	}
	collected := r.deps.Verdicts.of(pull, requestOf(args))
	return errors.Join(r.evaluate(ctx, collected, comparison), collected.publish(ctx))
}

// evaluate stores the readiness of a pull request, or a merge group.
func (r *ReadinessEvaluator) evaluate(ctx context.Context, collected *verdicts, comparison source.Comparison) error {
	pull := collected.pull
	run, ends, failure := r.run(ctx, pull, comparison)
	if run == nil && failure == nil {
		answers, err := r.deps.Verdicts.answers(ctx, collected)
		if err != nil {
			return err
		}
		if answers {
			page := readinesstext.ReadinessNotEnrolled(pull.HeadSHA, pull.Number)
			run = &page
		}
	}
	if run == nil {
		return failure
	}
	if superseded, err := r.deps.Queue.Superseded(ctx); err != nil || superseded {
		return errors.Join(failure, err)
	}
	if err := collected.put(ctx, *run); err != nil || failure != nil || ends.IsZero() || pull.Group != "" {
		return errors.Join(failure, err)
	}
	return r.deps.Queue.Enqueue(ctx, work.Work{
		Kind: work.KindWaiverEnd, Key: work.PullKey(pull.Repository.ID, pull.Number), Installation: pull.Repository.Installation, At: ends,
		Args: work.PullArgs{Repository: pull.Repository, Number: pull.Number},
	})
}

// run evaluates and returns what is to be published; nil if the repository is not enrolled,
// or if the failure is not reported. ends is when the answer changes by itself.
func (r *ReadinessEvaluator) run(ctx context.Context, pull source.PullRequest, comparison source.Comparison) (run *checks.CheckRun, ends time.Time, failure error) {
	report, takesPart, err := r.report(ctx, pull, comparison)
	if err != nil {
		explanation, visible := r.deps.Verdicts.deps.Explain(ctx, err)
		if !visible {
			return nil, ends, err
		}
		page := failuretext.PermanentError(checks.ReadinessRun, pull.HeadSHA, pull.Number, explanation)
		return &page, ends, err
	}
	if !takesPart {
		return nil, ends, nil
	}
	answer := readinesstext.ReadinessReport(report)
	if pull.Number != 0 && answer.Conclusion != checks.Success {
		answer.Actions = []checks.Action{checks.RecheckAction()}
	}
	return &answer, report.Report.NextEnd(), nil
}

// report compares how the merge base and the head stand, by the base branch's word.
func (r *ReadinessEvaluator) report(ctx context.Context, pull source.PullRequest, comparison source.Comparison) (report readinesstext.Readiness, takesPart bool, err error) {
	repo := pull.Repository
	registration, err := r.deps.Index.Known(ctx, repo)
	if err != nil {
		return report, false, err
	}
	c, report, err := r.deps.Comparer.compare(ctx, pull, registration, comparison)
	if err != nil || c == nil {
		return report, c != nil, err
	}
	report.Promises, err = r.deps.Promiser.of(ctx, repo, c.policy, func(folder string) bool {
		return c.touches(func(path string) bool { return strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/") })
	})
	return report, true, err
}
