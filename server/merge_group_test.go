package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"plimsoll/server/simulator"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// group puts pull requests into the merge queue, and settles.
func (w *world) group(pulls ...*simulator.PullRequest) (head string) {
	w.t.Helper()
	head, err := w.shop.MergeGroup(pulls...)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Settle()
	return head
}

// expectGroup holds the one check run of a merge group's head to a conclusion and texts.
func (w *world) expectGroup(head, conclusion string, texts ...string) simulator.Check {
	w.t.Helper()
	checks := w.shop.Checks(head, onContracts)
	if len(checks) != 1 {
		w.t.Fatalf("%d check runs on the group's head, expected one:\n%s", len(checks), w.GitHub.RenderCommit(w.shop, head))
	}
	page := w.GitHub.RenderCommit(w.shop, head)
	if checks[0].Conclusion != conclusion {
		w.t.Errorf("concluded %q, expected %q:\n%s", checks[0].Conclusion, conclusion, page)
	}
	for _, text := range texts {
		if !strings.Contains(page, text) {
			w.t.Errorf("the check does not say %q:\n%s", text, page)
		}
	}
	return checks[0]
}

// What blocks a pull request blocks it in the queue too, with whatever it is
// grouped, and the pull requests get no further comment.
func TestMergeGroupThatBreaksAConsumer(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		w := newWorld(t, testbed.Options{DSN: dsn, Queue: brisk()})
		docs := w.pull("docs", map[string]string{"README.md": "more"})
		price := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
		head := w.group(docs, price)
		w.expectGroup(head, "failure", "1 consumer breaks: web", "This merge group")
		if n := len(docs.Comments()) + len(price.Comments()); n != 1 {
			t.Errorf("%d comments, expected the one of the pull request itself", n)
		}
		testbedtest.Outcome(t, w.GitHub.RenderCommit(w.shop, head), `
			acme/shop: commit commit1
			check plimsoll/contracts: failure: 1; ❌ .github/plimsoll.yml:9 @acme/web commit2 price web; #❌; openapi.yaml:17 failure
			check plimsoll/readiness: success: 1; 4; shop 1 4 3; 3; # ×3`)
		w.alive()
	})
}

// Two changes that are harmless each by itself may hurt together: the group is
// evaluated as a whole.
func TestMergeGroupIsEvaluatedAsAWhole(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	begin := w.pull("begin", map[string]string{".github/plimsoll.yml": strings.Replace(shopFile, "spec: openapi.yaml", "spec: api/shop.yaml", 1), "api/shop.yaml": shopContract})
	w.expect(begin, "success")
	change := w.pull("change", map[string]string{"api/shop.yaml": without("price")})
	w.expect(change, "success", "No contract changed")
	// The second one alone brings a file that nothing names yet; both add it, so git
	// would not merge them as they are.
	if _, err := w.shop.MergeGroup(begin, change); err == nil {
		t.Fatal("expected a conflict")
	}
	change.Push("On top", map[string]string{"api/shop.yaml": simulator.Deleted, "api/price.yaml": without("price")})
	point := w.pull("point", map[string]string{".github/plimsoll.yml": strings.Replace(shopFile, "spec: openapi.yaml", "spec: api/price.yaml", 1)})
	w.expect(change, "success", "No contract changed")
	w.expect(point, "failure", "api/price.yaml", "no such file")
	w.expectGroup(w.group(change, point), "failure", "1 consumer breaks: web")
	w.alive()
}

func TestMergeGroupThatTouchesNothing(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	pull := w.pull("docs", map[string]string{"README.md": "more"})
	var head string
	used := w.Used(func() {
		var err error
		if head, err = w.shop.MergeGroup(pull); err != nil {
			t.Fatal(err)
		}
	})
	check := w.expectGroup(head, "success", "No contract changed", "This merge group changes no API contract")
	if len(used) > 4 {
		t.Errorf("%d requests, at most 4: %s", len(used), testbedtest.Routes(used))
	}
	if want := fmt.Sprintf("mg/%s/main/pr-%d-%[1]s", w.shop.Head("main"), pull.Number()); check.ExternalID != want {
		t.Errorf("external id %q, expected %q", check.ExternalID, want)
	}
}

func TestMergeGroupOfARepositoryThatTakesNoPart(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	plain := w.repository("plain", map[string]string{"README.md": "hello"})
	w.Settle()
	plain.CommitAs("ana", "more", "More", map[string]string{"README.md": "more"})
	head, err := plain.MergeGroup(plain.OpenPullRequest(simulator.PullRequestOptions{Head: "more", Author: "ana"}))
	if err != nil {
		t.Fatal(err)
	}
	w.Settle()
	if checks := plain.Checks(head); len(checks) != 0 {
		t.Errorf("a repository that takes no part got an answer: %s", checks[0].Title)
	}
	w.alive()
}

// "Re-run" and "Re-run all" on a group's head make a new run for the group.
func TestMergeGroupRerun(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	head := w.group(w.pull("change", map[string]string{"openapi.yaml": without("price")}))
	first := w.expectGroup(head, "failure")
	w.shop.Rerequest(head, "plimsoll/contracts")
	w.Settle()
	second := w.expectGroup(head, "failure", "1 consumer breaks: web")
	if second.ID == first.ID {
		t.Error("a completed run can't be reopened: a new one was expected")
	}
	w.shop.Suite(head).Rerequest()
	w.Settle()
	if third := w.expectGroup(head, "failure", "1 consumer breaks: web"); third.ID == second.ID || third.ExternalID != first.ExternalID {
		t.Errorf("\"Re-run all\" made no new run of the group: %+v", third)
	}
	w.alive()
}

