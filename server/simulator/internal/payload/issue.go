package payload

import "plimsoll/server/simulator/internal/model"

// Label is a label of a repository.
func (b *Builder) Label(r *model.Repository, name string) Object {
	return Object{
		"id": 1, "node_id": NodeID(name), "name": name, "color": "ededed", "default": false, "description": "",
		"url": b.API("/repos/%s/labels/%s", r.FullName(), name),
	}
}

func (b *Builder) labels(i *model.Issue) []any {
	return List(i.Labels, func(name string) Object { return b.Label(i.Repo, name) })
}

// Issue is an issue, or a pull request as an issue.
func (b *Builder) Issue(i *model.Issue) Object {
	kind := "issues"
	if i.Pull != nil {
		kind = "pull"
	}
	own := b.API("/repos/%s/issues/%d", i.Repo.FullName(), i.Number)
	page := b.Web("/%s/%s/%d", i.Repo.FullName(), kind, i.Number)
	o := Object{
		"id": i.ID, "number": i.Number, "url": own, "html_url": page, "repository_url": b.API("/repos/%s", i.Repo.FullName()),
		"title": i.Title, "body": TextOrNil(i.Body), "user": b.User(i.Author), "state": i.State, "locked": false,
		"labels":   b.labels(i),
		"comments": len(i.Comments), "created_at": Stamp(i.Created), "updated_at": Stamp(i.Updated), "closed_at": StampOrNil(i.Closed),
		"assignee": nil, "assignees": []any{}, "milestone": nil, "author_association": i.Association(i.Author),
		"performed_via_github_app": b.appOrNil(i.ByApp),
	}
	if i.Pull != nil {
		o["draft"] = i.Pull.Draft
		o["pull_request"] = Object{
			"url": b.API("/repos/%s/pulls/%d", i.Repo.FullName(), i.Number), "html_url": page,
			"diff_url": page + ".diff", "patch_url": page + ".patch", "merged_at": StampOrNil(i.Pull.MergedAt),
		}
	}
	return b.Fill("issue", o)
}

// Comment is a comment of a conversation.
func (b *Builder) Comment(c *model.Comment) Object {
	i := c.Issue
	kind := "issues"
	if i.Pull != nil {
		kind = "pull"
	}
	counts := Object{"total_count": len(c.Reactions)}
	for _, content := range model.ReactionContents {
		counts[content] = 0
	}
	for _, r := range c.Reactions {
		counts[r.Content] = counts[r.Content].(int) + 1
	}
	own := b.API("/repos/%s/issues/comments/%d", i.Repo.FullName(), c.ID)
	counts["url"] = own + "/reactions"
	return b.Fill("issue-comment", Object{
		"id": c.ID, "url": own, "html_url": b.Web("/%s/%s/%d#issuecomment-%d", i.Repo.FullName(), kind, i.Number, c.ID),
		"issue_url": b.API("/repos/%s/issues/%d", i.Repo.FullName(), i.Number),
		"body":      c.Body, "user": b.User(c.Author), "created_at": Stamp(c.Created), "updated_at": Stamp(c.Updated),
		"author_association": i.Association(c.Author), "performed_via_github_app": b.appOrNil(c.Author == b.github.App.Bot), "reactions": counts,
	})
}

// Reaction is an emoji at a comment.
func (b *Builder) Reaction(r *model.Reaction) Object {
	return b.Fill("reaction", Object{"id": r.ID, "user": b.User(r.User), "content": r.Content, "created_at": Stamp(r.Created)})
}
