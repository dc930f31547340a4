package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"plimsoll/server/simulator"
)

// TestCheckRunLimits sends a check run at and just above each of GitHub's limits.
func TestCheckRunLimits(t *testing.T) {
	type object = map[string]any
	annotation := func(change ...any) object {
		a := object{"path": "openapi.yaml", "start_line": 1, "end_line": 1, "annotation_level": "failure", "message": "m"}
		for i := 0; i < len(change); i += 2 {
			a[change[i].(string)] = change[i+1]
		}
		return a
	}
	output := func(change ...any) object {
		o := object{"title": "t", "summary": "s"}
		for i := 0; i < len(change); i += 2 {
			o[change[i].(string)] = change[i+1]
		}
		return object{"output": o}
	}
	many := func(n int) []object {
		list := make([]object, n)
		for i := range list {
			list[i] = annotation()
		}
		return list
	}
	button := func(label, description, identifier int) object {
		return object{"label": strings.Repeat("l", label), "description": strings.Repeat("d", description), "identifier": strings.Repeat("i", identifier)}
	}
	for _, c := range []struct {
		name  string
		fine  object
		wrong object
	}{
		{"summary in bytes", output("summary", strings.Repeat("é", 32_767)+"x"), output("summary", strings.Repeat("é", 32_768))},
		{"text in bytes", output("text", strings.Repeat("x", 65_535)), output("text", strings.Repeat("x", 65_536))},
		{"annotations", output("annotations", many(50)), output("annotations", many(51))},
		{"title of an annotation", output("annotations", []object{annotation("title", strings.Repeat("é", 255))}), output("annotations", []object{annotation("title", strings.Repeat("é", 256))})},
		{"message of an annotation", output("annotations", []object{annotation("message", strings.Repeat("x", 65_536))}), output("annotations", []object{annotation("message", strings.Repeat("x", 65_537))})},
		{"columns on one line", output("annotations", []object{annotation("start_column", 2, "end_column", 4)}), output("annotations", []object{annotation("end_line", 2, "start_column", 2)})},
		{"lines in order", output("annotations", []object{annotation("start_line", 2, "end_line", 2)}), output("annotations", []object{annotation("start_line", 2)})},
		{"known fields", output("annotations", many(1)), output("anotations", many(1))},
		{"known level", output("annotations", []object{annotation("annotation_level", "notice")}), output("annotations", []object{annotation("annotation_level", "error")})},
		{"output with a title", output(), output("title", "")},
		{"three buttons", object{"actions": []object{button(1, 1, 1), button(1, 1, 1), button(1, 1, 1)}}, object{"actions": []object{button(1, 1, 1), button(1, 1, 1), button(1, 1, 1), button(1, 1, 1)}}},
		{"label", object{"actions": []object{button(20, 40, 20)}}, object{"actions": []object{button(21, 40, 20)}}},
		{"description", object{"actions": []object{button(20, 40, 20)}}, object{"actions": []object{button(20, 41, 20)}}},
		{"identifier", object{"actions": []object{button(20, 40, 20)}}, object{"actions": []object{button(20, 40, 21)}}},
		{"a name", object{"name": "n"}, object{"name": ""}},
		{"a conclusion", object{"status": "completed", "conclusion": "neutral"}, object{"status": "completed"}},
		{"a conclusion of ours", object{"conclusion": "timed_out"}, object{"conclusion": "stale"}},
		{"a known conclusion", object{"conclusion": "skipped"}, object{"conclusion": "passed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			token := w.token(nil)
			send := func(change object) (int, string) {
				body := object{"name": "plimsoll/contracts", "head_sha": w.orders.Head("main")}
				for key, value := range change {
					body[key] = value
				}
				raw, err := json.Marshal(body)
				if err != nil {
					t.Fatal(err)
				}
				status, _, answer := w.send("POST", "/repos/acme/orders/check-runs", token, string(raw))
				return status, answer
			}
			if status, answer := send(c.fine); status != http.StatusCreated {
				t.Errorf("at the limit: %d %s", status, answer)
			}
			w.noViolations()
			if status, answer := send(c.wrong); status != http.StatusUnprocessableEntity {
				t.Errorf("above the limit: %d %s", status, answer)
			}
			w.violated("checks/create")
		})
	}
}

