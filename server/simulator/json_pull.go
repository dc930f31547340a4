package simulator

import (
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"
)

// side is one end of a pull request.
func (s *Simulator) sideJSON(r *Repository, ref string, sha plumbing.Hash) object {
	return object{
		"label": r.owner.login + ":" + ref, "ref": ref, "sha": sha.String(),
		"user": s.userJSON(r.owner), "repo": s.repositoryJSON("repository", r),
	}
}

// pullJSON is a pull request by the schema pull-request-simple or, with counts and
// mergeability, pull-request.
func (s *Simulator) pullJSON(schema string, p *PullRequest) object {
	own := s.api("/repos/%s/pulls/%d", p.repo.fullName(), p.number)
	asIssue := s.api("/repos/%s/issues/%d", p.repo.fullName(), p.number)
	link := func(href string) object { return object{"href": href} }
	o := object{
		"id": p.id, "number": p.number, "url": own, "html_url": p.url(), "issue_url": asIssue, "comments_url": asIssue + "/comments",
		"state": p.state, "draft": p.draft, "locked": false, "title": p.title, "body": textOrNil(p.body), "user": s.userJSON(p.author),
		"labels":     list(p.labels, p.repo.labelJSON),
		"head":       s.sideJSON(p.headRepo, p.headRef, p.head),
		"base":       s.sideJSON(p.repo, p.baseRef, p.base),
		"created_at": stamp(p.created), "updated_at": stamp(p.updated), "closed_at": stampOrNil(p.closed), "merged_at": stampOrNil(p.mergedAt),
		"merge_commit_sha": nil, "assignee": nil, "assignees": []any{}, "milestone": nil, "auto_merge": nil,
		"requested_reviewers": []any{}, "requested_teams": []any{}, "author_association": p.association(p.author),
		"_links": object{
			"self": link(own), "html": link(p.url()), "issue": link(asIssue), "comments": link(asIssue + "/comments"),
			"review_comments": link(own + "/comments"), "review_comment": link(own + "/comments{/number}"),
			"commits": link(own + "/commits"), "statuses": link(s.api("/repos/%s/statuses/%s", p.repo.fullName(), p.head)),
		},
	}
	if !p.merge.IsZero() {
		o["merge_commit_sha"] = p.merge.String()
	}
	if schema == "pull-request" {
		files, git := p.files(), p.repo.git
		additions, deletions := 0, 0
		for _, f := range files {
			additions += f.additions
			deletions += f.deletions
		}
		mergeable := p.state == "open" && p.mergeable()
		state := "clean"
		if !mergeable {
			state = "dirty"
		}
		for key, value := range (object{
			"additions": additions, "deletions": deletions, "changed_files": len(files), "comments": len(p.comments),
			"commits": len(git.log(git.mergeBase(p.base, p.head), p.head, 0)), "review_comments": 0, "maintainer_can_modify": true,
			"mergeable": mergeable, "mergeable_state": state, "rebaseable": mergeable,
			"merged": p.mergedAt != nil, "merged_by": s.userOrNil(p.mergedBy),
		}) {
			o[key] = value
		}
	}
	return s.fill(schema, o)
}

// association is how an account stands to the issue's repository.
func (i *issue) association(a *account) string {
	switch i.repo.role(a) {
	case "admin":
		return "OWNER"
	case "maintain", "write", "triage":
		return "MEMBER"
	}
	return "NONE"
}

func (r *Repository) labelJSON(name string) object {
	return object{
		"id": 1, "node_id": nodeID(name), "name": name, "color": "ededed", "default": false, "description": "",
		"url": r.sim.api("/repos/%s/labels/%s", r.fullName(), name),
	}
}

