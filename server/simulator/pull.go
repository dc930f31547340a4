package simulator

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// PullRequest is one pull request.
type PullRequest struct {
	*issue
	repo     *Repository
	id       int64
	draft    bool
	baseRef  string
	base     plumbing.Hash // where the base branch stood when last looked at
	headRepo *Repository
	headRef  string
	head     plumbing.Hash
	merge    plumbing.Hash // the commit that merged it
	mergedAt *time.Time
	mergedBy *account
}

// issue is what issues and pull requests share: a number and a conversation.
type issue struct {
	repo        *Repository
	id          int64
	number      int
	title, body string
	author      *account
	state       string // open, closed
	labels      []string
	created     time.Time
	updated     time.Time
	closed      *time.Time
	comments    []*comment
	pull        *PullRequest // nil for an issue
	byApp       bool         // opened by the App
	appEdits    int          // how often the App changed title, body or state
	appDeleted  int          // how many comments the App took away
}

// PullRequestOptions of OpenPullRequest.
type PullRequestOptions struct {
	Title, Body string
	Head        string      // branch
	HeadRepo    *Repository // default: the repository itself; a fork otherwise
	Base        string      // default: the default branch
	Author      string      // default: the owner of HeadRepo if a user, else octocat
	Draft       bool
}

// OpenPullRequest opens one and delivers pull_request.opened.
func (r *Repository) OpenPullRequest(o PullRequestOptions) *PullRequest {
	s := r.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if o.HeadRepo == nil {
		o.HeadRepo = r
	}
	if o.HeadRepo.git != r.git {
		panic(fmt.Sprintf("simulator: %s is not a fork of %s", o.HeadRepo.fullName(), r.fullName()))
	}
	if o.Base == "" {
		o.Base = r.defaultBranch
	}
	if o.Author == "" && o.HeadRepo.owner.kind == user {
		o.Author = o.HeadRepo.owner.login
	}
	if o.Title == "" {
		o.Title = r.git.mustCommit(o.HeadRepo.mustBranch(o.Head)).Message
		o.Title, _, _ = strings.Cut(o.Title, "\n")
	}
	r.mustBranch(o.Base)
	p := &PullRequest{
		issue: r.newIssue(s.person(o.Author), o.Title, o.Body),
		repo:  r, id: s.id("pull"), draft: o.Draft, baseRef: o.Base,
		headRepo: o.HeadRepo, headRef: o.Head, head: o.HeadRepo.mustBranch(o.Head),
	}
	p.issue.pull = p
	p.pin()
	r.pulls = append(r.pulls, p)
	s.emitPull(p, "opened", p.author, nil)
	return p
}

func (r *Repository) newIssue(by *account, title, body string) *issue {
	i := &issue{
		repo: r, id: r.sim.id("issue"), number: len(r.issues) + 1, title: title, body: body,
		author: by, state: "open", created: r.sim.now(), updated: r.sim.now(),
	}
	r.issues = append(r.issues, i)
	return i
}

// pin notes where the base branch stands, as GitHub does at each push to the head.
func (p *PullRequest) pin() { p.base = p.repo.mustBranch(p.baseRef) }

// Number is the pull request's number.
func (p *PullRequest) Number() int { return p.number }

// Repository is the one that the pull request is asked of.
func (p *PullRequest) Repository() *Repository { return p.repo }

// HeadSHA is the commit at the head of the pull request.
func (p *PullRequest) HeadSHA() string {
	p.repo.sim.mu.Lock()
	defer p.repo.sim.mu.Unlock()
	return p.head.String()
}

// URL is the address of the pull request's page.
func (p *PullRequest) URL() string {
	p.repo.sim.mu.Lock()
	defer p.repo.sim.mu.Unlock()
	return p.url()
}

func (p *PullRequest) url() string {
	return fmt.Sprintf("%s/%s/pull/%d", p.repo.sim.base, p.repo.fullName(), p.number)
}

// PullRequest gives one by its number, nil without one.
func (r *Repository) PullRequest(number int) *PullRequest {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	return r.pull(number)
}

func (r *Repository) pull(number int) *PullRequest {
	if i := r.issueNumbered(number); i != nil {
		return i.pull
	}
	return nil
}

func (r *Repository) issueNumbered(number int) *issue {
	if number < 1 || number > len(r.issues) {
		return nil
	}
	return r.issues[number-1]
}

// Push commits to the head branch, by the pull request's author.
func (p *PullRequest) Push(message string, files map[string]string) string {
	p.repo.sim.mu.Lock()
	defer p.repo.sim.mu.Unlock()
	return p.headRepo.commit(p.author, p.headRef, message, files).String()
}

// Edit changes title, body and base branch as the author; what is "" stays. It delivers
// pull_request.edited with what was before.
func (p *PullRequest) Edit(title, body, base string) {
	p.repo.sim.mu.Lock()
	defer p.repo.sim.mu.Unlock()
	p.edit(p.author, title, body, base)
}

// Retarget changes the base branch as a user and delivers pull_request.edited with the
// base before.
func (p *PullRequest) Retarget(login, base string) {
	p.repo.sim.mu.Lock()
	defer p.repo.sim.mu.Unlock()
	p.edit(p.repo.sim.person(login), "", "", base)
}

