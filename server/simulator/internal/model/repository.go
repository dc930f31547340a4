package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"

	"plimsoll/server/simulator/internal/git"
)

// Repository is one repository.
type Repository struct {
	GitHub        *GitHub
	ID            int64
	Owner         *Account
	Name          string
	Description   string
	Private       bool
	Internal      bool // everybody in the enterprise may read it; it is private as well
	Archived      bool
	DefaultBranch string
	Parent        *Repository
	Git           *git.Objects // shared by a repository and its forks, as on GitHub
	Branches      map[string]plumbing.Hash
	PastBranches  map[string]plumbing.Hash // where branches were before their last push
	Tags          map[string]plumbing.Hash
	Created       time.Time
	Pushed        time.Time

	Pulls        []*PullRequest
	Issues       []*Issue // also those of the pull requests, by number
	Comments     map[int64]*Comment
	Suites       map[plumbing.Hash][]*CheckSuite
	Statuses     []*CommitStatus
	Deployments  []*Deployment
	Environments []*Environment
	Reviews      []GateReview
	Dispatches   []Dispatch
	ListRunsLate time.Duration // after their start
	Releases     []*Release
	Groups       []*MergeGroup // of the merge queue, ended ones too

	grants map[string]string // lower-case login → admin, maintain, write, triage, read
}

// RepositoryOptions of AddRepository.
type RepositoryOptions struct {
	Private       bool
	Internal      bool
	DefaultBranch string // default: main
	Description   string
	// OwnedByUser makes an owner who is not yet known a person; otherwise it becomes an
	// organisation.
	OwnedByUser bool
}

// AddRepository makes a repository without branches. fullName is owner/name.
func (g *GitHub) AddRepository(fullName string, o RepositoryOptions, objects *git.Objects) *Repository {
	owner, name, ok := strings.Cut(fullName, "/")
	if !ok || owner == "" || name == "" || strings.Contains(name, "/") {
		panic(fmt.Sprintf("simulator: %q is not owner/name", fullName))
	}
	if g.Taken(fullName) {
		panic(fmt.Sprintf("simulator: there is a repository %s already", fullName))
	}
	kind := Organization
	if o.OwnedByUser {
		kind = User
	}
	if o.DefaultBranch == "" {
		o.DefaultBranch = "main"
	}
	r := &Repository{
		GitHub: g, ID: g.NextID("repository"), Owner: g.AccountNamed(owner, kind), Name: name,
		Description: o.Description, Private: o.Private || o.Internal, Internal: o.Internal, DefaultBranch: o.DefaultBranch,
		Git: objects, Branches: map[string]plumbing.Hash{}, Tags: map[string]plumbing.Hash{},
		Created: g.Now(), Pushed: g.Now(), Comments: map[int64]*Comment{},
		Suites: map[plumbing.Hash][]*CheckSuite{}, grants: map[string]string{},
	}
	g.repositories[r.ID] = r
	g.names[strings.ToLower(fullName)] = r.ID
	delete(g.moved, strings.ToLower(fullName))
	return r
}

// Taken reports whether there is a repository of that name.
func (g *GitHub) Taken(fullName string) bool {
	_, taken := g.names[strings.ToLower(fullName)]
	return taken
}

// Repository returns a repository by its name owner/name, nil if there is none.
func (g *GitHub) Repository(fullName string) *Repository {
	return g.repositories[g.names[strings.ToLower(fullName)]]
}

// RepositoryByID returns a repository, nil if there is none of that id.
func (g *GitHub) RepositoryByID(id int64) *Repository { return g.repositories[id] }

// Moved returns the repository that had that name before, nil if there is none.
func (g *GitHub) Moved(fullName string) *Repository {
	id, moved := g.moved[strings.ToLower(fullName)]
	if !moved {
		return nil
	}
	return g.repositories[id]
}

// Repositories lists all repositories in the order in which they were made.
func (g *GitHub) Repositories() []*Repository {
	var list []*Repository
	for _, id := range slices.Sorted(maps.Keys(g.repositories)) {
		list = append(list, g.repositories[id])
	}
	return list
}

