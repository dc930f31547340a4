package handlers

import (
	"context"

	"plimsoll/handlers/pulls"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/work"

	gh "github.com/google/go-github/v60/github"
)

// PullRequestHandler answers a pull request that was opened, pushed to,
// reopened, made ready, moved to another base or linked with others, and forgets a
// closed one. Those that are linked with it are judged again.
type PullRequestHandler struct {
	Judge       *pulls.Evaluator
	Invalidator *registry.Invalidator
}

// Handles names the event.
func (h *PullRequestHandler) Handles() []string { return []string{"pull_request"} }

// Handle judges the pull request as it is now.
func (h *PullRequestHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.PullRequestEvent](event, payload)
	if err != nil {
		return err
	}
	repo, number := identify(e.GetInstallation(), e.GetRepo()), e.GetPullRequest().GetNumber()
	if err := h.Invalidator.Changed(ctx, repo.Installation, work.TopicOfPull(repo.ID, number)); err != nil {
		return err
	}
	if e.GetAction() != "closed" {
		return h.Judge.Judge(ctx, work.PullArgs{Repository: repo, Number: number})
	}
	return h.Judge.Close(ctx, repo, number)
}
