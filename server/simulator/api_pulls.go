package simulator

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"
)

// pullFiles is how many files of a pull request GitHub lists.
// https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
const pullFiles = 3000

func (c *call) getPull() reply {
	p := c.repo.pull(int(c.idIn("pull_number")))
	if p == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.pullJSON("pull-request", p))
}

func (c *call) listPulls() reply {
	state := cmp.Or(c.query("state"), "open")
	matching := slices.DeleteFunc(slices.Clone(c.repo.pulls), func(p *PullRequest) bool {
		return state != "all" && p.state != state ||
			c.query("base") != "" && p.baseRef != c.query("base") ||
			c.query("head") != "" && !strings.EqualFold(p.headRepo.owner.login+":"+p.headRef, c.query("head"))
	})
	updated := c.query("sort") == "updated"
	slices.SortStableFunc(matching, func(a, b *PullRequest) int {
		if updated {
			return cmp.Or(a.updated.Compare(b.updated), cmp.Compare(a.number, b.number))
		}
		return cmp.Compare(a.number, b.number)
	})
	if c.query("direction") == "desc" || c.query("direction") == "" && cmp.Or(c.query("sort"), "created") == "created" {
		slices.Reverse(matching)
	}
	return paged(c, matching, c.simplePull)
}

func (c *call) simplePull(p *PullRequest) object { return c.pullJSON("pull-request-simple", p) }

func (c *call) listPullCommits() reply {
	p := c.repo.pull(int(c.idIn("pull_number")))
	if p == nil {
		return notFound()
	}
	commits := p.commits()
	return paged(c, commits[:min(len(commits), compareCommits)], func(commit *gitobject.Commit) object { return c.commitJSON(c.repo, commit) })
}

// commits lists the pull request's commits, oldest first.
func (p *PullRequest) commits() []*gitobject.Commit {
	commits := p.repo.git.log(p.base, p.head, 0)
	slices.Reverse(commits)
	return commits
}

func (c *call) listPullFiles() reply {
	p := c.repo.pull(int(c.idIn("pull_number")))
	if p == nil {
		return notFound()
	}
	files := p.files()
	return paged(c, files[:min(len(files), pullFiles)], func(f fileChange) object { return c.fileJSON(c.repo, p.head, f) })
}

// listCommitPulls gives, for a commit of the default branch, the pull request that
// brought it, else those open or merged that hold it; the heads of forks are left
// out.
func (c *call) listCommitPulls() reply {
	at, ok := c.repo.resolve(c.vars["commit_sha"])
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.vars["commit_sha"])
	}
	var found []*PullRequest
	for _, p := range c.repo.pulls {
		holds := slices.ContainsFunc(p.commits(), func(commit *gitobject.Commit) bool { return commit.Hash == at })
		switch {
		case p.merge == at, p.mergedAt != nil && holds:
			found = append(found, p)
		case p.headRepo != c.repo, p.state != "open", !holds:
		default:
			found = append(found, p)
		}
	}
	return paged(c, found, c.simplePull)
}

func (c *call) issueIn(name string) *issue { return c.repo.issueNumbered(int(c.idIn(name))) }

func (c *call) getIssue() reply {
	i := c.issueIn("issue_number")
	if i == nil {
		return notFound()
	}
	return answer(http.StatusOK, c.issueJSON(i))
}

func (c *call) listIssues() reply {
	state := cmp.Or(c.query("state"), "open")
	creator := strings.TrimPrefix(c.query("creator"), "app/")
	var matching []*issue
	for _, i := range slices.Backward(c.repo.issues) {
		if state != "all" && i.state != state || creator != "" && strings.TrimSuffix(i.author.login, "[bot]") != strings.TrimSuffix(creator, "[bot]") {
			continue
		}
		if labels := c.query("labels"); labels != "" && slices.ContainsFunc(strings.Split(labels, ","), func(l string) bool { return !slices.Contains(i.labels, l) }) {
			continue
		}
		matching = append(matching, i)
	}
	return paged(c, matching, c.issueJSON)
}

func (c *call) createIssue() reply {
	asked := decode[struct {
		Title  any    `json:"title"`
		Body   string `json:"body"`
		Labels []any  `json:"labels"`
	}](c)
	title, _ := asked.Title.(string)
	if title == "" {
		return invalid("Issue", "title", "missing_field", "")
	}
	if len(asked.Body) > bodyLimit {
		return c.tooLong("Issue", "body", bodyLimit)
	}
	i := c.repo.newIssue(c.app.bot, title, asked.Body)
	i.byApp = true
	for _, label := range asked.Labels {
		if name, ok := label.(string); ok {
			i.labels = append(i.labels, name)
		}
	}
	c.emit(c.repo, "issues", "opened", c.app.bot, object{"issue": c.issueJSON(i)})
	return answer(http.StatusCreated, c.issueJSON(i))
}

