package pulls

import (
	"context"
	"slices"

	"plimsoll/checks"
	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
)

// namedIn returns the repositories of the consumers that a report names, by id.
func namedIn(report contracttext.Report) []int64 {
	var ids []int64
	for _, api := range report.APIs {
		for _, finding := range api.Findings {
			for _, affected := range finding.Affected {
				if visible(affected.Consumer.Repository, report.Repository) {
					ids = append(ids, affected.Consumer.Repository.ID)
				}
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// visible reports whether a consumer may be named on a provider's pull request.
func visible(consumer, provider contracts.RepositoryRef) bool {
	return !consumer.Private || provider.Private
}

// takeBack removes names from the last check run that must not be read there any more: a
// consumer was made private, or the provider public. GitHub keeps a completed run forever.
// Its text can be changed, its annotations can't.
func (e *Evaluator) takeBack(ctx context.Context, collected *verdicts, state PullState, now *change) error {
	if state.Head == "" || now == nil || !now.hides(state.Named) {
		return nil
	}
	name, err := collected.bases.name(ctx, collected.pull, checks.ContractsRun)
	if err != nil {
		return err
	}
	last, ok, err := e.deps.Publications.Published(ctx, collected.pull.Repository, checks.SubjectOfCommit(state.Head), checks.PublishedRun, name)
	if err != nil || !ok || last.Remote == 0 {
		return err
	}
	run := contracttext.NamesTakenBack(state.Head, collected.pull.Number, checks.ConclusionOf(last))
	run.Name = name
	return e.deps.Publications.Put(ctx, collected.pull.Repository, checks.RedactionPublication(last.Remote, run))
}

// hides reports whether one of the repositories may not be named now.
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
