package handlers

import (
	"context"

	"plimsoll/handlers/tracker"

	gh "github.com/google/go-github/v60/github"
)

// DeploymentStatusHandler follows a deployment: it begins, succeeds, fails, is taken
// down.
type DeploymentStatusHandler struct {
	Tracker *tracker.Tracker
}

// Handles names the event.
func (h *DeploymentStatusHandler) Handles() []string { return []string{"deployment_status"} }

// Handle reads the deployment and all reports on it again: this one may be late,
// doubled, or our own.
func (h *DeploymentStatusHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.DeploymentStatusEvent](event, payload)
	if err != nil {
		return err
	}
	return h.Tracker.Deployment(ctx, identify(e.GetInstallation(), e.GetRepo()), e.GetDeployment().GetID())
}
