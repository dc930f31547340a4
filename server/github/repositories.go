package github

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// Repository is what is asked of a repository itself.
type Repository struct {
	Ref           contracts.RepositoryRef
	DefaultBranch string
	Archived      bool
	Disabled      bool
	Fork          bool
}

func repositoryOf(installation int64, r *gh.Repository) Repository {
	return Repository{
		Ref: contracts.RepositoryRef{
			Installation: installation, ID: r.GetID(),
			Owner: r.GetOwner().GetLogin(), Name: r.GetName(), Private: r.GetPrivate(),
		},
		DefaultBranch: r.GetDefaultBranch(),
		Archived:      r.GetArchived(),
		Disabled:      r.GetDisabled(),
		Fork:          r.GetFork(),
	}
}

// Repository reads a repository and gives its present name. Where the name has
// gone to another repository, or is gone, it is looked up by its id.
func (c *Clients) Repository(ctx context.Context, repo contracts.RepositoryRef) (Repository, error) {
	fail := func(err error) (Repository, error) {
		return Repository{}, fmt.Errorf("get repository %s: %w", repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	found, _, err := client.Repositories.Get(ctx, repo.Owner, repo.Name)
	err = c.failure(ctx, err)
	if repo.ID != 0 && (Classify(err) == ClassNotFound || err == nil && found.GetID() != repo.ID) {
		found, _, err = client.Repositories.GetByID(ctx, repo.ID)
		err = c.failure(ctx, err)
	}
	if err != nil {
		return fail(err)
	}
	if found.GetID() == 0 || found.GetName() == "" || found.GetOwner().GetLogin() == "" {
		return fail(incomplete("repository"))
	}
	return repositoryOf(repo.Installation, found), nil
}

// Head gives the commit at the tip of a branch, and its tree.
func (c *Clients) Head(ctx context.Context, repo contracts.RepositoryRef, branch string) (commit, tree string, err error) {
	fail := func(err error) (string, string, error) {
		return "", "", fmt.Errorf("read branch %s of %s: %w", branch, repo.FullName(), err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	var answer struct {
		SHA    string `json:"sha"`
		Commit struct {
			Tree struct {
				SHA string `json:"sha"`
			} `json:"tree"`
		} `json:"commit"`
	}
	// One request gives both; per_page keeps the list of files short.
	path := place(repo) + "/commits/" + url.PathEscape("heads/"+branch) + "?per_page=1"
	if _, err := c.ask(ctx, client, http.MethodGet, path, nil, &answer); err != nil {
		return fail(err)
	}
	if !IsSHA(answer.SHA) || !IsSHA(answer.Commit.Tree.SHA) {
		return fail(incomplete("commit"))
	}
	return answer.SHA, answer.Commit.Tree.SHA, nil
}

// place is where a repository is found: by its id, because an event may be older
// than what its name now belongs to (GitHub answers there as below the name).
func place(repo contracts.RepositoryRef) string {
	if repo.ID == 0 {
		return "repos/" + repo.FullName()
	}
	return "repositories/" + decimal(repo.ID)
}

// errMoved is for a name that another repository has taken.
var errMoved = errors.New("the name belongs to another repository now")

// sameRepository guards against names that changed hands: an answer about another
// repository is as good as none.
func sameRepository(repo contracts.RepositoryRef, answered int64) error {
	if repo.ID == 0 || answered == 0 || repo.ID == answered {
		return nil
	}
	return &Error{Class: ClassNotFound, Message: fmt.Sprintf("%s is repository %d now, not %d", repo.FullName(), answered, repo.ID), Err: errMoved}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

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
