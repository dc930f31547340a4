package handlers

import (
	"context"

	"plimsoll/handlers/registry"
	"plimsoll/handlers/work"

	gh "github.com/google/go-github/v60/github"
)

// InstallationHandler follows an installation: created, suspended, deleted, its
// permissions accepted.
type InstallationHandler struct {
	Accounts registry.Accounts
	Queue    work.Queue
}

// Handles names the event.
func (h *InstallationHandler) Handles() []string { return []string{"installation"} }

// installationStates by action; "active" ones are read anew.
var installationStates = map[string]string{
	"created":                  "active",
	"unsuspend":                "active",
	"new_permissions_accepted": "active",
	"suspend":                  "suspended",
	"deleted":                  "removed",
}

// Handle notes the state and, where the App may read, reads every repository.
func (h *InstallationHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.InstallationEvent](event, payload)
	if err != nil {
		return err
	}
	state, known := installationStates[e.GetAction()]
	if !known {
		return nil
	}
	id, account := e.GetInstallation().GetID(), e.GetInstallation().GetAccount().GetLogin()
	if err := h.Accounts.PutInstallation(ctx, id, account, state); err != nil {
		return err
	}
	if state != "active" {
		return nil
	}
	// What came while the App had no leave was not answered.
	returned := e.GetAction() != "created"
	if !returned {
		if returned, err = h.Accounts.Returned(ctx, id); err != nil {
			return err
		}
	}
	return h.Queue.Enqueue(ctx, work.ScanWork(work.ScanArgs{Installation: id, Page: 1, Review: returned}))
}
