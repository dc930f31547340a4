package pulls

import (
	"context"
	"errors"
	"fmt"
	"plimsoll/handlers/require"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	failuretext "plimsoll/checks/text/failure"
	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Index knows what repositories declare.
type Index interface {
	// Known returns what a repository declares. It is read now if it is not known yet.
	Known(ctx context.Context, repo contracts.RepositoryRef) (contracts.Registration, error)
}

// TopicKeeper remembers what the answer to a pull request depends on outside its own
// repository.
type TopicKeeper interface {
	// PutTopics replaces the topics of a pull request.
	PutTopics(ctx context.Context, repo contracts.RepositoryRef, number int, topics []string) error
}

// Evaluator answers a pull request with the check run plimsoll/contracts and, if there is
// something to say, the one comment. It evaluates the readiness as well.
type Evaluator struct {
	deps EvaluatorDeps
}

// EvaluatorDeps is what an Evaluator needs.
type EvaluatorDeps struct {
	GitHub    GitHub
	Store     Store
	Queue     work.Queue
	Index     Index
	Verdicts  *Verdicts
	Contracts *ContractComparer
	Readiness *ReadinessEvaluator
}

// GitHub is what evaluating a pull request reads at GitHub.
type GitHub interface {
	source.Pulls
	source.Trees
	source.Branches
}

// Store is what evaluating a pull request needs to know of earlier answers.
type Store interface {
	source.Scans
	PullStates
	TopicKeeper
	// Returned reports whether the account had the App before, by another installation.
	Returned(ctx context.Context, installation int64) (bool, error)
}

// NewEvaluator returns an Evaluator.
func NewEvaluator(deps EvaluatorDeps) (*Evaluator, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Evaluator{deps}, nil
}

// Evaluate reads the pull request again and publishes the answer for its head. A head that
// was superseded in the meantime gets none.
func (e *Evaluator) Evaluate(ctx context.Context, args work.PullArgs) error {
	repo := args.Repository
	pull, err := e.deps.GitHub.PullRequest(ctx, repo, args.Number)
	if err != nil {
		return fmt.Errorf("read pull request %s#%d: %w", repo.FullName(), args.Number, err)
	}
	// The repository's name and visibility count as they are now: the event may be old.
	repo = pull.Repository
	args.Repository = repo
	if stale(pull, args.Past) && e.deps.Queue.Attempt(ctx) <= work.LagAttempts {
		return fmt.Errorf("GitHub does not show %s#%d yet as the event says that it is", repo.FullName(), args.Number)
	}
	state, err := e.deps.Store.PullState(ctx, repo, args.Number)
	if err != nil {
		return fmt.Errorf("recall pull request %s#%d: %w", repo.FullName(), args.Number, err)
	}
	if !pull.Open {
		state.Open = false
		return errors.Join(e.deps.Verdicts.drop(ctx, repo, args.Number), e.deps.Store.PutTopics(ctx, repo, args.Number, nil), e.deps.Store.PutPullState(ctx, repo, args.Number, state))
	}
	scan, err := e.deps.Store.Scan(ctx, repo.Installation)
	if err != nil {
		return err
	}
	collected := e.deps.Verdicts.of(pull, requestOf(args))
	collected.unsure = scan.Forgotten(pull.CreatedAt)
	return errors.Join(e.evaluate(ctx, args, collected, state), collected.publish(ctx))
}

// stale reports whether GitHub shows a pull request as it was in the past.
func stale(pull source.PullRequest, past work.PullPast) bool {
	return past.Head != "" && pull.HeadSHA == past.Head || past.Base != "" && pull.BaseRef == past.Base || past.Closed && !pull.Open
}

// evaluate stores what every check says about a pull request.
func (e *Evaluator) evaluate(ctx context.Context, args work.PullArgs, collected *verdicts, state PullState) error {
	comparison, err := source.Compare(ctx, e.deps.GitHub, collected.pull)
	if err != nil {
		return e.admit(ctx, collected, err)
	}
	failure := e.contracts(ctx, collected, comparison, state)
	if args.ContractsOnly || failure != nil && !e.reported(ctx, failure) {
		return failure
	}
	return errors.Join(failure, e.deps.Readiness.evaluate(ctx, collected, comparison))
}

// reported reports whether an error is reported to people: it won't pass by itself, and
// does not hold up the other check.
func (e *Evaluator) reported(ctx context.Context, err error) bool {
	_, report := e.deps.Verdicts.deps.Explain(ctx, err)
	return report
}

// notEnrolled stores what plimsoll/contracts says in a repository without a file, if it says
// anything there.
func (e *Evaluator) notEnrolled(ctx context.Context, collected *verdicts) error {
	if answers, err := e.deps.Verdicts.answers(ctx, collected); err != nil || !answers {
		return err
	}
	return collected.put(ctx, contracttext.NotEnrolled(collected.pull.HeadSHA, collected.pull.Number))
}

// contracts stores what plimsoll/contracts and the comment say.
func (e *Evaluator) contracts(ctx context.Context, collected *verdicts, comparison source.Comparison, state PullState) error {
	pull, repo := collected.pull, collected.pull.Repository
	answer, err := e.settledAnswer(ctx, pull, comparison, state)
	if err != nil {
		return e.admit(ctx, collected, err)
	}
	if answer.run == nil {
		return e.notEnrolled(ctx, collected)
	}
	if superseded, err := e.deps.Queue.Superseded(ctx); err != nil || superseded {
		return err
	}
	if err := e.takeBack(ctx, collected, state, answer.change); err != nil {
		return err
	}
	comment, err := e.commentOf(ctx, collected, state, answer.comment)
	if err != nil {
		return err
	}
	if answer.change != nil {
		state.Blocked, state.Named = contracttext.Blocking(answer.report), namedIn(answer.report)
	}
	if answer.comment.Text != "" {
		if err := collected.publications.PutComment(ctx, repo, comment); err != nil {
			return err
		}
	}
	if err := collected.put(ctx, *answer.run); err != nil {
		return err
	}
	state.Pushed = state.Pushed || state.Head != "" && state.Head != pull.HeadSHA
	state.Head, state.Open = pull.HeadSHA, true
	if err := e.deps.Store.PutPullState(ctx, repo, pull.Number, state); err != nil {
		return err
	}
	return e.watchEnd(ctx, repo, pull.Number, contracttext.NextEnd(answer.report))
}

// answer is what is published on a pull request.
type answer struct {
	// run is nil if the repository is not enrolled.
	run     *checks.CheckRun
	comment checks.Comment
	// change is nil if nothing is touched.
	change *change
	// topics that the answer depends on.
	topics []string
	// read is the commit of the base branch by which nothing is touched.
	read string
	// report is the result.
	report contracttext.Report
}

// mostAnswers bounds how often an answer is computed again because the registry has
// moved under it.
const mostAnswers = 3

// settledAnswer evaluates by what the registry still says after the topics of the answer
// are stored: any later change evaluates the pull request again.
func (e *Evaluator) settledAnswer(ctx context.Context, pull source.PullRequest, comparison source.Comparison, state PullState) (answer, error) {
	for tries := 1; ; tries++ {
		given, err := e.answer(ctx, pull, comparison, state)
		if err != nil {
			return given, err
		}
		if err := e.deps.Store.PutTopics(ctx, pull.Repository, pull.Number, given.topics); err != nil {
			return given, err
		}
		if given.change == nil && given.read == "" || tries == mostAnswers {
			return given, nil
		}
		if moved, err := e.moved(ctx, pull.Repository, given); err != nil || !moved {
			return given, err
		}
	}
}

// moved reports whether the registry says something else than an answer was given by.
func (e *Evaluator) moved(ctx context.Context, repo contracts.RepositoryRef, given answer) (bool, error) {
	if given.change != nil {
		return given.change.moved(ctx)
	}
	now, err := e.deps.Index.Known(ctx, repo)
	return now.Commit != given.read, err
}

// admit reports on the pull request that it could not be evaluated, if people can do
// something about it, and returns the error: the queue decides what happens next.
func (e *Evaluator) admit(ctx context.Context, collected *verdicts, failure error) error {
	explanation, report := e.deps.Verdicts.deps.Explain(ctx, failure)
	if !report {
		return failure
	}
	return errors.Join(failure, collected.put(ctx, failuretext.PermanentError(checks.ContractsRun, collected.pull.HeadSHA, collected.pull.Number, explanation)))
}

// answer evaluates the pull request as it is now.
func (e *Evaluator) answer(ctx context.Context, pull source.PullRequest, comparison source.Comparison, state PullState) (answer, error) {
	repo := pull.Repository
	registration, err := e.deps.Index.Known(ctx, repo)
	if err != nil {
		return answer{}, err
	}
	change := e.deps.Contracts.change(pull, registration, comparison)
	if change.base, change.head, err = change.touched(ctx); err != nil {
		return answer{}, err
	}
	switch {
	case change.nothing() && !registration.Enrolled:
		return answer{}, nil
	case change.nothing():
		run := contracttext.NothingTouched(pull.HeadSHA, pull.Number)
		return answer{run: &run, comment: contracttext.ResolvedComment(repo, state.Blocked), topics: change.topicsOfFiles(), read: registration.Commit}, nil
	}
	if pull.Number == 0 {
		if change.repo, err = e.present(ctx, repo); err != nil {
			return answer{}, err
		}
	}
	report, err := change.report(ctx, state.Blocked)
	if err != nil {
		return answer{}, err
	}
	run := contracttext.ContractReport(report)
	return answer{run: &run, comment: contracttext.ContractComment(report), change: change, topics: change.topics(report), report: report}, nil
}
