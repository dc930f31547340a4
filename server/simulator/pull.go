package simulator

import (
	"fmt"

	"plimsoll/server/simulator/internal/model"
)

// PullRequest is one pull request.
type PullRequest struct {
	sim   *Simulator
	model *model.PullRequest
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

func (s *Simulator) pull(p *model.PullRequest) *PullRequest {
	return handle(s, p, func(s *Simulator, p *model.PullRequest) *PullRequest { return &PullRequest{s, p} })
}

// OpenPullRequest opens one and delivers pull_request.opened.
func (r *Repository) OpenPullRequest(o PullRequestOptions) *PullRequest {
	defer r.sim.lock()()
	return r.openPullRequest(o)
}

func (r *Repository) openPullRequest(o PullRequestOptions) *PullRequest {
	options := model.PullRequestOptions{Title: o.Title, Body: o.Body, Head: o.Head, Base: o.Base, Author: o.Author, Draft: o.Draft}
	if o.HeadRepo != nil {
		options.HeadRepo = o.HeadRepo.model
	}
	return r.sim.pull(r.model.OpenPullRequest(options))
}

// PullRequest returns one by its number, nil if there is none.
func (r *Repository) PullRequest(number int) *PullRequest {
	defer r.sim.lock()()
	return r.sim.pull(r.model.Pull(number))
}

// Replay opens the pull request that a commit (a branch, tag or SHA) would have been:
// what it changed since its first parent. Base and head are branches made for it, only in
// memory.
func (r *Repository) Replay(at string) (*PullRequest, error) {
	defer r.sim.lock()()
	hash, ok := r.model.Resolve(at)
	if !ok {
		return nil, fmt.Errorf("replay %s of %s: no such branch, tag or commit", at, r.model.FullName())
	}
	commit := r.model.Git.MustCommit(hash)
	if len(commit.ParentHashes) == 0 {
		return nil, fmt.Errorf("replay %s of %s: it is the first commit", at, r.model.FullName())
	}
	head := "replay/" + hash.String()[:12]
	base := head + "-base"
	r.model.Branches[head], r.model.Branches[base] = hash, commit.ParentHashes[0]
	return r.openPullRequest(PullRequestOptions{Head: head, Base: base}), nil
}

// Number is the pull request's number.
func (p *PullRequest) Number() int { return p.model.Number }

// Repository is the one that the pull request would change.
func (p *PullRequest) Repository() *Repository {
	defer p.sim.lock()()
	return p.sim.repository(p.model.Repo)
}

// HeadSHA is the commit at the head of the pull request.
func (p *PullRequest) HeadSHA() string {
	defer p.sim.lock()()
	return p.model.Head.String()
}

// URL is the address of the pull request's page.
func (p *PullRequest) URL() string {
	defer p.sim.lock()()
	return fmt.Sprintf("%s/%s/pull/%d", p.sim.github.BaseURL, p.model.Repo.FullName(), p.model.Number)
}

// Push commits to the head branch, as the pull request's author.
func (p *PullRequest) Push(message string, files map[string]string) string {
	defer p.sim.lock()()
	return p.model.HeadRepo.Commit(p.model.Author, p.model.HeadRef, message, files).String()
}

// Edit changes title, body and base branch as the author; what is "" stays. It delivers
// pull_request.edited with what was before.
func (p *PullRequest) Edit(title, body, base string) {
	defer p.sim.lock()()
	p.model.Edit(p.model.Author, title, body, base)
}

// Retarget changes the base branch as a user and delivers pull_request.edited with the
// base before.
func (p *PullRequest) Retarget(login, base string) {
	defer p.sim.lock()()
	p.model.Edit(p.sim.github.Person(login), "", "", base)
}

// Ready takes a draft out of draft.
func (p *PullRequest) Ready() {
	defer p.sim.lock()()
	p.model.SetDraft(false)
}

// Draft turns the pull request into a draft.
func (p *PullRequest) Draft() {
	defer p.sim.lock()()
	p.model.SetDraft(true)
}

// Label adds a label and delivers pull_request.labeled.
func (p *PullRequest) Label(name string) {
	defer p.sim.lock()()
	p.model.Label(name)
}

// Close closes without merging.
func (p *PullRequest) Close() {
	defer p.sim.lock()()
	p.model.Close(p.model.Author)
}

// Reopen opens a closed pull request again, with the commits that its head branch has
// gained while it was closed. GitHub reopens none that is merged or whose head branch
// is gone or was force-pushed meanwhile.
func (p *PullRequest) Reopen() {
	defer p.sim.lock()()
	p.model.Reopen()
}

// MergeMethod in GitHub's words.
type MergeMethod = model.MergeMethod

// The ways to merge.
const (
	MergeCommit = model.MergeCommit
	Squash      = model.Squash
	Rebase      = model.Rebase
)

// Merge brings the head into the base branch and delivers pull_request.closed and
// the push. It returns the new commit of the base branch; a conflict is an error that
// names the files.
func (p *PullRequest) Merge(method MergeMethod) (string, error) {
	defer p.sim.lock()()
	commit, err := p.model.Merge(method)
	if err != nil {
		return "", err
	}
	return commit.String(), nil
}
