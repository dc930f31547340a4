package handlers

import (
	"context"
	"fmt"

	gh "github.com/google/go-github/v60/github"
)

// authorizationEvent is about the App and a person: it belongs to no installation.
const authorizationEvent = "github_app_authorization"

// Sessions are those of people who have signed in.
type Sessions interface {
	// EndSessionsOf ends all sessions of a person, by GitHub's id.
	EndSessionsOf(ctx context.Context, person int64) error
}

// authorizationHandler signs out people who take the App's access back.
type authorizationHandler struct{ sessions Sessions }

func routeAuthorization(e *envelope) Route {
	return e.work(e.event, fmt.Sprintf("person/%d", e.Sender.ID))
}

func (h *authorizationHandler) handle(ctx context.Context, _ string, e *gh.GitHubAppAuthorizationEvent) error {
	if e.GetSender().GetID() == 0 {
		return nil
	}
	return h.sessions.EndSessionsOf(ctx, e.GetSender().GetID())
}
