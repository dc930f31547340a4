package simulator_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"plimsoll/server/simulator"
)

// sameHead opens four pull requests of one commit: the branch more into main and into
// release, another branch at the commit, and a fork's branch at the commit.
func (w *world) sameHead() []*simulator.PullRequest {
	first := w.pull()
	head := first.HeadSHA()
	w.orders.Branch("release", "main")
	w.orders.Branch("again", head)
	fork := w.orders.Fork("mallory")
	fork.Branch("copy", head)
	open := func(o simulator.PullRequestOptions) *simulator.PullRequest {
		return w.orders.OpenPullRequest(o)
	}
	return []*simulator.PullRequest{
		first,
		open(simulator.PullRequestOptions{Head: "more", Base: "release", Author: "bob"}),
		open(simulator.PullRequestOptions{Head: "again"}),
		open(simulator.PullRequestOptions{HeadRepo: fork, Head: "copy"}),
	}
}

// TestPullRequestsOfOneHead: a commit has one suite and one set of checks, however many
// pull requests have it as their head.
func TestPullRequestsOfOneHead(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	pulls := w.sameHead()
	head := pulls[0].HeadSHA()
	w.settle()
	if got := strings.Count(strings.Join(w.hook.events(), " "), "check_suite.requested"); got != 2 {
		t.Errorf("%d check suites were requested, want one for each commit", got)
	}

	id := w.ownRun(head, checkName, "failure")
	for _, p := range pulls {
		if checks := p.Checks(checkName); p.HeadSHA() != head || len(checks) != 1 || checks[0].ID != id || p.Suite() != pulls[0].Suite() {
			t.Errorf("pull request %d at %s: %+v", p.Number(), p.HeadSHA(), checks)
		}
	}
	// A fork's pull request is never listed.
	run, _, err := w.installation().Checks.GetCheckRun(t.Context(), "acme", "orders", id)
	if err != nil {
		t.Fatal(err)
	}
	if got := numbers(run.PullRequests); !slices.Equal(got, []int{1, 2, 3}) {
		t.Errorf("pull requests of the run: %v", got)
	}
	of, _, err := w.installation().PullRequests.ListPullRequestsWithCommit(t.Context(), "acme", "orders", head, nil)
	if err != nil || !slices.Equal(numbers(of), []int{1, 2, 3}) {
		t.Errorf("pull requests of the commit: %v, %v", numbers(of), err)
	}
	for query, want := range map[string][]int{"acme:more": {2, 1}, "acme:again": {3}, "mallory:copy": {4}} {
		list, _, err := w.installation().PullRequests.List(t.Context(), "acme", "orders", &github.PullRequestListOptions{Head: query})
		if err != nil || !slices.Equal(numbers(list), want) {
			t.Errorf("pull requests of %s: %v, %v", query, numbers(list), err)
		}
	}
}

// TestAPushMovesThePullRequestsOfItsBranch: both of the branch, none of another branch
// at the same commit.
func TestAPushMovesThePullRequestsOfItsBranch(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	pulls := w.sameHead()
	head := pulls[0].HeadSHA()
	w.settle()
	seen := len(w.hook.events())
	after := pulls[0].Push("More", map[string]string{"README.md": "# More\n"})
	w.settle()
	if got := w.hook.events()[seen:]; !slices.Equal(got, []string{"push", "check_suite.requested", "pull_request.synchronize", "pull_request.synchronize"}) {
		t.Errorf("delivered %q", got)
	}
	for i, want := range []string{after, after, head, head} {
		if pulls[i].HeadSHA() != want {
			t.Errorf("pull request %d at %s, want %s", i+1, pulls[i].HeadSHA(), want)
		}
	}
}

// TestRetarget changes the base of a pull request as somebody else than its author.
func TestRetarget(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.pull()
	main := w.orders.Head("main")
	w.orders.Branch("release", "main")
	release := w.orders.Commit("release", "Prepare the release", map[string]string{"VERSION": "1\n"})
	p.Retarget("bob", "release")
	w.settle()
	e := last[*github.PullRequestEvent](t, w.hook)
	base := e.GetPullRequest().GetBase()
	if e.GetAction() != "edited" || e.GetSender().GetLogin() != "bob" || base.GetRef() != "release" || base.GetSHA() != release || e.GetPullRequest().GetHead().GetSHA() != p.HeadSHA() {
		t.Errorf("edited: %v", e)
	}
	if from := e.GetChanges().GetBase(); from.GetRef().GetFrom() != "main" || from.GetSHA().GetFrom() != main || e.GetChanges().Title != nil {
		t.Errorf("changes: %v", e.GetChanges())
	}
	got, _, err := w.installation().PullRequests.Get(t.Context(), "acme", "orders", p.Number())
	if err != nil || got.GetBase().GetRef() != "release" {
		t.Errorf("answered %v, %v", got, err)
	}
}

// TestReopen: what was pushed to a closed pull request's branch is there once it is open
// again; GitHub does not reopen what was force-pushed or has lost its branch.
func TestReopen(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.pull()
	before := p.HeadSHA()
	p.Close()
	after := w.orders.Commit("more", "While it was closed", map[string]string{"README.md": "# More\n"})
	if p.HeadSHA() != before {
		t.Errorf("closed, but at %s", p.HeadSHA())
	}
	p.Reopen()
	w.settle()
	if e := last[*github.PullRequestEvent](t, w.hook); e.GetAction() != "reopened" || e.GetPullRequest().GetState() != "open" || e.GetPullRequest().GetHead().GetSHA() != after {
		t.Errorf("reopened: %v", e)
	}
	for name, lose := range map[string]func(){
		"force-pushed": func() { w.orders.ForcePush("more", "main") },
		"deleted":      func() { w.orders.DeleteBranch("more") },
	} {
		p.Close()
		lose()
		func() {
			defer func() {
				if told := fmt.Sprint(recover()); !strings.HasPrefix(told, "simulator: ") {
					t.Errorf("%s: %s", name, told)
				}
			}()
			p.Reopen()
		}()
		w.orders.ForcePush("more", after)
		p.Reopen()
	}
}

func numbers(pulls []*github.PullRequest) []int {
	var list []int
	for _, p := range pulls {
		list = append(list, p.GetNumber())
	}
	return list
}
