package checks

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

var repo = contracts.RepositoryRef{ID: 1, Owner: "acme", Name: "orders", Private: true}

const commitSHA = "bbbbbbb2222222222222222222222222bbbbbbbb"

func annotated(n int) CheckRun {
	run := CheckRun{Name: ContractsRun, HeadSHA: commitSHA, ExternalID: "pr/1", Conclusion: Failure, Title: "t", Summary: "s"}
	for i := range n {
		run.Annotations = append(run.Annotations, Annotation{Path: "a.yaml", StartLine: i + 1, EndLine: i + 1, Level: Fail, Message: "m"})
	}
	return run
}

func runOf(pull int, name string, conclusion Conclusion, title string) CheckRun {
	return CheckRun{Name: name, HeadSHA: commitSHA, ExternalID: fmt.Sprintf("pr/%d", pull), Conclusion: conclusion, Title: title, Summary: "s"}
}

// everything is one of each thing that is published, step by step as it changes.
func everything() (steps [][]Publication, subjects []string) {
	pull, verification := SubjectOfPull(1), SubjectOfVerification("v")
	told := CommentContent{Number: 1, Comment: Comment{Text: "two break\n", Owners: []string{"@ana"}, Needed: true}, Marker: CommentMarker}
	resolved := told
	resolved.Text, resolved.Needed = "resolved\n", false
	answer := CommentContent{Number: 1, Comment: Comment{Text: "done <!-- answer -->"}, Marker: "<!-- answer -->", Whole: true, Once: true}
	deployed := CommentContent{Number: 1, Comment: Comment{Text: "rolled back " + DeploymentMarker}, Marker: DeploymentMarker, Whole: true}
	verified := deployed
	verified.Text = "verified " + DeploymentMarker
	watching := CheckRun{Name: DeployRun, HeadSHA: commitSHA, ExternalID: "verify/v", Title: "1 of 3"}
	bad := watching
	bad.Title, bad.Conclusion = "roll back", Failure
	issue := IssueContent{Title: "bad", Body: "bad <!-- issue -->", Marker: "<!-- issue -->"}
	over := issue
	over.Body, over.Closed, over.Closing, over.ClosingMarker = "good <!-- issue -->", true, "verified again <!-- closed -->", "<!-- closed -->"
	status := StatusContent{Deployment: 7, State: deploy.Failure, Description: "bad"}
	return [][]Publication{
		{
			VerdictPublication(pull, annotated(120), ""), VerdictPublication(pull, runOf(1, ReadinessRun, Success, "ready"), ""),
			CommentPublication("contracts", told), CommentPublication("answer/1", answer), RunPublication(verification, watching),
		},
		{
			VerdictPublication(pull, runOf(1, ContractsRun, Success, "fine"), ""), CommentPublication("contracts", resolved),
			RunPublication(verification, bad), IssuePublication(verification, issue), StatusPublication(status), CommentPublication("deployments", deployed),
		},
		{
			VerdictPublication(pull, runOf(1, ContractsRun, Success, "fine"), "rerun/1"), IssuePublication(verification, over),
			CommentPublication("deployments", verified),
		},
	}, []string{SubjectOfCommit(commitSHA), pull, verification, SubjectOfDeployment(7)}
}

