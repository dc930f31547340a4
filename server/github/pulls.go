package github

import (
	"context"
	"fmt"
	"iter"
	"time"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/contracts"
)

// PullRequest is one pull request as it is now.
type PullRequest struct {
	// Repository that it is asked of, by its present name and visibility.
	Repository contracts.RepositoryRef

	Number  int
	State   string // open or closed
	Draft   bool
	Merged  bool
	Title   string
	Body    string
	Author  string // login
	HTMLURL string
	// BaseSHA is the tip of BaseRef when the pull request was last updated, not
	// the merge base.
	BaseRef, BaseSHA string
	HeadRef, HeadSHA string
	// HeadRepository is where the head lives; empty where the fork was deleted.
	HeadRepository contracts.RepositoryRef
	// Fork: the head lives in another repository, or nowhere any more.
	Fork      bool
	UpdatedAt time.Time
}

func pullRequestOf(repo contracts.RepositoryRef, p *gh.PullRequest) (PullRequest, error) {
	if p.GetNumber() == 0 || !IsSHA(p.GetHead().GetSHA()) || p.GetBase().GetRef() == "" {
		return PullRequest{}, incomplete("pull request")
	}
	base := p.GetBase().GetRepo()
	if err := sameRepository(repo, base.GetID()); err != nil {
		return PullRequest{}, err
	}
	pull := PullRequest{
		Repository: repositoryOf(repo.Installation, base).Ref, Number: p.GetNumber(), State: p.GetState(), Draft: p.GetDraft(), Merged: p.GetMerged() || p.MergedAt != nil,
		Title: p.GetTitle(), Body: p.GetBody(), Author: p.GetUser().GetLogin(), HTMLURL: p.GetHTMLURL(),
		BaseRef: p.GetBase().GetRef(), BaseSHA: p.GetBase().GetSHA(),
		HeadRef: p.GetHead().GetRef(), HeadSHA: p.GetHead().GetSHA(),
		Fork: true, UpdatedAt: p.GetUpdatedAt().Time,
	}
	if head := p.GetHead().GetRepo(); head != nil {
		pull.HeadRepository = repositoryOf(repo.Installation, head).Ref
		pull.Fork = head.GetID() != base.GetID()
	}
	return pull, nil
}

// PullRequest reads one pull request.
func (c *Clients) PullRequest(ctx context.Context, repo contracts.RepositoryRef, number int) (PullRequest, error) {
	fail := func(err error) (PullRequest, error) {
		return PullRequest{}, fmt.Errorf("get pull request %s#%d: %w", repo.FullName(), number, err)
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
	return pull, nil
}

// perPage is the most that GitHub gives at once.
const perPage = 100

// OpenPullRequests gives the open pull requests of a repository, those into base
// only where base is not empty, oldest first. After an error the sequence ends.
func (c *Clients) OpenPullRequests(ctx context.Context, repo contracts.RepositoryRef, base string) iter.Seq2[PullRequest, error] {
	return func(yield func(PullRequest, error) bool) {
		fail := func(err error) {
			yield(PullRequest{}, fmt.Errorf("list open pull requests of %s: %w", repo.FullName(), err))
		}
		client, err := c.forRepository(repo)
		if err != nil {
			fail(err)
			return
		}
		options := &gh.PullRequestListOptions{State: "open", Base: base, Sort: "created", Direction: "asc",
			ListOptions: gh.ListOptions{Page: 1, PerPage: perPage}}
		for options.Page != 0 {
			page, res, err := client.PullRequests.List(ctx, repo.Owner, repo.Name, options)
			if err := c.failure(ctx, err); err != nil {
				fail(err)
				return
			}
			for _, p := range page {
				pull, err := pullRequestOf(repo, p)
				if err != nil {
					fail(err)
					return
				}
				if !yield(pull, nil) {
					return
				}
			}
			options.Page = nextPage(options.Page, res)
		}
	}
}

// nextPage gives 0 at the end, and wherever a server would have us go in circles.
func nextPage(page int, res *gh.Response) int {
	if res.NextPage <= page {
		return 0
	}
	return res.NextPage
}