func (c *call) updateIssue() reply {
	i := c.issueIn("issue_number")
	if i == nil {
		return notFound()
	}
	if refused := c.mayWriteTo(i); refused != nil {
		return *refused
	}
	asked := decode[struct {
		Title *string `json:"title"`
		Body  *string `json:"body"`
		State *string `json:"state"`
	}](c)
	if asked.Body != nil && len(*asked.Body) > bodyLimit {
		return c.tooLong("Issue", "body", bodyLimit)
	}
	if asked.Title != nil {
		i.title = *asked.Title
	}
	if asked.Body != nil {
		i.body = *asked.Body
	}
	if asked.State != nil && *asked.State != i.state {
		now := c.now()
		i.state, i.closed = *asked.State, nil
		action := "reopened"
		if i.state == "closed" {
			i.closed, action = &now, "closed"
		}
		if i.pull != nil {
			c.emitPull(i.pull, action, c.app.bot, nil)
		} else {
			c.emit(c.repo, "issues", action, c.app.bot, object{"issue": c.issueJSON(i)})
		}
	}
	i.updated = c.now()
	i.appEdits++
	return answer(http.StatusOK, c.issueJSON(i))
}

// mayWriteTo refuses writing to an issue with nothing but the permission for pull
// requests, and the other way round.
func (c *call) mayWriteTo(i *issue) *reply {
	if i.pull == nil && !c.who.token.may([]string{"issues:write"}) {
		return c.forbid("issues:write")
	}
	return nil
}

func (c *call) createStatus() reply {
	asked := decode[struct {
		State       string  `json:"state"`
		Context     string  `json:"context"`
		Description *string `json:"description"`
		TargetURL   *string `json:"target_url"`
	}](c)
	sha := plumbing.NewHash(c.vars["sha"])
	if _, err := c.repo.git.commit(sha); err != nil {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.vars["sha"])
	}
	status := &commitStatus{id: c.id("commit status"), sha: sha, state: asked.State, context: cmp.Or(asked.Context, "default"), creator: c.app.bot, created: c.now()}
	if asked.Description != nil {
		status.description = *asked.Description
	}
	if asked.TargetURL != nil {
		status.targetURL = *asked.TargetURL
	}
	if len(status.description) > descriptionLimit {
		return c.tooLong("Status", "description", descriptionLimit)
	}
	c.repo.statuses = append(c.repo.statuses, status)
	c.emit(c.repo, "status", "", c.app.bot, object{"sha": sha.String(), "state": status.state, "context": status.context, "description": status.description})
	return answer(http.StatusCreated, c.statusJSON("status", status))
}

func (s *Simulator) statusJSON(schema string, status *commitStatus) object {
	o := object{
		"id": status.id, "state": status.state, "context": status.context, "description": textOrNil(status.description), "target_url": textOrNil(status.targetURL),
		"created_at": stamp(status.created), "updated_at": stamp(status.created), "avatar_url": s.web("/avatars/%d", status.creator.id),
		"url": s.api("/statuses/%d", status.id),
	}
	if schema == "status" {
		o["creator"] = s.userJSON(status.creator)
	}
	return s.fill(schema, o)
}

func (c *call) getCombinedStatus() reply {
	at, ok := c.repo.resolve(c.vars["ref"])
	if !ok {
		return notFound()
	}
	newest := c.repo.statusesOf(at)
	state := "success"
	for _, status := range newest {
		switch {
		case status.state == "failure" || status.state == "error":
			state = "failure"
		case status.state == "pending" && state == "success":
			state = "pending"
		}
	}
	if len(newest) == 0 {
		state = "pending"
	}
	r := counted(c, "statuses", newest, func(status *commitStatus) object { return c.statusJSON("simple-commit-status", status) })
	o := r.body.(object)
	o["state"], o["sha"], o["repository"] = state, at.String(), c.repositoryJSON("minimal-repository", c.repo)
	o["url"], o["commit_url"] = c.api("/repos/%s/commits/%s/status", c.repo.fullName(), at), c.api("/repos/%s/commits/%s", c.repo.fullName(), at)
	return r
}

// statusesOf gives the newest status of each context on a commit.
func (r *Repository) statusesOf(at plumbing.Hash) []*commitStatus {
	var newest []*commitStatus
	for _, status := range r.statuses {
		if status.sha != at {
			continue
		}
		if i := slices.IndexFunc(newest, func(o *commitStatus) bool { return o.context == status.context }); i >= 0 {
			newest[i] = status
		} else {
			newest = append(newest, status)
		}
	}
	return newest
}