// FullName is owner/name.
func (r *Repository) FullName() string { return r.Owner.Login + "/" + r.Name }

// Grant gives a user a role: admin, maintain, write, triage, read, or none.
func (r *Repository) Grant(login, role string) {
	r.grants[strings.ToLower(r.GitHub.Person(login).Login)] = role
}

// Role returns the role of a user.
func (r *Repository) Role(a *Account) string {
	if a == r.Owner {
		return "admin"
	}
	if role, ok := r.grants[strings.ToLower(a.Login)]; ok {
		return role
	}
	switch r.GitHub.members[r.Owner][a] {
	case "admin":
		return "admin"
	case "member": // the base permission of an organisation
		return "read"
	}
	if r.Private {
		return "none"
	}
	return "read"
}

// emit reports an event about the repository itself.
func (r *Repository) emit(action string, changes ...Change) {
	r.GitHub.Emit(Event{Name: "repository", Action: action, Repository: r, By: r.Owner, Changes: changes})
}

// SetArchived makes the repository read-only, or undoes that.
func (r *Repository) SetArchived(archived bool) {
	r.Archived = archived
	if archived {
		r.emit("archived")
	} else {
		r.emit("unarchived")
	}
}

// SetPrivate changes the visibility.
func (r *Repository) SetPrivate(private bool) {
	if r.Private, r.Internal = private, false; private {
		r.emit("privatized")
	} else {
		r.emit("publicized")
	}
}

// SetInternal lets everybody in the enterprise read the repository.
func (r *Repository) SetInternal() {
	wider := r.Private
	if r.Private, r.Internal = true, true; wider {
		r.emit("publicized")
	} else {
		r.emit("privatized")
	}
}

// Visibility is GitHub's word: public, internal or private.
func (r *Repository) Visibility() string {
	switch {
	case r.Internal:
		return "internal"
	case r.Private:
		return "private"
	}
	return "public"
}

// Rename gives the repository a new name; the old one redirects.
func (r *Repository) Rename(name string) {
	old := r.Name
	r.move(r.Owner, name)
	r.emit("renamed", Change{"repository.name", old})
}

// Transfer gives the repository to another account; the old name redirects.
func (r *Repository) Transfer(login string) {
	from := r.Owner
	r.move(r.GitHub.AccountNamed(login, Organization), r.Name)
	r.emit("transferred", Change{"owner", from})
}

func (r *Repository) move(owner *Account, name string) {
	g := r.GitHub
	before := strings.ToLower(r.FullName())
	delete(g.names, before)
	g.moved[before] = r.ID
	r.Owner, r.Name = owner, name
	g.names[strings.ToLower(r.FullName())] = r.ID
	delete(g.moved, strings.ToLower(r.FullName()))
}

// RenameDefaultBranch gives the default branch another name, to which open pull requests
// go as well.
func (r *Repository) RenameDefaultBranch(to string) {
	from := r.DefaultBranch
	r.Branches[to] = r.MustBranch(from)
	delete(r.Branches, from)
	r.DefaultBranch = to
	r.emit("edited", Change{"default_branch", from})
	for _, p := range r.Pulls {
		if p.State == "open" && p.BaseRef == from {
			changes := []Change{{"base.ref", from}, {"base.sha", p.Base.String()}}
			p.BaseRef, p.Updated = to, r.GitHub.Now()
			p.emit("edited", r.Owner, Event{Changes: changes})
		}
	}
}

// Delete removes the repository.
func (r *Repository) Delete() {
	r.emit("deleted")
	delete(r.GitHub.repositories, r.ID)
	delete(r.GitHub.names, strings.ToLower(r.FullName()))
}

// Fork makes a copy under another owner, a user, with the same branches.
func (r *Repository) Fork(login string) *Repository {
	fork := r.GitHub.AddRepository(login+"/"+r.Name, RepositoryOptions{
		Private: r.Private, Internal: r.Internal, DefaultBranch: r.DefaultBranch, Description: r.Description, OwnedByUser: true,
	}, r.Git)
	fork.Parent = r
	maps.Copy(fork.Branches, r.Branches)
	return fork
}
