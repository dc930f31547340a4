package model

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/internal/git"
)

// MustBranch returns the commit of a branch that must be there.
func (r *Repository) MustBranch(name string) plumbing.Hash {
	hash, ok := r.Branches[name]
	if !ok {
		panic(fmt.Sprintf("simulator: %s has no branch %s", r.FullName(), name))
	}
	return hash
}

// BranchAt names a branch of the repository whose head is the commit, "" if there is none.
func (r *Repository) BranchAt(head plumbing.Hash) string {
	var names []string
	for name, hash := range r.Branches {
		if hash == head {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return cmp.Or(append(names, "")...)
}

// Commit adds a commit to a branch. files maps paths to contents (git.Deleted removes
// one); what it does not name stays. A branch that is not there begins at the default
// branch.
func (r *Repository) Commit(by *Account, branch, message string, files map[string]string) plumbing.Hash {
	parent, exists := r.Branches[branch]
	if !exists {
		parent = r.Branches[r.DefaultBranch]
	}
	var parents []plumbing.Hash
	if !parent.IsZero() {
		parents = append(parents, parent)
	}
	tree := r.Git.Files(r.Git.TreeOf(parent))
	for path, content := range files {
		if path == "" || strings.HasPrefix(path, "/") || strings.Contains(path, "..") {
			panic(fmt.Sprintf("simulator: %q is no path of a repository", path))
		}
		if content == git.Deleted {
			if _, there := tree[path]; !there {
				panic(fmt.Sprintf("simulator: %s has no file %s to delete", r.FullName(), path))
			}
			delete(tree, path)
			continue
		}
		tree[path] = r.Git.WriteContent(content)
	}
	commit := r.Git.WriteCommit(r.Git.WriteTree(tree), parents, by.Login, r.GitHub.Now(), message)
	r.Push(by, branch, commit)
	return commit
}

// Push moves a branch (to zero: deletes it) and everything that follows: the App's check
// suite and the pull requests of the branch.
func (r *Repository) Push(by *Account, branch string, to plumbing.Hash) {
	g := r.GitHub
	from := r.Branches[branch]
	if r.PastBranches == nil {
		r.PastBranches = map[string]plumbing.Hash{}
	}
	r.PastBranches[branch] = from
	if to.IsZero() {
		delete(r.Branches, branch)
	} else {
		r.Branches[branch] = to
	}
	r.Pushed = g.Now()
	g.Emit(Event{Name: "push", Repository: r, By: by, Subject: Push{"refs/heads/" + branch, from, to}})
	if to.IsZero() {
		r.orphan(by, branch)
		return
	}
	if i := g.InstallationFor(r); i != nil && i.Permissions["checks"] == "write" && r.OwnSuite(to) == nil {
		r.Suite(g.App, to, branch).emit("requested", by)
	}
	for _, other := range g.Repositories() {
		for _, p := range other.Pulls {
			if p.State == "open" && p.HeadRepo == r && p.HeadRef == branch {
				p.remember()
				before := p.Head
				p.Head, p.Updated = to, g.Now()
				p.pin()
				p.emit("synchronize", by, Event{Before: before, After: to})
			}
		}
	}
}

// orphan closes the pull requests whose base or head branch is gone.
func (r *Repository) orphan(by *Account, branch string) {
	for _, other := range r.GitHub.Repositories() {
		for _, p := range other.Pulls {
			lost := other == r && p.BaseRef == branch || p.HeadRepo == r && p.HeadRef == branch
			if p.State == "open" && lost {
				p.Close(by)
			}
		}
	}
}

// Resolve returns the commit of a branch, a tag, a full reference or a SHA. "" and HEAD
// are the default branch.
func (r *Repository) Resolve(name string) (plumbing.Hash, bool) {
	if name == "" || name == "HEAD" {
		name = r.DefaultBranch
	}
	if hash, ok := r.Branches[strings.TrimPrefix(strings.TrimPrefix(name, "refs/"), "heads/")]; ok {
		return hash, true
	}
	if hash, ok := r.Tags[strings.TrimPrefix(strings.TrimPrefix(name, "refs/"), "tags/")]; ok {
		return hash, true
	}
	if !plumbing.IsHash(name) {
		return plumbing.ZeroHash, false
	}
	hash := plumbing.NewHash(name)
	if _, err := r.Git.Commit(hash); err != nil {
		return plumbing.ZeroHash, false
	}
	return hash, true
}

// MustResolve is Resolve for what must be there.
func (r *Repository) MustResolve(name string) plumbing.Hash {
	hash, ok := r.Resolve(name)
	if !ok {
		panic(fmt.Sprintf("simulator: %s has no branch, tag or commit %s", r.FullName(), name))
	}
	return hash
}

// Refs lists branches, tags and the heads of pull requests, by full name.
func (r *Repository) Refs() map[string]plumbing.Hash {
	all := map[string]plumbing.Hash{}
	for name, hash := range r.Branches {
		all["refs/heads/"+name] = hash
	}
	for name, hash := range r.Tags {
		all["refs/tags/"+name] = hash
	}
	for _, p := range r.Pulls {
		all["refs/pull/"+strconv.Itoa(p.Number)+"/head"] = p.Head
	}
	return all
}
