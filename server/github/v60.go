package github

import (
	"context"
	"fmt"
	"net/http"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// This file holds what go-github v60 lacks or gets wrong, each with the gap and,
// where known, the version that closes it. v60 stays because go-githubapp v0.24.1
// is built on it. Elsewhere in the package:
//
//   - 429 and message-based secondary limits are plain errors in v60: ratelimit.go.
//   - Git.GetBlobRaw reads without bound and asks for JSON's size twice: blobs.go.
//   - CompareCommits decodes every patch: compare.go.
//   - Repositories.GetBranch goes round http.Client and its time-out: Head.
//   - ListHookDeliveries has no status filter (in no version up to v60; GitHub's
//     list of failures would not tell which of them succeeded later): deliveries.go.
//   - Deployment and DeploymentStatus lack fields: v60_deployments.go.
//   - Apps.RedeliverHookDelivery gives *AcceptedError for success: Redeliver.

// patchCheckRun exists because v60's UpdateCheckRunOptions.Name lacks omitempty:
// left out it is sent as "", and the run loses the name that branch protection
// knows. v60 sends what it is given, so the name is required here.
func (c *Clients) patchCheckRun(ctx context.Context, client *gh.Client, repo contracts.RepositoryRef, id int64, run checks.CheckRun) error {
	if run.Name == "" {
		return &Error{Class: ClassPermanent, Message: "a check run needs its name"}
	}
	status, conclusion := statusOf(run)
	// v60 leaves an empty list of actions out as well, so that no button could ever be
	// taken away.
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
	ID   int64  `json:"id"`
	Body string `json:"body"`
	User struct {
		Login string `json:"login"`
		Type  string `json:"type"`
	} `json:"user"`
	Via *struct {
		ID int64 `json:"id"`
	} `json:"performed_via_github_app"`
}

func (c *Clients) commentsPage(ctx context.Context, client *gh.Client, repo contracts.RepositoryRef, number, page int) ([]issueComment, int, error) {
	path := fmt.Sprintf("repos/%s/issues/%d/comments?per_page=%d&page=%d", repo.FullName(), number, perPage, page)
	var comments []issueComment
	res, err := c.ask(ctx, client, http.MethodGet, path, nil, &comments)
	if err != nil {
		return nil, 0, err
	}
	return comments, nextPage(page, res), nil
}

// getApp exists because v60's InstallationPermissions drops permissions that it
// does not know (merge_queues, attestations, custom properties): what was granted
// has to be compared with app.yml in full.
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
	return App{ID: answer.ID, Slug: answer.Slug, Name: answer.Name, Owner: answer.Owner.Login, HTMLURL: answer.HTMLURL,
		Permissions: answer.Permissions, Events: answer.Events}, nil
}

type account struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Type  string `json:"type"`
}

// installationsPage exists for the same reason as getApp.
func (c *Clients) installationsPage(ctx context.Context, client *gh.Client, page int) ([]Installation, int, error) {
	var answer []struct {
		ID          int64             `json:"id"`
		Account     account           `json:"account"`
		Selection   string            `json:"repository_selection"`
		SuspendedAt *string           `json:"suspended_at"`
		Permissions map[string]string `json:"permissions"`
		Events      []string          `json:"events"`
	}
	res, err := c.ask(ctx, client, http.MethodGet, fmt.Sprintf("app/installations?per_page=%d&page=%d", perPage, page), nil, &answer)
	if err != nil {
		return nil, 0, err
	}
	installations := make([]Installation, len(answer))
	for i, a := range answer {
		if a.ID == 0 {
			return nil, 0, incomplete("installation")
		}
		installations[i] = Installation{ID: a.ID, Account: a.Account.Login, AccountID: a.Account.ID, AccountType: a.Account.Type,
			Selection: a.Selection, Suspended: a.SuspendedAt != nil, Permissions: a.Permissions, Events: a.Events}
	}
	return installations, nextPage(page, res), nil
}

// Permission is what a user may do in a repository.
type Permission struct {
	// Legacy is admin, write, read or none: maintain counts as write, triage as read.
	Legacy string
	// Role is the exact role: admin, maintain, write, triage, read, none, or the
	// name of a role that the organisation made.
	Role string
}

// CollaboratorPermission asks for the role of a user. v60's
// RepositoryPermissionLevel lacks role_name.
func (c *Clients) CollaboratorPermission(ctx context.Context, repo contracts.RepositoryRef, login string) (Permission, error) {
	fail := func(err error) (Permission, error) {
		return Permission{}, fmt.Errorf("get permission of %s in %s: %w", login, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	if !loginPattern.MatchString(login) {
		return fail(&Error{Class: ClassPermanent, Message: fmt.Sprintf("%q is no login", login)})
	}
	var answer struct {
		Permission string `json:"permission"`
		Role       string `json:"role_name"`
	}
	if _, err := c.ask(ctx, client, http.MethodGet, "repos/"+repo.FullName()+"/collaborators/"+login+"/permission", nil, &answer); err != nil {
		return fail(err)
	}
	if answer.Permission == "" {
		return fail(incomplete("permission"))
	}
	return Permission{Legacy: answer.Permission, Role: answer.Role}, nil
}

// GateState is an answer to a deployment protection rule; GateHeld reports a
// status and leaves the gate shut.
type GateState string

// The states.
const (
	GateApproved GateState = "approved"
	GateRejected GateState = "rejected"
	GateHeld     GateState = ""
)

// AnswerGate answers a custom deployment protection rule. The call came with
// go-github #3254 (September 2024), and v60's NewRequest would follow the event's
// callback URL to any host: the path is made from the run's id.
func (c *Clients) AnswerGate(ctx context.Context, repo contracts.RepositoryRef, run int64, environment string, state GateState, comment string) error {
	client, err := c.forRepository(repo)
	if err == nil {
		body := struct {
			Environment string    `json:"environment_name"`
			State       GateState `json:"state,omitempty"`
			Comment     string    `json:"comment"`
		}{environment, state, comment}
		_, err = c.ask(ctx, client, http.MethodPost, fmt.Sprintf("repos/%s/actions/runs/%d/deployment_protection_rule", repo.FullName(), run), body, nil)
	}
	if err != nil {
		return fmt.Errorf("answer gate %s of run %d in %s: %w", environment, run, repo.FullName(), err)
	}
	return nil
}
