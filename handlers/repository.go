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
	if e.GetAction() == "deleted" {
		return h.Accounts.GoneRepository(ctx, repo.RepositoryRef, "deleted")
	}
	_, err = h.Registrar.Register(ctx, repo)
	return err
}
