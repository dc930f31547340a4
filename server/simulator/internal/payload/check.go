package payload

import "plimsoll/server/simulator/internal/model"

// CheckSuite is a check suite.
func (b *Builder) CheckSuite(c *model.CheckSuite) Object {
	head := c.Repo.Git.MustCommit(c.Head)
	return b.Fill("check-suite", Object{
		"id": c.ID, "head_sha": c.Head.String(), "head_branch": TextOrNil(c.Branch), "status": c.Status(), "conclusion": TextOrNil(c.Conclusion()),
		"before": nil, "after": c.Head.String(), "url": b.API("/repos/%s/check-suites/%d", c.Repo.FullName(), c.ID),
		"app": b.App(c.App), "pull_requests": List(c.Pulls(), b.pullStub), "repository": b.Repository("minimal-repository", c.Repo),
		"created_at": Stamp(c.Created), "updated_at": Stamp(c.Updated), "head_commit": b.HeadCommit(head),
		"latest_check_runs_count": len(c.Latest()), "rerequestable": true, "runs_rerequestable": true,
	})
}

func (b *Builder) runURL(run *model.CheckRun) string {
	return b.Web("/%s/runs/%d", run.Suite.Repo.FullName(), run.ID)
}

// CheckRun is a check run.
func (b *Builder) CheckRun(run *model.CheckRun) Object {
	repo := run.Suite.Repo
	own := b.API("/repos/%s/check-runs/%d", repo.FullName(), run.ID)
	output := Object{
		"title": TextOrNil(run.Title), "summary": TextOrNil(run.Summary), "text": TextOrNil(run.Text),
		"annotations_count": len(run.Annotations), "annotations_url": own + "/annotations",
	}
	details := run.DetailsURL
	if details == "" {
		details = run.Suite.App.URL
	}
	return b.Fill("check-run", Object{
		"id": run.ID, "name": run.Name, "head_sha": run.Suite.Head.String(), "external_id": run.ExternalID,
		"url": own, "html_url": b.runURL(run), "details_url": details, "status": run.Status, "conclusion": TextOrNil(run.Conclusion),
		"started_at": StampOrNil(run.Started), "completed_at": StampOrNil(run.Completed), "output": output,
		"check_suite": Object{"id": run.Suite.ID}, "app": b.App(run.Suite.App), "pull_requests": List(run.Suite.Pulls(), b.pullStub),
	})
}

// Annotation is an annotation of a check run.
func (b *Builder) Annotation(run *model.CheckRun, a model.Annotation) Object {
	return Object{
		"path": a.Path, "start_line": a.StartLine, "end_line": a.EndLine, "start_column": a.StartColumn, "end_column": a.EndColumn,
		"annotation_level": a.Level, "message": a.Message, "title": a.Title, "raw_details": a.RawDetails,
		"blob_href": b.Web("/%s/blob/%s/%s", run.Suite.Repo.FullName(), run.Suite.Head, a.Path),
	}
}

// Status is a commit status by the schema of that name: status or simple-commit-status.
func (b *Builder) Status(schema string, status *model.CommitStatus) Object {
	o := Object{
		"id": status.ID, "state": status.State, "context": status.Context, "description": TextOrNil(status.Description), "target_url": TextOrNil(status.TargetURL),
		"created_at": Stamp(status.Created), "updated_at": Stamp(status.Created), "avatar_url": b.Web("/avatars/%d", status.Creator.ID),
		"url": b.API("/statuses/%d", status.ID),
	}
	if schema == "status" {
		o["creator"] = b.User(status.Creator)
	}
	return b.Fill(schema, o)
}
