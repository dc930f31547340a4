package handlers

import (
	"context"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/handlers/registry"
	"plimsoll/handlers/work"
)

// repositoryHandler follows the life of a repository: renamed, transferred,
// archived, deleted, made public or private, its default branch changed.
type repositoryHandler struct {
	indexer *registry.Indexer
}

// reviewed are the actions after which a repository's own pull requests have to be
// evaluated again: who may be named there has changed, or nothing could be written.
var reviewed = map[string]bool{"publicized": true, "privatized": true, "unarchived": true, "transferred": true}

func routeRepository(e *envelope) Route {
	return e.work(e.event, work.RepositoryKey(e.Repository.ID))
}

// handle keeps the last known state of what is gone and reads the rest again.
func (h *repositoryHandler) handle(ctx context.Context, _ string, e *gh.RepositoryEvent) error {
	repo := describe(e.GetInstallation(), e.GetRepo())
	switch e.GetAction() {
	case "deleted":
		return h.indexer.Gone(ctx, repo.RepositoryRef, "deleted")
	case "transferred":
		if err := h.indexer.Transferred(ctx, repo.RepositoryRef); err != nil {
			return err
		}
	}
	registration, err := h.indexer.Register(ctx, repo)
	if err != nil || !registration.Enrolled || !reviewed[e.GetAction()] {
		return err
	}
	return h.indexer.Review(ctx, registration.Repository)
}
