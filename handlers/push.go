package handlers

import (
	"context"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// pushHandler reads a repository anew when its default branch has moved.
type pushHandler struct {
	indexer *registry.Indexer
}

func routePush(e *envelope) Route {
	if e.Deleted || e.Ref != "refs/heads/"+e.Repository.DefaultBranch {
		return e.ignore("not the default branch")
	}
	return e.work(e.event, work.RepositoryKey(e.Repository.ID))
}

// handle registers the repository as its default branch is now.
func (h *pushHandler) handle(ctx context.Context, _ string, e *gh.PushEvent) error {
	repo := e.GetRepo()
	_, err := h.indexer.Pushed(ctx, source.Repository{
		RepositoryRef: contracts.RepositoryRef{
			Installation: e.GetInstallation().GetID(),
			ID:           repo.GetID(),
			Owner:        repo.GetOwner().GetLogin(),
			Name:         repo.GetName(),
			Private:      repo.GetPrivate(),
		},
		DefaultBranch: repo.GetDefaultBranch(),
		Archived:      repo.GetArchived(),
	}, e.GetBefore())
	return err
}
