package simulator_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"

	"plimsoll/server/simulator"
)

var update = flag.Bool("update", false, "write golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; -update writes it anew. Got:\n%s", path, got)
	}
}

// busy plays a pull request with everything that a page can show.
func (w *world) busy() *simulator.PullRequest {
	t := w.t
	t.Helper()
	p := w.pull()
	ctx, client, str := t.Context(), w.installation(), github.String
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	run, _, err := client.Checks.CreateCheckRun(ctx, "acme", "orders", github.CreateCheckRunOptions{Name: "plimsoll/contracts", HeadSHA: p.HeadSHA(), Status: str("in_progress")})
	check(err)
	w.clock.Advance(42 * time.Second)
	_, _, err = client.Checks.UpdateCheckRun(ctx, "acme", "orders", run.GetID(), github.UpdateCheckRunOptions{
		Name: "plimsoll/contracts", Conclusion: str("failure"), ExternalID: str("pr/1"), DetailsURL: str(w.sim.URL() + "/acme/orders/pull/1"),
		Output: &github.CheckRunOutput{
			Title: str("1 consumer breaks"), Summary: str("**checkout** reads `items[].sku`.\n\n- one\n- two"), Text: str("All of it."),
			Annotations: []*github.CheckRunAnnotation{
				{Path: str("openapi.yaml"), StartLine: github.Int(6), EndLine: github.Int(6), StartColumn: github.Int(3), EndColumn: github.Int(9), AnnotationLevel: str("failure"), Title: str("Breaks checkout"), Message: str("The path is new.\nSo it is."), RawDetails: str("raw")},
				{Path: str("README.md"), StartLine: github.Int(1), EndLine: github.Int(2), AnnotationLevel: str("notice"), Message: str("Unchanged file")},
			},
		},
		Actions: []*github.CheckRunAction{{Label: "Acknowledge", Description: "Take the risk", Identifier: "ack"}},
	})
	check(err)
	for _, conclusion := range []string{"failure", "success"} { // a run and the one that replaces it
		_, _, err = client.Checks.CreateCheckRun(ctx, "acme", "orders", github.CreateCheckRunOptions{
			Name: "plimsoll/readiness", HeadSHA: p.HeadSHA(), Conclusion: str(conclusion), Output: &github.CheckRunOutput{Title: str("Readiness"), Summary: str(conclusion)},
		})
		check(err)
	}
	comment, _, err := client.Issues.CreateComment(ctx, "acme", "orders", 1, &github.IssueComment{Body: str("One consumer breaks. @acme/checkout")})
	check(err)
	_, _, err = client.Issues.EditComment(ctx, "acme", "orders", comment.GetID(), &github.IssueComment{Body: str("One consumer breaks.\n<!-- plimsoll -->")})
	check(err)
	_, _, err = client.Reactions.CreateIssueCommentReaction(ctx, "acme", "orders", p.Comment("bob", "/plimsoll help"), "eyes")
	check(err)
	p.Label("api")

	d := w.orders.Deploy("production", "main", simulator.DeployOptions{Production: true})
	d.Status("success", "https://orders.acme.test")
	_, _, err = client.Repositories.CreateDeploymentStatus(ctx, "acme", "orders", d.ID(), &github.DeploymentStatusRequest{State: str("failure"), Description: str("Errors rose"), LogURL: str("https://plimsoll.test/d/1")})
	check(err)
	_, _, err = client.Checks.CreateCheckRun(ctx, "acme", "orders", github.CreateCheckRunOptions{
		Name: "plimsoll/deploy", HeadSHA: d.SHA(), Conclusion: str("failure"), Output: &github.CheckRunOutput{Title: str("Roll back"), Summary: str("Errors rose from 0.1 % to 4 %.")},
	})
	check(err)
	w.settle()
	return p
}

func TestRender(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.busy()
	golden(t, "pull.golden.txt", w.sim.Render(p))
	golden(t, "all.golden.txt", w.sim.RenderAll())
	if again := w.sim.Render(p); again != w.sim.Render(p) || strings.Contains(again, w.sim.URL()) {
		t.Error("rendered text holds the port or changes")
	}
}

// TestRenderAllShowsEveryWrite: a pull request that the App has not touched is not
// shown, whatever the App writes is.
func TestRenderAllShowsEveryWrite(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	w.pull()
	if all := w.sim.RenderAll(); all != "" {
		t.Errorf("nothing is written yet: %s", all)
	}
	client, str := w.installation(), github.String
	if _, _, err := client.Checks.CreateCheckRun(t.Context(), "acme", "web", github.CreateCheckRunOptions{Name: "n", HeadSHA: w.web.Head("main"), Conclusion: str("neutral")}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := client.Repositories.CreateDeployment(t.Context(), "acme", "web", &github.DeploymentRequest{Ref: str("main"), Task: str("rollback"), RequiredContexts: &[]string{}}); err != nil {
		t.Fatal(err)
	}
	all := w.sim.RenderAll()
	for _, want := range []string{"# acme/web: commit " + w.web.Head("main"), "## check n: neutral", "to production: rollback, by plimsoll[bot]"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
}

func TestWhatScriptsRead(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.busy()
	checks := p.Checks()
	if len(checks) != 2 || checks[0].Name != "plimsoll/contracts" || checks[0].Conclusion != "failure" || checks[1].Conclusion != "success" ||
		len(checks[0].Annotations) != 2 || checks[0].Actions[0] != "ack" || checks[0].ExternalID != "pr/1" {
		t.Errorf("checks: %+v", checks)
	}
	comments := p.Comments()
	if len(comments) != 2 || comments[0].Author != "plimsoll[bot]" || comments[0].Edits != 1 || len(comments[1].Reactions) != 1 || comments[1].Reactions[0] != "eyes" {
		t.Errorf("comments: %+v", comments)
	}
	if onMain := w.orders.Checks("main"); len(onMain) != 1 || onMain[0].Name != "plimsoll/deploy" {
		t.Errorf("checks of main: %+v", onMain)
	}
	if w.orders.PullRequest(1) != p || w.orders.PullRequest(7) != nil || w.sim.FindRepository("ACME/orders") != w.orders {
		t.Error("look-ups")
	}
	id := comments[0].ID
	w.orders.DeleteComment(id)
	if left := p.Comments(); len(left) != 1 {
		t.Errorf("%d comments after one is deleted", len(left))
	}
	if _, response, _ := w.installation().Issues.EditComment(t.Context(), "acme", "orders", id, &github.IssueComment{Body: github.String("x")}); response.StatusCode != 404 {
		t.Errorf("editing a deleted comment: %d", response.StatusCode)
	}
}
