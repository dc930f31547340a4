package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"plimsoll/contracts"
)

// NewDeployment is a deployment to be asked for.
type NewDeployment struct {
	Commit, Task, Environment string
	// Description has at most 140 characters.
	Description           string
	Payload               json.RawMessage
	Production, Transient bool
}

// CreateDeployment asks for a deployment of one commit as it is, and gives its id.
// GitHub's defaults would merge the default branch into it first, and refuse it for
// checks that have nothing to do with going back.
// https://docs.github.com/en/rest/deployments/deployments#create-a-deployment
func (c *Clients) CreateDeployment(ctx context.Context, repo contracts.RepositoryRef, d NewDeployment) (int64, error) {
	fail := func(err error) (int64, error) {
		return 0, fmt.Errorf("deploy %s to %s in %s: %w", d.Commit, d.Environment, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	var made deploymentAnswer
	_, err = c.ask(ctx, client, http.MethodPost, place(repo)+"/deployments", map[string]any{
		"ref": d.Commit, "task": d.Task, "auto_merge": false, "required_contexts": []string{}, "payload": d.Payload,
		"environment": d.Environment, "description": d.Description, "production_environment": d.Production, "transient_environment": d.Transient,
	}, &made)
	if err != nil {
		return fail(err)
	}
	if made.ID == 0 {
		return fail(incomplete("deployment"))
	}
	return made.ID, nil
}

// DispatchWorkflow starts a workflow by its file's name, on a branch.
// https://docs.github.com/en/rest/actions/workflows#create-a-workflow-dispatch-event
func (c *Clients) DispatchWorkflow(ctx context.Context, repo contracts.RepositoryRef, workflow, branch string, inputs map[string]string) error {
	client, err := c.forRepository(repo)
	if err == nil {
		path := place(repo) + "/actions/workflows/" + url.PathEscape(workflow) + "/dispatches"
		_, err = c.ask(ctx, client, http.MethodPost, path, map[string]any{"ref": branch, "inputs": inputs}, nil)
	}
	if err != nil {
		return fmt.Errorf("start the workflow %s of %s: %w", workflow, repo.FullName(), err)
	}
	return nil
}

// Dispatched tells whether this App has started a workflow since a time: GitHub tells
// who started one, not with which inputs.
// https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-workflow
func (c *Clients) Dispatched(ctx context.Context, repo contracts.RepositoryRef, workflow string, since time.Time) (bool, error) {
	fail := func(err error) (bool, error) {
		return false, fmt.Errorf("list the runs of the workflow %s of %s: %w", workflow, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	slug, err := c.slug(ctx)
	if err != nil {
		return fail(err)
	}
	query := url.Values{"event": {"workflow_dispatch"}, "actor": {slug + "[bot]"}, "per_page": {"10"}}
	var answer struct {
		Runs []struct {
			ID      int64     `json:"id"`
			Created time.Time `json:"created_at"`
		} `json:"workflow_runs"`
	}
	path := place(repo) + "/actions/workflows/" + url.PathEscape(workflow) + "/runs?" + query.Encode()
	if _, err := c.ask(ctx, client, http.MethodGet, path, nil, &answer); err != nil {
		return fail(err)
	}
	// The newest come first. GitHub's own filter by time is described in two ways.
	for _, run := range answer.Runs {
		if !run.Created.Before(since.Truncate(time.Second)) {
			return true, nil
		}
	}
	return false, nil
}
