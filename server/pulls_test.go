package server_test

import (
	"fmt"
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

func TestPullRequestThatBreaksAConsumer(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn})
		pull := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
		w.expect(pull, "failure", "1 consumer breaks: web", "reads `price`", "@acme/web", "/blob/"+w.web.Head("main")+"/.github/plimsoll.yml#L9")
		testbedtest.Golden(t, "breaks.txt", testbedtest.About(onContracts, w.GitHub.RenderAll()))
	})
}

func TestWhatNobodyReadsIsFreeToGo(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	pull := w.pull("drop-color", map[string]string{"openapi.yaml": without("color")})
	w.expect(pull, "success", "no known consumers affected")
	if comments := pull.Comments(); len(comments) != 0 {
		t.Errorf("%d comments where there is nothing to say", len(comments))
	}
}

func TestNoContractTouched(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	used := w.Used(func() {
		w.expect(w.pull("docs", map[string]string{"README.md": "more"}), "success", "No contract changed")
	})
	if len(used) > 4 {
		t.Errorf("%d requests, at most 4: %s", len(used), testbedtest.Routes(used))
	}
}

func TestRepositoryWithoutAFileIsLeftAlone(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	plain := w.repository("plain", map[string]string{"README.md": "hello"})
	w.Settle()
	plain.CommitAs("ana", "more", "More", map[string]string{"README.md": "more"})
	plain.OpenPullRequest(simulator.PullRequestOptions{Head: "more", Author: "ana"})
	w.Settle()
	if all := w.GitHub.RenderAll(); all != "" {
		t.Errorf("something was written to a repository that takes no part:\n%s", all)
	}
}

// The comment follows the pull request: made once, edited in place, closed.
func TestCommentFollowsThePullRequest(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.expect(pull, "failure", "web")
	first := pull.Comments()
	if len(first) != 1 || !strings.Contains(first[0].Body, "cc @acme/web") {
		t.Fatalf("expected one comment that calls the owner:\n%s", w.GitHub.Render(pull))
	}
	pull.Push("Drop the name too", map[string]string{"openapi.yaml": strings.Replace(without("price"), "                  name:\n                    type: string\n", "", 1)})
	w.Settle()
	if again := pull.Comments(); len(again) != 1 || strings.Contains(again[0].Body, "cc @") {
		t.Errorf("expected the comment edited, without calling anybody again:\n%s", w.GitHub.Render(pull))
	}
	pull.Push("Bring all back", map[string]string{"openapi.yaml": shopContract, "README.md": "changed"})
	w.Settle()
	w.expect(pull, "success")
	if last := pull.Comments(); len(last) != 1 || !strings.Contains(last[0].Body, "Resolved") {
		t.Errorf("expected the comment closed:\n%s", w.GitHub.Render(pull))
	}
}

// A head that was pushed over while it was evaluated gets no answer; the new one does.
func TestSupersededHeadGetsNothing(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.shop.CommitAs("ana", "change", "Change", map[string]string{"openapi.yaml": without("price")})
	var pull *simulator.PullRequest
	ready := make(chan struct{})
	pushed := make(chan struct{})
	w.GitHub.Fault(simulator.Fault{Path: "/repos/*/*/compare/*", Before: func() {
		<-ready
		pull.Push("Better", map[string]string{"openapi.yaml": shopContract, "README.md": "changed"})
		if err := w.GitHub.Flush(t.Context()); err != nil {
			t.Error(err)
		}
		close(pushed)
	}})
	pull = w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
	old := pull.HeadSHA()
	close(ready)
	<-pushed
	w.Settle()
	w.expect(pull, "success")
	if checks := w.shop.Checks(old); len(checks) != 0 {
		t.Errorf("the superseded head has an answer: %s", checks[0].Title)
	}
	if comments := pull.Comments(); len(comments) != 0 {
		t.Errorf("the superseded head has a comment: %s", comments[0].Body)
	}
}

