package pulls

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
)

// namedIn gives the repositories of the consumers that a report names, by id.
func namedIn(report contracttext.Report) []int64 {
	var ids []int64
	for _, api := range report.APIs {
		for _, finding := range api.Findings {
			for _, hit := range finding.Affected {
				if visible(hit.Consumer.Repository, report.Repository) {
					ids = append(ids, hit.Consumer.Repository.ID)
				}
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// visible tells whether a consumer may be named on a provider's pull request.
func visible(consumer, provider contracts.RepositoryRef) bool {
	return !consumer.Private || provider.Private
}

// takeBack takes names out of the last check run that may not be read there any more:
// a consumer was made private, or the provider public. GitHub keeps a completed run
// for good, and lets what it says be changed; its annotations it does not.
func (j *Evaluator) takeBack(ctx context.Context, repo contracts.RepositoryRef, number int, state PullState, now *change) error {
	if state.CheckRun == 0 || now == nil || !now.hides(state.Named) {
		return nil
	}
	run := contracttext.NamesTakenBack(state.Head, number, checks.Conclusion(state.Conclusion))
	err := j.Publisher.UpdateCheckRun(ctx, repo, state.CheckRun, run)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("take names out of check run %d of %s#%d: %w", state.CheckRun, repo.FullName(), number, err)
	}
	return nil
}

// hides tells whether one of the repositories may not be named now.
func (c *change) hides(ids []int64) bool {
	for _, consumers := range c.consumers {
		for _, consumer := range consumers {
			if !visible(consumer.Repository, c.repo) && slices.Contains(ids, consumer.Repository.ID) {
				return true
			}
		}
	}
	return false
}
