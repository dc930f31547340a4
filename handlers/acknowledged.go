package handlers

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// KindExpire judges a pull request again when an acknowledgement ends: PullArgs.
const KindExpire = "expire"

// topicOfFingerprint: the change blocks the pull request, or would if nobody had
// acknowledged it.
func topicOfFingerprint(fingerprint string) string { return "fingerprint/" + fingerprint }

// acknowledged puts into a report what was acknowledged on the provider's pull
// requests.
func (c *change) acknowledged(ctx context.Context, report *checks.Report) (err error) {
	if report.Now, err = c.judge.Acknowledgements.Now(ctx); err != nil {
		return err
	}
	if c.pull.Number != 0 {
		report.Actions = checks.Buttons()
	}
	if len(checks.Impacts(*report)) == 0 {
		return nil
	}
	if c.words, err = c.judge.Acknowledgements.Acknowledgements(ctx, c.repo); err != nil {
		return err
	}
	c.blocked = true
	for i := range report.APIs {
		report.APIs[i].Acknowledgements = c.words
	}
	return nil
}

// wordsMoved tells whether something was acknowledged, or taken back, since.
func (c *change) wordsMoved(ctx context.Context) (bool, error) {
	if !c.blocked {
		return false, nil
	}
	now, err := c.judge.Acknowledgements.Acknowledgements(ctx, c.repo)
	return err == nil && !reflect.DeepEqual(c.words, now), err
}

// topicsOfImpacts are the topics that an acknowledgement moves.
func topicsOfImpacts(report checks.Report) []string {
	var topics []string
	for _, impact := range checks.Impacts(report) {
		topics = append(topics, topicOfFingerprint(impact.Change.Fingerprint))
	}
	return topics
}

// expireWork is the work of judging a pull request again when what lets it pass ends.
func expireWork(repo contracts.RepositoryRef, number int, at time.Time) Work {
	return Work{
		Kind: KindExpire, Key: pullKey(repo.ID, number), Installation: repo.Installation, At: at,
		Args: PullArgs{Repository: repo, Number: number, ContractsOnly: true},
	}
}

// watchEnd has a pull request judged again when the first acknowledgement that lets
// it pass ends.
func (j *Judge) watchEnd(ctx context.Context, repo contracts.RepositoryRef, number int, end time.Time) error {
	if end.IsZero() {
		return nil
	}
	return j.Queue.Enqueue(ctx, expireWork(repo, number, end))
}

// findings judges a pull request as it is now, and tells nobody.
func (j *Judge) findings(ctx context.Context, repo contracts.RepositoryRef, number int) (PullRequest, checks.Report, error) {
	pull, err := j.Pulls.PullRequest(ctx, repo, number)
	if err != nil || !pull.Open {
		return pull, checks.Report{}, err
	}
	state, err := j.States.PullState(ctx, pull.Repository, number)
	if err != nil {
		return pull, checks.Report{}, err
	}
	comparison, err := compare(ctx, j.Pulls, pull)
	if err != nil {
		return pull, checks.Report{}, err
	}
	given, err := j.answer(ctx, pull, comparison, state)
	if err != nil {
		return pull, checks.Report{}, fmt.Errorf("judge %s#%d: %w", pull.Repository.FullName(), number, err)
	}
	return pull, given.report, nil
}
