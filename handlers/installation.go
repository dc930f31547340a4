package handlers

import (
	"context"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/handlers/registry"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// installationHandler follows an installation: created, suspended, deleted, its
// permissions accepted.
type installationHandler struct {
	accounts registry.Accounts
	queue    work.Queue
}

// installationStates by action; "active" ones are read again.
var installationStates = map[string]string{
	"created":                  "active",
	"unsuspend":                "active",
	"new_permissions_accepted": "active",
	"suspend":                  "suspended",
	"deleted":                  "removed",
}

func routeInstallation(e *envelope) Route {
	return e.work(e.event+"/"+e.Action, work.InstallationKey(e.Installation.ID))
}

// handle notes the state and, where the App may read, reads every repository.
func (h *installationHandler) handle(ctx context.Context, _ string, e *gh.InstallationEvent) error {
	state, known := installationStates[e.GetAction()]
	if !known {
		return nil
	}
	id := e.GetInstallation().GetID()
	account := source.Account{Login: e.GetInstallation().GetAccount().GetLogin(), ID: e.GetInstallation().GetAccount().GetID()}
	if err := h.accounts.PutInstallation(ctx, id, account, state); err != nil {
		return err
	}
	if state != "active" {
		return nil
	}
	// What came while the App had no leave was not answered.
	returned := e.GetAction() != "created"
	if !returned {
		var err error
		if returned, err = h.accounts.Returned(ctx, id); err != nil {
			return err
		}
	}
	return h.queue.Enqueue(ctx, work.ScanWork(work.ScanArgs{Installation: id, Page: 1, Review: returned, Anew: returned}))
}
