package handlers

import (
	"context"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/handlers/pulls"
	"plimsoll/handlers/work"
)

// mergeGroupHandler answers a merge group that asks for checks.
type mergeGroupHandler struct {
	evaluator *pulls.Evaluator
}

// routeMergeGroup gives "destroyed" the kind and key of "checks_requested": it takes the
// place of what waits.
func routeMergeGroup(e *envelope) Route {
	return e.work(e.event, work.GroupKey(e.Repository.ID, e.MergeGroup.HeadSHA))
}

// handle evaluates the group. One that is destroyed needs nothing: the event has taken
// the place of what waited for the group, or supersedes what runs for it.
func (h *mergeGroupHandler) handle(ctx context.Context, _ string, e *gh.MergeGroupEvent) error {
	if e.GetAction() != "checks_requested" {
		return nil
	}
	group := e.GetMergeGroup()
	asked := work.Group{
		Repository: identify(e.GetInstallation(), e.GetRepo()),
		HeadRef:    strings.TrimPrefix(group.GetHeadRef(), "refs/heads/"), HeadSHA: group.GetHeadSHA(),
		BaseRef: strings.TrimPrefix(group.GetBaseRef(), "refs/heads/"), BaseSHA: group.GetBaseSHA(),
	}
	return h.evaluator.Group(ctx, work.GroupArgs{Group: asked})
}
