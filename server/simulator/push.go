package simulator

import (
	"fmt"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"
)

// Deleted as the content of a file removes it.
const Deleted = "\x00deleted"

// SymbolicLink as the content of a file makes it a link to a path.
func SymbolicLink(target string) string { return special + filemode.Symlink.String() + target }

// Submodule as the content of a file makes it a submodule at a commit.
func Submodule(sha string) string { return special + filemode.Submodule.String() + sha }

// Executable as the content of a file makes it executable.
func Executable(content string) string { return special + filemode.Executable.String() + content }

// special begins contents that say a mode before what they hold.
const special = "\x00mode"

// entry makes the entry of a tree for a file's content, which may be special.
func (o *objects) entry(content string) entry {
	marked, ok := strings.CutPrefix(content, special)
	if !ok {
		return entry{filemode.Regular, o.writeBlob([]byte(content))}
	}
	digits := len(filemode.Regular.String())
	mode, err := filemode.New(marked[:digits])
	if err != nil {
		panic(fmt.Sprintf("simulator: %v", err))
	}
	if mode == filemode.Submodule {
		return entry{mode, plumbing.NewHash(marked[digits:])}
	}
	return entry{mode, o.writeBlob([]byte(marked[digits:]))}
}

// Commit adds a commit to a branch and delivers what a push delivers: push,
// check_suite.requested, pull_request.synchronize. files maps paths to contents
// (Deleted removes one); what it does not name stays. A branch that is not there
// begins at the default branch. It gives the commit's SHA.
func (r *Repository) Commit(branch, message string, files map[string]string) string {
	return r.CommitAs("", branch, message, files)
}

// CommitAs is Commit by a named user; without a name it is the repository's owner's
// deputy "octocat".
func (r *Repository) CommitAs(login, branch, message string, files map[string]string) string {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	return r.commit(r.sim.person(login), branch, message, files).String()
}

func (r *Repository) commit(by *account, branch, message string, files map[string]string) plumbing.Hash {
	parent, exists := r.branches[branch]
	if !exists {
		parent = r.branches[r.defaultBranch]
	}
	var parents []plumbing.Hash
	if !parent.IsZero() {
		parents = append(parents, parent)
	}
	tree := r.git.files(r.git.treeOf(parent))
	for path, content := range files {
		if path == "" || strings.HasPrefix(path, "/") || strings.Contains(path, "..") {
			panic(fmt.Sprintf("simulator: %q is no path of a repository", path))
		}
		if content == Deleted {
			if _, there := tree[path]; !there {
				panic(fmt.Sprintf("simulator: %s has no file %s to delete", r.fullName(), path))
			}
			delete(tree, path)
			continue
		}
		tree[path] = r.git.entry(content)
	}
	commit := r.git.writeCommit(r.git.writeTree(tree), parents, by, r.sim.now(), message)
	r.push(by, branch, commit)
	return commit
}

// Branch makes a branch at a commit (a branch, tag or SHA) without a new commit.
func (r *Repository) Branch(name, at string) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.push(r.sim.person(""), name, r.mustResolve(at))
}

// ForcePush points a branch at a commit (a branch, tag or SHA), whatever it was.
func (r *Repository) ForcePush(branch, at string) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.push(r.sim.person(""), branch, r.mustResolve(at))
}

// DeleteBranch removes a branch and delivers the push that says so.
func (r *Repository) DeleteBranch(name string) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.mustBranch(name)
	r.push(r.sim.person(""), name, plumbing.ZeroHash)
}

// Tag names a commit (a branch, tag or SHA).
func (r *Repository) Tag(name, at string) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.tags[name] = r.mustResolve(at)
}

// push moves a branch and tells the App and the pull requests that follow it.
func (r *Repository) push(by *account, branch string, to plumbing.Hash) {
	s := r.sim
	from := r.branches[branch]
	if to.IsZero() {
		delete(r.branches, branch)
	} else {
		r.branches[branch] = to
	}
	r.pushed = s.now()
	s.emit(r, "push", "", by, r.pushJSON("refs/heads/"+branch, from, to))
	if to.IsZero() {
		r.orphan(by, branch)
		return
	}
	if s.installationFor(r) != nil && s.installationFor(r).permissions["checks"] == "write" && r.ownSuite(to) == nil {
		s.emitSuite(r.suite(s.app, to, branch), "requested", by)
	}
	for _, other := range s.allRepositories() {
		for _, p := range other.pulls {
			if p.state == "open" && p.headRepo == r && p.headRef == branch {
				before := p.head
				p.head, p.updated = to, s.now()
				p.pin()
				s.emitPull(p, "synchronize", by, object{"before": before.String(), "after": to.String()})
			}
		}
	}
}

// orphan closes the pull requests whose base or head branch is gone.
func (r *Repository) orphan(by *account, branch string) {
	s := r.sim
	for _, other := range s.allRepositories() {
		for _, p := range other.pulls {
			lost := other == r && p.baseRef == branch || p.headRepo == r && p.headRef == branch
			if p.state == "open" && lost {
				now := s.now()
				p.state, p.closed, p.updated = "closed", &now, now
				s.emitPull(p, "closed", by, nil)
			}
		}
	}
}

// resolve gives the commit of a branch, a tag, a full reference or a SHA.
func (r *Repository) resolve(name string) (plumbing.Hash, bool) {
	if name == "" || name == "HEAD" {
		name = r.defaultBranch
	}
	if hash, ok := r.branches[strings.TrimPrefix(strings.TrimPrefix(name, "refs/"), "heads/")]; ok {
		return hash, true
	}
	if hash, ok := r.tags[strings.TrimPrefix(strings.TrimPrefix(name, "refs/"), "tags/")]; ok {
		return hash, true
	}
	if !plumbing.IsHash(name) {
		return plumbing.ZeroHash, false
	}
	hash := plumbing.NewHash(name)
	if _, err := r.git.commit(hash); err != nil {
		return plumbing.ZeroHash, false
	}
	return hash, true
}

func (r *Repository) mustResolve(name string) plumbing.Hash {
	hash, ok := r.resolve(name)
	if !ok {
		panic(fmt.Sprintf("simulator: %s has no branch, tag or commit %s", r.fullName(), name))
	}
	return hash
}

// File gives the content of a file at a commit (a branch, tag or SHA).
func (r *Repository) File(at, path string) (content string, ok bool) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	found, ok := r.git.files(r.git.treeOf(r.mustResolve(at)))[path]
	if !ok {
		return "", false
	}
	raw, err := r.git.blob(found.hash)
	return string(raw), err == nil
}

// Fork makes a copy under another owner, a user, with the same branches.
func (r *Repository) Fork(login string) *Repository {
	s := r.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	fork := s.newRepository(login+"/"+r.name, RepositoryOptions{
		Private: r.private, DefaultBranch: r.defaultBranch, Description: r.description, OwnedByUser: true,
	}, r.git)
	fork.parent = r
	for name, hash := range r.branches {
		fork.branches[name] = hash
	}
	return fork
}
