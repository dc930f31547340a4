package rollback

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"plimsoll/checks/readiness/workflows"
	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/source"
)

// commitInputs are the names under which a workflow may take the commit, in the order in
// which they are tried.
var commitInputs = []string{"commit", "sha", "commit_sha", "git_sha", "revision", "version", "ref", "git_ref", "tag"}

// inputs returns what the workflow asks for: GitHub refuses an input that the workflow does
// not declare. Without an input for the commit, nothing would be rolled back.
func (r *Controller) inputs(ctx context.Context, repo contracts.RepositoryRef, head source.Commit, m deploy.Rollback, f found) (map[string]string, error) {
	refuse := func(why error) (map[string]string, error) {
		return nil, fmt.Errorf("%w: %w", ErrRollbackRefused, why)
	}
	tree, err := r.deps.GitHub.Tree(ctx, repo, head.Tree)
	if err != nil {
		return nil, err
	}
	file := workflows.Folder + "/" + m.Workflow
	workflow, err := workflowIn(ctx, tree, file)
	if err != nil {
		return nil, err
	}
	if workflow == nil {
		return refuse(deploytext.RollbackWorkflowMissing(file))
	}
	given := map[string]string{}
	name, ok := commitInput(workflow)
	if !ok {
		return refuse(deploytext.RollbackWorkflowWithoutInput(file))
	}
	given[name] = m.ToCommit
	for name, value := range map[string]string{"environment": f.bad.Environment, "component": m.Target.Component, "instance": m.Target.Instance} {
		if input, declared := workflow.Inputs[name]; declared && given[input.Name] == "" && value != "" {
			given[input.Name] = value
		}
	}
	return given, nil
}

// workflowIn reads a workflow; nil if it does not exist or has errors.
func workflowIn(ctx context.Context, tree contracts.Tree, file string) (*workflows.Workflow, error) {
	data, err := tree.ReadFile(ctx, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	workflow, err := workflows.Parse(file, data)
	if err != nil {
		return nil, nil
	}
	return workflow, nil
}

// beside returns the components that the declared workflow would roll back too: it takes no
// component, and they are in the same environment and declare no other workflow.
func (r *Controller) beside(ctx context.Context, run deploy.VerificationRun) ([]string, error) {
	response := run.Plan.Response
	if response.By != config.ByWorkflow {
		return nil, nil
	}
	declared, err := r.declared(ctx, run.Repository)
	if err != nil {
		return nil, err
	}
	var others []string
	for _, component := range declared.Components {
		for name, environment := range component.Environments {
			other := deploy.NewResponse(environment)
			if string(component.Name) != run.Target.Component && strings.EqualFold(string(name), run.Target.Environment) &&
				(other.By != config.ByWorkflow || other.Workflow == response.Workflow) {
				others = append(others, string(component.Name))
			}
		}
	}
	if len(others) == 0 {
		return nil, nil
	}
	at, err := r.deps.GitHub.Repository(ctx, run.Repository)
	if err != nil {
		return nil, err
	}
	head, err := r.deps.GitHub.Head(ctx, run.Repository, at.DefaultBranch)
	if err != nil {
		return nil, err
	}
	tree, err := r.deps.GitHub.Tree(ctx, run.Repository, head.Tree)
	if err != nil {
		return nil, err
	}
	workflow, err := workflowIn(ctx, tree, workflows.Folder+"/"+response.Workflow)
	if err != nil || workflow == nil { // the start fails and says so
		return nil, err
	}
	if _, takes := workflow.Inputs["component"]; takes {
		return nil, nil
	}
	slices.Sort(others)
	return others, nil
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
