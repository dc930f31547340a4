package pulls

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/checks/readiness"
	failuretext "plimsoll/checks/text/failure"
	readinesstext "plimsoll/checks/text/readiness"
	"plimsoll/contracts/evidence"
	"plimsoll/contracts/openapi"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// ReadinessEvaluator answers a pull request with the check run plimsoll/readiness.
type ReadinessEvaluator struct {
	Pulls        source.Pulls
	Trees        source.Trees
	Publications Publications
	Index        Index
	// Organisations reads what repositories and their organisations declare.
	Organisations *source.Organisations
	Queue         work.Queue
	Cache         *openapi.Cache
	// Metrics asks the operator's metric servers; nil: none is named.
	Metrics readiness.Metrics
	// Promiser says what a deployment can show; nil: nothing is said.
	Promiser *Promiser
	// Now gives the time that is kept: waivers end.
	Now func(ctx context.Context) (time.Time, error)
	// WebURL of GitHub, for permalinks.
	WebURL string
	// Explain gives the text for an error that somebody should be told of; see Judge.
	Explain func(ctx context.Context, err error) (explanation failuretext.Explanation, visible bool)
}

// Do judges a pull request as it is now, and nothing else of it.
func (r *ReadinessEvaluator) Do(ctx context.Context, args work.PullArgs) error {
	pull, err := r.Pulls.PullRequest(ctx, args.Repository, args.Number)
	if err != nil {
		return fmt.Errorf("read pull request %s#%d: %w", args.Repository.FullName(), args.Number, err)
	}
	if !pull.Open {
		return nil
	}
	comparison, err := source.Compare(ctx, r.Pulls, pull)
	if err != nil {
		return err
	}
	said := &verdicts{publications: r.Publications, bases: bases{r.Index, r.Organisations}, pull: pull, request: requestOf(args)}
	return errors.Join(r.evaluate(ctx, said, comparison), said.publish(ctx))
}

// evaluate stores what plimsoll/readiness says about a pull request, or a merge group.
func (r *ReadinessEvaluator) evaluate(ctx context.Context, said *verdicts, comparison source.Comparison) error {
	pull := said.pull
	run, ends, failure := r.run(ctx, pull, comparison)
	if run == nil {
		return failure
	}
	if superseded, err := r.Queue.Superseded(ctx); err != nil || superseded {
		return errors.Join(failure, err)
	}
	if err := said.put(ctx, *run); err != nil || failure != nil || ends.IsZero() || pull.Group != "" {
		return errors.Join(failure, err)
	}
	return r.Queue.Enqueue(ctx, work.Work{
		Kind: work.KindWaiverEnd, Key: work.PullKey(pull.Repository.ID, pull.Number), Installation: pull.Repository.Installation, At: ends,
		Args: work.PullArgs{Repository: pull.Repository, Number: pull.Number},
	})
}

// run judges and gives what is to be published; nil where the repository takes no
// part, or where the failure is not one to be told. ends is when the answer changes by
// itself.
func (r *ReadinessEvaluator) run(ctx context.Context, pull source.PullRequest, comparison source.Comparison) (run *checks.CheckRun, ends time.Time, failure error) {
	report, takesPart, err := r.report(ctx, pull, comparison)
	if err != nil {
		explanation, visible := r.Explain(ctx, err)
		if !visible {
			return nil, ends, err
		}
		told := failuretext.PermanentError(checks.ReadinessRun, pull.HeadSHA, pull.Number, explanation)
		return &told, ends, err
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
	registration, err := r.Index.Known(ctx, repo)
	if err != nil {
		return report, false, err
	}
	c := &readinessChange{evaluator: r, pull: pull, repo: repo, registration: registration, comparison: comparison}
	if !registration.Enrolled && comparison.Complete && !c.touches(evidence.IsDeclaration) {
		return report, false, nil
	}
	if c.now, err = r.Now(ctx); err != nil {
		return report, false, err
	}
	if c.organisation, err = r.Organisations.File(ctx, repo); err != nil {
		return report, false, err
	}
	if err := c.read(ctx); err != nil {
		return report, false, err
	}
	if c.policy == nil && c.head == nil && !c.broken {
		return report, false, nil
	}
	if report, err = c.report(ctx); err != nil {
		return report, true, err
	}
	report.Promises, err = r.Promiser.of(ctx, repo, c.policy, func(folder string) bool {
		return c.touches(func(path string) bool { return strings.HasPrefix(path, strings.TrimSuffix(folder, "/")+"/") })
	})
	return report, true, err
}
