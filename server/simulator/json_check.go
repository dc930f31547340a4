package simulator

import "fmt"

func (s *Simulator) suiteJSON(c *CheckSuite) object {
	head := c.repo.git.mustCommit(c.head)
	return s.fill("check-suite", object{
		"id": c.id, "head_sha": c.head.String(), "head_branch": textOrNil(c.branch), "status": c.status(), "conclusion": textOrNil(c.conclusion()),
		"before": nil, "after": c.head.String(), "url": s.api("/repos/%s/check-suites/%d", c.repo.fullName(), c.id),
		"app": s.appJSON(c.app), "pull_requests": list(c.pulls(), s.pullStub), "repository": s.repositoryJSON("minimal-repository", c.repo),
		"created_at": stamp(c.created), "updated_at": stamp(c.updated), "head_commit": s.headCommitJSON(head),
		"latest_check_runs_count": len(c.latest()), "rerequestable": true, "runs_rerequestable": true,
	})
}

func (s *Simulator) runURL(run *checkRun) string {
	return s.web("/%s/runs/%d", run.suite.repo.fullName(), run.id)
}

func (s *Simulator) runJSON(run *checkRun) object {
	repo := run.suite.repo
	own := s.api("/repos/%s/check-runs/%d", repo.fullName(), run.id)
	output := object{
		"title": textOrNil(run.title), "summary": textOrNil(run.summary), "text": textOrNil(run.text),
		"annotations_count": len(run.annotations), "annotations_url": own + "/annotations",
	}
	details := run.detailsURL
	if details == "" {
		details = run.suite.app.url
	}
	return s.fill("check-run", object{
		"id": run.id, "name": run.name, "head_sha": run.suite.head.String(), "external_id": run.externalID,
		"url": own, "html_url": s.runURL(run), "details_url": details, "status": run.status, "conclusion": textOrNil(run.conclusion),
		"started_at": stampOrNil(run.started), "completed_at": stampOrNil(run.completed), "output": output,
		"check_suite": object{"id": run.suite.id}, "app": s.appJSON(run.suite.app), "pull_requests": list(run.suite.pulls(), s.pullStub),
	})
}

func (s *Simulator) annotationJSON(run *checkRun, a annotation) object {
	return object{
		"path": a.Path, "start_line": a.StartLine, "end_line": a.EndLine, "start_column": a.StartColumn, "end_column": a.EndColumn,
		"annotation_level": a.Level, "message": a.Message, "title": a.Title, "raw_details": a.RawDetails,
		"blob_href": s.web("/%s/blob/%s/%s", run.suite.repo.fullName(), run.suite.head, a.Path),
	}
}

// environmentURL etc. are part of a status only where they were given.
func (s *Simulator) deploymentJSON(d *Deployment) object {
	own := s.api("/repos/%s/deployments/%d", d.repo.fullName(), d.id)
	return s.fill("deployment", object{
		"id": d.id, "url": own, "statuses_url": own + "/statuses", "repository_url": s.api("/repos/%s", d.repo.fullName()),
		"sha": d.sha.String(), "ref": d.ref, "task": d.task, "payload": d.payload, "environment": d.environment, "original_environment": d.environment,
		"description": textOrNil(d.description), "creator": s.userJSON(d.creator), "production_environment": d.production, "transient_environment": d.transient,
		"created_at": stamp(d.created), "updated_at": stamp(d.updated), "performed_via_github_app": s.appOrNil(d.byApp),
	})
}

func (s *Simulator) deploymentStatusJSON(d *Deployment, status *deploymentStatus) object {
	deployment := s.api("/repos/%s/deployments/%d", d.repo.fullName(), d.id)
	return s.fill("deployment-status", object{
		"id": status.id, "url": fmt.Sprintf("%s/statuses/%d", deployment, status.id), "state": status.state, "description": status.description,
		"environment": status.environment, "environment_url": status.environmentURL, "log_url": status.logURL, "target_url": status.logURL,
		"creator": s.userJSON(status.creator), "created_at": stamp(status.created), "updated_at": stamp(status.created),
		"deployment_url": deployment, "repository_url": s.api("/repos/%s", d.repo.fullName()),
		"performed_via_github_app": s.appOrNil(status.byApp),
	})
}

func (s *Simulator) environmentJSON(r *Repository, e *environment) object {
	rules := []any{}
	if e.gated {
		rules = append(rules, object{"id": e.id, "node_id": nodeID(e.id), "type": s.app.slug})
	}
	return object{
		"id": e.id, "node_id": nodeID(e.id), "name": e.name, "url": s.api("/repos/%s/environments/%s", r.fullName(), e.name),
		"html_url": s.web("/%s/deployments/activity_log?environment=%s", r.fullName(), e.name), "protection_rules": rules,
		"created_at": stamp(e.created), "updated_at": stamp(e.created), "deployment_branch_policy": nil,
	}
}

func (s *Simulator) workflowRunJSON(run *workflowRun) object {
	r := run.repo
	return s.fill("workflow-run", object{
		"id": run.id, "name": "deploy", "display_title": "deploy", "path": ".github/workflows/deploy.yml", "workflow_id": 1,
		"event": "deployment", "head_branch": textOrNil(r.branchAt(run.deployment.sha)), "head_sha": run.deployment.sha.String(),
		"head_commit": s.headCommitJSON(r.git.mustCommit(run.deployment.sha)), "repository": s.repositoryJSON("minimal-repository", r),
		"head_repository": s.repositoryJSON("minimal-repository", r), "pull_requests": []any{}, "run_number": run.number,
		"status": run.status, "conclusion": textOrNil(run.conclusion), "actor": s.userJSON(run.deployment.creator),
		"url": s.api("/repos/%s/actions/runs/%d", r.fullName(), run.id), "html_url": s.web("/%s/actions/runs/%d", r.fullName(), run.id),
		"created_at": stamp(run.created), "updated_at": stamp(run.created),
		"run_attempt": 1, "run_started_at": stamp(run.created),
	})
}
