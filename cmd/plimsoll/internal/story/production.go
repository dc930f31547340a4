package story

import (
	"context"
	"fmt"
	"strings"
	"time"

	"plimsoll/server/demo"
	"plimsoll/server/simulator"
)

// onDeployments is the check run on deployed commits.
const onDeployments = "plimsoll/deploy"

// longest is how long the story's environment is watched, with a minute to spare.
const longest = 31

// goesBad tells how the pull request goes out, is found to break production, and is
// rolled back.
func (t *teller) goesBad(ctx context.Context, story *demo.Scenario, pull *simulator.PullRequest) error {
	if err := t.then(ctx, "merge and deploy"); err != nil {
		return err
	}
	t.chapter("ana merges the pull request, and ben deploys it. No consumer breaks, but requests start to fail:")
	bad, err := story.Ship(pull)
	if err != nil {
		return err
	}
	if err := t.watch(ctx, story.Provider, bad, everyMinute); err != nil {
		return err
	}
	t.comment(pull)
	if err := t.then(ctx, "roll back"); err != nil {
		return err
	}
	t.chapter("ben comments on the pull request: %s", demo.RollbackCommand)
	story.AskBack(pull)
	if err := t.settle(ctx); err != nil {
		return err
	}
	d, ok := story.PutBack()
	if !ok {
		t.comment(pull)
		return fmt.Errorf("%q rolled nothing back", demo.RollbackCommand)
	}
	t.chapter("Plimsoll creates the deployment, the repository's workflow deploys %.7s, and Plimsoll verifies it:", d.SHA())
	if err := t.watch(ctx, story.Provider, d.SHA(), quiet); err != nil {
		return err
	}
	t.comment(pull)
	t.links(story, pull, bad)
	return nil
}

// How many minutes of the story pass from line to line.
const (
	everyMinute = 1
	quiet       = 5
)

// watch lets minutes go by until a deployed commit has its verdict.
func (t *teller) watch(ctx context.Context, repo *simulator.Repository, commit string, each int) error {
	started := time.Now()
	for minute := range longest {
		if err := t.settle(ctx); err != nil {
			return err
		}
		check := onDeployment(repo, commit)
		found, over := "watching", check.Conclusion != ""
		if over {
			found = t.Paint("1", check.Title)
		}
		if minute%each == 0 || over {
			t.say("     %s  errors %s  %s", t.clock.Now().UTC().Format("15:04"), percent(t.production.ErrorShare()), found)
		}
		if over {
			t.say("     %s", t.Paint("2", fmt.Sprintf("(%d simulated minutes in %.1f s)", minute, time.Since(started).Seconds())))
			return nil
		}
		t.clock.Pass(time.Minute)
	}
	return fmt.Errorf("no verdict on %s after %d minutes", commit, longest)
}

func percent(share float64) string { return fmt.Sprintf("%3.1f %%", 100*share) }

// onDeployment is the newest check run on a deployed commit.
func onDeployment(repo *simulator.Repository, commit string) simulator.Check {
	for _, check := range repo.Checks(commit, onDeployments) {
		return check
	}
	return simulator.Check{Title: "no check run yet"}
}

// deployComment begins the last line of the comment on deployments, which nobody sees.
const deployComment = "<!-- plimsoll:deploy"

// comment prints what the pull request's comment on its deployments says.
func (t *teller) comment(pull *simulator.PullRequest) {
	for _, c := range pull.Comments() {
		body, _, found := strings.Cut(c.Body, deployComment)
		if !found {
			continue
		}
		t.say("\n   The comment on the pull request:")
		for _, line := range summaryLines(body) {
			t.say("     %s", line)
		}
	}
}

// links prints the addresses of the pages.
func (t *teller) links(story *demo.Scenario, pull *simulator.PullRequest, bad string) {
	t.say("\n   Pull request  %s", t.link(pull.URL()))
	t.say("   Check run     %s", t.link(t.testbed.GitHub.URL()+"/"+story.Provider.FullName()+"/commit/"+bad))
	t.say("                 \"View more details\" there leads to the evidence.")
	t.say("   Dashboard     %s", t.link(t.testbed.URL()))
}