// Whatever call a process is killed at, before or after it has had its effect: the next one
// leaves on GitHub what would have been there.
func TestKilledAtEveryCall(t *testing.T) {
	steps, subjects := everything()
	kills := 0
	for last := range steps {
		undisturbed := newWorld()
		before := 0
		for i, step := range steps[:last+1] {
			undisturbed.desire(step...)
			if i == last {
				before = undisturbed.calls
			}
			undisturbed.reconcile(t, subjects...)
		}
		for k := before + 1; k <= undisturbed.calls; k++ {
			for _, after := range []bool{false, true} {
				w := newWorld()
				for _, step := range steps[:last] {
					w.desire(step...)
					w.reconcile(t, subjects...)
				}
				w.desire(steps[last]...)
				w.killAt, w.after = k, after
				if r, _ := NewReconciler(w, w); !slices.ContainsFunc(subjects, func(s string) bool { return r.Reconcile(t.Context(), repo, s) != nil }) {
					t.Fatalf("step %d: not killed at call %d", last, k)
				}
				kills++
				at := w.log[len(w.log)-1]
				w.killed, w.killAt = false, 0
				w.reconcile(t, subjects...)
				if got, want := w.stands(), undisturbed.stands(); got != want {
					t.Errorf("step %d, killed at %q (after: %t):\n%s\nwant\n%s", last, at, after, got, want)
				}
				calls := w.calls
				w.reconcile(t, subjects...)
				for _, call := range w.log[calls:] {
					if !strings.HasPrefix(call, "read") && !strings.HasPrefix(call, "list runs") {
						t.Errorf("step %d, killed at %q: not at rest, %s", last, at, call)
					}
				}
			}
		}
	}
	if kills < 100 {
		t.Errorf("only %d kills", kills)
	}
	t.Logf("killed %d times", kills)
}

func TestGravestVerdictCounts(t *testing.T) {
	w := newWorld()
	commit := SubjectOfCommit(commitSHA)
	say := func(pull int, conclusion Conclusion) {
		w.desire(VerdictPublication(SubjectOfPull(pull), runOf(pull, ContractsRun, conclusion, fmt.Sprintf("by %d", pull)), ""))
		w.reconcile(t, commit)
	}
	newest := func(want string, runs int) {
		t.Helper()
		run := w.runs[slices.Max(slices.Collect(maps.Keys(w.runs)))]
		if got := fmt.Sprintf("%s %s", run.Conclusion, run.Title); got != want || len(w.runs) != runs {
			t.Errorf("%s in %d runs, want %s in %d", got, len(w.runs), want, runs)
		}
	}
	say(1, Failure)
	newest("failure by 1", 1)
	say(2, Success) // a second pull request from the same head makes nothing better
	newest("failure by 1", 1)
	say(3, ActionRequired)
	newest("failure by 1", 1)
	say(1, Neutral)
	newest("action_required by 3", 2)
	say(3, Neutral) // of equal ones the first counts, so that the run does not change to and fro
	newest("neutral by 1", 3)
	say(2, Failure)
	newest("failure by 2", 4)
	// Into another base it says it under another name.
	w.desire(VerdictPublication(SubjectOfPull(4), runOf(4, CheckName(ContractsRun, "dev", false), Success, "by 4"), ""))
	w.reconcile(t, commit)
	newest("success by 4", 5)
	w.reconcile(t, commit)
	newest("success by 4", 5)
}

func TestSomebodyElsesRunIsFollowed(t *testing.T) {
	w := newWorld()
	commit := SubjectOfCommit(commitSHA)
	w.desire(VerdictPublication(SubjectOfPull(1), runOf(1, ContractsRun, Failure, "breaks"), ""))
	w.reconcile(t, commit)
	for i := range mostContested + 1 {
		w.last++
		w.foreign[w.last] = ContractsRun
		w.reconcile(t, commit)
		if ours := slices.Max(slices.Collect(maps.Keys(w.runs))); ours < w.last || w.runs[ours].Conclusion != Failure {
			t.Fatalf("time %d: the newest run is somebody else's", i+1)
		}
		if p := w.stored[commit+" run "+ContractsRun]; Contested(p) != (i+1 >= mostContested) {
			t.Errorf("time %d: contested %t", i+1, Contested(p))
		}
	}
	before := len(w.runs)
	w.last++
	w.foreign[w.last] = "plimsoll/other"
	w.reconcile(t, commit)
	if len(w.runs) != before {
		t.Error("a run of another name was followed")
	}
}

func TestRequestsMakeNewRuns(t *testing.T) {
	w := newWorld()
	commit := SubjectOfCommit(commitSHA)
	run := runOf(1, ContractsRun, Success, "fine")
	for i, c := range []struct {
		request string
		runs    int
	}{{"", 1}, {"", 1}, {"rerun/a", 2}, {"rerun/a", 2}, {"rerun/b", 3}} {
		w.desire(VerdictPublication(SubjectOfPull(1), run, c.request))
		w.reconcile(t, commit)
		if len(w.runs) != c.runs {
			t.Errorf("step %d: %d runs, want %d", i, len(w.runs), c.runs)
		}
	}
}

