package handlers

import (
	"context"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// longList is from how many added repositories on the installation is listed
// again: GitHub does not say where it cuts the list in the event.
const longList = 100

// installationRepositoriesHandler follows which repositories an installation
// lets the App read.
type installationRepositoriesHandler struct {
	indexer *registry.Indexer
	queue   work.Queue
}

// routeInstallationRepositories gives each event a kind of its own: the payload counts here,
// not the subject as it is now. With one key they stay in order.
func routeInstallationRepositories(e *envelope) Route {
	return e.work(e.unique(), work.InstallationKey(e.Installation.ID))
}

// handle marks what was taken away and reads what was added. The list in the
// event is cut for large installations: then all of it is read.
func (h *installationRepositoriesHandler) handle(ctx context.Context, _ string, e *gh.InstallationRepositoriesEvent) error {
	id := e.GetInstallation().GetID()
	for _, removed := range e.RepositoriesRemoved {
		if err := h.indexer.Gone(ctx, listed(e.GetInstallation(), removed), "uninstalled"); err != nil {
			return err
		}
	}
	if len(e.RepositoriesAdded) >= longList {
		return h.queue.Enqueue(ctx, work.ScanWork(work.ScanArgs{Installation: id, Page: 1, Review: true}))
	}
	// What came while a repository was out was not answered.
	queued := make([]work.Work, len(e.RepositoriesAdded))
	for i, added := range e.RepositoriesAdded {
		queued[i] = work.RegisterWork(work.RepositoryArgs{Repository: source.Repository{RepositoryRef: listed(e.GetInstallation(), added)}, Review: true})
	}
	return h.queue.Enqueue(ctx, queued...)
}

// listed names a repository of a list in an event: there it has no owner, which
// is the installation's account.
func listed(installation *gh.Installation, repo *gh.Repository) contracts.RepositoryRef {
	ref := identify(installation, repo)
	ref.Owner = installation.GetAccount().GetLogin()
	return ref
}
