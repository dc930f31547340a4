package simulator

import (
	"maps"
	"time"

	"plimsoll/server/simulator/internal/model"
)

// Deployment is one deployment.
type Deployment struct {
	sim   *Simulator
	model *model.Deployment
}

func (s *Simulator) deployment(d *model.Deployment) *Deployment {
	return handle(s, d, func(s *Simulator, d *model.Deployment) *Deployment { return &Deployment{s, d} })
}

// Environment makes an environment; gated ones ask the App's protection rule.
func (r *Repository) Environment(name string, gated bool) {
	defer r.sim.lock()()
	r.model.Environment(name).Gated = gated
}

// RequireReview has a person approve what goes to an environment, in addition to the App.
// Nobody does: a run waits for it for ever.
func (r *Repository) RequireReview(name string) {
	defer r.sim.lock()()
	r.model.Environment(name).Reviewed = true
}

// DeployOptions of Deploy. Zero values are GitHub's defaults.
type DeployOptions struct {
	Task        string // default: deploy
	Creator     string // default: octocat
	Description string
	Payload     any  // an object or a string; default: an empty object
	Production  bool // as GitHub does, always true for an environment called production
	Transient   bool // the environment goes away some day, such as a review app's
	// WorkflowRun makes a run of GitHub Actions behind the deployment; in a gated
	// environment it waits for the App.
	WorkflowRun bool
}

// Deploy makes a deployment of a commit (branch, tag or SHA) to an environment and
// delivers deployment.created; in a gated environment with a workflow run it
// delivers deployment_protection_rule.requested as well.
func (r *Repository) Deploy(environment, ref string, o DeployOptions) *Deployment {
	defer r.sim.lock()()
	d := r.model.AddDeployment(r.sim.github.Person(o.Creator), environment, ref, r.model.MustResolve(ref))
	d.Description, d.Transient = o.Description, o.Transient
	d.Production = o.Production || environment == "production"
	if o.Task != "" {
		d.Task = o.Task
	}
	if o.Payload != nil {
		d.Payload = o.Payload
	}
	d.EmitCreated()
	if o.WorkflowRun {
		d.RunWorkflow()
	}
	return r.sim.deployment(d)
}

// Deployments lists all of a repository's, oldest first.
func (r *Repository) Deployments() []*Deployment {
	defer r.sim.lock()()
	var list []*Deployment
	for _, d := range r.model.Deployments {
		list = append(list, r.sim.deployment(d))
	}
	return list
}

// ID is the deployment's id.
func (d *Deployment) ID() int64 { return d.model.ID }

// SHA is the deployed commit.
func (d *Deployment) SHA() string { return d.model.SHA.String() }

// Task of the deployment.
func (d *Deployment) Task() string { return d.model.Task }

// Environment that the deployment goes to.
func (d *Deployment) Environment() string { return d.model.Environment }

// StatusOptions of Report. The zero value gives a status with nothing but its state.
type StatusOptions struct {
	Description    string
	Environment    string // default: that of the previous status, else the deployment's
	EnvironmentURL string
	LogURL         string
	KeepOthers     bool // auto_inactive: false
}

// Status is Report with only the environment's address.
func (d *Deployment) Status(state, environmentURL string) {
	d.Report(state, StatusOptions{EnvironmentURL: environmentURL})
}

// Report adds a status as the deployment's creator, for a deployment of our App as the
// workflow that it started, and delivers deployment_status.created. state is one of GitHub's: in_progress, success,
// failure, error, queued, pending, inactive.
func (d *Deployment) Report(state string, o StatusOptions) {
	defer d.sim.lock()()
	by := d.model.Creator
	if by == d.sim.github.App.Bot {
		by = d.sim.github.OtherApp(model.GitHubActions).Bot
	}
	d.model.AddStatus(&model.DeploymentStatus{
		State: state, Description: o.Description, Environment: o.Environment, EnvironmentURL: o.EnvironmentURL, LogURL: o.LogURL, Creator: by,
	}, !o.KeepOthers)
	if state == "success" || state == "failure" {
		d.model.EndWorkflow(state)
	}
}

// Statuses lists the deployment's statuses, oldest first, as "state: description".
func (d *Deployment) Statuses() []string {
	defer d.sim.lock()()
	var list []string
	for _, s := range d.model.Statuses {
		line := s.State
		if s.Description != "" {
			line += ": " + s.Description
		}
		list = append(list, line)
	}
	return list
}

// Gate lists what the App has answered to the deployment's protection rule, as
// "environment state: comment"; a report has the state "report".
func (d *Deployment) Gate() []string {
	defer d.sim.lock()()
	var list []string
	for _, review := range d.model.Repo.Reviews {
		if review.Run.Deployment == d.model {
			list = append(list, review.Line())
		}
	}
	return list
}

// Dispatch is one start of a workflow by the App.
type Dispatch struct {
	Workflow, Ref string
	Inputs        map[string]any
}

// Dispatches lists the workflows that the App has started, oldest first.
func (r *Repository) Dispatches() []Dispatch {
	defer r.sim.lock()()
	var list []Dispatch
	for _, d := range r.model.Dispatches {
		list = append(list, Dispatch{d.Workflow, d.Ref, maps.Clone(d.Inputs)})
	}
	return list
}

// ListRunsLate makes the runs of started workflows appear in lists only after that time.
func (r *Repository) ListRunsLate(by time.Duration) {
	defer r.sim.lock()()
	r.model.ListRunsLate = by
}
