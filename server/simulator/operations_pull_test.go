package simulator_test

import (
	"context"
	"fmt"

	"github.com/google/go-github/v60/github"
)

// pullCalls are calls on pull requests, issues and their conversation.
func (s *scene) pullCalls() []call {
	str := github.String
	return []call{
		{"permission", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.GetPermissionLevel(ctx, "acme", "orders", "alice")
			return a.GetPermission(), err
		}, "write"},
		{"pull request", func(ctx context.Context) (any, error) {
			a, _, err := s.client.PullRequests.Get(ctx, "acme", "orders", 1)
			return a, err
		}, "Items, please."},
		{"pull requests", func(ctx context.Context) (any, error) {
			a, _, err := s.client.PullRequests.List(ctx, "acme", "orders", &github.PullRequestListOptions{Head: "acme:more", State: "all"})
			return a[0], err
		}, "Items, please."},
		{"pull request's commits", func(ctx context.Context) (any, error) {
			a, _, err := s.client.PullRequests.ListCommits(ctx, "acme", "orders", 1, nil)
			return a[0].GetSHA(), err
		}, s.head},
		{"pull request's files", func(ctx context.Context) (any, error) {
			a, _, err := s.client.PullRequests.ListFiles(ctx, "acme", "orders", 1, nil)
			return a[0].GetPatch(), err
		}, "+  /items:"},
		{"commit's pull requests", func(ctx context.Context) (any, error) {
			a, _, err := s.client.PullRequests.ListPullRequestsWithCommit(ctx, "acme", "orders", s.head, nil)
			return a[0], err
		}, "Items, please."},
		{"new issue", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Issues.Create(ctx, "acme", "orders", &github.IssueRequest{Title: str("Rolled back")})
			return a, err
		}, "Rolled back"},
		{"issue", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Issues.Get(ctx, "acme", "orders", 2)
			return a, err
		}, "Rolled back"},
		{"issues", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Issues.ListByRepo(ctx, "acme", "orders", nil)
			return a[0], err
		}, "Rolled back"},
		{"closed issue", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Issues.Edit(ctx, "acme", "orders", 2, &github.IssueRequest{State: str("closed")})
			return a.GetState(), err
		}, "closed"},
		{"edited comment", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Issues.EditComment(ctx, "acme", "orders", s.botComment.GetID(), &github.IssueComment{Body: str("Better")})
			return a, err
		}, "Better"},
		{"comment", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Issues.GetComment(ctx, "acme", "orders", s.botComment.GetID())
			return a, err
		}, "Better"},
		{"comments", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Issues.ListComments(ctx, "acme", "orders", 1, nil)
			return a[0].GetReactions().GetEyes(), err
		}, "1"},
		{"reactions", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Reactions.ListIssueCommentReactions(ctx, "acme", "orders", s.comment, nil)
			return a[0], err
		}, "plimsoll[bot]"},
		{"reaction taken back", func(ctx context.Context) (any, error) {
			_, err := s.client.Reactions.DeleteIssueCommentReaction(ctx, "acme", "orders", s.comment, s.reaction.GetID())
			return "", err
		}, ""},
		{"deleted comment", func(ctx context.Context) (any, error) {
			_, err := s.client.Issues.DeleteComment(ctx, "acme", "orders", s.botComment.GetID())
			return "", err
		}, ""},
	}
}

// checkCalls are calls on check runs and statuses.
func (s *scene) checkCalls() []call {
	str := github.String
	return []call{
		{"updated run", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Checks.UpdateCheckRun(ctx, "acme", "orders", s.run.GetID(), github.UpdateCheckRunOptions{
				Name: "plimsoll/contracts", Conclusion: str("success"), Status: str("completed"),
				Output: &github.CheckRunOutput{Title: str("Fine"), Summary: str("Nobody is hit"), Annotations: []*github.CheckRunAnnotation{{
					Path: str("openapi.yaml"), StartLine: github.Int(1), EndLine: github.Int(1), AnnotationLevel: str("notice"), Message: str("m"),
				}}},
			})
			return a.GetConclusion(), err
		}, "success"},
		{"run", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Checks.GetCheckRun(ctx, "acme", "orders", s.run.GetID())
			return a, err
		}, "pr/1"},
		{"annotations", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Checks.ListCheckRunAnnotations(ctx, "acme", "orders", s.run.GetID(), nil)
			return a[0].GetPath(), err
		}, "openapi.yaml"},
		{"runs", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Checks.ListCheckRunsForRef(ctx, "acme", "orders", s.head, nil)
			return a.CheckRuns[0], err
		}, "pr/1"},
		{"suite's runs", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Checks.ListCheckRunsCheckSuite(ctx, "acme", "orders", s.run.GetCheckSuite().GetID(), nil)
			return a.CheckRuns[0], err
		}, "pr/1"},
		{"suite", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Checks.GetCheckSuite(ctx, "acme", "orders", s.run.GetCheckSuite().GetID())
			return a.GetConclusion(), err
		}, "success"},
		{"suites", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Checks.ListCheckSuitesForRef(ctx, "acme", "orders", "more", nil)
			return a.CheckSuites[0].GetHeadSHA(), err
		}, s.head},
		{"rerequested run", func(ctx context.Context) (any, error) {
			_, err := s.client.Checks.ReRequestCheckRun(ctx, "acme", "orders", s.run.GetID())
			return "", err
		}, ""},
		{"status", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.CreateStatus(ctx, "acme", "orders", s.head, &github.RepoStatus{State: str("success"), Context: str("plimsoll")})
			return a, err
		}, "plimsoll"},
		{"combined status", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.GetCombinedStatus(ctx, "acme", "orders", s.head, nil)
			return a.GetState(), err
		}, "success"},
	}
}

