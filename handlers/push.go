package handlers

import (
	"context"
	"encoding/json"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// pushHandler reads a repository again when its default branch has moved.
type pushHandler struct {
	indexer *registry.Indexer
}

func routePush(e *envelope) Route {
	if e.Deleted || e.Ref != "refs/heads/"+e.Repository.DefaultBranch {
		return e.ignore("not the default branch")
	}
	return e.work(e.event, work.RepositoryKey(e.Repository.ID))
}

// pushEvent is a push with what go-github's type leaves out.
type pushEvent struct {
	gh.PushEvent
	visibility string
}

// UnmarshalJSON reads the event and the visibility of its repository.
func (e *pushEvent) UnmarshalJSON(payload []byte) error {
	var more struct {
		Repository *struct {
			Visibility string `json:"visibility"`
		} `json:"repository"`
	}
	if err := json.Unmarshal(payload, &more); err != nil {
		return err
	}
	if more.Repository != nil {
		e.visibility = more.Repository.Visibility
	}
	return json.Unmarshal(payload, &e.PushEvent)
}

// handle registers the repository as its default branch is now.
func (h *pushHandler) handle(ctx context.Context, _ string, e *pushEvent) error {
	repo := e.GetRepo()
	_, err := h.indexer.Pushed(ctx, source.Repository{
		RepositoryRef: contracts.RepositoryRef{
			Installation: e.GetInstallation().GetID(),
			ID:           repo.GetID(),
			Owner:        repo.GetOwner().GetLogin(),
			Name:         repo.GetName(),
			Private:      repo.GetPrivate(),
			Internal:     e.visibility == contracts.VisibilityInternal,
		},
		DefaultBranch: repo.GetDefaultBranch(),
		Archived:      repo.GetArchived(),
		PushedAt:      repo.GetPushedAt().Time,
	}, e.GetBefore())
	return err
}
