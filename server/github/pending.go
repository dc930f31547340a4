package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"plimsoll/contracts"
)

// MostWaiting is how many runs of a repository are asked what they wait for, the newest
// first: a request each.
const MostWaiting = 30

// PendingGate is an environment that a run of a workflow waits for.
type PendingGate struct {
	Run         int64
	Environment string
	Commit      string
	// Started is when the run was started last: run again, it asks anew.
	Started time.Time
}

// PendingGates gives what the runs of a repository wait for, whoever is to answer; the
// newest runs first, at most MostWaiting. It costs one request, and one more for each
// run that waits. go-github v60 knows neither run_started_at nor the status "waiting".
// https://docs.github.com/en/rest/actions/workflow-runs#get-pending-deployments-for-a-workflow-run
func (c *Clients) PendingGates(ctx context.Context, repo contracts.RepositoryRef) ([]PendingGate, error) {
	fail := func(err error) ([]PendingGate, error) {
		return nil, fmt.Errorf("list what waits in %s: %w", repo.FullName(), err)
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
	var pending []PendingGate
	for _, run := range answer.Runs {
		if run.ID == 0 || !IsSHA(run.Commit) {
			return fail(incomplete("workflow run"))
		}
		if run.Started.IsZero() {
			run.Started = run.Created
		}
		var waits []struct {
			Environment struct {
				Name string `json:"name"`
			} `json:"environment"`
		}
		path := fmt.Sprintf("repos/%s/actions/runs/%d/pending_deployments", repo.FullName(), run.ID)
		if _, err := c.ask(ctx, client, http.MethodGet, path, nil, &waits); err != nil {
			if Classify(err) == ClassNotFound {
				continue // deleted since
			}
			return fail(err)
		}
		for _, w := range waits {
			if w.Environment.Name != "" {
				pending = append(pending, PendingGate{Run: run.ID, Environment: w.Environment.Name, Commit: run.Commit, Started: run.Started})
			}
		}
	}
	return pending, nil
}

// GateAsks tells whether the protection rule of an environment asks this App.
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
