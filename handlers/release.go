package handlers

import (
	"context"

	"plimsoll/handlers/tracker"

	gh "github.com/google/go-github/v60/github"
)

// ReleaseHandler follows which releases live on.
type ReleaseHandler struct {
	Tracker *tracker.Tracker
}

// Handles names the event.
func (h *ReleaseHandler) Handles() []string { return []string{"release"} }

// Handle reads the repository's releases again.
func (h *ReleaseHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.ReleaseEvent](event, payload)
	if err != nil {
		return err
	}
	return h.Tracker.Released(ctx, identify(e.GetInstallation(), e.GetRepo()), e.GetRelease().GetTagName())
}
