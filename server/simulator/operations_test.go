package simulator_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"plimsoll/server/simulator"
	"plimsoll/server/simulator/internal/api"
	"plimsoll/server/simulator/internal/description"
)

// call is one call of go-github's client and what its answer must show.
type call struct {
	name string
	do   func(context.Context) (any, error)
	want string // part of fmt.Sprint of the answer
}

// raw calls what go-github v60 has no method for.
func raw(client *github.Client, method, path string, body any) func(context.Context) (any, error) {
	return func(ctx context.Context) (any, error) {
		request, err := client.NewRequest(method, path, body)
		if err != nil {
			return nil, err
		}
		var answer any
		response, err := client.Do(ctx, request, &answer)
		if err != nil {
			return nil, err
		}
		return fmt.Sprint(response.StatusCode, " ", answer), nil
	}
}

// scene is what the calls work on.
type scene struct {
	w           *world
	app, client *github.Client
	head, runID string
	comment     int64
	deliveries  []*github.HookDelivery
	run         *github.CheckRun
	botComment  *github.IssueComment
	reaction    *github.Reaction
	blob        *github.TreeEntry
	deployed    *simulator.Deployment
	released    *simulator.Release
}

// invisible lists the writes that nobody sees on a page.
var invisible = []string{"apps/create-from-manifest", "apps/redeliver-webhook-delivery", "apps/revoke-installation-access-token", "apps/delete-token", "checks/rerequest-run"}

// TestEveryOperation calls each operation of the description through go-github and
// finds each answer valid.
func TestEveryOperation(t *testing.T) {
	// The manifest's permissions and those that only some of the operations need.
	manifest := "name: plimsoll\nurl: https://plimsoll.test\ndescription: d\n" +
		"default_permissions: {metadata: read, contents: read, pull_requests: write, checks: write, deployments: write, actions: write, issues: write, merge_queues: read, statuses: write, members: read}\n" +
		"default_events: [pull_request, push, check_run, check_suite, issue_comment, deployment, deployment_status, deployment_protection_rule, release]\n"
	w := newWorld(t, func(o *simulator.Options) { o.Manifest = []byte(manifest) })
	defer w.noViolations()
	p := w.pull()
	w.orders.Environment("production", true)
	w.orders.Grant("alice", "maintain")
	w.orders.Tag("v1", "main")
	w.orders.Commit("main", "Add a workflow", map[string]string{".github/workflows/rollback.yml": "on: {workflow_dispatch: {inputs: {commit: {type: string}}}}\n"})
	deployed := w.orders.Deploy("production", "main", simulator.DeployOptions{WorkflowRun: true, Production: true})
	deployed.Status("in_progress", "")
	w.settle()
	runID := last[*github.DeploymentProtectionRuleEvent](t, w.hook).GetDeploymentCallbackURL()
	runID = strings.Split(strings.SplitAfter(runID, "/actions/runs/")[1], "/")[0]
	released := w.orders.Release("v1", "main", simulator.ReleaseOptions{Name: "First"})
	w.sim.Team("acme", "payments", "alice")
	w.sim.Member("acme", "alice", "admin")
	w.settle()
	comment := p.Comment("alice", "/plimsoll help")

	app, client := w.app(), w.installation()
	head := p.HeadSHA()
	str := github.String
	deliveries, _, err := app.Apps.ListHookDeliveries(t.Context(), &github.ListCursorOptions{PerPage: 5})
	if err != nil || len(deliveries) != 5 {
		t.Fatalf("deliveries: %v, %v", deliveries, err)
	}
	run, _, err := client.Checks.CreateCheckRun(t.Context(), "acme", "orders", github.CreateCheckRunOptions{
		Name: "plimsoll/contracts", HeadSHA: head, Status: str("in_progress"), ExternalID: str("pr/1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	botComment, _, err := client.Issues.CreateComment(t.Context(), "acme", "orders", p.Number(), &github.IssueComment{Body: str("Hello")})
	if err != nil {
		t.Fatal(err)
	}
	reaction, _, err := client.Reactions.CreateIssueCommentReaction(t.Context(), "acme", "orders", comment, "eyes")
	if err != nil {
		t.Fatal(err)
	}
	tree, _, err := client.Git.GetTree(t.Context(), "acme", "orders", head, true)
	if err != nil || len(tree.Entries) != 4 {
		t.Fatalf("tree: %v, %v", tree, err)
	}
	blob := tree.Entries[len(tree.Entries)-1]

	s := &scene{w, app, client, head, runID, comment, deliveries, run, botComment, reaction, blob, deployed, released}
	for _, c := range slices.Concat(s.appCalls(), s.gitCalls(), s.pullCalls(), s.checkCalls(), s.releaseCalls(), s.deploymentCalls()) {
		shown, from := w.sim.RenderAll(), len(w.sim.Requests())
		answer, err := c.do(t.Context())
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := fmt.Sprint(answer); !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q in %s", c.name, c.want, got)
		}
		for _, e := range w.sim.RequestsSince(from, false) {
			if e.Writes && !slices.Contains(invisible, e.Operation) && w.sim.RenderAll() == shown {
				t.Errorf("%s: RenderAll does not show what %s wrote", c.name, e.Operation)
			}
		}
	}

	called := map[string]bool{}
	for _, e := range w.sim.Requests() {
		if e.Status < 400 {
			called[e.Operation] = true
		}
	}
	described, answered := description.GitHub().Operations(), api.Operations()
	for _, id := range described {
		if !slices.Contains(answered, id) {
			t.Errorf("the simulator does not answer %s", id)
		}
		if !called[id] {
			t.Errorf("%s is not called by this test", id)
		}
	}
	for _, id := range answered {
		if !slices.Contains(described, id) {
			t.Errorf("not in GitHub's description: %s", id)
		}
	}
	if got := deployed.Gate(); len(got) != 1 || got[0] != "production approved: Go" {
		t.Errorf("gate: %q", got)
	}
	if all := w.sim.RenderAll(); !strings.Contains(all, "workflow rollback.yml started on main") || !strings.Contains(all, "status failure: errors rose https://plimsoll.test/1") {
		t.Errorf("RenderAll:\n%s", all)
	}
}

func TestDescriptionNamesItsVersion(t *testing.T) {
	if got := description.GitHub().Version(); got != "23.0.2" {
		t.Errorf("version %q", got)
	}
}
