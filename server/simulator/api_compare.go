package simulator

import (
	"net/http"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"
)

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
	git := c.repo.git
	ancestor := git.mergeBase(base, head)
	if ancestor.IsZero() {
		return refuse(http.StatusNotFound, "No common ancestor between "+from+" and "+to+".")
	}
	ahead := git.log(base, head, 0)
	slices.Reverse(ahead) // oldest first
	behind := len(git.log(head, base, 0))
	status := "identical"
	switch {
	case len(ahead) > 0 && behind > 0:
		status = "diverged"
	case len(ahead) > 0:
		status = "ahead"
	case behind > 0:
		status = "behind"
	}
	told, link := ahead[:min(len(ahead), compareCommits)], ""
	paging := c.request.URL.Query()
	if paging.Has("page") || paging.Has("per_page") {
		told, link = slice(c, ahead)
	}
	page := c.web("/%s/compare/%s...%s", c.repo.fullName(), from, to)
	own := c.api("/repos/%s/compare/%s...%s", c.repo.fullName(), from, to)
	o := object{
		"url": own, "html_url": page, "permalink_url": page, "diff_url": page + ".diff", "patch_url": page + ".patch",
		"base_commit": c.commitJSON(c.repo, git.mustCommit(base)), "merge_base_commit": c.commitJSON(c.repo, git.mustCommit(ancestor)),
		"status": status, "ahead_by": len(ahead), "behind_by": behind, "total_commits": len(ahead),
		"commits": list(told, func(commit *gitobject.Commit) object { return c.commitJSON(c.repo, commit) }),
	}
	if number(paging.Get("page"), 1) == 1 { // files stand on the first page alone
		files := git.diff(git.treeOf(ancestor), git.treeOf(head))
		o["files"] = list(files[:min(len(files), compareFiles)], func(f fileChange) object { return c.fileJSON(c.repo, head, f) })
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
		return c.repo.resolve(name)
	}
	for _, r := range c.allRepositories() {
		if r.git == c.repo.git && strings.EqualFold(r.owner.login, owner) {
			return r.resolve(ref)
		}
	}
	return plumbing.ZeroHash, false
}
