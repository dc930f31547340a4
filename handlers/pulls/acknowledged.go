package pulls

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Acknowledged knows what was acknowledged on the pull requests of a provider.
type Acknowledged interface {
	// Acknowledgements returns what was acknowledged, also what has ended.
	Acknowledgements(ctx context.Context, provider contracts.RepositoryRef) ([]contracttext.Acknowledgement, error)
	// Now is the time that their ends are measured with.
	Now(ctx context.Context) (time.Time, error)
}

// acknowledged adds to a report what was acknowledged on the provider's pull requests.
func (c *change) acknowledged(ctx context.Context, report *contracttext.Report) (err error) {
	if c.pull.Number != 0 {
		report.Actions = checks.Buttons()
	}
	if len(contracttext.Impacts(*report)) == 0 {
		return nil
	}
	if c.words, err = c.comparer.deps.Store.Acknowledgements(ctx, c.repo); err != nil {
		return err
	}
	c.blocked = true
	for i := range report.APIs {
		report.APIs[i].Acknowledgements = c.words
	}
	return nil
}

// wordsMoved reports whether something was acknowledged, or withdrawn, since.
func (c *change) wordsMoved(ctx context.Context) (bool, error) {
	if !c.blocked {
		return false, nil
	}
	now, err := c.comparer.deps.Store.Acknowledgements(ctx, c.repo)
	return err == nil && !reflect.DeepEqual(c.words, now), err
}

// topicsOfImpacts are the topics that an acknowledgement moves.
func topicsOfImpacts(report contracttext.Report) []string {
	var topics []string
	for _, impact := range contracttext.Impacts(report) {
		topics = append(topics, work.TopicOfFingerprint(impact.Change.Fingerprint))
	}
	return topics
}

// watchEnd evaluates a pull request again when the first acknowledgement that lets it pass
// ends.
func (e *Evaluator) watchEnd(ctx context.Context, repo contracts.RepositoryRef, number int, end time.Time) error {
	if end.IsZero() {
		return nil
	}
	return e.deps.Queue.Enqueue(ctx, work.ExpireWork(repo, number, end))
}

// Findings evaluates a pull request as it is now, and publishes nothing.
func (e *Evaluator) Findings(ctx context.Context, repo contracts.RepositoryRef, number int) (source.PullRequest, contracttext.Report, error) {
	pull, err := e.deps.GitHub.PullRequest(ctx, repo, number)
	if err != nil || !pull.Open {
		return pull, contracttext.Report{}, err
	}
	state, err := e.deps.Store.PullState(ctx, pull.Repository, number)
	if err != nil {
		return pull, contracttext.Report{}, err
	}
	comparison, err := source.Compare(ctx, e.deps.GitHub, pull)
	if err != nil {
		return pull, contracttext.Report{}, err
	}
	given, err := e.answer(ctx, pull, comparison, state)
	if err != nil {
		return pull, contracttext.Report{}, fmt.Errorf("judge %s#%d: %w", pull.Repository.FullName(), number, err)
	}
	return pull, given.report, nil
}

// OnlyHead returns the head of a pull request whose report was the only one to be seen so
// far; "" if there was none, or others before it.
func (e *Evaluator) OnlyHead(ctx context.Context, repo contracts.RepositoryRef, number int) (string, error) {
	state, err := e.deps.Store.PullState(ctx, repo, number)
	if err != nil || state.Pushed {
		return "", err
	}
	return state.Head, nil
}

// NewestRun returns the check run of a name on the head of a pull request that was
// evaluated last.
func (e *Evaluator) NewestRun(ctx context.Context, repo contracts.RepositoryRef, number int, name string) (checkRun int64, head string, err error) {
	state, err := e.deps.Store.PullState(ctx, repo, number)
	if err != nil {
		return 0, "", err
	}
	p, _, err := e.deps.Verdicts.deps.Publications.Published(ctx, repo, checks.SubjectOfCommit(state.Head), checks.PublishedRun, name)
	return p.Remote, state.Head, err
}
