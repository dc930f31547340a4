package simulator

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// Deployment is one deployment.
type Deployment struct {
	repo        *Repository
	id          int64
	ref         string
	sha         plumbing.Hash
	task        string
	environment string
	description string
	payload     any
	production  bool
	transient   bool
	creator     *account
	byApp       bool
	created     time.Time
	updated     time.Time
	statuses    []*deploymentStatus
}

// deploymentStatus is one status of a deployment.
type deploymentStatus struct {
	id             int64
	state          string
	description    string
	environment    string
	environmentURL string
	logURL         string
	creator        *account
	byApp          bool
	created        time.Time
}

// environment is a place to deploy to.
type environment struct {
	id    int64
	name  string
	gated bool
	// reviewed: a person has to approve as well.
	reviewed bool
	created  time.Time
}

// workflowRun is a run of GitHub Actions that waits for, or has made, a deployment.
type workflowRun struct {
	id         int64
	repo       *Repository
	deployment *Deployment
	number     int
	status     string
	conclusion string
	created    time.Time
}

// gateReview is an answer of the App to a deployment protection rule.
type gateReview struct {
	run         *workflowRun
	environment string
	state       string // approved, rejected, or "" for a report
	comment     string
}

// commitStatus is a status on a commit.
type commitStatus struct {
	id          int64
	sha         plumbing.Hash
	state       string
	context     string
	description string
	targetURL   string
	creator     *account
	created     time.Time
}

// dispatch is a workflow that the App started.
type dispatch struct {
	id            int64
	workflow, ref string
	inputs        map[string]any
	at            time.Time
}

// Environment makes an environment; gated ones ask the App's protection rule.
func (r *Repository) Environment(name string, gated bool) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.environment(name).gated = gated
}

// RequireReview has a person approve what goes to an environment, besides the App.
// Nobody does: a run waits for it for ever.
func (r *Repository) RequireReview(name string) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.environment(name).reviewed = true
}

func (r *Repository) environment(name string) *environment {
	for _, e := range r.environments {
		if strings.EqualFold(e.name, name) {
			return e
		}
	}
	e := &environment{id: r.sim.id("environment"), name: name, created: r.sim.now()}
	r.environments = append(r.environments, e)
	return e
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
	s := r.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.Task == "" {
		o.Task = "deploy"
	}
	d := r.newDeployment(s.person(o.Creator), environment, ref, r.mustResolve(ref))
	d.task, d.description, d.transient = o.Task, o.Description, o.Transient
	d.production = o.Production || environment == "production"
	if o.Payload != nil {
		d.payload = o.Payload
	}
	s.emit(r, "deployment", "created", d.creator, object{"deployment": s.deploymentJSON(d), "workflow": nil, "workflow_run": nil})
	if o.WorkflowRun {
		run := s.newWorkflowRun(d)
		if r.environment(environment).gated {
			run.status = "waiting"
			s.emitGate(run)
		}
	}
	return d
}

func (r *Repository) newDeployment(by *account, environment, ref string, sha plumbing.Hash) *Deployment {
	d := &Deployment{
		repo: r, id: r.sim.id("deployment"), ref: ref, sha: sha, task: "deploy", environment: environment,
		payload: object{}, creator: by, created: r.sim.now(), updated: r.sim.now(),
	}
	r.environment(environment)
	r.deployments = append(r.deployments, d)
	return d
}

func (s *Simulator) newWorkflowRun(d *Deployment) *workflowRun {
	run := &workflowRun{id: s.id("workflow"), repo: d.repo, deployment: d, number: len(s.workflowRuns) + 1, status: "in_progress", created: s.now()}
	s.workflowRuns[run.id] = run
	return run
}

// ID is the deployment's id.
func (d *Deployment) ID() int64 { return d.id }

// SHA is the deployed commit.
func (d *Deployment) SHA() string { return d.sha.String() }

// StatusOptions of Report. The zero value gives a status with nothing but its state.
type StatusOptions struct {
	Description    string
	Environment    string // default: that of the previous status, else the deployment's
	EnvironmentURL string
	LogURL         string
	KeepOthers     bool // auto_inactive: false
}

// Status is Report with an environment's address alone.
func (d *Deployment) Status(state, environmentURL string) {
	d.Report(state, StatusOptions{EnvironmentURL: environmentURL})
}

// Report tells a state as the deployment's creator and delivers
// deployment_status.created. state is one of GitHub's: in_progress, success,
// failure, error, queued, pending, inactive.
func (d *Deployment) Report(state string, o StatusOptions) {
	s := d.repo.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addDeploymentStatus(d, &deploymentStatus{
		state: state, description: o.Description, environment: o.Environment, environmentURL: o.EnvironmentURL, logURL: o.LogURL, creator: d.creator,
	}, !o.KeepOthers)
	for _, run := range s.workflowRuns {
		if run.deployment == d && (state == "success" || state == "failure") {
			run.status, run.conclusion = "completed", state
		}
	}
}

func (s *Simulator) addDeploymentStatus(d *Deployment, status *deploymentStatus, autoInactive bool) {
	status.id, status.created = s.id("status"), s.now()
	if status.environment == "" {
		status.environment = d.environment
		if len(d.statuses) > 0 {
			status.environment = d.statuses[len(d.statuses)-1].environment
		}
	}
	d.statuses = append(d.statuses, status)
	d.updated = s.now()
	if autoInactive && status.state == "success" {
		s.retire(d, status.creator)
	}
	s.emit(d.repo, "deployment_status", "created", status.creator, object{
		"deployment": s.deploymentJSON(d), "deployment_status": s.deploymentStatusJSON(d, status),
		"check_run": nil, "workflow": nil, "workflow_run": nil,
	})
}

// retire makes inactive what a successful deployment follows: all prior deployments
// of the same environment that were successful, but for transient ones and those of
// production environments. Of these statuses nothing is delivered.
// https://docs.github.com/en/rest/deployments/deployments#inactive-deployments
func (s *Simulator) retire(d *Deployment, by *account) {
	for _, prior := range d.repo.deployments {
		if prior.id < d.id && !prior.transient && !prior.production && prior.environment == d.environment && prior.state() == "success" {
			prior.statuses = append(prior.statuses, &deploymentStatus{
				id: s.id("status"), state: "inactive", environment: d.environment, creator: by, created: s.now(),
			})
		}
	}
}

// state is that of the newest status, "" without one.
func (d *Deployment) state() string {
	if len(d.statuses) == 0 {
		return ""
	}
	return d.statuses[len(d.statuses)-1].state
}

// Statuses tells the deployment's statuses, oldest first, as "state: description".
func (d *Deployment) Statuses() []string {
	d.repo.sim.mu.Lock()
	defer d.repo.sim.mu.Unlock()
	var list []string
	for _, s := range d.statuses {
		line := s.state
		if s.description != "" {
			line += ": " + s.description
		}
		list = append(list, line)
	}
	return list
}

// Gate tells what the App has answered to the deployment's protection rule, as
// "environment state: comment"; a report has the state "report".
func (d *Deployment) Gate() []string {
	d.repo.sim.mu.Lock()
	defer d.repo.sim.mu.Unlock()
	var list []string
	for _, review := range d.repo.reviews {
		if review.run.deployment == d {
			list = append(list, review.line())
		}
	}
	return list
}

func (g gateReview) line() string {
	state := g.state
	if state == "" {
		state = "report"
	}
	return fmt.Sprintf("%s %s: %s", g.environment, state, g.comment)
}
