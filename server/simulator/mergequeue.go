package simulator

import "plimsoll/server/simulator/internal/model"

// Reasons for which a merge group ends, in GitHub's words.
const (
	GroupMerged      = model.GroupMerged
	GroupInvalidated = model.GroupInvalidated // the group has to be made again
	GroupDequeued    = model.GroupDequeued    // a pull request was taken out
)

// MergeGroup puts pull requests into the merge queue: a branch
// gh-readonly-queue/BASE/pr-N-SHA with all of them merged, and
// merge_group.checks_requested. It returns the group's head commit.
func (r *Repository) MergeGroup(pulls ...*PullRequest) (string, error) {
	defer r.sim.lock()()
	var list []*model.PullRequest
	for _, p := range pulls {
		list = append(list, p.model)
	}
	head, err := r.model.AddMergeGroup(list)
	if err != nil {
		return "", err
	}
	return head.String(), nil
}

// EndMergeGroup ends the group whose head commit is head for one of the reasons
// above: the queue's branch goes and merge_group.destroyed is delivered. For a merged
// group the base branch first moves to head and the pull requests are merged; it is an
// error if the base branch has moved by then.
func (r *Repository) EndMergeGroup(head, reason string) error {
	defer r.sim.lock()()
	return r.model.EndMergeGroup(head, reason)
}
