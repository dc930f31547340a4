package simulator

import (
	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/internal/git"
)

// Deleted as the content of a file removes it.
const Deleted = git.Deleted

// SymbolicLink as the content of a file makes it a link to a path.
func SymbolicLink(target string) string { return git.SymbolicLink(target) }

// Submodule as the content of a file makes it a submodule at a commit.
func Submodule(sha string) string { return git.Submodule(sha) }

// Executable as the content of a file makes it executable.
func Executable(content string) string { return git.Executable(content) }

// Commit adds a commit to a branch and delivers what a push delivers: push,
// check_suite.requested, pull_request.synchronize. files maps paths to contents
// (Deleted removes one); what it does not name stays. A branch that is not there
// begins at the default branch. It returns the commit's SHA.
func (r *Repository) Commit(branch, message string, files map[string]string) string {
	return r.CommitAs("", branch, message, files)
}

// CommitAs is Commit by a named user; without a name it is "octocat".
func (r *Repository) CommitAs(login, branch, message string, files map[string]string) string {
	defer r.sim.lock()()
	return r.model.Commit(r.sim.github.Person(login), branch, message, files).String()
}

// Head is the commit that a branch points at.
func (r *Repository) Head(branch string) string {
	defer r.sim.lock()()
	return r.model.MustBranch(branch).String()
}

// Branch makes a branch at a commit (a branch, tag or SHA) without a new commit.
func (r *Repository) Branch(name, at string) {
	defer r.sim.lock()()
	r.model.Push(r.sim.github.Person(""), name, r.model.MustResolve(at))
}

// ForcePush points a branch at a commit (a branch, tag or SHA), wherever it was before.
func (r *Repository) ForcePush(branch, at string) { r.Branch(branch, at) }

// DeleteBranch removes a branch and delivers the push that says so.
func (r *Repository) DeleteBranch(name string) {
	defer r.sim.lock()()
	r.model.MustBranch(name)
	r.model.Push(r.sim.github.Person(""), name, plumbing.ZeroHash)
}

// Tag names a commit (a branch, tag or SHA).
func (r *Repository) Tag(name, at string) {
	defer r.sim.lock()()
	r.model.Tags[name] = r.model.MustResolve(at)
}

// File returns the content of a file at a commit (a branch, tag or SHA).
func (r *Repository) File(at, path string) (content string, ok bool) {
	defer r.sim.lock()()
	objects := r.model.Git
	found, ok := objects.Files(objects.TreeOf(r.model.MustResolve(at)))[path]
	if !ok {
		return "", false
	}
	raw, err := objects.Blob(found.Hash)
	return string(raw), err == nil
}
