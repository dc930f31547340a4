package api

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	gitobject "github.com/go-git/go-git/v5/plumbing/object"

	"plimsoll/server/simulator/internal/git"
	"plimsoll/server/simulator/internal/model"
	"plimsoll/server/simulator/internal/payload"
)

// pullFiles is how many files of a pull request GitHub lists.
// https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
const pullFiles = 3000

func (c *call) getPull() reply {
	p := c.repo.Pull(int(c.idIn("pull_number")))
	if p == nil {
		return notFound()
	}
	if c.stale && p.Past != nil {
		p = p.Past
	}
	shown := c.payload.Pull("pull-request", p)
	if c.stale && p.Past == nil { // not tried to merge yet
		shown["merge_commit_sha"], shown["mergeable"], shown["rebaseable"], shown["mergeable_state"] = nil, nil, nil, "unknown"
	}
	return answer(http.StatusOK, shown)
}

func (c *call) listPulls() reply {
	state := cmp.Or(c.query("state"), "open")
	matching := slices.DeleteFunc(slices.Clone(c.repo.Pulls), func(p *model.PullRequest) bool {
		return state != "all" && p.State != state ||
			c.query("base") != "" && p.BaseRef != c.query("base") ||
			c.query("head") != "" && !strings.EqualFold(p.HeadRepo.Owner.Login+":"+p.HeadRef, c.query("head"))
	})
	updated := c.query("sort") == "updated"
	slices.SortStableFunc(matching, func(a, b *model.PullRequest) int {
		if updated {
			return cmp.Or(a.Updated.Compare(b.Updated), cmp.Compare(a.Number, b.Number))
		}
		return cmp.Compare(a.Number, b.Number)
	})
	if c.query("direction") == "desc" || c.query("direction") == "" && cmp.Or(c.query("sort"), "created") == "created" {
		slices.Reverse(matching)
	}
	return paged(c, matching, c.simplePull)
}

func (c *call) simplePull(p *model.PullRequest) payload.Object {
	return c.payload.Pull("pull-request-simple", p)
}

func (c *call) listPullCommits() reply {
	p := c.repo.Pull(int(c.idIn("pull_number")))
	if p == nil {
		return notFound()
	}
	commits := p.Commits()
	return paged(c, commits[:min(len(commits), compareCommits)], func(commit *gitobject.Commit) payload.Object { return c.payload.Commit(c.repo, commit) })
}

func (c *call) listPullFiles() reply {
	p := c.repo.Pull(int(c.idIn("pull_number")))
	if p == nil {
		return notFound()
	}
	files := p.Files()
	return paged(c, files[:min(len(files), pullFiles)], func(f git.FileChange) payload.Object { return c.payload.File(c.repo, p.Head, f) })
}

// listCommitPulls lists, for a commit of the default branch, the pull request that brought
// it; otherwise those open or merged that hold it, except those of forks.
func (c *call) listCommitPulls() reply {
	at, ok := c.repo.Resolve(c.vars["commit_sha"])
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.vars["commit_sha"])
	}
	var found []*model.PullRequest
	for _, p := range c.repo.Pulls {
		holds := slices.ContainsFunc(p.Commits(), func(commit *gitobject.Commit) bool { return commit.Hash == at })
		switch {
		case p.MergeCommit == at, p.MergedAt != nil && holds:
			found = append(found, p)
		case p.HeadRepo != c.repo, p.State != "open", !holds:
		default:
			found = append(found, p)
		}
	}
	return paged(c, found, c.simplePull)
}