// pullStub is how check runs and workflow runs name a pull request.
func (s *Simulator) pullStub(p *PullRequest) object {
	stub := func(r *Repository) object {
		return object{"id": r.id, "name": r.name, "url": s.api("/repos/%s", r.fullName())}
	}
	return object{
		"id": p.id, "number": p.number, "url": s.api("/repos/%s/pulls/%d", p.repo.fullName(), p.number),
		"head": object{"ref": p.headRef, "sha": p.head.String(), "repo": stub(p.headRepo)},
		"base": object{"ref": p.baseRef, "sha": p.base.String(), "repo": stub(p.repo)},
	}
}

func (s *Simulator) issueJSON(i *issue) object {
	kind := "issues"
	if i.pull != nil {
		kind = "pull"
	}
	own := s.api("/repos/%s/issues/%d", i.repo.fullName(), i.number)
	page := s.web("/%s/%s/%d", i.repo.fullName(), kind, i.number)
	o := object{
		"id": i.id, "number": i.number, "url": own, "html_url": page, "repository_url": s.api("/repos/%s", i.repo.fullName()),
		"title": i.title, "body": textOrNil(i.body), "user": s.userJSON(i.author), "state": i.state, "locked": false,
		"labels":   list(i.labels, i.repo.labelJSON),
		"comments": len(i.comments), "created_at": stamp(i.created), "updated_at": stamp(i.updated), "closed_at": stampOrNil(i.closed),
		"assignee": nil, "assignees": []any{}, "milestone": nil, "author_association": i.association(i.author),
		"performed_via_github_app": s.appOrNil(i.byApp),
	}
	if i.pull != nil {
		o["draft"] = i.pull.draft
		o["pull_request"] = object{
			"url": s.api("/repos/%s/pulls/%d", i.repo.fullName(), i.number), "html_url": page,
			"diff_url": page + ".diff", "patch_url": page + ".patch", "merged_at": stampOrNil(i.pull.mergedAt),
		}
	}
	return s.fill("issue", o)
}

func (s *Simulator) commentJSON(c *comment) object {
	i := c.issue
	kind := "issues"
	if i.pull != nil {
		kind = "pull"
	}
	counts := object{"total_count": len(c.reactions)}
	for _, content := range reactionContents {
		counts[content] = 0
	}
	for _, r := range c.reactions {
		counts[r.content] = counts[r.content].(int) + 1
	}
	own := s.api("/repos/%s/issues/comments/%d", i.repo.fullName(), c.id)
	counts["url"] = own + "/reactions"
	return s.fill("issue-comment", object{
		"id": c.id, "url": own, "html_url": s.web("/%s/%s/%d#issuecomment-%d", i.repo.fullName(), kind, i.number, c.id),
		"issue_url": s.api("/repos/%s/issues/%d", i.repo.fullName(), i.number),
		"body":      c.body, "user": s.userJSON(c.author), "created_at": stamp(c.created), "updated_at": stamp(c.updated),
		"author_association": i.association(c.author), "performed_via_github_app": s.appOrNil(c.author == s.app.bot), "reactions": counts,
	})
}

// reactionContents are GitHub's eight.
var reactionContents = []string{"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}

func (s *Simulator) reactionJSON(r *reaction) object {
	return s.fill("reaction", object{"id": r.id, "user": s.userJSON(r.user), "content": r.content, "created_at": stamp(r.created)})
}

func (s *Simulator) fileJSON(r *Repository, at plumbing.Hash, f fileChange) object {
	page := fmt.Sprintf("%s/%s", at, f.path)
	o := object{
		"sha": f.blob.String(), "filename": f.path, "status": f.status, "additions": f.additions, "deletions": f.deletions,
		"changes":  f.additions + f.deletions,
		"blob_url": s.web("/%s/blob/%s", r.fullName(), page), "raw_url": s.web("/%s/raw/%s", r.fullName(), page),
		"contents_url": s.api("/repos/%s/contents/%s?ref=%s", r.fullName(), f.path, at),
	}
	if f.previous != "" {
		o["previous_filename"] = f.previous
	}
	if f.patch != "" {
		o["patch"] = f.patch
	}
	return o
}