func (p *PullRequest) edit(by *account, title, body, base string) {
	s := p.repo.sim
	changes := object{}
	if title != "" {
		changes["title"] = object{"from": p.title}
		p.title = title
	}
	if body != "" {
		changes["body"] = object{"from": p.body}
		p.body = body
	}
	if base != "" {
		changes["base"] = object{"ref": object{"from": p.baseRef}, "sha": object{"from": p.base.String()}}
		p.baseRef = base
		p.pin()
	}
	p.updated = s.now()
	s.emitPull(p, "edited", by, object{"changes": changes})
}

// Ready takes a draft out of draft; Draft makes it one again.
func (p *PullRequest) Ready() { p.setDraft(false, "ready_for_review") }

// Draft turns the pull request into a draft.
func (p *PullRequest) Draft() { p.setDraft(true, "converted_to_draft") }

func (p *PullRequest) setDraft(draft bool, action string) {
	p.repo.sim.mu.Lock()
	defer p.repo.sim.mu.Unlock()
	p.draft, p.updated = draft, p.repo.sim.now()
	p.repo.sim.emitPull(p, action, p.author, nil)
}

// Label adds a label and delivers pull_request.labeled.
func (p *PullRequest) Label(name string) {
	p.repo.sim.mu.Lock()
	defer p.repo.sim.mu.Unlock()
	p.labels = append(p.labels, name)
	p.repo.sim.emitPull(p, "labeled", p.author, object{"label": p.repo.labelJSON(name)})
}

// Close closes without merging.
func (p *PullRequest) Close() {
	s := p.repo.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	p.state, p.closed, p.updated = "closed", &now, now
	s.emitPull(p, "closed", p.author, nil)
}

// Reopen opens a closed pull request again, with the commits that its head branch has
// gained while it was closed. GitHub reopens none that is merged or whose head branch
// is gone or was force-pushed meanwhile.
func (p *PullRequest) Reopen() {
	s := p.repo.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.mergedAt != nil {
		panic(fmt.Sprintf("simulator: pull request %d is merged", p.number))
	}
	head := p.headRepo.mustBranch(p.headRef)
	if p.repo.git.mergeBase(p.head, head) != p.head {
		panic(fmt.Sprintf("simulator: the head of pull request %d was force-pushed", p.number))
	}
	p.head, p.state, p.closed, p.updated = head, "open", nil, s.now()
	p.pin()
	s.emitPull(p, "reopened", p.author, nil)
}

// MergeMethod in GitHub's words.
type MergeMethod string

// The ways to merge.
const (
	MergeCommit MergeMethod = "merge"
	Squash      MergeMethod = "squash"
	Rebase      MergeMethod = "rebase"
)

// Merge brings the head into the base branch and delivers pull_request.closed and
// the push. It gives the new commit of the base branch; a conflict is an error that
// names the files.
func (p *PullRequest) Merge(method MergeMethod) (string, error) {
	s := p.repo.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	git := p.repo.git
	base := p.repo.mustBranch(p.baseRef)
	ancestor := git.mergeBase(base, p.head)
	tree, conflicts := git.threeWay(ancestor, base, p.head)
	if len(conflicts) > 0 {
		return "", fmt.Errorf("merge pull request %d: conflict in %s", p.number, strings.Join(conflicts, ", "))
	}
	by, at := p.author, s.now()
	var commit plumbing.Hash
	switch method {
	case MergeCommit:
		message := fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.number, p.headRepo.owner.login, p.headRef, p.title)
		commit = git.writeCommit(tree, []plumbing.Hash{base, p.head}, by, at, message)
	case Squash:
		commit = git.writeCommit(tree, []plumbing.Hash{base}, by, at, fmt.Sprintf("%s (#%d)", p.title, p.number))
	case Rebase:
		commit = base
		list := git.log(base, p.head, 0)
		for i := len(list) - 1; i >= 0; i-- {
			step, clash := git.threeWay(git.parentOf(list[i]), commit, list[i].Hash)
			if len(clash) > 0 {
				return "", fmt.Errorf("rebase pull request %d: conflict in %s", p.number, strings.Join(clash, ", "))
			}
			commit = git.writeCommit(step, []plumbing.Hash{commit}, by, at, list[i].Message)
		}
	default:
		return "", fmt.Errorf("merge pull request %d: no method %q", p.number, method)
	}
	p.state, p.closed, p.mergedAt, p.mergedBy, p.merge, p.updated = "closed", &at, &at, by, commit, at
	s.emitPull(p, "closed", by, nil)
	p.repo.push(by, p.baseRef, commit)
	return commit.String(), nil
}

// mergeable says whether the pull request could be merged now.
func (p *PullRequest) mergeable() bool {
	base := p.repo.branches[p.baseRef]
	if base.IsZero() {
		return false
	}
	_, conflicts := p.repo.git.threeWay(p.repo.git.mergeBase(base, p.head), base, p.head)
	return len(conflicts) == 0
}

// files lists the pull request's changed files against the merge base.
func (p *PullRequest) files() []fileChange {
	git := p.repo.git
	return git.diff(git.treeOf(git.mergeBase(p.base, p.head)), git.treeOf(p.head))
}
