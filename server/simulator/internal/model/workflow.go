package model

import (
	"fmt"
	"time"
)

// WorkflowRun is a run of GitHub Actions that waits for a deployment or has made one.
type WorkflowRun struct {
	ID         int64
	Repo       *Repository
	Deployment *Deployment
	Number     int
	Status     string
	Conclusion string
	Created    time.Time
}

// GateReview is an answer of the App to a deployment protection rule.
type GateReview struct {
	Run         *WorkflowRun
	Environment string
	State       string // approved, rejected, or "" for a report
	Comment     string
}

// Line shows an answer in one line.
func (g GateReview) Line() string {
	state := g.State
	if state == "" {
		state = "report"
	}
	return fmt.Sprintf("%s %s: %s", g.Environment, state, g.Comment)
}

// Dispatch is a workflow that the App started.
type Dispatch struct {
	ID            int64
	Workflow, Ref string
	Inputs        map[string]any
	At            time.Time
}

// RunWorkflow makes a workflow run behind the deployment. In a gated environment it waits
// and the App's deployment protection rule is asked.
func (d *Deployment) RunWorkflow() {
	g := d.Repo.GitHub
	run := &WorkflowRun{ID: g.NextID("workflow"), Repo: d.Repo, Deployment: d, Number: len(g.WorkflowRuns) + 1, Status: "in_progress", Created: g.Now()}
	g.WorkflowRuns[run.ID] = run
	if d.Repo.Environment(d.Environment).Gated {
		run.Status = "waiting"
		g.Emit(Event{Name: "deployment_protection_rule", Action: "requested", Repository: d.Repo, By: d.Creator, Subject: run})
	}
}

// EndWorkflow completes the workflow runs behind the deployment.
func (d *Deployment) EndWorkflow(conclusion string) {
	for _, run := range d.Repo.GitHub.WorkflowRuns {
		if run.Deployment == d {
			run.Status, run.Conclusion = "completed", conclusion
		}
	}
}

// Review takes an answer of the App to the rule that the run waits for.
func (run *WorkflowRun) Review(state, comment string) {
	environment := run.Deployment.Environment
	run.Repo.Reviews = append(run.Repo.Reviews, GateReview{run, environment, state, comment})
	switch state {
	case "approved":
		if !run.Repo.Environment(environment).Reviewed {
			run.Status = "in_progress"
		}
	case "rejected":
		run.Status, run.Conclusion = "completed", "failure"
	}
}
