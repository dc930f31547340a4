package handlers

import (
	"context"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/source"
)

// PushHandler reads a repository anew when its default branch has moved.
type PushHandler struct {
	Indexer *registry.Indexer
}

// Handles names the event.
func (h *PushHandler) Handles() []string { return []string{"push"} }

// Handle registers the repository as its default branch is now.
func (h *PushHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.PushEvent](event, payload)
	if err != nil {
		return err
	}
	repo := e.GetRepo()
	_, err = h.Indexer.Register(ctx, source.Repository{
		RepositoryRef: contracts.RepositoryRef{
			Installation: e.GetInstallation().GetID(),
			ID:           repo.GetID(),
			Owner:        repo.GetOwner().GetLogin(),
			Name:         repo.GetName(),
			Private:      repo.GetPrivate(),
		},
		DefaultBranch: repo.GetDefaultBranch(),
		Archived:      repo.GetArchived(),
	})
	return err
}
