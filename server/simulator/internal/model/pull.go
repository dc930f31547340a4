package model

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"

	"plimsoll/server/simulator/internal/git"
)

// PullRequest is one pull request.
type PullRequest struct {
	*Issue
	ID          int64
	Draft       bool
	BaseRef     string
	Base        plumbing.Hash // where the base branch was at the last push to the head
	HeadRepo    *Repository
	HeadRef     string
	Head        plumbing.Hash
	MergeCommit plumbing.Hash // the commit that merged it
	MergedAt    *time.Time
	MergedBy    *Account
	// tested is GitHub's test merge of two commits.
	tested map[[2]plumbing.Hash]plumbing.Hash
	// Past is what it was before the last push, edit, end or new beginning, which
	// GitHub's API may go on to show for a moment; nil if it has not changed.
	Past *PullRequest
}

// remember keeps what the pull request is before it changes.
func (p *PullRequest) remember() {
	past, issue := *p, *p.Issue
	past.Issue, past.Past = &issue, nil
	p.Past = &past
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

// OpenPullRequest opens a pull request.
func (r *Repository) OpenPullRequest(o PullRequestOptions) *PullRequest {
	g := r.GitHub
	if o.HeadRepo == nil {
		o.HeadRepo = r
	}
	if o.HeadRepo.Git != r.Git {
		panic(fmt.Sprintf("simulator: %s is not a fork of %s", o.HeadRepo.FullName(), r.FullName()))
	}
	if o.Base == "" {
		o.Base = r.DefaultBranch
	}
	if o.Author == "" && o.HeadRepo.Owner.Kind == User {
		o.Author = o.HeadRepo.Owner.Login
	}
	if o.Title == "" {
		o.Title = r.Git.MustCommit(o.HeadRepo.MustBranch(o.Head)).Message
		o.Title, _, _ = strings.Cut(o.Title, "\n")
	}
	r.MustBranch(o.Base)
	p := &PullRequest{
		Issue: r.NewIssue(g.Person(o.Author), o.Title, o.Body), ID: g.NextID("pull"),
		Draft: o.Draft, BaseRef: o.Base, HeadRepo: o.HeadRepo, HeadRef: o.Head, Head: o.HeadRepo.MustBranch(o.Head),
	}
	p.Issue.Pull = p
	p.pin()
	r.Pulls = append(r.Pulls, p)
	p.emit("opened", p.Author, Event{})
	return p
}

// pin notes where the base branch is, as GitHub does at each push to the head.
func (p *PullRequest) pin() { p.Base = p.Repo.MustBranch(p.BaseRef) }

// emit reports an event of the pull request; more holds what is special to it.
func (p *PullRequest) emit(action string, by *Account, more Event) {
	more.Name, more.Action, more.Repository, more.By, more.Subject = "pull_request", action, p.Repo, by, p
	p.Repo.GitHub.Emit(more)
}

// Pull returns a pull request by its number, nil if there is none.
func (r *Repository) Pull(number int) *PullRequest {
	if i := r.Issue(number); i != nil {
		return i.Pull
	}
	return nil
}

// Edit changes title, body and base branch; what is "" stays.
func (p *PullRequest) Edit(by *Account, title, body, base string) {
	p.remember()
	var changes []Change
	if title != "" {
		changes = append(changes, Change{"title", p.Title})
		p.Title = title
	}
	if body != "" {
		changes = append(changes, Change{"body", p.Body})
		p.Body = body
	}
	if base != "" {
		changes = append(changes, Change{"base.ref", p.BaseRef}, Change{"base.sha", p.Base.String()})
		p.BaseRef = base
		p.pin()
	}
	p.Updated = p.Repo.GitHub.Now()
	p.emit("edited", by, Event{Changes: changes})
}

// SetDraft turns the pull request into a draft, or a draft into one that is ready.
func (p *PullRequest) SetDraft(draft bool) {
	p.Draft, p.Updated = draft, p.Repo.GitHub.Now()
	if draft {
		p.emit("converted_to_draft", p.Author, Event{})
	} else {
		p.emit("ready_for_review", p.Author, Event{})
	}
}

// Label adds a label.
func (p *PullRequest) Label(name string) {
	p.Labels = append(p.Labels, name)
	p.emit("labeled", p.Author, Event{Label: name})
}

// Close closes without merging.
func (p *PullRequest) Close(by *Account) {
	p.remember()
	now := p.Repo.GitHub.Now()
	p.State, p.Closed, p.Updated = "closed", &now, now
	p.emit("closed", by, Event{})
}

// Reopen opens a closed pull request again, with the commits that its head branch has
// gained while it was closed. GitHub reopens none that is merged or whose head branch
// is gone or was force-pushed meanwhile.
func (p *PullRequest) Reopen() {
	if p.MergedAt != nil {
		panic(fmt.Sprintf("simulator: pull request %d is merged", p.Number))
	}
	head := p.HeadRepo.MustBranch(p.HeadRef)
	if p.Repo.Git.MergeBase(p.Head, head) != p.Head {
		panic(fmt.Sprintf("simulator: the head of pull request %d was force-pushed", p.Number))
	}
	p.remember()
	p.Head, p.State, p.Closed, p.Updated = head, "open", nil, p.Repo.GitHub.Now()
	p.pin()
	p.emit("reopened", p.Author, Event{})
}

// Files lists the changed files against the merge base.
func (p *PullRequest) Files() []git.FileChange {
	objects := p.Repo.Git
	return objects.Diff(objects.TreeOf(objects.MergeBase(p.Base, p.Head)), objects.TreeOf(p.Head))
}

// Commits lists the pull request's commits, oldest first.
func (p *PullRequest) Commits() []*gitobject.Commit {
	commits := p.Repo.Git.Log(p.Base, p.Head, 0)
	slices.Reverse(commits)
	return commits
}
