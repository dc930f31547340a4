package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
)

// Repository is one repository. All exported methods may be called at any time.
type Repository struct {
	sim           *Simulator
	id            int64
	owner         *account
	name          string
	description   string
	private       bool
	archived      bool
	defaultBranch string
	parent        *Repository
	git           *objects // shared by a repository and its forks, as on GitHub
	branches      map[string]plumbing.Hash
	tags          map[string]plumbing.Hash
	created       time.Time
	pushed        time.Time
	grants        map[string]string // lower-case login → admin, maintain, write, triage, read

	pulls        []*PullRequest
	issues       []*issue // the pull requests' too
	comments     map[int64]*comment
	deployments  []*Deployment
	environments []*environment
	statuses     []*commitStatus
	reviews      []gateReview
	dispatches   []dispatch
	listsRuns    time.Duration // after their start
	releases     []*Release
	groups       []*mergeGroup // of the merge queue, ended ones too
	suites       map[plumbing.Hash][]*CheckSuite
}

// RepositoryOptions of NewRepository.
type RepositoryOptions struct {
	Private       bool
	DefaultBranch string // default: main
	Description   string
	// Owner says what an owner not yet known becomes: an organisation, or with
	// OwnedByUser a person.
	OwnedByUser bool
}

// NewRepository makes an empty repository. fullName is owner/name.
func (s *Simulator) NewRepository(fullName string, options RepositoryOptions) *Repository {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.newRepository(fullName, options, newObjects())
}

func (s *Simulator) newRepository(fullName string, options RepositoryOptions, git *objects) *Repository {
	owner, name, ok := strings.Cut(fullName, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		panic(fmt.Sprintf("simulator: %q is not owner/name", fullName))
	}
	if _, taken := s.names[strings.ToLower(fullName)]; taken {
		panic(fmt.Sprintf("simulator: there is a repository %s already", fullName))
	}
	kind := organization
	if options.OwnedByUser {
		kind = user
	}
	if options.DefaultBranch == "" {
		options.DefaultBranch = "main"
	}
	r := &Repository{
		sim: s, id: s.id("repository"), owner: s.accountNamed(owner, kind), name: name,
		description: options.Description, private: options.Private, defaultBranch: options.DefaultBranch,
		git: git, branches: map[string]plumbing.Hash{}, tags: map[string]plumbing.Hash{},
		created: s.now(), pushed: s.now(), grants: map[string]string{}, comments: map[int64]*comment{},
		suites: map[plumbing.Hash][]*CheckSuite{},
	}
	s.repos[r.id] = r
	s.names[strings.ToLower(fullName)] = r.id
	delete(s.moved, strings.ToLower(fullName))
	return r
}

// FindRepository gives a repository by its name owner/name, nil without one.
func (s *Simulator) FindRepository(fullName string) *Repository {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.repos[s.names[strings.ToLower(fullName)]]
}

// Repositories lists all repositories in the order in which they were made.
func (s *Simulator) Repositories() []*Repository {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.allRepositories()
}

func (s *Simulator) allRepositories() []*Repository {
	var list []*Repository
	for _, id := range slices.Sorted(maps.Keys(s.repos)) {
		list = append(list, s.repos[id])
	}
	return list
}

// ID is the repository's id, which survives renaming.
func (r *Repository) ID() int64 { return r.id }

// FullName is owner/name.
func (r *Repository) FullName() string {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	return r.fullName()
}

func (r *Repository) fullName() string { return r.owner.login + "/" + r.name }

// DefaultBranch is the name of the default branch.
func (r *Repository) DefaultBranch() string {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	return r.defaultBranch
}

// Head is the commit that a branch points at.
func (r *Repository) Head(branch string) string {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	return r.mustBranch(branch).String()
}

func (r *Repository) mustBranch(name string) plumbing.Hash {
	hash, ok := r.branches[name]
	if !ok {
		panic(fmt.Sprintf("simulator: %s has no branch %s", r.fullName(), name))
	}
	return hash
}

// Grant gives a user a role: admin, maintain, write, triage, read, or none.
func (r *Repository) Grant(login, role string) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.grants[strings.ToLower(r.sim.person(login).login)] = role
}

// role gives the role of a user.
func (r *Repository) role(a *account) string {
	if a == r.owner {
		return "admin"
	}
	if role, ok := r.grants[strings.ToLower(a.login)]; ok {
		return role
	}
	if r.private {
		return "none"
	}
	return "read"
}

// Archive makes the repository read-only and delivers repository.archived.
func (r *Repository) Archive() { r.setArchived(true, "archived") }

// Unarchive undoes Archive.
func (r *Repository) Unarchive() { r.setArchived(false, "unarchived") }

func (r *Repository) setArchived(archived bool, action string) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.archived = archived
	r.sim.emit(r, "repository", action, r.owner, nil)
}

// SetPrivate changes the visibility and delivers repository.privatized or publicized.
func (r *Repository) SetPrivate(private bool) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.private = private
	action := "publicized"
	if private {
		action = "privatized"
	}
	r.sim.emit(r, "repository", action, r.owner, nil)
}

// Rename gives the repository a new name; the old one redirects.
func (r *Repository) Rename(name string) {
	s := r.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	old := r.name
	s.rename(r, r.owner, name)
	s.emit(r, "repository", "renamed", r.owner, object{"changes": object{"repository": object{"name": object{"from": old}}}})
}

// Transfer gives the repository to another account; the old name redirects.
func (r *Repository) Transfer(login string) {
	s := r.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	from := r.owner
	s.rename(r, s.accountNamed(login, organization), r.name)
	s.emit(r, "repository", "transferred", r.owner, object{"changes": object{"owner": object{"from": object{lowerKind(from): s.userJSON(from)}}}})
}

// RenameDefaultBranch gives the default branch another name: it delivers
// repository.edited, and open pull requests go to the new name.
func (r *Repository) RenameDefaultBranch(to string) {
	s := r.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	from := r.defaultBranch
	r.branches[to] = r.mustBranch(from)
	delete(r.branches, from)
	r.defaultBranch = to
	s.emit(r, "repository", "edited", r.owner, object{"changes": object{"default_branch": object{"from": from}}})
	for _, p := range r.pulls {
		if p.state == "open" && p.baseRef == from {
			changes := object{"base": object{"ref": object{"from": from}, "sha": object{"from": p.base.String()}}}
			p.baseRef, p.updated = to, s.now()
			s.emitPull(p, "edited", r.owner, object{"changes": changes})
		}
	}
}

func lowerKind(a *account) string { return strings.ToLower(a.kind) }

func (s *Simulator) rename(r *Repository, owner *account, name string) {
	before := strings.ToLower(r.fullName())
	delete(s.names, before)
	s.moved[before] = r.id
	r.owner, r.name = owner, name
	s.names[strings.ToLower(r.fullName())] = r.id
	delete(s.moved, strings.ToLower(r.fullName()))
}

// Delete removes the repository and delivers repository.deleted.
func (r *Repository) Delete() {
	s := r.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emit(r, "repository", "deleted", r.owner, nil)
	delete(s.repos, r.id)
	delete(s.names, strings.ToLower(r.fullName()))
}
