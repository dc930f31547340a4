package handlers

import (
	"context"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/handlers/registry"
	"plimsoll/handlers/work"
)

// installationTargetHandler follows the account of an installation to another login:
// all of its repositories have other names then.
type installationTargetHandler struct {
	indexer  *registry.Indexer
	accounts registry.Accounts
}

func routeInstallationTarget(e *envelope) Route {
	return e.work(e.event, work.InstallationKey(e.Installation.ID))
}

// handle renames what is known; no repository is read for that. Former names go on
// counting: GitHub redirects them.
func (h *installationTargetHandler) handle(ctx context.Context, _ string, e *gh.InstallationTargetEvent) error {
	renamed, err := h.accounts.RenameAccount(ctx, e.GetInstallation().GetID(), e.GetAccount().GetLogin())
	if err != nil {
		return err
	}
	for _, repo := range renamed {
		if err := h.indexer.Concerned(ctx, repo, false); err != nil {
			return err
		}
	}
	return nil
}
