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
	data, err := tree.ReadFile(ctx, file)
	if errors.Is(err, fs.ErrNotExist) {
		return refuse(deploytext.RollbackWorkflowMissing(file))
	}
	if err != nil {
		return nil, err
	}
	workflow, err := workflows.Parse(file, data)
	if err != nil {
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
