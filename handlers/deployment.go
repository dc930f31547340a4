package handlers

import (
	"context"

	gh "github.com/google/go-github/v60/github"
)

// DeploymentHandler keeps that a deployment was asked for.
type DeploymentHandler struct {
	Watcher *Watcher
}

// Handles names the event.
func (h *DeploymentHandler) Handles() []string { return []string{"deployment"} }

// Handle reads the deployment again, with what was reported on it since.
func (h *DeploymentHandler) Handle(ctx context.Context, event, _ string, payload []byte) error {
	e, err := decode[gh.DeploymentEvent](event, payload)
	if err != nil {
		return err
	}
	return h.Watcher.Deployment(ctx, identify(e.GetInstallation(), e.GetRepo()), e.GetDeployment().GetID())
}
