package handlers

import (
	"context"
	"slices"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/handlers/pulls"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/work"
)

// pullRequestHandler answers a pull request that was opened, pushed to,
// reopened, made ready, moved to another base or linked with others, and forgets a
// closed one. Those that are linked with it are evaluated again.
type pullRequestHandler struct {
	evaluator   *pulls.Evaluator
	invalidator *registry.Invalidator
}

// routePullRequest takes an edit only where the base branch or the links changed.
func routePullRequest(e *envelope) Route {
	if e.Action == "edited" && len(e.Changes.Base) == 0 && !relinked(e) {
		return e.ignore("action edited")
	}
	return e.work(e.event, work.PullKey(e.Repository.ID, e.PullRequest.Number))
}

// relinked tells whether an edit of the text changes what it is linked with.
func relinked(e *envelope) bool {
	return e.Changes.Body != nil && !slices.Equal(pulls.DependsLines(e.Changes.Body.From), pulls.DependsLines(e.PullRequest.Body))
}

// handle evaluates the pull request as it is now.
func (h *pullRequestHandler) handle(ctx context.Context, _ string, e *gh.PullRequestEvent) error {
	repo, number := identify(e.GetInstallation(), e.GetRepo()), e.GetPullRequest().GetNumber()
	if err := h.invalidator.Changed(ctx, repo.Installation, work.TopicOfPull(repo.ID, number)); err != nil {
		return err
	}
	if e.GetAction() != "closed" {
		return h.evaluator.Evaluate(ctx, work.PullArgs{Repository: repo, Number: number, Past: pastOf(e)})
	}
	return h.evaluator.Close(ctx, repo, number)
}

// pastOf returns what the pull request was before the event.
func pastOf(e *gh.PullRequestEvent) work.PullPast {
	return work.PullPast{Head: e.GetBefore(), Base: e.GetChanges().GetBase().GetRef().GetFrom(), Closed: e.GetAction() == "reopened"}
}
