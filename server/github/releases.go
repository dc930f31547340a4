package github

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// MaxReleasePages bounds the releases listed of a repository, the newest first: 300.
const MaxReleasePages = 3

// Releases gives the full releases of a repository, the newest first and without
// their commits: GitHub tells the tag, and what it was to be made at when it was new.
// Drafts and pre-releases are left out.
func (c *Clients) Releases(ctx context.Context, repo contracts.RepositoryRef) ([]deploy.Release, error) {
	fail := func(err error) ([]deploy.Release, error) {
		return nil, fmt.Errorf("list releases of %s: %w", repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	var releases []deploy.Release
	for page := 1; page != 0 && page <= MaxReleasePages; {
		var answer []struct {
			Tag         string     `json:"tag_name"`
			Draft       bool       `json:"draft"`
			Prerelease  bool       `json:"prerelease"`
			PublishedAt *time.Time `json:"published_at"`
		}
		path := fmt.Sprintf("%s/releases?per_page=%d&page=%d", place(repo), perPage, page)
		res, err := c.ask(ctx, client, http.MethodGet, path, nil, &answer)
		if err != nil {
			return fail(err)
		}
		for _, r := range answer {
			if r.Tag == "" {
				return fail(incomplete("tag"))
			}
			if !r.Draft && !r.Prerelease && r.PublishedAt != nil {
				releases = append(releases, deploy.Release{Tag: r.Tag, PublishedAt: *r.PublishedAt})
			}
		}
		page = nextPage(page, res)
	}
	return releases, nil
}

// TagCommit gives the commit that a tag names, whether it is annotated or not.
func (c *Clients) TagCommit(ctx context.Context, repo contracts.RepositoryRef, tag string) (string, error) {
	fail := func(err error) (string, error) {
		return "", fmt.Errorf("read tag %s of %s: %w", tag, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	var answer struct {
		SHA string `json:"sha"`
	}
	path := place(repo) + "/commits/" + url.PathEscape("tags/"+tag) + "?per_page=1"
	if _, err := c.ask(ctx, client, http.MethodGet, path, nil, &answer); err != nil {
		return fail(err)
	}
	if !IsSHA(answer.SHA) {
		return fail(incomplete("commit"))
	}
	return answer.SHA, nil
}
