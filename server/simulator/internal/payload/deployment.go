package payload

import (
	"fmt"

	"plimsoll/server/simulator/internal/model"
)

// Deployment is a deployment. GitHub names no App on a deployment or its statuses.
func (b *Builder) Deployment(d *model.Deployment) Object {
	own := b.API("/repos/%s/deployments/%d", d.Repo.FullName(), d.ID)
	return b.Fill("deployment", Object{
		"id": d.ID, "url": own, "statuses_url": own + "/statuses", "repository_url": b.API("/repos/%s", d.Repo.FullName()),
		"sha": d.SHA.String(), "ref": d.Ref, "task": d.Task, "payload": d.Payload, "environment": d.Environment, "original_environment": d.Environment,
		"description": TextOrNil(d.Description), "creator": b.User(d.Creator), "production_environment": d.Production, "transient_environment": d.Transient,
		"created_at": Stamp(d.Created), "updated_at": Stamp(d.Updated), "performed_via_github_app": nil,
	})
}

// DeploymentStatus is a status of a deployment.
func (b *Builder) DeploymentStatus(status *model.DeploymentStatus) Object {
	d := status.Deployment
	deployment := b.API("/repos/%s/deployments/%d", d.Repo.FullName(), d.ID)
	return b.Fill("deployment-status", Object{
		"id": status.ID, "url": fmt.Sprintf("%s/statuses/%d", deployment, status.ID), "state": status.State, "description": status.Description,
		"environment": status.Environment, "environment_url": status.EnvironmentURL, "log_url": status.LogURL, "target_url": status.LogURL,
		"creator": b.User(status.Creator), "created_at": Stamp(status.Created), "updated_at": Stamp(status.Created),
		"deployment_url": deployment, "repository_url": b.API("/repos/%s", d.Repo.FullName()),
		"performed_via_github_app": nil,
	})
}

// Environment is an environment of a repository.
func (b *Builder) Environment(r *model.Repository, e *model.Environment) Object {
	rules := []any{}
	if e.Gated {
		rules = append(rules, Object{"id": e.ID, "node_id": NodeID(e.ID), "type": b.github.App.Slug})
	}
	return Object{
		"id": e.ID, "node_id": NodeID(e.ID), "name": e.Name, "url": b.API("/repos/%s/environments/%s", r.FullName(), e.Name),
		"html_url": b.Web("/%s/deployments/activity_log?environment=%s", r.FullName(), e.Name), "protection_rules": rules,
		"created_at": Stamp(e.Created), "updated_at": Stamp(e.Created), "deployment_branch_policy": nil,
	}
}

// WorkflowRun is a run of GitHub Actions behind a deployment.
func (b *Builder) WorkflowRun(run *model.WorkflowRun) Object {
	r := run.Repo
	return b.Fill("workflow-run", Object{
		"id": run.ID, "name": "deploy", "display_title": "deploy", "path": ".github/workflows/deploy.yml", "workflow_id": 1,
		"event": "deployment", "head_branch": TextOrNil(r.BranchAt(run.Deployment.SHA)), "head_sha": run.Deployment.SHA.String(),
		"head_commit": b.HeadCommit(r.Git.MustCommit(run.Deployment.SHA)), "repository": b.Repository("minimal-repository", r),
		"head_repository": b.Repository("minimal-repository", r), "pull_requests": []any{}, "run_number": run.Number,
		"status": run.Status, "conclusion": TextOrNil(run.Conclusion), "actor": b.User(run.Deployment.Creator),
		"url": b.API("/repos/%s/actions/runs/%d", r.FullName(), run.ID), "html_url": b.Web("/%s/actions/runs/%d", r.FullName(), run.ID),
		"created_at": Stamp(run.Created), "updated_at": Stamp(run.Created),
		"run_attempt": 1, "run_started_at": Stamp(run.Created),
	})
}

// Dispatched is the run of a workflow that the App started.
func (b *Builder) Dispatched(r *model.Repository, d model.Dispatch) Object {
	head := r.MustResolve(d.Ref)
	return b.Fill("workflow-run", Object{
		"id": d.ID, "name": d.Workflow, "display_title": d.Workflow, "path": ".github/workflows/" + d.Workflow, "workflow_id": 1,
		"event": "workflow_dispatch", "head_branch": d.Ref, "head_sha": head.String(), "head_commit": b.HeadCommit(r.Git.MustCommit(head)),
		"repository": b.Repository("minimal-repository", r), "head_repository": b.Repository("minimal-repository", r),
		"pull_requests": []any{}, "run_number": 1, "status": "queued", "conclusion": nil, "actor": b.User(b.github.App.Bot),
		"url": b.API("/repos/%s/actions/runs/%d", r.FullName(), d.ID), "html_url": b.Web("/%s/actions/runs/%d", r.FullName(), d.ID),
		"created_at": Stamp(d.At), "updated_at": Stamp(d.At),
	})
}
