package model

import (
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// Deployment is one deployment.
type Deployment struct {
	Repo        *Repository
	ID          int64
	Ref         string
	SHA         plumbing.Hash
	Task        string
	Environment string
	Description string
	Payload     any
	Production  bool
	Transient   bool
	Creator     *Account
	ByApp       bool
	Created     time.Time
	Updated     time.Time
	Statuses    []*DeploymentStatus
}

// DeploymentStatus is one status of a deployment.
type DeploymentStatus struct {
	Deployment     *Deployment
	ID             int64
	State          string
	Description    string
	Environment    string
	EnvironmentURL string
	LogURL         string
	Creator        *Account
	ByApp          bool
	Created        time.Time
}

// Environment is a place to deploy to.
type Environment struct {
	ID    int64
	Name  string
	Gated bool
	// Reviewed: a person has to approve as well.
	Reviewed bool
	Created  time.Time
}

// Environment returns an environment by its name and makes it if needed.
func (r *Repository) Environment(name string) *Environment {
	for _, e := range r.Environments {
		if strings.EqualFold(e.Name, name) {
			return e
		}
	}
	e := &Environment{ID: r.GitHub.NextID("environment"), Name: name, Created: r.GitHub.Now()}
	r.Environments = append(r.Environments, e)
	return e
}

// AddDeployment makes a deployment. It emits nothing.
func (r *Repository) AddDeployment(by *Account, environment, ref string, sha plumbing.Hash) *Deployment {
	g := r.GitHub
	d := &Deployment{
		Repo: r, ID: g.NextID("deployment"), Ref: ref, SHA: sha, Task: "deploy", Environment: environment,
		Payload: map[string]any{}, Creator: by, Created: g.Now(), Updated: g.Now(),
	}
	r.Environment(environment)
	r.Deployments = append(r.Deployments, d)
	return d
}

// EmitCreated emits deployment.created.
func (d *Deployment) EmitCreated() {
	d.Repo.GitHub.Emit(Event{Name: "deployment", Action: "created", Repository: d.Repo, By: d.Creator, Subject: d})
}

// AddStatus reports a state of the deployment. Without an environment the status keeps
// that of the one before, or the deployment's.
func (d *Deployment) AddStatus(status *DeploymentStatus, autoInactive bool) {
	g := d.Repo.GitHub
	status.Deployment, status.ID, status.Created = d, g.NextID("status"), g.Now()
	if status.Environment == "" {
		status.Environment = d.Environment
		if len(d.Statuses) > 0 {
			status.Environment = d.Statuses[len(d.Statuses)-1].Environment
		}
	}
	d.Statuses = append(d.Statuses, status)
	d.Updated = g.Now()
	if autoInactive && status.State == "success" {
		d.retirePrior(status.Creator)
	}
	g.Emit(Event{Name: "deployment_status", Action: "created", Repository: d.Repo, By: status.Creator, Subject: status})
}

// retirePrior makes inactive what a successful deployment follows: all prior successful
// deployments of the same environment, except transient ones and those of production
// environments. These statuses emit no event.
// https://docs.github.com/en/rest/deployments/deployments#inactive-deployments
func (d *Deployment) retirePrior(by *Account) {
	g := d.Repo.GitHub
	for _, prior := range d.Repo.Deployments {
		if prior.ID < d.ID && !prior.Transient && !prior.Production && prior.Environment == d.Environment && prior.state() == "success" {
			prior.Statuses = append(prior.Statuses, &DeploymentStatus{
				Deployment: prior, ID: g.NextID("status"), State: "inactive", Environment: d.Environment, Creator: by, Created: g.Now(),
			})
		}
	}
}

// state is that of the newest status, "" if there is none.
func (d *Deployment) state() string {
	if len(d.Statuses) == 0 {
		return ""
	}
	return d.Statuses[len(d.Statuses)-1].State
}
