package simulator

import (
	"github.com/go-git/go-git/v5/plumbing"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"
)

func signatureJSON(by gitobject.Signature) object {
	return object{"name": by.Name, "email": by.Email, "date": stamp(by.When)}
}

// unsigned is GitHub's word on a commit without a signature.
func unsigned() object {
	return object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil}
}

func (s *Simulator) parentsJSON(r *Repository, c *gitobject.Commit, path string) []any {
	return list(c.ParentHashes, func(h plumbing.Hash) object {
		return object{
			"sha": h.String(), "url": s.api("/repos/%s/%s/%s", r.fullName(), path, h),
			"html_url": s.web("/%s/commit/%s", r.fullName(), h),
		}
	})
}

// authorJSON is the account behind a commit's signature, null where nobody is
// called so.
func (s *Simulator) authorJSON(by gitobject.Signature) any {
	for _, a := range s.accounts {
		if a.login == by.Name {
			return s.userJSON(a)
		}
	}
	return nil
}

// commitJSON is a commit as the repository's commit list and comparisons show it.
func (s *Simulator) commitJSON(r *Repository, c *gitobject.Commit) object {
	own := s.api("/repos/%s/commits/%s", r.fullName(), c.Hash)
	return s.fill("commit", object{
		"sha": c.Hash.String(), "url": own, "html_url": s.web("/%s/commit/%s", r.fullName(), c.Hash),
		"author": s.authorJSON(c.Author), "committer": s.authorJSON(c.Committer), "parents": s.parentsJSON(r, c, "commits"),
		"commit": object{
			"url":    s.api("/repos/%s/git/commits/%s", r.fullName(), c.Hash),
			"author": signatureJSON(c.Author), "committer": signatureJSON(c.Committer), "message": c.Message, "comment_count": 0,
			"tree":         object{"sha": c.TreeHash.String(), "url": s.api("/repos/%s/git/trees/%s", r.fullName(), c.TreeHash)},
			"verification": unsigned(),
		},
	})
}

// gitCommitJSON is a commit as the git database shows it.
func (s *Simulator) gitCommitJSON(r *Repository, c *gitobject.Commit) object {
	return s.fill("git-commit", object{
		"sha": c.Hash.String(), "url": s.api("/repos/%s/git/commits/%s", r.fullName(), c.Hash),
		"html_url": s.web("/%s/commit/%s", r.fullName(), c.Hash),
		"author":   signatureJSON(c.Author), "committer": signatureJSON(c.Committer), "message": c.Message,
		"tree":    object{"sha": c.TreeHash.String(), "url": s.api("/repos/%s/git/trees/%s", r.fullName(), c.TreeHash)},
		"parents": s.parentsJSON(r, c, "git/commits"), "verification": unsigned(),
	})
}

// headCommitJSON is a commit as webhooks and check suites show it.
func (s *Simulator) headCommitJSON(c *gitobject.Commit) object {
	person := func(by gitobject.Signature) object { return object{"name": by.Name, "email": by.Email} }
	return object{
		"id": c.Hash.String(), "tree_id": c.TreeHash.String(), "message": c.Message, "timestamp": stamp(c.Committer.When),
		"author": person(c.Author), "committer": person(c.Committer),
	}
}

func (s *Simulator) refJSON(r *Repository, name string, to plumbing.Hash) object {
	return s.fill("git-ref", object{
		"ref": name, "url": s.api("/repos/%s/git/%s", r.fullName(), name), "node_id": nodeID(name),
		"object": object{"type": "commit", "sha": to.String(), "url": s.api("/repos/%s/git/commits/%s", r.fullName(), to)},
	})
}

// pushJSON is what a push delivery tells beside repository and sender. ref is whole.
func (r *Repository) pushJSON(ref string, from, to plumbing.Hash) object {
	s := r.sim
	payload := object{
		"ref": ref, "before": from.String(), "after": to.String(), "base_ref": nil,
		"created": from.IsZero(), "deleted": to.IsZero(), "forced": false, "head_commit": nil, "commits": []any{},
		"compare": s.web("/%s/compare/%s...%s", r.fullName(), from, to),
	}
	if to.IsZero() {
		return payload
	}
	head := r.git.mustCommit(to)
	if !from.IsZero() {
		payload["forced"] = r.git.mergeBase(from, to) != from
	}
	commits := r.git.log(from, to, 2048) // as many as GitHub names
	if from.IsZero() {
		commits = commits[:min(len(commits), 1)]
	}
	var told []any
	for i := len(commits) - 1; i >= 0; i-- {
		c := s.headCommitJSON(commits[i])
		added, removed, modified := []string{}, []string{}, []string{}
		for _, f := range r.git.diff(r.git.treeOf(r.git.parentOf(commits[i])), commits[i].TreeHash) {
			switch f.status {
			case "added":
				added = append(added, f.path)
			case "removed":
				removed = append(removed, f.path)
			case "renamed":
				added, removed = append(added, f.path), append(removed, f.previous)
			default:
				modified = append(modified, f.path)
			}
		}
		c["added"], c["removed"], c["modified"] = added, removed, modified
		c["distinct"], c["url"] = true, s.web("/%s/commit/%s", r.fullName(), commits[i].Hash)
		told = append(told, c)
	}
	payload["commits"], payload["head_commit"] = told, s.headCommitJSON(head)
	payload["pusher"] = object{"name": head.Author.Name, "email": head.Author.Email}
	return payload
}