// A group that leaves the queue while it is evaluated, or before, gets no answer, and
// asking again for one that is gone is no error.
func TestMergeGroupThatLeavesTheQueue(t *testing.T) {
	for name, operation := range map[string]string{"before it is read": "repos/get-commit", "while it is judged": "repos/compare-commits-with-basehead"} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, testbed.Options{Queue: brisk()})
			pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
			var head string
			made := make(chan struct{})
			w.GitHub.Fault(simulator.Fault{Operation: operation, Before: func() {
				<-made
				if err := w.shop.EndMergeGroup(head, simulator.GroupDequeued); err != nil {
					t.Error(err)
				}
				if err := w.GitHub.Flush(t.Context()); err != nil {
					t.Error(err)
				}
			}})
			var err error
			if head, err = w.shop.MergeGroup(pull); err != nil {
				t.Fatal(err)
			}
			close(made)
			w.Settle()
			if checks := w.shop.Checks(head, onContracts); len(checks) != 0 {
				t.Errorf("a group that left the queue got an answer: %s", checks[0].Title)
			}
			w.alive()
		})
	}
	t.Run("before the work", func(t *testing.T) {
		w := newWorld(t, testbed.Options{Queue: brisk()})
		pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
		w.GitHub.OnDelivery(func(d *simulator.Delivery) simulator.Fate {
			if d.Event == "merge_group" && d.Action == "destroyed" {
				return simulator.Vanish // even where GitHub does not tell
			}
			if d.Event == "merge_group" {
				return simulator.Hold
			}
			return simulator.Send
		})
		head := w.group(pull)
		if err := w.shop.EndMergeGroup(head, simulator.GroupInvalidated); err != nil {
			t.Fatal(err)
		}
		w.GitHub.Release()
		w.Settle()
		if checks := w.shop.Checks(head, onContracts); len(checks) != 0 {
			t.Errorf("a group that is gone got an answer: %s", checks[0].Title)
		}
		w.alive()
	})
	t.Run("answered", func(t *testing.T) {
		w := newWorld(t, testbed.Options{Queue: brisk()})
		head := w.group(w.pull("change", map[string]string{"openapi.yaml": without("price")}))
		first := w.expectGroup(head, "failure")
		if err := w.shop.EndMergeGroup(head, simulator.GroupDequeued); err != nil {
			t.Fatal(err)
		}
		w.shop.Rerequest(head, "plimsoll/contracts")
		w.Settle()
		if again := w.expectGroup(head, "failure"); again.ID != first.ID {
			t.Error("a group that has left the queue got a new run")
		}
		w.alive()
	})
}

// A group that is merged: the registry follows, and what is evaluated next is evaluated
// from there.
func TestMergeGroupIsMerged(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	color := w.pull("drop-color", map[string]string{"openapi.yaml": without("color")})
	docs := w.pull("docs", map[string]string{"README.md": "more"})
	head := w.group(color, docs)
	w.expectGroup(head, "success", "no known consumers affected")
	if err := w.shop.EndMergeGroup(head, simulator.GroupMerged); err != nil {
		t.Fatal(err)
	}
	w.Settle()
	w.expect(w.pull("again", map[string]string{"README.md": "even more"}), "success", "No contract changed")
	w.alive()
}

// What a group says about how it is to be evaluated counts once it is merged.
func TestMergeGroupIsEvaluatedByTheBaseBranch(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	lax := w.pull("lax", map[string]string{".github/plimsoll.yml": strings.Replace(shopFile, "spec: openapi.yaml", "spec: openapi.yaml\n        on_break: warn", 1)})
	price := w.pull("drop-price", map[string]string{"openapi.yaml": without("price")})
	w.expectGroup(w.group(lax, price), "failure", "1 consumer breaks: web")
}

// Whatever fails on the way, the group has one run in the end.
func TestMergeGroupAndFaults(t *testing.T) {
	for name, fault := range map[string]simulator.Fault{
		"no branch yet":     {Operation: "repos/get-commit", Status: http.StatusNotFound},
		"bad gateway":       {Operation: "repos/compare-commits-with-basehead", Status: http.StatusBadGateway},
		"answer lost":       {Operation: "checks/create", After: true, Close: true},
		"effect then error": {Operation: "checks/create", After: true, Status: http.StatusInternalServerError},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, testbed.Options{Queue: brisk()})
			pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
			before := countRuns(w.GitHub)
			w.GitHub.Fault(fault)
			w.expectGroup(w.group(pull), "failure", "1 consumer breaks: web")
			after := countRuns(w.GitHub)
			if after[onContracts]-before[onContracts] != 1 || after[onReadiness]-before[onReadiness] != 1 {
				t.Errorf("before %v, after %v: expected one more of each", before, after)
			}
		})
	}
}

// A repository that is made public between the event and the work names no private
// consumer on the group's head.
func TestMergeGroupMadePublicWhileEvaluated(t *testing.T) {
	w := newWorld(t, testbed.Options{Queue: brisk()})
	pull := w.pull("change", map[string]string{"openapi.yaml": without("price")})
	w.GitHub.Fault(simulator.Fault{Operation: "repos/compare-commits-with-basehead", Before: func() { w.shop.SetPrivate(false) }})
	head := w.group(pull)
	w.expectGroup(head, "failure", "1 private consumer")
	if page := w.GitHub.RenderCommit(w.shop, head); strings.Contains(page, "acme/web") {
		t.Errorf("a private consumer is named:\n%s", page)
	}
}
