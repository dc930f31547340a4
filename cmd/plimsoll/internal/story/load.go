package story

import (
	"context"
	"fmt"

	"plimsoll/server/simulator"
)

// mostPulls bounds the pull requests that are opened for one repository.
const mostPulls = 25

// load plays on the repositories of a folder: the App is installed on every
// account, and each branch that is not the default one becomes a pull request.
func (t *teller) load(ctx context.Context, folder string) error {
	github := t.testbed.GitHub
	repositories, err := github.LoadFolder(folder)
	if err != nil {
		return err
	}
	t.say("Simulated GitHub at %s with %d repositories of %s. Your repositories are not changed.", t.link(github.URL()), len(repositories), folder)
	installed := map[string]bool{}
	for _, repo := range repositories {
		if owner := repo.Owner(); !installed[owner] {
			installed[owner] = true
			github.Install(owner)
		}
	}
	if err := t.settle(ctx); err != nil {
		return err
	}
	t.chapter("Plimsoll read all of them with %d requests to GitHub.", len(github.RequestsSince(0, false)))
	var pulls []*simulator.PullRequest
	for _, repo := range repositories {
		opened := 0
		for _, branch := range repo.Branches() {
			if branch == repo.DefaultBranch() || repo.Head(branch) == repo.Head(repo.DefaultBranch()) {
				continue
			}
			if opened++; opened > mostPulls {
				t.say("     %s has more than %d branches; the rest are skipped", repo.FullName(), mostPulls)
				break
			}
			pulls = append(pulls, repo.OpenPullRequest(simulator.PullRequestOptions{Head: branch}))
		}
	}
	if err := t.settle(ctx); err != nil {
		return err
	}
	t.chapter("Each branch became a pull request (%d):", len(pulls))
	for _, pull := range pulls {
		checks := pull.Checks()
		if len(checks) == 0 {
			t.say("     %s is not enrolled: it has no .github/plimsoll.yml (run plimsoll discover to draft one)", pull.URL())
		}
		for _, check := range checks {
			t.say("     %s  %s: %s", t.link(pull.URL()), check.Conclusion, check.Title)
		}
	}
	if len(pulls) == 0 {
		return fmt.Errorf("no repository of %s has a branch other than its default branch: commit the change you want to check to a branch", folder)
	}
	return t.faults()
}
