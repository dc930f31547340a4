package model

import (
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
)

// MergeMethod in GitHub's words.
type MergeMethod string

// The ways to merge.
const (
	MergeCommit MergeMethod = "merge"
	Squash      MergeMethod = "squash"
	Rebase      MergeMethod = "rebase"
)

// Merge brings the head into the base branch and returns the new commit of that branch.
// A conflict is an error that names the files.
func (p *PullRequest) Merge(method MergeMethod) (plumbing.Hash, error) {
	objects := p.Repo.Git
	base := p.Repo.MustBranch(p.BaseRef)
	ancestor := objects.MergeBase(base, p.Head)
	tree, conflicts := objects.ThreeWay(ancestor, base, p.Head)
	if len(conflicts) > 0 {
		return plumbing.ZeroHash, fmt.Errorf("merge pull request %d: conflict in %s", p.Number, strings.Join(conflicts, ", "))
	}
	by, at := p.Author, p.Repo.GitHub.Now()
	var commit plumbing.Hash
	switch method {
	case MergeCommit:
		message := fmt.Sprintf("Merge pull request #%d from %s/%s\n\n%s", p.Number, p.HeadRepo.Owner.Login, p.HeadRef, p.Title)
		commit = objects.WriteCommit(tree, []plumbing.Hash{base, p.Head}, by.Login, at, message)
	case Squash:
		commit = objects.WriteCommit(tree, []plumbing.Hash{base}, by.Login, at, fmt.Sprintf("%s (#%d)", p.Title, p.Number))
	case Rebase:
		rebased, err := p.rebase(base)
		if err != nil {
			return plumbing.ZeroHash, err
		}
		commit = rebased
	default:
		return plumbing.ZeroHash, fmt.Errorf("merge pull request %d: no method %q", p.Number, method)
	}
	p.merged(by, commit)
	p.Repo.Push(by, p.BaseRef, commit)
	return commit, nil
}

// rebase applies the commits of the head to the base branch, one by one.
func (p *PullRequest) rebase(base plumbing.Hash) (plumbing.Hash, error) {
	objects, at := p.Repo.Git, p.Repo.GitHub.Now()
	commit := base
	list := objects.Log(base, p.Head, 0)
	for i := len(list) - 1; i >= 0; i-- {
		tree, conflicts := objects.ThreeWay(objects.ParentOf(list[i]), commit, list[i].Hash)
		if len(conflicts) > 0 {
			return plumbing.ZeroHash, fmt.Errorf("rebase pull request %d: conflict in %s", p.Number, strings.Join(conflicts, ", "))
		}
		commit = objects.WriteCommit(tree, []plumbing.Hash{commit}, p.Author.Login, at, list[i].Message)
	}
	return commit, nil
}

// merged closes the pull request as merged by a commit.
func (p *PullRequest) merged(by *Account, commit plumbing.Hash) {
	now := p.Repo.GitHub.Now()
	p.State, p.Closed, p.MergedAt, p.MergedBy, p.MergeCommit, p.Updated = "closed", &now, &now, by, commit, now
	p.emit("closed", by, Event{})
}

// TestMerge returns the commit by which GitHub tries whether the pull request could be merged
// now; zero if it could not.
func (p *PullRequest) TestMerge() plumbing.Hash {
	base := p.Repo.Branches[p.BaseRef]
	if p.State != "open" || base.IsZero() {
		return plumbing.ZeroHash
	}
	key := [2]plumbing.Hash{base, p.Head}
	if commit, ok := p.tested[key]; ok {
		return commit
	}
	commit := plumbing.ZeroHash
	if tree, conflicts := p.Repo.Git.ThreeWay(p.Repo.Git.MergeBase(base, p.Head), base, p.Head); len(conflicts) == 0 {
		commit = p.Repo.Git.WriteCommit(tree, key[:], p.Author.Login, p.Repo.GitHub.Now(), fmt.Sprintf("Merge %s into %s", p.Head, base))
	}
	p.tested = map[[2]plumbing.Hash]plumbing.Hash{key: commit}
	return commit
}

// Mergeable reports whether the pull request could be merged now.
func (p *PullRequest) Mergeable() bool { return !p.TestMerge().IsZero() }