func TestAnnotationsAreSentInBatches(t *testing.T) {
	for _, c := range []struct {
		annotations int
		requests    int
	}{{0, 1}, {MaxAnnotations, 1}, {MaxAnnotations + 1, 2}, {120, 3}, {MaxAllAnnotations, 3}, {MaxAllAnnotations + 1, 3}} {
		w := newWorld()
		w.desire(VerdictPublication(SubjectOfPull(1), annotated(c.annotations), ""))
		w.reconcile(t, SubjectOfCommit(commitSHA))
		requests := 0
		for _, call := range w.log {
			if strings.HasPrefix(call, "create run") || strings.HasPrefix(call, "update run") {
				requests++
			}
		}
		run := w.runs[1]
		if requests != c.requests || len(run.Annotations) != min(c.annotations, MaxAllAnnotations) || run.Conclusion != Failure {
			t.Errorf("%d annotations: %d requests, %d arrived, %s", c.annotations, requests, len(run.Annotations), run.Conclusion)
		}
		for i, a := range run.Annotations {
			if a.StartLine != i+1 {
				t.Fatalf("annotation %d is on line %d", i, a.StartLine)
			}
		}
	}
}

func TestCommentsThroughTheirLife(t *testing.T) {
	pull := SubjectOfPull(17)
	w := newWorld()
	say := func(c Comment, calls ...string) {
		t.Helper()
		w.desire(CommentPublication("contracts", CommentContent{Number: 17, Comment: c, Marker: CommentMarker}))
		w.log = nil
		w.reconcile(t, pull)
		got := slices.DeleteFunc(slices.Clone(w.log), func(call string) bool { return !strings.Contains(call, "comment") || strings.HasPrefix(call, "store") })
		if !slices.Equal(got, calls) {
			t.Errorf("%q: %v, want %v", c.Text, got, calls)
		}
	}
	saying := Comment{Text: "two break\n", Owners: []string{"@acme/checkout", "@acme/mobile"}, Needed: true}
	fewer := Comment{Text: "one breaks\n", Owners: []string{"@acme/mobile"}, Needed: true}
	more := Comment{Text: "three break\n", Owners: []string{"@acme/mobile", "@dora"}, Needed: true}
	done := Comment{Text: "Resolved\n"}
	only := func() string {
		t.Helper()
		if len(w.comments) != 1 {
			t.Fatalf("%d comments", len(w.comments))
		}
		for _, body := range w.comments {
			return body
		}
		return ""
	}
	say(done) // nothing was said
	say(saying, "create comment")
	if body := only(); !strings.HasPrefix(body, "two break\n") || !strings.Contains(body, "\ncc @acme/checkout @acme/mobile\n") || !strings.Contains(body, CommentMarker) {
		t.Errorf("body %q", body)
	}
	say(saying)
	say(fewer, "edit comment")
	if strings.Contains(only(), "@") {
		t.Error("an edit calls owners again")
	}
	say(more, "edit comment")
	if !strings.Contains(only(), "\ncc @dora\n") {
		t.Errorf("an owner who was never called is not called: %q", only())
	}
	say(done, "edit comment")
	say(done)
	clear(w.comments)
	say(fewer, "edit comment", "create comment") // somebody has deleted it
	clear(w.comments)
	say(done, "edit comment")
	if len(w.comments) != 0 {
		t.Error("a comment was made that nobody needs")
	}
}

