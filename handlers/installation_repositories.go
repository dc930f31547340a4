package handlers

import (
	"context"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
)

// longList is from how many added repositories on the installation is listed
// anew: GitHub does not say where it cuts the list in the event.
const longList = 100

// InstallationRepositoriesHandler follows which repositories an installation
// lets the App read.
type InstallationRepositoriesHandler struct {
	Accounts Accounts
	Queue    Queue
}

// Handles names the event.
func (h *InstallationRepositoriesHandler) Handles() []string {
	return []string{"installation_repositories"}
}

// Handle marks what was taken away and reads what was added. The list in the
// event is cut for large installations: then all of it is read.
func (h *InstallationRepositoriesHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.InstallationRepositoriesEvent](event, payload)
	if err != nil {
		return err
	}
	id := e.GetInstallation().GetID()
	for _, removed := range e.RepositoriesRemoved {
		repo := contracts.RepositoryRef{Installation: id, ID: removed.GetID(), Name: removed.GetName(), Private: removed.GetPrivate()}
		repo.Owner = e.GetInstallation().GetAccount().GetLogin()
		if err := h.Accounts.GoneRepository(ctx, repo, "uninstalled"); err != nil {
			return err
		}
	}
	if len(e.RepositoriesAdded) == 0 {
		return nil
	}
	if len(e.RepositoriesAdded) >= longList {
		return h.Queue.Enqueue(ctx, ScanWork(ScanArgs{Installation: id, Page: 1}))
	}
	for _, added := range e.RepositoriesAdded {
		repo := contracts.RepositoryRef{Installation: id, ID: added.GetID(), Name: added.GetName(), Private: added.GetPrivate()}
		repo.Owner = e.GetInstallation().GetAccount().GetLogin()
		if err := h.Queue.Enqueue(ctx, RegisterWork(RepositoryArgs{Repository: Repository{RepositoryRef: repo}})); err != nil {
			return err
		}
	}
	return nil
}
