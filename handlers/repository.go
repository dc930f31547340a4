package handlers

import (
	"context"

	gh "github.com/google/go-github/v60/github"
)

// RepositoryHandler follows the life of a repository: renamed, transferred,
// archived, deleted, made public or private, its default branch changed.
type RepositoryHandler struct {
	Registrar *Registrar
	Accounts  Accounts
}

// Handles names the event.
func (h *RepositoryHandler) Handles() []string { return []string{"repository"} }

// Handle keeps the last known state of what is gone and reads the rest anew.
func (h *RepositoryHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.RepositoryEvent](event, payload)
	if err != nil {
		return err
	}
	repo := describe(e.GetInstallation(), e.GetRepo())
	// Whether it can move by itself may have changed, for those whom its uses block.
	follow := func() error {
		return h.Registrar.Follower.Changed(ctx, repo.Installation, topicOfConsumer(repo.ID))
	}
	if e.GetAction() == "deleted" {
		if err := h.Accounts.GoneRepository(ctx, repo.RepositoryRef, "deleted"); err != nil {
			return err
		}
		return follow()
	}
	registration, err := h.Registrar.Register(ctx, repo)
	switch {
	case err != nil:
		return err
	case e.GetAction() == "archived" || e.GetAction() == "unarchived":
		return follow()
	case !registration.Enrolled || e.GetAction() != "publicized" && e.GetAction() != "privatized":
		return nil
	}
	// Who may be named on its pull requests has changed.
	return h.Registrar.review(ctx, registration.Repository)
}
