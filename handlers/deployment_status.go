package handlers

import (
	"context"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/handlers/tracker"
)

// deploymentStatusHandler follows a deployment: it begins, succeeds, fails, is taken
// down.
type deploymentStatusHandler struct {
	tracker *tracker.Tracker
}

// handle reads the deployment and all reports on it again: this one may be late,
// doubled, or our own.
func (h *deploymentStatusHandler) handle(ctx context.Context, _ string, e *gh.DeploymentStatusEvent) error {
	return h.tracker.Deployment(ctx, identify(e.GetInstallation(), e.GetRepo()), e.GetDeployment().GetID())
}
