package handlers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"plimsoll/checks"
	"plimsoll/checks/readiness/workflows"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
)

// clocksDiffer is by how much GitHub's clock may be behind ours.
const clocksDiffer = 2 * time.Minute

// perform goes back. That it is intended is written by now. again: an earlier attempt
// may have asked GitHub already; a deployment of its was looked for.
func (r *Roller) perform(ctx context.Context, course deploy.Course, m deploy.Remedy, f found, again bool) (deploy.Remedy, error) {
	if again && m.By == config.ByWorkflow {
		started, err := r.Ways.Dispatched(ctx, course.Repository, m.Workflow, m.Intended.Add(-clocksDiffer))
		if err != nil {
			return m, err
		}
		if started {
			return r.performed(ctx, course, m, 0)
		}
	}
	if !f.current {
		// Something else came in between the intent and now.
		m.Reasons = []deploy.RollbackReason{{Kind: deploy.RollbackNotCurrent, Deployment: f.newer}}
		return r.ended(ctx, course, m, deploy.RemedyRefused)
	}
	var made int64
	var err error
	if m.By == config.ByWorkflow {
		err = r.dispatch(ctx, course, m, f)
	} else {
		made, err = r.Ways.Redeploy(ctx, course.Repository, RollbackRequest{
			Commit: m.Target, Environment: f.bad.Environment, Production: f.bad.Production, Transient: f.bad.Transient,
			Payload: deploy.RollbackPayload(m), Description: checks.RollbackDescription(m),
		})
	}
	if errors.Is(err, ErrRollbackRefused) {
		m.Reasons = append(m.Reasons, deploy.RollbackReason{Kind: deploy.RollbackNotTaken, Words: checks.RollbackRefusal(err)})
		return r.ended(ctx, course, m, deploy.RemedyFailed)
	}
	if err != nil {
		return m, err
	}
	return r.performed(ctx, course, m, made)
}

// performed keeps that GitHub took it.
func (r *Roller) performed(ctx context.Context, course deploy.Course, m deploy.Remedy, made int64) (deploy.Remedy, error) {
	now, err := r.Now(ctx)
	if err != nil {
		return m, err
	}
	m.Made, m.Performed = made, now
	return r.ended(ctx, course, m, deploy.RemedyPerformed)
}

// ended keeps how a remedy stands, and enters it into the ledger.
func (r *Roller) ended(ctx context.Context, course deploy.Course, m deploy.Remedy, state deploy.RemedyState) (deploy.Remedy, error) {
	m.State = state
	if err := r.Remedies.PutRemedy(ctx, course.Repository, m); err != nil {
		return m, err
	}
	return m, r.enter(ctx, course, m)
}

// dispatch starts the declared workflow.
func (r *Roller) dispatch(ctx context.Context, course deploy.Course, m deploy.Remedy, f found) error {
	repo := course.Repository
	at, err := r.Branches.Repository(ctx, repo)
	if err != nil {
		return err
	}
	head, err := r.Branches.Head(ctx, repo, at.DefaultBranch)
	if err != nil {
		return err
	}
	inputs, err := r.inputs(ctx, repo, head, m, f)
	if err != nil {
		return err
	}
	return r.Ways.Dispatch(ctx, repo, m.Workflow, at.DefaultBranch, inputs)
}

// commitInputs are the names under which a workflow may take the commit, in the order
// in which they are looked for.
var commitInputs = []string{"commit", "sha", "commit_sha", "git_sha", "revision", "version", "ref", "git_ref", "tag"}

// inputs gives the workflow what it asks for: GitHub refuses an input that the workflow
// does not declare. Without one for the commit nothing would go back.
func (r *Roller) inputs(ctx context.Context, repo contracts.RepositoryRef, head Commit, m deploy.Remedy, f found) (map[string]string, error) {
	refuse := func(why error) (map[string]string, error) {
		return nil, fmt.Errorf("%w: %w", ErrRollbackRefused, why)
	}
	tree, err := r.Trees.Tree(ctx, repo, head.Tree)
	if err != nil {
		return nil, err
	}
	file := workflows.Folder + "/" + m.Workflow
	data, err := tree.ReadFile(ctx, file)
	if errors.Is(err, fs.ErrNotExist) {
		return refuse(checks.RollbackWorkflowMissing(file))
	}
	if err != nil {
		return nil, err
	}
	workflow, err := workflows.Parse(file, data)
	if err != nil {
		return refuse(checks.RollbackWorkflowMissing(file))
	}
	given := map[string]string{}
	name, ok := commitInput(workflow)
	if !ok {
		return refuse(checks.RollbackWorkflowWithoutInput(file))
	}
	given[name] = m.Target
	for name, value := range map[string]string{"environment": f.bad.Environment, "component": m.Place.Component, "instance": m.Place.Instance} {
		if input, declared := workflow.Inputs[name]; declared && given[input.Name] == "" && value != "" {
			given[input.Name] = value
		}
	}
	return given, nil
}

// commitInput finds the input for the commit: by its name, else the only one that takes
// any text.
func commitInput(workflow *workflows.Workflow) (string, bool) {
	for _, name := range commitInputs {
		if input, ok := workflow.Inputs[name]; ok {
			return input.Name, true
		}
	}
	var free []string
	for name, input := range workflow.Inputs {
		if input.Type == "string" && !slices.Contains([]string{"environment", "component", "instance"}, strings.ToLower(name)) {
			free = append(free, input.Name)
		}
	}
	if len(free) != 1 {
		return "", false
	}
	return free[0], true
}
