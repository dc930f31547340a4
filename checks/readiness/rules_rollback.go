package readiness

import (
	"context"
	"fmt"
	"slices"

	"plimsoll/checks/readiness/workflows"
	"plimsoll/config"
)

// goesBack is DP002, for each environment of the production class. What rolls back is
// what package workflows says: an input that flows into the checkout of a deploying
// job, or a workflow that the deployment event starts and that deploys its commit. A
// declared rollback must name one that is there.
func goesBack(ctx context.Context, c *component) (Result, error) {
	names := production(c.Component)
	if len(names) == 0 {
		return notApplicable(), nil
	}
	a, err := c.repo.readActions(ctx)
	if err != nil {
		return Result{}, err
	}
	var findings []Finding
	maybe := ""
	for _, name := range names {
		finding := c.noWayBack(a, name)
		if finding == nil {
			continue
		}
		if use := c.mayTakeCommit(a, name); use != nil {
			maybe = fmt.Sprintf("%s: the input %s reaches the job that deploys to %s, but no checkout, so it is unknown if it names the commit; if it does, declare `rollback: {by: workflow}` with this workflow",
				use.At, brief(use.Input.Name), inEnvironment(name))
			continue
		}
		finding.Subject = inEnvironment(name)
		findings = append(findings, *finding)
	}
	switch {
	case len(findings) == 0 && maybe != "":
		return unknown(maybe), nil
	case len(findings) == 0:
		return passed(), nil
	case a.doubt != "":
		return unknown(a.doubt), nil
	case len(a.survey.Elsewhere) > 0:
		call := a.survey.Elsewhere[0]
		return unknown(fmt.Sprintf("%s: %s may deploy the given commit, but is not in this repository", call.At, brief(call.Uses))), nil
	}
	return found(findings...), nil
}

// mayTakeCommit gives an input that may say the commit, where no roll back is declared.
func (c *component) mayTakeCommit(a *actions, name config.Name) *workflows.Use {
	if declared := c.Environments[name].Rollback; declared != nil && declared.By != "" && declared.By != config.ByNone {
		return nil
	}
	for _, d := range c.deploys(a, name) {
		if d.Uses != nil {
			return d.Uses
		}
	}
	return nil
}

// noWayBack is nil where an earlier commit can be deployed to an environment.
func (c *component) noWayBack(a *actions, name config.Name) *Finding {
	deployments := c.deploys(a, name)
	declared := c.Environments[name].Rollback
	if declared != nil && declared.By == config.ByWorkflow {
		return c.noWorkflowBack(a, name, string(declared.Workflow))
	}
	listens := slices.ContainsFunc(deployments, func(d workflows.Deployment) bool { return d.ListensFor(string(name)) })
	if declared != nil && declared.By == config.ByDeployment {
		if listens {
			return nil
		}
		return &Finding{
			Position: c.position(environmentWay(name, "rollback", "by")...),
			Message:  fmt.Sprintf("rollback by deployment is declared for %s, but no workflow with `on: deployment` checks out its commit", inEnvironment(name)),
			Fix:      []Snippet{{File: workflows.Folder + "/deploy.yml", Loose: true, Text: listener}},
		}
	}
	if listens || slices.ContainsFunc(deployments, func(d workflows.Deployment) bool { return d.Commit != nil }) {
		return nil
	}
	if len(deployments) == 0 {
		return &Finding{
			Position: c.position(environmentWay(name)...),
			Message:  fmt.Sprintf("no job of a workflow names %s, and no workflow runs on deployments, so nothing here can deploy an earlier commit", inEnvironment(name)),
			Fix:      []Snippet{{File: workflows.Folder + "/deploy.yml", Loose: true, Text: listener}},
		}
	}
	finding := &Finding{
		Position: config.Position(deployments[0].At),
		Message:  fmt.Sprintf("%s deploys%s, but an earlier commit can't be deployed: no input sets the `ref` of its checkout, and no workflow runs on deployments", jobOf(deployments[0]), towards(deployments[0])),
	}
	finding.Fix = takeCommit(deployments)
	return finding
}

// noWorkflowBack is for a declared rollback by a workflow. The declaration says that
// its input is the commit; it must flow into the job that deploys, into a checkout or
// into another step.
func (c *component) noWorkflowBack(a *actions, name config.Name, file string) *Finding {
	file = workflows.Folder + "/" + file
	if a.set.Workflow(file) == nil {
		return &Finding{
			Position: c.position(environmentWay(name, "rollback", "workflow")...),
			Message:  fmt.Sprintf("rollback by a workflow is declared for %s, and %s is not a workflow of this repository", inEnvironment(name), file),
			Fix:      []Snippet{{File: file, Loose: true, Text: dispatched}},
		}
	}
	var its []workflows.Deployment
	for _, d := range a.survey.Deployments {
		if d.Entry.File == file && d.To(string(name)) {
			its = append(its, d)
		}
	}
	if slices.ContainsFunc(its, func(d workflows.Deployment) bool { return d.Commit != nil || d.Uses != nil }) {
		return nil
	}
	return &Finding{
		Position: config.Position{File: file},
		Message:  fmt.Sprintf("%s is declared to roll %s back, and no input of its `workflow_dispatch` reaches a job that deploys there", file, inEnvironment(name)),
		Fix:      takeCommit(its),
	}
}

// takeCommit gives the edits that let the first deployment that allows it take a
// commit; where none does, what belongs there.
func takeCommit(deployments []workflows.Deployment) []Snippet {
	for _, d := range deployments {
		if edits, ok := d.TakeCommit("sha"); ok {
			var fix []Snippet
			for _, edit := range edits {
				fix = append(fix, snippet(edit))
			}
			return fix
		}
	}
	if len(deployments) == 0 {
		return nil
	}
	return []Snippet{{File: deployments[0].Entry.File, Loose: true, Text: dispatched}}
}

// What belongs into a workflow that can roll back, to be fitted in by hand.
const (
	listener = `on: deployment
concurrency:
  group: deploy-${{ github.event.deployment.environment }}
  cancel-in-progress: false
jobs:
  deploy:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${{ github.event.deployment.sha }}
`
	dispatched = `on:
  workflow_dispatch:
    inputs:
      sha:
        description: Commit to deploy
        type: string
jobs:
  deploy:
    steps:
      - uses: actions/checkout@v4
        with:
          ref: ${{ inputs.sha || github.sha }}
`
)
