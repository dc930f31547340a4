package handlers

import (
	"context"
	"fmt"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/handlers/tracker"
	"plimsoll/handlers/work"
)

// deploymentHandler keeps that a deployment was asked for.
type deploymentHandler struct {
	tracker *tracker.Tracker
}

// routeDeployment keeps what runs of one repository in order: its deployments, releases and
// registration have one key. Only events of the same deployment are merged.
func routeDeployment(e *envelope) Route {
	if e.Deployment.ID <= 0 {
		return e.ignore("names nothing")
	}
	return e.work(fmt.Sprintf("%s/%d", e.event, e.Deployment.ID), work.RepositoryKey(e.Repository.ID))
}

// handle reads the deployment again, with what was reported on it since.
func (h *deploymentHandler) handle(ctx context.Context, _ string, e *gh.DeploymentEvent) error {
	return h.tracker.Deployment(ctx, identify(e.GetInstallation(), e.GetRepo()), e.GetDeployment().GetID())
}
