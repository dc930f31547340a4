package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// v60's Deployment lacks production_environment and transient_environment, its
// DeploymentStatus lacks performed_via_github_app, by which our own reports are known.

// deploymentAnswer is a deployment as GitHub gives it.
type deploymentAnswer struct {
	ID          int64           `json:"id"`
	SHA         string          `json:"sha"`
	Ref         string          `json:"ref"`
	Task        string          `json:"task"`
	Payload     json.RawMessage `json:"payload"`
	Environment string          `json:"environment"`
	Production  bool            `json:"production_environment"`
	Transient   bool            `json:"transient_environment"`
	Creator     *account        `json:"creator"`
	CreatedAt   time.Time       `json:"created_at"`
}

func (a *deploymentAnswer) deployment() (deploy.Deployment, error) {
	if a.ID == 0 || !IsSHA(a.SHA) {
		return deploy.Deployment{}, incomplete("deployment")
	}
	d := deploy.Deployment{
		ID: a.ID, Commit: a.SHA, Ref: a.Ref, Task: a.Task, Environment: a.Environment, Payload: a.Payload,
		Production: a.Production, Transient: a.Transient, CreatedAt: a.CreatedAt,
	}
	if a.Creator != nil {
		d.Creator = a.Creator.Login
	}
	return d, nil
}

func (c *Clients) getDeployment(ctx context.Context, client *gh.Client, repo contracts.RepositoryRef, id int64) (deploy.Deployment, error) {
	var answer deploymentAnswer
	if _, err := c.ask(ctx, client, http.MethodGet, fmt.Sprintf("%s/deployments/%d", place(repo), id), nil, &answer); err != nil {
		return deploy.Deployment{}, err
	}
	return answer.deployment()
}

// deploymentsPage gives the first page of the list that a query (&key=value) asks for.
func (c *Clients) deploymentsPage(ctx context.Context, client *gh.Client, repo contracts.RepositoryRef, query string) ([]deploy.Deployment, bool, error) {
	var answer []deploymentAnswer
	res, err := c.ask(ctx, client, http.MethodGet, fmt.Sprintf("%s/deployments?per_page=%d%s", place(repo), perPage, query), nil, &answer)
	if err != nil {
		return nil, false, err
	}
	list := make([]deploy.Deployment, len(answer))
	for i := range answer {
		if list[i], err = answer[i].deployment(); err != nil {
			return nil, false, err
		}
	}
	return list, nextPage(1, res) != 0, nil
}

func (c *Clients) deploymentStatusesPage(ctx context.Context, client *gh.Client, repo contracts.RepositoryRef, id int64, page int) ([]deploy.Status, int, error) {
	var answer []struct {
		ID          int64        `json:"id"`
		State       deploy.State `json:"state"`
		Environment string       `json:"environment"`
		URL         string       `json:"environment_url"`
		CreatedAt   time.Time    `json:"created_at"`
		Via         *struct {
			ID int64 `json:"id"`
		} `json:"performed_via_github_app"`
	}
	path := fmt.Sprintf("%s/deployments/%d/statuses?per_page=%d&page=%d", place(repo), id, perPage, page)
	res, err := c.ask(ctx, client, http.MethodGet, path, nil, &answer)
	if err != nil {
		return nil, 0, err
	}
	statuses := make([]deploy.Status, len(answer))
	for i, s := range answer {
		if s.ID == 0 || s.State == "" {
			return nil, 0, incomplete("deployment status")
		}
		statuses[i] = deploy.Status{ID: s.ID, State: s.State, At: s.CreatedAt, Environment: s.Environment, URL: s.URL,
			Own: s.Via != nil && s.Via.ID == c.config.AppID}
	}
	return statuses, nextPage(page, res), nil
}
