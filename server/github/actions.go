package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy/gate"
	"plimsoll/handlers/source"

	gh "github.com/google/go-github/v60/github"
)

// MostWaiting is for how many waiting runs of a repository, the newest first, the gates
// are read. Each costs one request.
const MostWaiting = 30

// PendingGates returns what the workflow runs of a repository wait for, no matter which
// App or person has to answer. The newest runs come first, at most MostWaiting. It costs
// one request, and one more for each run that waits. If the repository does not exist,
// the error wraps [fs.ErrNotExist].
// https://docs.github.com/en/rest/actions/workflow-runs#get-pending-deployments-for-a-workflow-run
func (c *Clients) PendingGates(ctx context.Context, repo contracts.RepositoryRef) ([]source.PendingGate, error) {
	fail := func(err error) ([]source.PendingGate, error) {
		return nil, NotExist(fmt.Errorf("list what waits in %s: %w", repo.FullName(), err))
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	var answer struct {
		Runs []struct {
			ID      int64     `json:"id"`
			Commit  string    `json:"head_sha"`
			Created time.Time `json:"created_at"`
			Started time.Time `json:"run_started_at"`
		} `json:"workflow_runs"`
	}
	path := fmt.Sprintf("repos/%s/actions/runs?status=waiting&per_page=%d", repo.FullName(), MostWaiting)
	if _, err := c.ask(ctx, client, http.MethodGet, path, nil, &answer); err != nil {
		return fail(err)
	}
	var pending []source.PendingGate
	for _, run := range answer.Runs {
		if run.ID == 0 || !IsSHA(run.Commit) {
			return fail(incomplete("workflow run"))
		}
		if run.Started.IsZero() {
			run.Started = run.Created
		}
		waits, err := c.pendingEnvironments(ctx, client, repo, run.ID)
		if Classify(err) == ClassNotFound {
			continue // deleted since
		}
		if err != nil {
			return fail(err)
		}
		for _, name := range waits {
			pending = append(pending, source.PendingGate{Run: run.ID, Environment: name, Commit: run.Commit, Started: run.Started})
		}
	}
	return pending, nil
}

// GateAsks reports whether a protection rule of an environment asks this App.
// https://docs.github.com/en/rest/deployments/protection-rules#get-all-deployment-protection-rules-for-an-environment
func (c *Clients) GateAsks(ctx context.Context, repo contracts.RepositoryRef, environment string) (bool, error) {
	fail := func(err error) (bool, error) {
		return false, fmt.Errorf("list the protection rules of %s in %s: %w", environment, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	var answer struct {
		Rules []struct {
			Enabled bool `json:"enabled"`
			App     struct {
				ID int64 `json:"id"`
			} `json:"app"`
		} `json:"custom_deployment_protection_rules"`
	}
	path := "repos/" + repo.FullName() + "/environments/" + url.PathEscape(environment) + "/deployment_protection_rules"
	if _, err := c.ask(ctx, client, http.MethodGet, path, nil, &answer); err != nil {
		return fail(err)
	}
	for _, rule := range answer.Rules {
		if rule.Enabled && rule.App.ID == c.config.AppID {
			return true, nil
		}
	}
	return false, nil
}

// AnswerGate answers a custom deployment protection rule. The path is made from the
// run's id: the event's callback URL could lead to any host. If the run does not exist,
// the error wraps [fs.ErrNotExist].
func (c *Clients) AnswerGate(ctx context.Context, repo contracts.RepositoryRef, run int64, environment string, state gate.State, comment string) error {
	client, err := c.forRepository(repo)
	if err == nil {
		body := struct {
			Environment string     `json:"environment_name"`
			State       gate.State `json:"state,omitempty"`
			Comment     string     `json:"comment"`
		}{environment, state, comment}
		if state == gate.Held {
			body.State = "" // a report: the gate stays shut
		}
		_, err = c.ask(ctx, client, http.MethodPost, fmt.Sprintf("repos/%s/actions/runs/%d/deployment_protection_rule", repo.FullName(), run), body, nil)
	}
	if err != nil {
		return NotExist(fmt.Errorf("answer gate %s of run %d in %s: %w", environment, run, repo.FullName(), err))
	}
	return nil
}

// GateWaits reports whether a workflow run waits at an environment, for whatever rule or
// reviewer.
// https://docs.github.com/en/rest/actions/workflow-runs#get-pending-deployments-for-a-workflow-run
func (c *Clients) GateWaits(ctx context.Context, repo contracts.RepositoryRef, run int64, environment string) (bool, error) {
	client, err := c.forRepository(repo)
	var waits []string
	if err == nil {
		waits, err = c.pendingEnvironments(ctx, client, repo, run)
	}
	if Classify(err) == ClassNotFound {
		return false, nil // deleted since
	}
	if err != nil {
		return false, fmt.Errorf("ask what run %d of %s waits for: %w", run, repo.FullName(), err)
	}
	return slices.ContainsFunc(waits, func(name string) bool { return strings.EqualFold(name, environment) }), nil
}

// pendingEnvironments are those that a run waits at.
func (c *Clients) pendingEnvironments(ctx context.Context, client *gh.Client, repo contracts.RepositoryRef, run int64) (names []string, err error) {
	var waits []struct {
		Environment struct {
			Name string `json:"name"`
		} `json:"environment"`
	}
	path := fmt.Sprintf("repos/%s/actions/runs/%d/pending_deployments", repo.FullName(), run)
	if _, err := c.ask(ctx, client, http.MethodGet, path, nil, &waits); err != nil {
		return nil, err
	}
	for _, w := range waits {
		if w.Environment.Name != "" {
			names = append(names, w.Environment.Name)
		}
	}
	return names, nil
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

// Dispatched reports whether this App has started a workflow since a time. GitHub states
// who started a run, but not with which inputs.
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
	// The newest come first. GitHub's filter by time is documented inconsistently.
	for _, run := range answer.Runs {
		if !run.Created.Before(since.Truncate(time.Second)) {
			return true, nil
		}
	}
	return false, nil
}