// releaseCalls are calls on releases.
func (s *scene) releaseCalls() []call {
	return []call{
		{"releases", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.ListReleases(ctx, "acme", "orders", nil)
			return a[0].GetName(), err
		}, "First"},
		{"release", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.GetRelease(ctx, "acme", "orders", s.released.ID())
			return a.GetName(), err
		}, "First"},
		{"release of a tag", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.GetReleaseByTag(ctx, "acme", "orders", "v1")
			return a.GetName(), err
		}, "First"},
	}
}

// deploymentCalls are calls on deployments, environments and workflows.
func (s *scene) deploymentCalls() []call {
	str := github.String
	return []call{
		{"deployments", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.ListDeployments(ctx, "acme", "orders", &github.DeploymentsListOptions{Environment: "production"})
			return a[0].GetID(), err
		}, fmt.Sprint(s.deployed.ID())},
		{"deployment", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.GetDeployment(ctx, "acme", "orders", s.deployed.ID())
			return a.GetSHA(), err
		}, s.deployed.SHA()},
		{"new deployment", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.CreateDeployment(ctx, "acme", "orders", &github.DeploymentRequest{
				Ref: str(s.deployed.SHA()), Task: str("rollback"), AutoMerge: github.Bool(false), RequiredContexts: &[]string{}, Payload: map[string]any{"undoes": 1},
			})
			return a.GetTask(), err
		}, "rollback"},
		{"new deployment status", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.CreateDeploymentStatus(ctx, "acme", "orders", s.deployed.ID(), &github.DeploymentStatusRequest{
				State: str("failure"), Description: str("errors rose"), LogURL: str("https://plimsoll.test/1"),
			})
			return a.GetLogURL(), err
		}, "https://plimsoll.test/1"},
		{"deployment statuses", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.ListDeploymentStatuses(ctx, "acme", "orders", s.deployed.ID(), nil)
			return a[1].GetState(), err
		}, "in_progress"},
		{"deployment status", func(ctx context.Context) (any, error) {
			all, _, err := s.client.Repositories.ListDeploymentStatuses(ctx, "acme", "orders", s.deployed.ID(), nil)
			if err != nil {
				return nil, err
			}
			a, _, err := s.client.Repositories.GetDeploymentStatus(ctx, "acme", "orders", s.deployed.ID(), all[0].GetID())
			return a.GetState(), err
		}, "failure"},
		{"environment", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.GetEnvironment(ctx, "acme", "orders", "production")
			return a.GetName(), err
		}, "production"},
		{"environments", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Repositories.ListEnvironments(ctx, "acme", "orders", nil)
			return a.GetTotalCount(), err
		}, "1"},
		{"workflow run", raw(s.client, "GET", "repos/acme/orders/actions/runs/"+s.runID, nil), "waiting"},
		{"workflow runs that wait", raw(s.client, "GET", "repos/acme/orders/actions/runs?status=waiting", nil), s.runID},
		{"protection rules", raw(s.client, "GET", "repos/acme/orders/environments/production/deployment_protection_rules", nil), "plimsoll"},
		{"pending deployments", raw(s.client, "GET", "repos/acme/orders/actions/runs/"+s.runID+"/pending_deployments", nil), "production"},
		{"gate", raw(s.client, "POST", "repos/acme/orders/actions/runs/"+s.runID+"/deployment_protection_rule", map[string]string{"environment_name": "production", "state": "approved", "comment": "Go"}), "204"},
		{"dispatch", func(ctx context.Context) (any, error) {
			_, err := s.client.Actions.CreateWorkflowDispatchEventByFileName(ctx, "acme", "orders", "rollback.yml", github.CreateWorkflowDispatchEventRequest{Ref: "main", Inputs: map[string]any{"commit": s.head}})
			return "", err
		}, ""},
		{"runs of a workflow", func(ctx context.Context) (any, error) {
			a, _, err := s.client.Actions.ListWorkflowRunsByFileName(ctx, "acme", "orders", "rollback.yml", &github.ListWorkflowRunsOptions{Event: "workflow_dispatch", Actor: "plimsoll[bot]"})
			return a.GetTotalCount(), err
		}, "1"},
		{"revoked token", func(ctx context.Context) (any, error) {
			_, err := s.client.Apps.RevokeInstallationToken(ctx)
			return "", err
		}, ""},
	}
}