// Of an installation before this one, or of an attempt whose answer is lost, a comment may
// be there already.
func TestUnsureCommentsAreLookedFor(t *testing.T) {
	c := CommentContent{Number: 17, Comment: Comment{Text: "two break\n", Owners: []string{"@ana"}, Needed: true}, Marker: CommentMarker}
	w := newWorld()
	w.last++
	w.comments[w.last], w.on[w.last] = "old "+CommentMarker, 17
	p := CommentPublication("contracts", c)
	p.Unsure = true
	w.desire(p)
	w.reconcile(t, SubjectOfPull(17))
	if len(w.comments) != 1 || strings.Contains(w.comments[1], "cc @") || !strings.HasPrefix(w.comments[1], "two break") {
		t.Errorf("comments %v", w.comments)
	}
	w = newWorld()
	w.desire(p)
	w.reconcile(t, SubjectOfPull(17))
	if len(w.comments) != 1 || !strings.Contains(w.comments[1], "cc @ana") {
		t.Errorf("comments %v", w.comments)
	}
}

func TestPublishedTextsFit(t *testing.T) {
	run := annotated(1)
	run.Summary = strings.Repeat("- ä\n", 100_000)
	run.Text = run.Summary
	owners := make([]string, 100)
	for i := range owners {
		owners[i] = fmt.Sprintf("@acme/%s-%d", strings.Repeat("x", 80), i)
	}
	w := newWorld()
	w.desire(VerdictPublication(SubjectOfPull(1), run, ""), CommentPublication("contracts", CommentContent{
		Number: 1, Comment: Comment{Text: strings.Repeat("- ä\n", 50_000), Owners: owners, Needed: true}, Marker: CommentMarker,
	}))
	w.reconcile(t, SubjectOfCommit(commitSHA), SubjectOfPull(1))
	fits(t, w.runs[1])
	if !strings.Contains(w.runs[1].Summary, "`plimsoll check --base A --head B` prints all of it.") {
		t.Error("the cut summary does not say where the rest is")
	}
	body := w.comments[2]
	if len(body) > MaxComment || !strings.Contains(body, CommentMarker) || !strings.Contains(body, "left out") {
		t.Errorf("%d bytes", len(body))
	}
	if n := strings.Count(body, "@"); n != mostMentions {
		t.Errorf("%d mentions", n)
	}
}

// A name that may not be read any more is taken out of a run that is there already.
func TestRedactions(t *testing.T) {
	w := newWorld()
	w.desire(VerdictPublication(SubjectOfPull(1), runOf(1, ContractsRun, Failure, "breaks acme/secret"), ""))
	w.reconcile(t, SubjectOfCommit(commitSHA))
	w.desire(RedactionPublication(1, runOf(1, ContractsRun, Failure, "names withheld")), RedactionPublication(99, runOf(1, ContractsRun, Failure, "gone")))
	w.desire(VerdictPublication(SubjectOfPull(1), runOf(1, ContractsRun, Failure, "breaks a private consumer"), ""))
	w.reconcile(t, SubjectOfCommit(commitSHA))
	if strings.Contains(w.stands(), "secret") || len(w.runs) != 2 {
		t.Error(w.stands())
	}
}

// What an earlier version remembered of a check run is its conclusion alone.
func TestMemoOfAnEarlierVersion(t *testing.T) {
	if got := ConclusionOf(Publication{Memo: "failure"}); got != Failure {
		t.Errorf("%q", got)
	}
	if got := ConclusionOf(Publication{Memo: encodeMemo(runMemo{Conclusion: Neutral})}); got != Neutral {
		t.Errorf("%q", got)
	}
}

func TestContentsAreJSON(t *testing.T) {
	steps, _ := everything()
	for _, step := range steps {
		for _, p := range step {
			if !json.Valid(p.Content) || p.Digest == "" || p.settled() {
				t.Errorf("%+v", p)
			}
		}
	}
}

func fits(t *testing.T, run CheckRun) {
	t.Helper()
	if len(run.Summary) > MaxSummaryBytes || len(run.Text) > MaxTextBytes {
		t.Errorf("a summary of %d bytes and a text of %d", len(run.Summary), len(run.Text))
	}
	if len(run.Annotations) > MaxAllAnnotations || len(run.Actions) > MaxActions {
		t.Errorf("%d annotations and %d actions", len(run.Annotations), len(run.Actions))
	}
}
