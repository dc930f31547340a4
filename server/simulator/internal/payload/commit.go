package payload

import (
	"github.com/go-git/go-git/v5/plumbing"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"

	"plimsoll/server/simulator/internal/model"
)

func signature(by gitobject.Signature) Object {
	return Object{"name": by.Name, "email": by.Email, "date": Stamp(by.When)}
}

// unsigned is GitHub's word on a commit without a signature.
func unsigned() Object {
	return Object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
}

func (b *Builder) parents(r *model.Repository, c *gitobject.Commit, path string) []any {
	return List(c.ParentHashes, func(h plumbing.Hash) Object {
		return Object{
			"sha": h.String(), "url": b.API("/repos/%s/%s/%s", r.FullName(), path, h),
			"html_url": b.Web("/%s/commit/%s", r.FullName(), h),
		}
	})
}

// author is the account that a commit's signature names, null if there is none.
func (b *Builder) author(by gitobject.Signature) any {
	for _, a := range b.github.Accounts {
		if a.Login == by.Name {
			return b.User(a)
		}
	}
	return nil
}

// Commit is a commit as the repository's commit list and comparisons show it.
func (b *Builder) Commit(r *model.Repository, c *gitobject.Commit) Object {
	own := b.API("/repos/%s/commits/%s", r.FullName(), c.Hash)
	return b.Fill("commit", Object{
		"sha": c.Hash.String(), "url": own, "html_url": b.Web("/%s/commit/%s", r.FullName(), c.Hash),
		"author": b.author(c.Author), "committer": b.author(c.Committer), "parents": b.parents(r, c, "commits"),
		"commit": Object{
			"url":    b.API("/repos/%s/git/commits/%s", r.FullName(), c.Hash),
			"author": signature(c.Author), "committer": signature(c.Committer), "message": c.Message, "comment_count": 0,
			"tree":         Object{"sha": c.TreeHash.String(), "url": b.API("/repos/%s/git/trees/%s", r.FullName(), c.TreeHash)},
			"verification": unsigned(),
		},
	})
}

// GitCommit is a commit as the git database shows it.
func (b *Builder) GitCommit(r *model.Repository, c *gitobject.Commit) Object {
	return b.Fill("git-commit", Object{
		"sha": c.Hash.String(), "url": b.API("/repos/%s/git/commits/%s", r.FullName(), c.Hash),
		"html_url": b.Web("/%s/commit/%s", r.FullName(), c.Hash),
		"author":   signature(c.Author), "committer": signature(c.Committer), "message": c.Message,
		"tree":    Object{"sha": c.TreeHash.String(), "url": b.API("/repos/%s/git/trees/%s", r.FullName(), c.TreeHash)},
		"parents": b.parents(r, c, "git/commits"), "verification": unsigned(),
	})
}

// HeadCommit is a commit as webhooks and check suites show it.
func (b *Builder) HeadCommit(c *gitobject.Commit) Object {
	person := func(by gitobject.Signature) Object { return Object{"name": by.Name, "email": by.Email} }
	return Object{
		"id": c.Hash.String(), "tree_id": c.TreeHash.String(), "message": c.Message, "timestamp": Stamp(c.Committer.When),
		"author": person(c.Author), "committer": person(c.Committer),
	}
}

// Ref is a reference of the git database.
func (b *Builder) Ref(r *model.Repository, name string, to plumbing.Hash) Object {
	return b.Fill("git-ref", Object{
		"ref": name, "url": b.API("/repos/%s/git/%s", r.FullName(), name), "node_id": NodeID(name),
		"object": Object{"type": "commit", "sha": to.String(), "url": b.API("/repos/%s/git/commits/%s", r.FullName(), to)},
	})
}

// Push is what a push delivery carries beside repository and sender.
func (b *Builder) Push(r *model.Repository, push model.Push) Object {
	ref, from, to := push.Ref, push.From, push.To
	payload := Object{
		"ref": ref, "before": from.String(), "after": to.String(), "base_ref": nil,
		"created": from.IsZero(), "deleted": to.IsZero(), "forced": false, "head_commit": nil, "commits": []any{},
		"compare": b.Web("/%s/compare/%s...%s", r.FullName(), from, to),
	}
	if to.IsZero() {
		return payload
	}
	head := r.Git.MustCommit(to)
	if !from.IsZero() {
		payload["forced"] = r.Git.MergeBase(from, to) != from
	}
	commits := r.Git.Log(from, to, 2048) // as many as GitHub names
	if from.IsZero() {
		commits = commits[:min(len(commits), 1)]
	}
	var list []any
	for i := len(commits) - 1; i >= 0; i-- {
		c := b.HeadCommit(commits[i])
		added, removed, modified := []string{}, []string{}, []string{}
		for _, f := range r.Git.Diff(r.Git.TreeOf(r.Git.ParentOf(commits[i])), commits[i].TreeHash) {
			switch f.Status {
			case "added":
				added = append(added, f.Path)
			case "removed":
				removed = append(removed, f.Path)
			case "renamed":
				added, removed = append(added, f.Path), append(removed, f.Previous)
			default:
				modified = append(modified, f.Path)
			}
		}
		c["added"], c["removed"], c["modified"] = added, removed, modified
		c["distinct"], c["url"] = true, b.Web("/%s/commit/%s", r.FullName(), commits[i].Hash)
		list = append(list, c)
	}
	payload["commits"], payload["head_commit"] = list, b.HeadCommit(head)
	payload["pusher"] = Object{"name": head.Author.Name, "email": head.Author.Email}
	return payload
}
