package github

import (
	"context"
	"fmt"
	"net/http"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
	"plimsoll/handlers/source"
)

func pullRequestOf(repo contracts.RepositoryRef, p *gh.PullRequest) (source.PullRequest, error) {
	if p.GetNumber() == 0 || !IsSHA(p.GetHead().GetSHA()) || p.GetBase().GetRef() == "" {
		return source.PullRequest{}, incomplete("pull request")
	}
	base, head := p.GetBase().GetRepo(), p.GetHead().GetRepo()
	if err := sameRepository(repo, base.GetID()); err != nil {
		return source.PullRequest{}, err
	}
	found := source.PullRequest{
		Repository: repositoryOf(repo.Installation, base).RepositoryRef, Number: p.GetNumber(),
		Open: p.GetState() == "open", Draft: p.GetDraft(), Merged: p.GetMerged() || p.MergedAt != nil,
		Body: p.GetBody(), Author: p.GetUser().GetLogin(), CreatedAt: p.GetCreatedAt().Time, UpdatedAt: p.GetUpdatedAt().Time,
		BaseRef: p.GetBase().GetRef(), BaseSHA: p.GetBase().GetSHA(), HeadSHA: p.GetHead().GetSHA(),
		// The head of a deleted fork has no repository.
		Fork: head == nil || head.GetID() != base.GetID(),
	}
	return found, nil
}

// MergeCommit reads a commit by its SHA. If it does not exist, the error wraps
// [fs.ErrNotExist].
func (c *Clients) MergeCommit(ctx context.Context, repo contracts.RepositoryRef, sha string) (source.MergeCommit, error) {
	fail := func(err error) (source.MergeCommit, error) {
		return source.MergeCommit{}, NotExist(fmt.Errorf("get commit %s of %s: %w", sha, repo.FullName(), err))
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	type object struct {
		SHA string `json:"sha"`
	}
	var answer struct {
		Tree    object   `json:"tree"`
		Parents []object `json:"parents"`
	}
	if _, err := c.ask(ctx, client, http.MethodGet, place(repo)+"/git/commits/"+sha, nil, &answer); err != nil {
		return fail(err)
	}
	if !IsSHA(answer.Tree.SHA) {
		return fail(incomplete("commit"))
	}
	commit := source.MergeCommit{Tree: answer.Tree.SHA}
	for _, parent := range answer.Parents {
		commit.Parents = append(commit.Parents, parent.SHA)
	}
	return commit, nil
}

// PullRequest reads one pull request. If it does not exist, the error wraps
// [fs.ErrNotExist].
func (c *Clients) PullRequest(ctx context.Context, repo contracts.RepositoryRef, number int) (source.PullRequest, error) {
	fail := func(err error) (source.PullRequest, error) {
		return source.PullRequest{}, NotExist(fmt.Errorf("get pull request %s#%d: %w", repo.FullName(), number, err))
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	found, _, err := client.PullRequests.Get(ctx, repo.Owner, repo.Name, number)
	if err := c.failure(ctx, err); err != nil {
		return fail(err)
	}
	pull, err := pullRequestOf(repo, found)
	if err != nil {
		return fail(err)
	}
	// Lists do not tell: https://docs.github.com/en/rest/pulls/pulls#get-a-pull-request
	pull.Merging = pull.Open && found.Mergeable == nil
	if pull.Open && found.GetMergeable() && IsSHA(found.GetMergeCommitSHA()) {
		pull.Merge = found.GetMergeCommitSHA()
	}
	return pull, nil
}

// perPage is the largest page that GitHub returns.
const perPage = 100

// OpenPullRequests lists the open pull requests of a repository, the oldest first. If the
// repository does not exist, the error wraps [fs.ErrNotExist].
func (c *Clients) OpenPullRequests(ctx context.Context, repo contracts.RepositoryRef) ([]source.PullRequest, error) {
	fail := func(err error) ([]source.PullRequest, error) {
		return nil, NotExist(fmt.Errorf("list open pull requests of %s: %w", repo.FullName(), err))
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	var open []source.PullRequest
	options := &gh.PullRequestListOptions{State: "open", Sort: "created", Direction: "asc",
		ListOptions: gh.ListOptions{Page: 1, PerPage: perPage}}
	for options.Page != 0 {
		page, res, err := client.PullRequests.List(ctx, repo.Owner, repo.Name, options)
		if err := c.failure(ctx, err); err != nil {
			return fail(err)
		}
		for _, p := range page {
			pull, err := pullRequestOf(repo, p)
			if err != nil {
				return fail(err)
			}
			open = append(open, pull)
		}
		options.Page = nextPage(options.Page, res)
	}
	return open, nil
}

// nextPage returns 0 at the end, and if a server would lead back to an earlier page.
func nextPage(page int, res *gh.Response) int {
	if res.NextPage <= page {
		return 0
	}
	return res.NextPage
}