func TestAnnotationsAreAppended(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.pull()
	client := w.installation()
	annotations := make([]*github.CheckRunAnnotation, 50)
	for i := range annotations {
		annotations[i] = &github.CheckRunAnnotation{Path: github.String("openapi.yaml"), StartLine: github.Int(i + 1), EndLine: github.Int(i + 1), AnnotationLevel: github.String("warning"), Message: github.String("m")}
	}
	output := &github.CheckRunOutput{Title: github.String("t"), Summary: github.String("s"), Annotations: annotations}
	run, _, err := client.Checks.CreateCheckRun(t.Context(), "acme", "orders", github.CreateCheckRunOptions{Name: "n", HeadSHA: p.HeadSHA(), Output: output})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		run, _, err = client.Checks.UpdateCheckRun(t.Context(), "acme", "orders", run.GetID(), github.UpdateCheckRunOptions{Name: "n", Output: output})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := run.GetOutput().GetAnnotationsCount(); got != 150 {
		t.Errorf("%d annotations", got)
	}
	page, response, err := client.Checks.ListCheckRunAnnotations(t.Context(), "acme", "orders", run.GetID(), &github.ListOptions{PerPage: 100, Page: 2})
	if err != nil || len(page) != 50 || response.NextPage != 0 || response.PrevPage != 1 {
		t.Errorf("page 2: %d, next %d, %v", len(page), response.NextPage, err)
	}
}

func TestACompletedRunIsNotReopened(t *testing.T) {
	w := newWorld(t)
	p := w.pull()
	client := w.installation()
	run, _, err := client.Checks.CreateCheckRun(t.Context(), "acme", "orders", github.CreateCheckRunOptions{Name: "n", HeadSHA: p.HeadSHA(), Conclusion: github.String("failure")})
	if err != nil || run.GetStatus() != "completed" {
		t.Fatalf("%v, %v", run, err)
	}
	w.noViolations()
	_, _, err = client.Checks.UpdateCheckRun(t.Context(), "acme", "orders", run.GetID(), github.UpdateCheckRunOptions{Name: "n", Status: github.String("in_progress")})
	if err == nil {
		t.Error("reopened")
	}
	w.violated("cannot be reopened")
	if _, _, err := client.Checks.UpdateCheckRun(t.Context(), "acme", "orders", run.GetID(), github.UpdateCheckRunOptions{}); err == nil {
		t.Error("an update without a name sends an empty one, which GitHub refuses")
	}
	w.violated("name is empty")
}

// TestAForksCheckRun: GitHub does not say which pull request a fork's head is of.
func TestAForksCheckRun(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	fork := w.web.Fork("mallory")
	head := fork.Commit("main", "Improve", map[string]string{"index.html": "<p>Hi</p>\n"})
	p := w.web.OpenPullRequest(simulator.PullRequestOptions{HeadRepo: fork, Head: "main"})
	client := w.installation()

	got, _, err := client.PullRequests.Get(t.Context(), "acme", "web", p.Number())
	if err != nil || got.GetHead().GetRepo().GetFullName() != "mallory/web" || !got.GetHead().GetRepo().GetFork() || got.GetHead().GetSHA() != head || got.GetUser().GetLogin() != "mallory" {
		t.Errorf("pull request: %v, %v", got, err)
	}
	run, _, err := client.Checks.CreateCheckRun(t.Context(), "acme", "web", github.CreateCheckRunOptions{Name: "n", HeadSHA: head, ExternalID: github.String(fmt.Sprintf("pr/%d", p.Number()))})
	if err != nil || len(run.PullRequests) != 0 {
		t.Errorf("run: %v, %v", run, err)
	}
	if list, _, err := client.PullRequests.ListPullRequestsWithCommit(t.Context(), "acme", "web", head, nil); err != nil || len(list) != 0 {
		t.Errorf("pull requests of the head: %v, %v", list, err)
	}
	if tree, _, err := client.Git.GetTree(t.Context(), "acme", "web", head, true); err != nil || len(tree.Entries) != 1 {
		t.Errorf("the fork's tree is read through the repository itself: %v, %v", tree, err)
	}
	compared, _, err := client.Repositories.CompareCommits(t.Context(), "acme", "web", "main", "mallory:main", nil)
	if err != nil || compared.GetAheadBy() != 1 || len(compared.Files) != 1 {
		t.Errorf("compare: %v, %v", compared, err)
	}
	w.settle()
	p.Rerequest("n")
	w.settle()
	if e := last[*github.CheckRunEvent](t, w.hook); e.GetAction() != "rerequested" || e.GetCheckRun().GetExternalID() != "pr/1" || len(e.GetCheckRun().PullRequests) != 0 {
		t.Errorf("rerequested: %v", e)
	}
}

func TestButtons(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.pull()
	_, _, err := w.installation().Checks.CreateCheckRun(t.Context(), "acme", "orders", github.CreateCheckRunOptions{
		Name: "n", HeadSHA: p.HeadSHA(), Actions: []*github.CheckRunAction{{Label: "Acknowledge", Description: "d", Identifier: "ack"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Press("alice", "n", "ack")
	w.settle()
	e := last[*github.CheckRunEvent](t, w.hook)
	if e.GetAction() != "requested_action" || e.GetRequestedAction().Identifier != "ack" || e.GetSender().GetLogin() != "alice" || e.GetCheckRun().PullRequests[0].GetNumber() != 1 {
		t.Errorf("pressed: %v", e)
	}
}
