package simulator_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-github/v60/github"

	"plimsoll/server/simulator"
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

// TestEveryOperation calls each operation of the description through go-github and
// finds each answer valid.
func TestEveryOperation(t *testing.T) {
	// The manifest's permissions and those that only some of the operations need.
	manifest := "name: plimsoll\nurl: https://plimsoll.test\ndescription: d\n" +
		"default_permissions: {metadata: read, contents: read, pull_requests: write, checks: write, deployments: write, actions: write, issues: write, merge_queues: read, statuses: write}\n" +
		"default_events: [pull_request, push, check_run, check_suite, issue_comment, deployment, deployment_status, deployment_protection_rule]\n"
	w := newWorld(t, func(o *simulator.Options) { o.Manifest = []byte(manifest) })
	defer w.noViolations()
	p := w.pull()
	w.orders.Environment("production", true)
	w.orders.Grant("alice", "maintain")
	w.orders.Tag("v1", "main")
	w.orders.Commit("main", "Add a workflow", map[string]string{".github/workflows/rollback.yml": "on: workflow_dispatch\n"})
	deployed := w.orders.Deploy("production", "main", simulator.DeployOptions{WorkflowRun: true, Production: true})
	deployed.Status("in_progress", "")
	w.settle()
	runID := last[*github.DeploymentProtectionRuleEvent](t, w.hook).GetDeploymentCallbackURL()
	runID = strings.Split(strings.SplitAfter(runID, "/actions/runs/")[1], "/")[0]
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

	calls := []call{
		{"app", func(ctx context.Context) (any, error) { a, _, err := app.Apps.Get(ctx, ""); return a.GetSlug(), err }, "plimsoll"},
		{"manifest", func(ctx context.Context) (any, error) {
			a, _, err := app.Apps.CompleteAppManifest(ctx, "code")
			return a.GetPEM(), err
		}, "RSA PRIVATE KEY"},
		{"installations", func(ctx context.Context) (any, error) {
			a, _, err := app.Apps.ListInstallations(ctx, nil)
			return a[0], err
		}, "acme"},
		{"installation", func(ctx context.Context) (any, error) {
			a, _, err := app.Apps.GetInstallation(ctx, w.install.ID())
			return a, err
		}, "acme"},
		{"organisation's installation", func(ctx context.Context) (any, error) {
			a, _, err := app.Apps.FindOrganizationInstallation(ctx, "acme")
			return a, err
		}, "acme"},
		{"user's installation", func(ctx context.Context) (any, error) {
			a, _, err := app.Apps.FindUserInstallation(ctx, "acme")
			return a, err
		}, "acme"},
		{"repository's installation", func(ctx context.Context) (any, error) {
			a, _, err := app.Apps.FindRepositoryInstallation(ctx, "acme", "orders")
			return a, err
		}, "acme"},
		{"hook config", func(ctx context.Context) (any, error) {
			a, _, err := app.Apps.GetHookConfig(ctx)
			return a.GetURL(), err
		}, "/api/github/hook"},
		{"delivery", func(ctx context.Context) (any, error) {
			a, _, err := app.Apps.GetHookDelivery(ctx, deliveries[0].GetID())
			return a, err
		}, deliveries[0].GetGUID()},
		{"redelivery", func(ctx context.Context) (any, error) {
			a, _, err := app.Apps.RedeliverHookDelivery(ctx, deliveries[0].GetID())
			if accepted := (*github.AcceptedError)(nil); errors.As(err, &accepted) {
				return "accepted", nil
			}
			return a, err
		}, "accepted"},
		{"rate limit", func(ctx context.Context) (any, error) { a, _, err := client.RateLimit.Get(ctx); return a, err }, "5000"},
		{"organisation", func(ctx context.Context) (any, error) {
			a, _, err := client.Organizations.Get(ctx, "acme")
			return a, err
		}, "acme"},
		{"user", func(ctx context.Context) (any, error) { a, _, err := client.Users.Get(ctx, "alice"); return a, err }, "alice"},
		{"repositories", func(ctx context.Context) (any, error) {
			a, _, err := client.Apps.ListRepos(ctx, nil)
			return a.Repositories[1], err
		}, "acme/web"},
		{"repository", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.Get(ctx, "acme", "orders")
			return a, err
		}, "acme/orders"},
		{"repository by id", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.GetByID(ctx, w.orders.ID())
			return a, err
		}, "acme/orders"},
		{"file", func(ctx context.Context) (any, error) {
			file, _, _, err := client.Repositories.GetContents(ctx, "acme", "orders", "openapi.yaml", &github.RepositoryContentGetOptions{Ref: head})
			if err != nil {
				return nil, err
			}
			return file.GetContent()
		}, "/items"},
		{"directory", func(ctx context.Context) (any, error) {
			_, a, _, err := client.Repositories.GetContents(ctx, "acme", "orders", "docs", nil)
			return a[0], err
		}, "docs/run.md"},
		{"root", func(ctx context.Context) (any, error) {
			_, a, _, err := client.Repositories.GetContents(ctx, "acme", "orders", "", nil)
			return a[1], err
		}, "README.md"},
		{"branch", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.GetBranch(ctx, "acme", "orders", "more", 1)
			return a.GetCommit().GetSHA(), err
		}, head},
		{"branches", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.ListBranches(ctx, "acme", "orders", nil)
			return a[1].GetName(), err
		}, "more"},
		{"commit", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.GetCommit(ctx, "acme", "orders", "more", nil)
			return a.Files[0], err
		}, "/items"},
		{"commit's SHA", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.GetCommitSHA1(ctx, "acme", "orders", "more", "")
			return a, err
		}, head},
		{"commits", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.ListCommits(ctx, "acme", "orders", &github.CommitsListOptions{Path: "docs"})
			return a[0].GetCommit().GetMessage(), err
		}, "Add the contract"},
		{"compare", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.CompareCommits(ctx, "acme", "orders", "main", "more", nil)
			return a.GetStatus(), err
		}, "diverged"},
		{"tarball", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.GetArchiveLink(ctx, "acme", "orders", github.Tarball, &github.RepositoryContentGetOptions{Ref: "main"}, 0)
			return a, err
		}, "tar.gz"},
		{"blob", func(ctx context.Context) (any, error) {
			a, _, err := client.Git.GetBlob(ctx, "acme", "orders", blob.GetSHA())
			return a.GetEncoding(), err
		}, "base64"},
		{"raw blob", func(ctx context.Context) (any, error) {
			a, _, err := client.Git.GetBlobRaw(ctx, "acme", "orders", blob.GetSHA())
			return string(a), err
		}, "/items"},
		{"git commit", func(ctx context.Context) (any, error) {
			a, _, err := client.Git.GetCommit(ctx, "acme", "orders", head)
			return a, err
		}, "Add a path"},
		{"ref", func(ctx context.Context) (any, error) {
			a, _, err := client.Git.GetRef(ctx, "acme", "orders", "heads/more")
			return a, err
		}, head},
		{"pull ref", func(ctx context.Context) (any, error) {
			a, _, err := client.Git.GetRef(ctx, "acme", "orders", "pull/1/head")
			return a, err
		}, head},
		{"tags", func(ctx context.Context) (any, error) {
			a, _, err := client.Git.ListMatchingRefs(ctx, "acme", "orders", &github.ReferenceListOptions{Ref: "tags/"})
			return a[0], err
		}, "refs/tags/v1"},
		{"permission", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.GetPermissionLevel(ctx, "acme", "orders", "alice")
			return a.GetPermission(), err
		}, "write"},
		{"pull request", func(ctx context.Context) (any, error) {
			a, _, err := client.PullRequests.Get(ctx, "acme", "orders", 1)
			return a, err
		}, "Items, please."},
		{"pull requests", func(ctx context.Context) (any, error) {
			a, _, err := client.PullRequests.List(ctx, "acme", "orders", &github.PullRequestListOptions{Head: "acme:more", State: "all"})
			return a[0], err
		}, "Items, please."},
		{"pull request's commits", func(ctx context.Context) (any, error) {
			a, _, err := client.PullRequests.ListCommits(ctx, "acme", "orders", 1, nil)
			return a[0].GetSHA(), err
		}, head},
		{"pull request's files", func(ctx context.Context) (any, error) {
			a, _, err := client.PullRequests.ListFiles(ctx, "acme", "orders", 1, nil)
			return a[0].GetPatch(), err
		}, "+  /items:"},
		{"commit's pull requests", func(ctx context.Context) (any, error) {
			a, _, err := client.PullRequests.ListPullRequestsWithCommit(ctx, "acme", "orders", head, nil)
			return a[0], err
		}, "Items, please."},
		{"new issue", func(ctx context.Context) (any, error) {
			a, _, err := client.Issues.Create(ctx, "acme", "orders", &github.IssueRequest{Title: str("Rolled back")})
			return a, err
		}, "Rolled back"},
		{"issue", func(ctx context.Context) (any, error) {
			a, _, err := client.Issues.Get(ctx, "acme", "orders", 2)
			return a, err
		}, "Rolled back"},
		{"issues", func(ctx context.Context) (any, error) {
			a, _, err := client.Issues.ListByRepo(ctx, "acme", "orders", nil)
			return a[0], err
		}, "Rolled back"},
		{"closed issue", func(ctx context.Context) (any, error) {
			a, _, err := client.Issues.Edit(ctx, "acme", "orders", 2, &github.IssueRequest{State: str("closed")})
			return a.GetState(), err
		}, "closed"},
		{"edited comment", func(ctx context.Context) (any, error) {
			a, _, err := client.Issues.EditComment(ctx, "acme", "orders", botComment.GetID(), &github.IssueComment{Body: str("Better")})
			return a, err
		}, "Better"},
		{"comment", func(ctx context.Context) (any, error) {
			a, _, err := client.Issues.GetComment(ctx, "acme", "orders", botComment.GetID())
			return a, err
		}, "Better"},
		{"comments", func(ctx context.Context) (any, error) {
			a, _, err := client.Issues.ListComments(ctx, "acme", "orders", 1, nil)
			return a[0].GetReactions().GetEyes(), err
		}, "1"},
		{"reactions", func(ctx context.Context) (any, error) {
			a, _, err := client.Reactions.ListIssueCommentReactions(ctx, "acme", "orders", comment, nil)
			return a[0], err
		}, "plimsoll[bot]"},
		{"reaction taken back", func(ctx context.Context) (any, error) {
			_, err := client.Reactions.DeleteIssueCommentReaction(ctx, "acme", "orders", comment, reaction.GetID())
			return "", err
		}, ""},
		{"deleted comment", func(ctx context.Context) (any, error) {
			_, err := client.Issues.DeleteComment(ctx, "acme", "orders", botComment.GetID())
			return "", err
		}, ""},
		{"updated run", func(ctx context.Context) (any, error) {
			a, _, err := client.Checks.UpdateCheckRun(ctx, "acme", "orders", run.GetID(), github.UpdateCheckRunOptions{
				Name: "plimsoll/contracts", Conclusion: str("success"), Status: str("completed"),
				Output: &github.CheckRunOutput{Title: str("Fine"), Summary: str("Nobody is hit"), Annotations: []*github.CheckRunAnnotation{{
					Path: str("openapi.yaml"), StartLine: github.Int(1), EndLine: github.Int(1), AnnotationLevel: str("notice"), Message: str("m"),
				}}},
			})
			return a.GetConclusion(), err
		}, "success"},
		{"run", func(ctx context.Context) (any, error) {
			a, _, err := client.Checks.GetCheckRun(ctx, "acme", "orders", run.GetID())
			return a, err
		}, "pr/1"},
		{"annotations", func(ctx context.Context) (any, error) {
			a, _, err := client.Checks.ListCheckRunAnnotations(ctx, "acme", "orders", run.GetID(), nil)
			return a[0].GetPath(), err
		}, "openapi.yaml"},
		{"runs", func(ctx context.Context) (any, error) {
			a, _, err := client.Checks.ListCheckRunsForRef(ctx, "acme", "orders", head, nil)
			return a.CheckRuns[0], err
		}, "pr/1"},
		{"suite's runs", func(ctx context.Context) (any, error) {
			a, _, err := client.Checks.ListCheckRunsCheckSuite(ctx, "acme", "orders", run.GetCheckSuite().GetID(), nil)
			return a.CheckRuns[0], err
		}, "pr/1"},
		{"suite", func(ctx context.Context) (any, error) {
			a, _, err := client.Checks.GetCheckSuite(ctx, "acme", "orders", run.GetCheckSuite().GetID())
			return a.GetConclusion(), err
		}, "success"},
		{"suites", func(ctx context.Context) (any, error) {
			a, _, err := client.Checks.ListCheckSuitesForRef(ctx, "acme", "orders", "more", nil)
			return a.CheckSuites[0].GetHeadSHA(), err
		}, head},
		{"rerequested run", func(ctx context.Context) (any, error) {
			_, err := client.Checks.ReRequestCheckRun(ctx, "acme", "orders", run.GetID())
			return "", err
		}, ""},
		{"status", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.CreateStatus(ctx, "acme", "orders", head, &github.RepoStatus{State: str("success"), Context: str("plimsoll")})
			return a, err
		}, "plimsoll"},
		{"combined status", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.GetCombinedStatus(ctx, "acme", "orders", head, nil)
			return a.GetState(), err
		}, "success"},
		{"deployments", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.ListDeployments(ctx, "acme", "orders", &github.DeploymentsListOptions{Environment: "production"})
			return a[0].GetID(), err
		}, fmt.Sprint(deployed.ID())},
		{"deployment", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.GetDeployment(ctx, "acme", "orders", deployed.ID())
			return a.GetSHA(), err
		}, deployed.SHA()},
		{"new deployment", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.CreateDeployment(ctx, "acme", "orders", &github.DeploymentRequest{
				Ref: str(deployed.SHA()), Task: str("rollback"), AutoMerge: github.Bool(false), RequiredContexts: &[]string{}, Payload: map[string]any{"undoes": 1},
			})
			return a.GetTask(), err
		}, "rollback"},
		{"new deployment status", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.CreateDeploymentStatus(ctx, "acme", "orders", deployed.ID(), &github.DeploymentStatusRequest{
				State: str("failure"), Description: str("errors rose"), LogURL: str("https://plimsoll.test/1"),
			})
			return a.GetLogURL(), err
		}, "https://plimsoll.test/1"},
		{"deployment statuses", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.ListDeploymentStatuses(ctx, "acme", "orders", deployed.ID(), nil)
			return a[1].GetState(), err
		}, "in_progress"},
		{"deployment status", func(ctx context.Context) (any, error) {
			all, _, err := client.Repositories.ListDeploymentStatuses(ctx, "acme", "orders", deployed.ID(), nil)
			if err != nil {
				return nil, err
			}
			a, _, err := client.Repositories.GetDeploymentStatus(ctx, "acme", "orders", deployed.ID(), all[0].GetID())
			return a.GetState(), err
		}, "failure"},
		{"environment", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.GetEnvironment(ctx, "acme", "orders", "production")
			return a.GetName(), err
		}, "production"},
		{"environments", func(ctx context.Context) (any, error) {
			a, _, err := client.Repositories.ListEnvironments(ctx, "acme", "orders", nil)
			return a.GetTotalCount(), err
		}, "1"},
		{"workflow run", raw(client, "GET", "repos/acme/orders/actions/runs/"+runID, nil), "waiting"},
		{"pending deployments", raw(client, "GET", "repos/acme/orders/actions/runs/"+runID+"/pending_deployments", nil), "production"},
		{"gate", raw(client, "POST", "repos/acme/orders/actions/runs/"+runID+"/deployment_protection_rule", map[string]string{"environment_name": "production", "state": "approved", "comment": "Go"}), "204"},
		{"dispatch", func(ctx context.Context) (any, error) {
			_, err := client.Actions.CreateWorkflowDispatchEventByFileName(ctx, "acme", "orders", "rollback.yml", github.CreateWorkflowDispatchEventRequest{Ref: "main", Inputs: map[string]any{"commit": head}})
			return "", err
		}, ""},
		{"revoked token", func(ctx context.Context) (any, error) {
			_, err := client.Apps.RevokeInstallationToken(ctx)
			return "", err
		}, ""},
	}
	for _, c := range calls {
		answer, err := c.do(t.Context())
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := fmt.Sprint(answer); !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q in %s", c.name, c.want, got)
		}
	}

	called := map[string]bool{}
	for _, e := range w.sim.Requests() {
		if e.Status < 400 {
			called[e.Operation] = true
		}
	}
	for id, answered := range simulator.OperationIDs() {
		if !answered {
			t.Errorf("the simulator does not answer %s", id)
		}
		if !called[id] {
			t.Errorf("%s is not called by this test", id)
		}
	}
	if unknown := simulator.UnknownOperations(); len(unknown) > 0 {
		t.Errorf("not in GitHub's description: %v", unknown)
	}
	if got := deployed.Gate(); len(got) != 1 || got[0] != "production approved: Go" {
		t.Errorf("gate: %q", got)
	}
	if all := w.sim.RenderAll(); !strings.Contains(all, "workflow rollback.yml started on main") || !strings.Contains(all, "status failure: errors rose https://plimsoll.test/1") {
		t.Errorf("RenderAll:\n%s", all)
	}
}

func TestDescriptionNamesItsVersion(t *testing.T) {
	if got := simulator.DescriptionVersion(); got != "23.0.2" {
		t.Errorf("version %q", got)
	}
}
