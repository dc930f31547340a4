package handlers

import (
	"context"
	"fmt"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/handlers/tracker"
	"plimsoll/handlers/work"
)

// releaseHandler follows which releases live on.
type releaseHandler struct {
	tracker *tracker.Tracker
}

func routeRelease(e *envelope) Route {
	if e.Release.ID <= 0 {
		return e.ignore("names nothing")
	}
	return e.work(fmt.Sprintf("%s/%d", e.event, e.Release.ID), work.RepositoryKey(e.Repository.ID))
}

// handle reads the repository's releases again.
func (h *releaseHandler) handle(ctx context.Context, _ string, e *gh.ReleaseEvent) error {
	return h.tracker.Released(ctx, identify(e.GetInstallation(), e.GetRepo()), e.GetRelease().GetTagName())
}
