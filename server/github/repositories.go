package github

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/source"
)

func repositoryOf(installation int64, r *gh.Repository) source.Repository {
	return source.Repository{
		RepositoryRef: contracts.RepositoryRef{
			Installation: installation, ID: r.GetID(),
			Owner: r.GetOwner().GetLogin(), Name: r.GetName(), Private: r.GetPrivate(), Internal: r.GetVisibility() == contracts.VisibilityInternal,
		},
		DefaultBranch: r.GetDefaultBranch(), Archived: r.GetArchived(), PushedAt: r.GetPushedAt().Time,
	}
}

// Repository reads a repository and returns its present name. If the name belongs to
// another repository now, or to none, the repository is looked up by its id. If it does
// not exist, the error wraps [fs.ErrNotExist].
func (c *Clients) Repository(ctx context.Context, repo contracts.RepositoryRef) (source.Repository, error) {
	fail := func(err error) (source.Repository, error) {
		return source.Repository{}, NotExist(fmt.Errorf("get repository %s: %w", repo.FullName(), err))
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

// Head returns the commit at the tip of a branch. If there is none, as in an empty
// repository, the error wraps [fs.ErrNotExist].
func (c *Clients) Head(ctx context.Context, repo contracts.RepositoryRef, branch string) (source.Commit, error) {
	fail := func(err error) (source.Commit, error) {
		return source.Commit{}, NotExist(fmt.Errorf("read branch %s of %s: %w", branch, repo.FullName(), err))
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
	return source.Commit{SHA: answer.SHA, Tree: answer.Commit.Tree.SHA}, nil
}

// place is the path of a repository by its id: an event may be older than what the name
// of its repository now belongs to.
func place(repo contracts.RepositoryRef) string {
	if repo.ID == 0 {
		return "repos/" + repo.FullName()
	}
	return "repositories/" + decimal(repo.ID)
}

// errMoved means that a name belongs to another repository now.
var errMoved = errors.New("the name belongs to another repository now")

// sameRepository refuses an answer about another repository, which has the name now.
func sameRepository(repo contracts.RepositoryRef, answered int64) error {
	if repo.ID == 0 || answered == 0 || repo.ID == answered {
		return nil
	}
	return &Error{Class: ClassNotFound, Message: fmt.Sprintf("%s is repository %d now, not %d", repo.FullName(), answered, repo.ID), Err: errMoved}
}

func decimal(n int64) string { return strconv.FormatInt(n, 10) }

// MaxReleasePages bounds the releases listed of a repository, the newest first: 300.
const MaxReleasePages = 3

// Releases lists the releases of a repository, the newest first, without drafts and
// pre-releases. They have no commits: GitHub states only the tag.
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

// TagCommit returns the commit that a tag names, annotated or not. If there is no such
// tag, the error wraps [fs.ErrNotExist].
func (c *Clients) TagCommit(ctx context.Context, repo contracts.RepositoryRef, tag string) (string, error) {
	fail := func(err error) (string, error) {
		return "", NotExist(fmt.Errorf("read tag %s of %s: %w", tag, repo.FullName(), err))
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

// fingerprintFields are what a fingerprint is made of. The newest come first; what changes
// becomes the newest, or changes the count. Ids are node ids: databaseId of a deployment
// has outgrown GraphQL's Int.
// https://docs.github.com/en/graphql/reference/objects#repository
const fingerprintFields = `fragment fingerprint on Repository {
  databaseId
  pullRequests(states: OPEN, first: 1, orderBy: {field: UPDATED_AT, direction: DESC}) { totalCount nodes { number updatedAt headRefOid } }
  deployments(first: 10, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes { id updatedAt latestStatus { createdAt state } } }
  releases(first: 5, orderBy: {field: CREATED_AT, direction: DESC}) { totalCount nodes { id updatedAt isDraft isPrerelease } }
}`

// named is what a name of an account or repository consists of.
var named = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// fingerprintQuery asks for the fingerprints of repositories.
func fingerprintQuery(repos []contracts.RepositoryRef) string {
	var query strings.Builder
	query.WriteString("query {\n")
	for _, repo := range repos {
		if named.MatchString(repo.Owner) && named.MatchString(repo.Name) {
			fmt.Fprintf(&query, "  r%d: repository(owner: %q, name: %q, followRenames: false) { ...fingerprint }\n", repo.ID, repo.Owner, repo.Name)
		}
	}
	query.WriteString("}\n" + fingerprintFields)
	return query.String()
}

// Fingerprints gives, by id, what the open pull requests, deployments and releases of
// repositories are like, with one request. Those that can't be found are left out.
func (c *Clients) Fingerprints(ctx context.Context, installation int64, repos []contracts.RepositoryRef) (map[int64]string, error) {
	client, err := c.asInstallation(installation)
	if err != nil {
		return nil, fmt.Errorf("ask what repositories are like: %w", err)
	}
	var answer struct {
		Data map[string]json.RawMessage `json:"data"`
	}
	if _, err := c.ask(ctx, client, http.MethodPost, c.graphql, map[string]string{"query": fingerprintQuery(repos)}, &answer); err != nil {
		return nil, fmt.Errorf("ask what repositories are like: %w", err)
	}
	if answer.Data == nil {
		return nil, fmt.Errorf("ask what repositories are like: %w", incomplete("data"))
	}
	found := map[int64]string{}
	for _, repo := range repos {
		var is struct {
			ID int64 `json:"databaseId"`
		}
		raw := answer.Data["r"+decimal(repo.ID)]
		// Another repository may have the name by now.
		if json.Unmarshal(raw, &is) == nil && is.ID == repo.ID {
			sum := sha256.Sum256(raw)
			found[repo.ID] = hex.EncodeToString(sum[:16])
		}
	}
	return found, nil
}
