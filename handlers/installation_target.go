package handlers

import (
	"context"

	"plimsoll/handlers/registry"

	gh "github.com/google/go-github/v60/github"
)

// InstallationTargetHandler follows the account of an installation to another login:
// all of its repositories have other names then.
type InstallationTargetHandler struct {
	Indexer *registry.Indexer
}

// Handles names the event.
func (h *InstallationTargetHandler) Handles() []string { return []string{"installation_target"} }

// Handle renames what is known; no repository is read for that. Former names go on
// counting: GitHub redirects them.
func (h *InstallationTargetHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.InstallationTargetEvent](event, payload)
	if err != nil || e.GetAction() != "renamed" {
		return err
	}
	renamed, err := h.Indexer.Accounts.RenameAccount(ctx, e.GetInstallation().GetID(), e.GetAccount().GetLogin())
	if err != nil {
		return err
	}
	for _, repo := range renamed {
		if err := h.Indexer.Concerned(ctx, repo, false); err != nil {
			return err
		}
	}
	return nil
}
