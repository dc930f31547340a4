package handlers

import (
	"context"

	gh "github.com/google/go-github/v60/github"
)

// ReleaseHandler follows which releases live on.
type ReleaseHandler struct {
	Watcher *Watcher
}

// Handles names the event.
func (h *ReleaseHandler) Handles() []string { return []string{"release"} }

// Handle reads the repository's releases again.
func (h *ReleaseHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.ReleaseEvent](event, payload)
	if err != nil {
		return err
	}
	return h.Watcher.Released(ctx, identify(e.GetInstallation(), e.GetRepo()), e.GetRelease().GetTagName())
}
