package github

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	gh "github.com/google/go-github/v60/github"

	"plimsoll/checks"
	"plimsoll/contracts"
)

// RunsNamed returns the newest check runs of a name on a commit, of every App, the newest
// first: GitHub decides a required check by the first of them.
// https://docs.github.com/en/rest/checks/runs#list-check-runs-for-a-git-reference
func (c *Clients) RunsNamed(ctx context.Context, repo contracts.RepositoryRef, head, name string) ([]checks.FoundRun, error) {
	fail := func(err error) ([]checks.FoundRun, error) {
		return nil, fmt.Errorf("list the check runs %s of %s@%s: %w", name, repo.FullName(), head, err)
	}
	client, err := c.forRepository(repo)
	if err != nil {
		return fail(err)
	}
	if !IsSHA(head) {
		return fail(&Error{Class: ClassPermanent, Message: fmt.Sprintf("%q is no full commit SHA", head)})
	}
	var found []checks.FoundRun
	options := &gh.ListCheckRunsOptions{CheckName: &name, Filter: gh.String("latest"), ListOptions: gh.ListOptions{Page: 1, PerPage: perPage}}
	for options.Page != 0 {
		page, res, err := client.Checks.ListCheckRunsForRef(ctx, repo.Owner, repo.Name, head, options)
		if err := c.failure(ctx, err); err != nil {
			return fail(err)
		}
		for _, run := range page.CheckRuns {
			if run.GetName() == name {
				found = append(found, checks.FoundRun{ID: run.GetID(), Own: run.GetApp().GetID() == c.config.AppID, ExternalID: run.GetExternalID()})
			}
		}
		options.Page = nextPage(options.Page, res)
	}
	slices.SortFunc(found, func(a, b checks.FoundRun) int { return cmp.Compare(b.ID, a.ID) })
	return found, nil
}

// AnnotationCount returns how many annotations a check run has.
func (c *Clients) AnnotationCount(ctx context.Context, repo contracts.RepositoryRef, id int64) (int, error) {
	client, err := c.forRepository(repo)
	var run *gh.CheckRun
	if err == nil {
		run, _, err = client.Checks.GetCheckRun(ctx, repo.Owner, repo.Name, id)
		err = c.failure(ctx, err)
	}
	if err != nil {
		return 0, fmt.Errorf("read check run %d of %s: %w", id, repo.FullName(), err)
	}
	return run.GetOutput().GetAnnotationsCount(), nil
}
