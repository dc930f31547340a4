package handlers

import (
	"context"

	"plimsoll/handlers/tracker"

	gh "github.com/google/go-github/v60/github"
)

// DeploymentHandler keeps that a deployment was asked for.
type DeploymentHandler struct {
	Tracker *tracker.Tracker
}

// Handles names the event.
func (h *DeploymentHandler) Handles() []string { return []string{"deployment"} }

// Handle reads the deployment again, with what was reported on it since.
func (h *DeploymentHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.DeploymentEvent](event, payload)
	if err != nil {
		return err
	}
	return h.Tracker.Deployment(ctx, identify(e.GetInstallation(), e.GetRepo()), e.GetDeployment().GetID())
}
