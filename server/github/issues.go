package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"plimsoll/contracts"
)

// maxIssuePages bounds the search for an own issue.
const maxIssuePages = 5

// CreateIssue opens an issue and gives its number.
func (c *Clients) CreateIssue(ctx context.Context, repo contracts.RepositoryRef, title, body string) (int, error) {
	fail := func(err error) (int, error) { return 0, fmt.Errorf("open an issue in %s: %w", repo.FullName(), err) }
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	var made struct {
		Number int `json:"number"`
	}
	if _, err := c.ask(ctx, client, http.MethodPost, place(repo)+"/issues", map[string]any{"title": title, "body": body}, &made); err != nil {
		return fail(err)
	}
	if made.Number == 0 {
		return fail(incomplete("issue"))
	}
	return made.Number, nil
}

// EditIssue replaces the text of an issue, and closes it where that is said.
func (c *Clients) EditIssue(ctx context.Context, repo contracts.RepositoryRef, number int, body string, closed bool) error {
	client, err := c.forRepository(repo)
	if err == nil {
		change := map[string]any{"body": body}
		if closed {
			change["state"], change["state_reason"] = "closed", "completed"
		}
		_, err = c.ask(ctx, client, http.MethodPatch, fmt.Sprintf("%s/issues/%d", place(repo), number), change, nil)
	}
	if err != nil {
		return fmt.Errorf("edit issue %d of %s: %w", number, repo.FullName(), err)
	}
	return nil
}

// FindIssue gives the number of this App's own issue that holds marker and has changed
// since a time; 0 without one.
func (c *Clients) FindIssue(ctx context.Context, repo contracts.RepositoryRef, marker string, since time.Time) (int, error) {
	fail := func(err error) (int, error) {
		return 0, fmt.Errorf("look for an issue of %s: %w", repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	slug, err := c.slug(ctx)
	if err != nil {
		return fail(err)
	}
	query := url.Values{"state": {"all"}, "creator": {slug + "[bot]"}, "since": {since.UTC().Format(time.RFC3339)}, "per_page": {"100"}}
	for page, read := 1, 0; page != 0 && read < maxIssuePages; read++ {
		query.Set("page", fmt.Sprint(page))
		var issues []struct {
			Number int    `json:"number"`
			Body   string `json:"body"`
		}
		res, err := c.ask(ctx, client, http.MethodGet, place(repo)+"/issues?"+query.Encode(), nil, &issues)
		if err != nil {
			return fail(err)
		}
		for _, issue := range issues {
			if strings.Contains(issue.Body, marker) {
				return issue.Number, nil
			}
		}
		page = nextPage(page, res)
	}
	return 0, nil
}
