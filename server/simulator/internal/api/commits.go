package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"

	"plimsoll/server/simulator/internal/git"
	"plimsoll/server/simulator/internal/payload"
)

func (c *call) getCommit() reply {
	at, ok := c.repo.Resolve(c.vars["ref"])
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.vars["ref"])
	}
	if past, ok := c.repo.PastBranches[strings.TrimPrefix(c.vars["ref"], "heads/")]; c.stale && ok && !past.IsZero() {
		at = past
	}
	if accepts(c.request, "sha") {
		r := rawReply([]byte(at.String()))
		r.header.Set("Content-Type", "application/vnd.github.sha")
		return r
	}
	commit := c.repo.Git.MustCommit(at)
	o := c.payload.Commit(c.repo, commit)
	files := c.repo.Git.Diff(c.repo.Git.TreeOf(c.repo.Git.ParentOf(commit)), commit.TreeHash)
	additions, deletions := 0, 0
	for _, f := range files {
		additions += f.Additions
		deletions += f.Deletions
	}
	o["stats"] = payload.Object{"additions": additions, "deletions": deletions, "total": additions + deletions}
	o["files"] = payload.List(files[:min(len(files), 300)], func(f git.FileChange) payload.Object { return c.payload.File(c.repo, at, f) })
	return answer(http.StatusOK, o)
}

func (c *call) listCommits() reply {
	at, ok := c.repo.Resolve(c.query("sha"))
	if !ok {
		return notFound()
	}
	commits := c.repo.Git.Log(plumbing.ZeroHash, at, 0)
	if path := c.query("path"); path != "" {
		commits = slices.DeleteFunc(commits, func(commit *gitobject.Commit) bool {
			files := c.repo.Git.Diff(c.repo.Git.TreeOf(c.repo.Git.ParentOf(commit)), commit.TreeHash)
			return !slices.ContainsFunc(files, func(f git.FileChange) bool {
				return f.Path == path || f.Previous == path || strings.HasPrefix(f.Path, path+"/")
			})
		})
	}
	return paged(c, commits, func(commit *gitobject.Commit) payload.Object { return c.payload.Commit(c.repo, commit) })
}

// What a comparison lists at most.
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
const (
	compareCommits = 250
	compareFiles   = 300
)

// compare answers BASE...HEAD: what head has since the merge base. A side may name
// a fork's branch as OWNER:BRANCH.
func (c *call) compare() reply {
	from, to, ok := strings.Cut(c.vars["basehead"], "...")
	if !ok {
		return notFound()
	}
	base, okBase := c.side(from)
	head, okHead := c.side(to)
	if !okBase || !okHead {
		return notFound()
	}
	objects := c.repo.Git
	ancestor := objects.MergeBase(base, head)
	if ancestor.IsZero() {
		return refuse(http.StatusNotFound, "No common ancestor between "+from+" and "+to+".")
	}
	ahead := objects.Log(base, head, 0)
	slices.Reverse(ahead) // oldest first
	behind := len(objects.Log(head, base, 0))
	status := "identical"
	switch {
	case len(ahead) > 0 && behind > 0:
		status = "diverged"
	case len(ahead) > 0:
		status = "ahead"
	case behind > 0:
		status = "behind"
	}
	// Without paging the newest commits, with it pages from the oldest on.
	commits, link := ahead[max(0, len(ahead)-compareCommits):], ""
	paging := c.request.URL.Query()
	if paging.Has("page") || paging.Has("per_page") {
		commits, link = slice(c, ahead)
	}
	page := c.payload.Web("/%s/compare/%s...%s", c.repo.FullName(), from, to)
	own := c.payload.API("/repos/%s/compare/%s...%s", c.repo.FullName(), from, to)
	o := payload.Object{
		"url": own, "html_url": page, "permalink_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch",
		"base_commit": c.payload.Commit(c.repo, objects.MustCommit(base)), "merge_base_commit": c.payload.Commit(c.repo, objects.MustCommit(ancestor)),
		"status": status, "ahead_by": len(ahead), "behind_by": behind, "total_commits": len(ahead),
		"commits": payload.List(commits, func(commit *gitobject.Commit) payload.Object { return c.payload.Commit(c.repo, commit) }),
	}
	if number(paging.Get("page"), 1) == 1 { // only the first page has files
		files := objects.Diff(objects.TreeOf(ancestor), objects.TreeOf(head))
		o["files"] = payload.List(files[:min(len(files), compareFiles)], func(f git.FileChange) payload.Object { return c.payload.File(c.repo, head, f) })
	}
	r := answer(http.StatusOK, o)
	if link != "" {
		r.header.Set("Link", link)
	}
	return r
}

// side resolves one end of a comparison.
func (c *call) side(name string) (plumbing.Hash, bool) {
	owner, ref, named := strings.Cut(name, ":")
	if !named {
		return c.repo.Resolve(name)
	}
	for _, r := range c.github.Repositories() {
		if r.Git == c.repo.Git && strings.EqualFold(r.Owner.Login, owner) {
			return r.Resolve(ref)
		}
	}
	return plumbing.ZeroHash, false
}
