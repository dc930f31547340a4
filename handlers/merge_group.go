package handlers

import (
	"context"
	"strings"

	"plimsoll/handlers/pulls"
	"plimsoll/handlers/work"

	gh "github.com/google/go-github/v60/github"
)

// MergeGroupHandler answers a merge group that asks for checks.
type MergeGroupHandler struct {
	Judge *pulls.Evaluator
}

// Handles names the event.
func (h *MergeGroupHandler) Handles() []string { return []string{"merge_group"} }

// Handle judges the group. One that is destroyed needs nothing: the event has taken
// the place of what waited for the group, or supersedes what runs for it.
func (h *MergeGroupHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.MergeGroupEvent](event, payload)
	if err != nil || e.GetAction() != "checks_requested" {
		return err
	}
	group := e.GetMergeGroup()
	asked := work.Group{
		Repository: identify(e.GetInstallation(), e.GetRepo()),
		HeadRef:    strings.TrimPrefix(group.GetHeadRef(), "refs/heads/"), HeadSHA: group.GetHeadSHA(),
		BaseRef: strings.TrimPrefix(group.GetBaseRef(), "refs/heads/"), BaseSHA: group.GetBaseSHA(),
	}
	return h.Judge.Group(ctx, work.GroupArgs{Group: asked})
}
