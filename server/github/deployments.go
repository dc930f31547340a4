package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// MaxStatusPages bounds the statuses read of one deployment, the newest first: 300.
const MaxStatusPages = 3

// Deployment reads one deployment, without its statuses. If it does not exist, the error
// wraps [fs.ErrNotExist].
func (c *Clients) Deployment(ctx context.Context, repo contracts.RepositoryRef, id int64) (deploy.Deployment, error) {
	fail := func(err error) (deploy.Deployment, error) {
		return deploy.Deployment{}, NotExist(fmt.Errorf("get deployment %d of %s: %w", id, repo.FullName(), err))
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	found, err := c.getDeployment(ctx, client, repo, id)
	if err != nil {
		return fail(err)
	}
	return found, nil
}

// Deployments gives the newest deployments of a repository, a hundred at the most,
// the newest first and without their statuses; only those to an environment where one
// is named. more tells that there are others. It costs one request.
func (c *Clients) Deployments(ctx context.Context, repo contracts.RepositoryRef, environment string) (newest []deploy.Deployment, more bool, err error) {
	fail := func(err error) ([]deploy.Deployment, bool, error) {
		return nil, false, fmt.Errorf("list deployments of %s: %w", repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	query := ""
	if environment != "" {
		query = "&environment=" + url.QueryEscape(environment)
	}
	newest, more, err = c.deploymentsPage(ctx, client, repo, query)
	if err != nil {
		return fail(err)
	}
	return newest, more, nil
}

// DeploymentStatuses gives the reports on a deployment, the newest first, at most
// MaxStatusPages of a hundred.
func (c *Clients) DeploymentStatuses(ctx context.Context, repo contracts.RepositoryRef, id int64) ([]deploy.Status, error) {
	fail := func(err error) ([]deploy.Status, error) {
		return nil, fmt.Errorf("list the statuses of deployment %d of %s: %w", id, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	var all []deploy.Status
	for page := 1; page != 0 && page <= MaxStatusPages; {
		statuses, next, err := c.deploymentStatusesPage(ctx, client, repo, id, page)
		if err != nil {
			return fail(err)
		}
		all, page = append(all, statuses...), next
	}
	return all, nil
}

// ReportDeployment adds a status to a deployment: what we think of it, with the page
// behind it, which may be empty. The description has at most 140 characters.
// https://docs.github.com/en/rest/deployments/statuses#create-a-deployment-status
func (c *Clients) ReportDeployment(ctx context.Context, repo contracts.RepositoryRef, id int64, state deploy.State, description, page string) error {
	fail := func(err error) error {
		return fmt.Errorf("report on deployment %d of %s: %w", id, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	body := map[string]any{"state": state, "description": description, "auto_inactive": false}
	if page != "" {
		body["log_url"] = page
	}
	if _, err := c.ask(ctx, client, http.MethodPost, fmt.Sprintf("%s/deployments/%d/statuses", place(repo), id), body, nil); err != nil {
		return fail(err)
	}
	return nil
}

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
