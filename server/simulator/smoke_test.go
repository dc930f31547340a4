package simulator_test

import (
	"testing"

	"github.com/google/go-github/v60/github"
)

func TestOneCheckRunThroughTheFrontDoor(t *testing.T) {
	w := newWorld(t)
	defer w.noViolations()
	p := w.pull()
	ctx := t.Context()
	client := w.installation()

	files, _, err := client.PullRequests.ListFiles(ctx, "acme", "orders", p.Number(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 1 || files[0].GetFilename() != "openapi.yaml" || files[0].GetAdditions() != 2 || files[0].GetStatus() != "modified" {
		t.Errorf("files: %v", files)
	}
	run, _, err := client.Checks.CreateCheckRun(ctx, "acme", "orders", github.CreateCheckRunOptions{
		Name: "plimsoll/contracts", HeadSHA: p.HeadSHA(), Status: github.String("completed"), Conclusion: github.String("failure"),
		Output: &github.CheckRunOutput{Title: github.String("1 change breaks checkout"), Summary: github.String("**checkout** reads it.")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if run.GetConclusion() != "failure" || run.GetHTMLURL() == "" {
		t.Errorf("run: %v", run)
	}
	if _, _, err := client.Issues.CreateComment(ctx, "acme", "orders", p.Number(), &github.IssueComment{Body: github.String("Hello")}); err != nil {
		t.Fatal(err)
	}
	pr, _, err := client.PullRequests.Get(ctx, "acme", "orders", p.Number())
	if err != nil {
		t.Fatal(err)
	}
	if !pr.GetMergeable() || pr.GetCommits() != 1 || pr.GetBase().GetRepo().GetFullName() != "acme/orders" {
		t.Errorf("pull request: %v", pr)
	}
	w.settle()
	t.Log(w.hook.events())
	t.Log(w.sim.Render(p))
	w.noViolations()
}
