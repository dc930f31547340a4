package github

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/source"
)

// This file holds the small calls that exist because go-github v60 lacks something or
// gets it wrong. Each names the gap. v60 stays because go-githubapp v0.24.1 is built on
// it. Calls of more than a few lines stand with their subject:
//
//   - 429 and secondary limits that only the message names are plain errors in v60:
//     ratelimit.go.
//   - Git.GetBlobRaw reads without a bound, and Git.GetTree decodes a tree as a whole:
//     gitobjects.go.
//   - Repositories.CompareCommits decodes every patch: compare.go.
//   - Repositories.GetBranch bypasses http.Client and its time-out: Head in
//     repositories.go.
//   - Every call names a repository by owner and name. An event may be older than what
//     the name now belongs to, so calls that must reach the same repository use its id:
//     place in repositories.go.
//   - Actions.ListRepositoryWorkflowRuns does not know run_started_at or the status
//     "waiting", and deployment protection rules came with go-github #3254 (September
//     2024): actions.go.
//   - RepositoryPermissionLevel lacks role_name: people.go.
//   - Apps.ListHookDeliveries has no status filter (in no version up to v60; GitHub's
//     list of failures would not tell which of them succeeded later), and
//     Apps.RedeliverHookDelivery returns *AcceptedError on success: deliveries.go.

// patchCheckRun exists because v60's UpdateCheckRunOptions.Name lacks omitempty: an
// update without a name sends "", and the run loses the name that branch protection
// requires. So the name is required here.
func (c *Clients) patchCheckRun(ctx context.Context, client *gh.Client, repo contracts.RepositoryRef, id int64, run checks.CheckRun) error {
	if run.Name == "" {
		return &Error{Class: ClassPermanent, Message: "a check run needs its name"}
	}
	status, conclusion := statusOf(run)
	// v60 omits an empty list of actions, so buttons could never be removed.
	body := struct {
		gh.UpdateCheckRunOptions
		Actions []*gh.CheckRunAction `json:"actions"`
	}{gh.UpdateCheckRunOptions{
		Name:       run.Name,
		DetailsURL: optional(run.DetailsURL), ExternalID: optional(run.ExternalID),
		Status: status, Conclusion: conclusion,
		Output: outputOf(run),
	}, append([]*gh.CheckRunAction{}, actionsOf(run)...)}
	_, err := c.ask(ctx, client, http.MethodPatch, fmt.Sprintf("repos/%s/check-runs/%d", repo.FullName(), id), body, nil)
	return err
}

// issueComment has performed_via_github_app, which v60's IssueComment lacks.
type issueComment struct {
	ID   int64   `json:"id"`
	Body string  `json:"body"`
	User maker   `json:"user"`
	Via  *viaApp `json:"performed_via_github_app"`
	// CreatedAt and UpdatedAt are only needed of comments that people made.
	CreatedAt time.Time `json:"created_at"`
	UpdatedAt time.Time `json:"updated_at"`
}

// commentsPage lists a page of comments; since is when they were edited last at the
// earliest, if it is set.
func (c *Clients) commentsPage(ctx context.Context, client *gh.Client, repo contracts.RepositoryRef, number, page int, since time.Time) ([]issueComment, int, error) {
	path := fmt.Sprintf("repos/%s/issues/%d/comments?per_page=%d&page=%d", repo.FullName(), number, perPage, page)
	if !since.IsZero() {
		path += "&since=" + since.UTC().Format(time.RFC3339)
	}
	var comments []issueComment
	res, err := c.ask(ctx, client, http.MethodGet, path, nil, &comments)
	if err != nil {
		return nil, 0, err
	}
	return comments, nextPage(page, res), nil
}

// getApp exists because v60's InstallationPermissions drops permissions that it does
// not know (merge_queues, attestations, custom properties), and all granted permissions
// have to be compared with app.yml.
func (c *Clients) getApp(ctx context.Context, client *gh.Client) (App, error) {
	var answer struct {
		ID          int64             `json:"id"`
		Slug        string            `json:"slug"`
		Name        string            `json:"name"`
		HTMLURL     string            `json:"html_url"`
		Owner       account           `json:"owner"`
		Permissions map[string]string `json:"permissions"`
		Events      []string          `json:"events"`
	}
	if _, err := c.ask(ctx, client, http.MethodGet, "app", nil, &answer); err != nil {
		return App{}, err
	}
	return App{ID: answer.ID, Slug: answer.Slug, Name: answer.Name, Owner: answer.Owner.Login, OwnerID: answer.Owner.ID, OwnerType: answer.Owner.Type, HTMLURL: answer.HTMLURL,
		Permissions: answer.Permissions, Events: answer.Events}, nil
}

type account struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Type  string `json:"type"`
}

// installationAnswer exists for the same reason as getApp.
type installationAnswer struct {
	ID          int64             `json:"id"`
	Account     account           `json:"account"`
	Selection   string            `json:"repository_selection"`
	SuspendedAt *string           `json:"suspended_at"`
	Permissions map[string]string `json:"permissions"`
	Events      []string          `json:"events"`
}

func (a installationAnswer) installation() source.Installation {
	return source.Installation{
		ID: a.ID, Account: a.Account.Login, AccountID: a.Account.ID, AccountType: a.Account.Type, Selection: a.Selection, Suspended: a.SuspendedAt != nil,
		Permissions: a.Permissions, Events: a.Events,
	}
}

func (c *Clients) installationsPage(ctx context.Context, client *gh.Client, page int) ([]source.Installation, int, error) {
	var answer []installationAnswer
	res, err := c.ask(ctx, client, http.MethodGet, fmt.Sprintf("app/installations?per_page=%d&page=%d", perPage, page), nil, &answer)
	if err != nil {
		return nil, 0, err
	}
	installations := make([]source.Installation, len(answer))
	for i, a := range answer {
		if a.ID == 0 {
			return nil, 0, incomplete("installation")
		}
		installations[i] = a.installation()
	}
	return installations, nextPage(page, res), nil
}

// deploymentAnswer exists because v60's Deployment lacks production_environment and
// transient_environment.
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

// deploymentsPage returns the first page of the list that a query (&key=value) selects.
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

// deploymentStatusesPage exists because v60's DeploymentStatus lacks
// performed_via_github_app, which tells our own reports from others.
func (c *Clients) deploymentStatusesPage(ctx context.Context, client *gh.Client, repo contracts.RepositoryRef, id int64, page int) ([]deploy.Status, int, error) {
	var answer []struct {
		ID          int64        `json:"id"`
		State       deploy.State `json:"state"`
		Environment string       `json:"environment"`
		URL         string       `json:"environment_url"`
		LogURL      string       `json:"log_url"`
		CreatedAt   time.Time    `json:"created_at"`
		Creator     maker        `json:"creator"`
		Via         *viaApp      `json:"performed_via_github_app"`
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
		own, err := c.isOwn(ctx, s.Via, s.Creator)
		if err != nil {
			return nil, 0, err
		}
		statuses[i] = deploy.Status{ID: s.ID, State: s.State, At: s.CreatedAt, Environment: s.Environment, URL: s.URL, LogURL: s.LogURL, Own: own}
	}
	return statuses, nextPage(page, res), nil
}
