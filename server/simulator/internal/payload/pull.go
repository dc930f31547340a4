package payload

import (
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/internal/git"
	"plimsoll/server/simulator/internal/model"
)

// side is one end of a pull request.
func (b *Builder) side(r *model.Repository, ref string, sha plumbing.Hash) Object {
	return Object{
		"label": r.Owner.Login + ":" + ref, "ref": ref, "sha": sha.String(),
		"user": b.User(r.Owner), "repo": b.Repository("repository", r),
	}
}

// PullPage is the address of a pull request's page.
func (b *Builder) PullPage(p *model.PullRequest) string {
	return b.Web("/%s/pull/%d", p.Repo.FullName(), p.Number)
}

// Pull is a pull request by the schema pull-request-simple or, with counts and
// mergeability, pull-request.
func (b *Builder) Pull(schema string, p *model.PullRequest) Object {
	own := b.API("/repos/%s/pulls/%d", p.Repo.FullName(), p.Number)
	asIssue := b.API("/repos/%s/issues/%d", p.Repo.FullName(), p.Number)
	link := func(href string) Object { return Object{"href": href} }
	o := Object{
		"id": p.ID, "number": p.Number, "url": own, "html_url": b.PullPage(p), "issue_url": asIssue, "comments_url": asIssue + "/comments",
		"state": p.State, "draft": p.Draft, "locked": false, "title": p.Title, "body": TextOrNil(p.Body), "user": b.User(p.Author),
		"labels":     b.labels(p.Issue),
		"head":       b.side(p.HeadRepo, p.HeadRef, p.Head),
		"base":       b.side(p.Repo, p.BaseRef, p.Base),
		"created_at": Stamp(p.Created), "updated_at": Stamp(p.Updated), "closed_at": StampOrNil(p.Closed), "merged_at": StampOrNil(p.MergedAt),
		"merge_commit_sha": nil, "assignee": nil, "assignees": []any{}, "milestone": nil, "auto_merge": nil,
		"requested_reviewers": []any{}, "requested_teams": []any{}, "author_association": p.Association(p.Author),
		"_links": Object{
			"self": link(own), "html": link(b.PullPage(p)), "issue": link(asIssue), "comments": link(asIssue + "/comments"),
			"review_comments": link(own + "/comments"), "review_comment": link(own + "/comments{/number}"),
			"commits": link(own + "/commits"), "statuses": link(b.API("/repos/%s/statuses/%s", p.Repo.FullName(), p.Head)),
		},
	}
	if !p.MergeCommit.IsZero() {
		o["merge_commit_sha"] = p.MergeCommit.String()
	}
	if schema == "pull-request" {
		files := p.Files()
		additions, deletions := 0, 0
		for _, f := range files {
			additions += f.Additions
			deletions += f.Deletions
		}
		mergeable := p.State == "open" && p.Mergeable()
		if mergeable {
			o["merge_commit_sha"] = p.TestMerge().String()
		}
		state := "clean"
		if !mergeable {
			state = "dirty"
		}
		for key, value := range (Object{
			"additions": additions, "deletions": deletions, "changed_files": len(files), "comments": len(p.Comments),
			"commits": len(p.Repo.Git.Log(p.Repo.Git.MergeBase(p.Base, p.Head), p.Head, 0)), "review_comments": 0, "maintainer_can_modify": true,
			"mergeable": mergeable, "mergeable_state": state, "rebaseable": mergeable,
			"merged": p.MergedAt != nil, "merged_by": b.UserOrNil(p.MergedBy),
		}) {
			o[key] = value
		}
	}
	return b.Fill(schema, o)
}

// pullStub is how check runs and workflow runs name a pull request.
func (b *Builder) pullStub(p *model.PullRequest) Object {
	stub := func(r *model.Repository) Object {
		return Object{"id": r.ID, "name": r.Name, "url": b.API("/repos/%s", r.FullName())}
	}
	return Object{
		"id": p.ID, "number": p.Number, "url": b.API("/repos/%s/pulls/%d", p.Repo.FullName(), p.Number),
		"head": Object{"ref": p.HeadRef, "sha": p.Head.String(), "repo": stub(p.HeadRepo)},
		"base": Object{"ref": p.BaseRef, "sha": p.Base.String(), "repo": stub(p.Repo)},
	}
}

// File is a changed file of a comparison whose head is at.
func (b *Builder) File(r *model.Repository, at plumbing.Hash, f git.FileChange) Object {
	page := fmt.Sprintf("%s/%s", at, f.Path)
	o := Object{
		"sha": f.Blob.String(), "filename": f.Path, "status": f.Status, "additions": f.Additions, "deletions": f.Deletions,
		"changes":  f.Additions + f.Deletions,
		"blob_url": b.Web("/%s/blob/%s", r.FullName(), page), "raw_url": b.Web("/%s/raw/%s", r.FullName(), page),
		"contents_url": b.API("/repos/%s/contents/%s?ref=%s", r.FullName(), f.Path, at),
	}
	if f.Previous != "" {
		o["previous_filename"] = f.Previous
	}
	if f.Patch != "" {
		o["patch"] = f.Patch
	}
	return o
}