func TestRerunMakesANewRun(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	first := w.expect(pull, "failure")
	pull.Rerequest("plimsoll/contracts")
	w.Settle()
	second := w.expect(pull, "failure")
	if second.ID == first.ID {
		t.Error("a completed run can't be reopened: a new one was expected")
	}
	pull.Suite().Rerequest()
	w.Settle()
	if third := w.expect(pull, "failure"); third.ID == second.ID {
		t.Error("\"Re-run all\" made no new run")
	}
	if comments := pull.Comments(); len(comments) != 1 {
		t.Errorf("%d comments after three runs", len(comments))
	}
}

func TestForksPullRequest(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	fork := w.shop.Fork("eve")
	fork.CommitAs("eve", "change", "Drop the price", map[string]string{"openapi.yaml": without("price")})
	pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: fork, Head: "change", Author: "eve"})
	w.Settle()
	check := w.expect(pull, "failure", "1 consumer breaks: web")
	if check.ExternalID != fmt.Sprintf("pr/%d", pull.Number()) {
		t.Errorf("external id %q: a fork's run is found by it", check.ExternalID)
	}
	pull.Rerequest("plimsoll/contracts")
	w.Settle()
	if again := w.expect(pull, "failure"); again.ID == check.ID {
		t.Error("re-run of a fork's check made no new run")
	}
	pull.Suite().Rerequest()
	w.Settle()
	w.expect(pull, "failure")
}

func TestOtherBaseIsEvaluatedByItsOwnFiles(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.shop.CommitAs("ana", "v1", "Release line without prices", map[string]string{"openapi.yaml": without("price")})
	w.shop.Branch("change", "v1")
	pull := w.pull("change", map[string]string{"README.md": "new"})
	w.expect(pull, "failure", "web")
	pull.Edit("", "", "v1")
	w.Settle()
	w.expectInto("v1", pull, "success")
	w.expect(pull, "failure", "web") // main's stays
}

func TestManyFilesAreAllSeen(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	files := map[string]string{"openapi.yaml": without("price")}
	for i := range 400 {
		files[fmt.Sprintf("a/%03d.txt", i)] = "x"
	}
	w.expect(w.pull("many", files), "failure", "1 consumer breaks: web")
}

func TestDraftsAreEvaluatedToo(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.shop.CommitAs("ana", "draft", "Draft", map[string]string{"openapi.yaml": without("price")})
	pull := w.shop.OpenPullRequest(simulator.PullRequestOptions{Head: "draft", Author: "ana", Draft: true})
	w.Settle()
	first := w.expect(pull, "failure")
	used := w.Used(pull.Ready)
	if again := w.expect(pull, "failure"); again.ID != first.ID {
		t.Errorf("the same answer was published again: %s", testbedtest.Routes(used))
	}
}

// A repository that begins to take part: its open pull requests are evaluated, also
// those that were opened before, and again when its file changes.
func TestOpenPullRequestsFollowTheRepositoryFile(t *testing.T) {
	w := newWorld(t, testbed.Options{})
	w.web.CommitAs("ana", "main", "Use it", map[string]string{".github/plimsoll.yml": strings.Replace(webFile, "api: shop", "api: late", 1)})
	late := w.repository("late", map[string]string{"openapi.yaml": shopContract})
	w.Settle()
	late.CommitAs("ana", "change", "Drop the price", map[string]string{"openapi.yaml": without("price")})
	pull := late.OpenPullRequest(simulator.PullRequestOptions{Head: "change", Author: "ana"})
	w.Settle()
	if checks := pull.Checks(onContracts); len(checks) != 0 {
		t.Fatalf("a repository that takes no part got an answer: %s", checks[0].Title)
	}
	file := strings.ReplaceAll(shopFile, "shop", "late")
	late.CommitAs("ana", "main", "Take part", map[string]string{".github/plimsoll.yml": file})
	w.Settle()
	first := w.expect(pull, "failure", "1 consumer breaks: web")

	late.CommitAs("ana", "main", "Only warn", map[string]string{".github/plimsoll.yml": strings.Replace(file, "spec: openapi.yaml", "spec: openapi.yaml\n        on_break: warn", 1)})
	w.Settle()
	if second := w.expect(pull, "neutral", "web"); second.ID == first.ID {
		t.Error("a completed run was changed")
	}
}
