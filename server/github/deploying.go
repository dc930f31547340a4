package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

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

// MostCommits of a deployment are asked for their pull requests, the newest first: a
// request each.
const MostCommits = 50

// PullsBetween gives the numbers of the merged pull requests whose commits head has and
// base has not, sorted; of head alone where base is empty. A deployment of more than
// MostCommits commits is answered for the newest.
func (c *Clients) PullsBetween(ctx context.Context, repo contracts.RepositoryRef, base, head string) ([]int, error) {
	fail := func(err error) ([]int, error) {
		return nil, fmt.Errorf("find the pull requests of %s...%s in %s: %w", base, head, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	commits := []string{head}
	if base != "" && base != head {
		var answer struct {
			Commits []struct {
				SHA string `json:"sha"`
			} `json:"commits"`
		}
		path := place(repo) + "/compare/" + url.PathEscape(base+"..."+head) + "?per_page=100"
		if _, err := c.ask(ctx, client, http.MethodGet, path, nil, &answer); err != nil {
			return fail(err)
		}
		for _, commit := range slices.Backward(answer.Commits) {
			if IsSHA(commit.SHA) && !slices.Contains(commits, commit.SHA) {
				commits = append(commits, commit.SHA)
			}
		}
	}
	var numbers []int
	for _, commit := range commits[:min(len(commits), MostCommits)] {
		var pulls []struct {
			Number   int     `json:"number"`
			MergedAt *string `json:"merged_at"`
		}
		if _, err := c.ask(ctx, client, http.MethodGet, place(repo)+"/commits/"+commit+"/pulls?per_page=100", nil, &pulls); err != nil {
			return fail(err)
		}
		for _, pull := range pulls {
			if pull.MergedAt != nil && !slices.Contains(numbers, pull.Number) {
				numbers = append(numbers, pull.Number)
			}
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}
