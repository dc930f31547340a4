package handlers

import (
	"context"

	"plimsoll/handlers/registry"

	gh "github.com/google/go-github/v60/github"
)

// RepositoryHandler follows the life of a repository: renamed, transferred,
// archived, deleted, made public or private, its default branch changed.
type RepositoryHandler struct {
	Indexer *registry.Indexer
}

// Handles names the event.
func (h *RepositoryHandler) Handles() []string { return []string{"repository"} }

// reviewed are the actions after which a repository's own pull requests have to be
// judged again: who may be named there has changed, or nothing could be written.
var reviewed = map[string]bool{"publicized": true, "privatized": true, "unarchived": true, "transferred": true}

// Handle keeps the last known state of what is gone and reads the rest anew.
func (h *RepositoryHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.RepositoryEvent](event, payload)
	if err != nil {
		return err
	}
	repo := describe(e.GetInstallation(), e.GetRepo())
	switch e.GetAction() {
	case "deleted":
		return h.Indexer.Gone(ctx, repo.RepositoryRef, "deleted")
	case "transferred":
		if err := h.Indexer.Transferred(ctx, repo.RepositoryRef); err != nil {
			return err
		}
	}
	registration, err := h.Indexer.Register(ctx, repo)
	if err != nil || !registration.Enrolled || !reviewed[e.GetAction()] {
		return err
	}
	return h.Indexer.Review(ctx, registration.Repository)
}
