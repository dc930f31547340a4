package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"plimsoll/server/simulator"
)

// payloads gives the payloads of an event that have been delivered, oldest first.
func payloads[T any](t *testing.T, w *world, event string) []T {
	t.Helper()
	w.settle()
	var list []T
	for _, d := range w.sim.Deliveries() {
		if d.Event != event {
			continue
		}
		var payload T
		if err := json.Unmarshal(d.Payload, &payload); err != nil {
			t.Fatal(err)
		}
		list = append(list, payload)
	}
	return list
}

type groupEvent struct {
	Action, Reason string
	MergeGroup     struct {
		HeadSHA string `json:"head_sha"`
		HeadRef string `json:"head_ref"`
		BaseSHA string `json:"base_sha"`
	} `json:"merge_group"`
}

// group makes a merge group of two pull requests, with a check run of the App.
func (w *world) group() (head string, pulls []*simulator.PullRequest) {
	w.t.Helper()
	for _, name := range []string{"a", "b"} {
		w.web.Commit(name, "Add "+name, map[string]string{name + ".txt": name + "\n"})
		pulls = append(pulls, w.web.OpenPullRequest(simulator.PullRequestOptions{Head: name}))
	}
	head, err := w.web.MergeGroup(pulls...)
	if err != nil {
		w.t.Fatal(err)
	}
	body := `{"name":"plimsoll/contracts","head_sha":"` + head + `","status":"completed","conclusion":"success","output":{"title":"Fine","summary":"Nobody is hit."}}`
	if status, _, answer := w.send("POST", "/repos/acme/web/check-runs", w.token(nil), body); status != http.StatusCreated {
		w.t.Fatalf("check run: %d %s", status, answer)
	}
	return head, pulls
}

func TestMergeGroupEnds(t *testing.T) {
	for _, reason := range []string{simulator.GroupMerged, simulator.GroupInvalidated, simulator.GroupDequeued} {
		t.Run(reason, func(t *testing.T) {
			w := newWorld(t)
			defer w.noViolations()
			base := w.web.Head("main")
			head, pulls := w.group()
			if err := w.web.EndMergeGroup(head, reason); err != nil {
				t.Fatal(err)
			}
			told := payloads[groupEvent](t, w, "merge_group")
			if len(told) != 2 || told[1].Action != "destroyed" || told[1].Reason != reason || told[0].Reason != "" ||
				told[1].MergeGroup != told[0].MergeGroup || told[1].MergeGroup.HeadSHA != head || told[1].MergeGroup.BaseSHA != base {
				t.Errorf("told %+v", told)
			}
			merged := reason == simulator.GroupMerged
			if moved := w.web.Head("main") == head; moved != merged {
				t.Errorf("the base branch has moved: %t", moved)
			}
			for _, p := range pulls {
				if shown := strings.Contains(w.sim.Render(p), "(merged)"); shown != merged {
					t.Errorf("pull request %d is merged: %t", p.Number(), shown)
				}
			}
			if branches := w.web.Branches(); slices.Contains(branches, strings.TrimPrefix(told[0].MergeGroup.HeadRef, "refs/heads/")) {
				t.Errorf("the queue's branch is still there: %q", branches)
			}
			if checks := w.web.Checks(head); len(checks) != 1 || checks[0].Title != "Fine" {
				t.Errorf("checks of the group: %+v", checks)
			}
		})
	}
}

func TestMergeGroupOfAMovedBase(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	head, pulls := w.group()
	w.web.Commit("main", "Meanwhile", map[string]string{"m": "m"})
	if err := w.web.EndMergeGroup(head, simulator.GroupMerged); err == nil || !strings.Contains(err.Error(), "main has moved") {
		t.Errorf("%v", err)
	}
	if err := w.web.EndMergeGroup(head, simulator.GroupInvalidated); err != nil {
		t.Error(err)
	}
	again, err := w.web.MergeGroup(pulls...)
	if err != nil || again == head {
		t.Errorf("the next group: %s, %v", again, err)
	}
}

func TestRenderCommit(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	head, _ := w.group()
	page := func(state string) string {
		return fmt.Sprintf("# acme/web: commit %s\nmerge group of pull request 1: Add a (%s)\nmerge group of pull request 2: Add b (%s)\n\n"+
			"## check plimsoll/contracts: success\ntitle: Fine\nsummary:\n    Nobody is hit.\n\n", head, state, state)
	}
	if got := w.sim.RenderCommit(w.web, head); got != page("queued") {
		t.Errorf("got\n%s", got)
	}
	if err := w.web.EndMergeGroup(head, simulator.GroupMerged); err != nil {
		t.Fatal(err)
	}
	if got := w.sim.RenderCommit(w.web, "main"); got != page("merged") {
		t.Errorf("got\n%s", got)
	}
	if all := w.sim.RenderAll(); !strings.Contains(all, page("merged")) {
		t.Errorf("RenderAll:\n%s", all)
	}
	if got, want := w.sim.RenderCommit(w.orders, "main"), "# acme/orders: commit "+w.orders.Head("main")+"\n\n"; got != want {
		t.Errorf("without a check: %q, want %q", got, want)
	}
}
