package github

import (
	"context"
	"fmt"
	"net/url"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// MaxStatusPages bounds the statuses read of one deployment, the newest first: 300.
const MaxStatusPages = 3

// Deployment reads one deployment, without its statuses.
func (c *Clients) Deployment(ctx context.Context, repo contracts.RepositoryRef, id int64) (deploy.Deployment, error) {
	fail := func(err error) (deploy.Deployment, error) {
		return deploy.Deployment{}, fmt.Errorf("get deployment %d of %s: %w", id, repo.FullName(), err)
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
