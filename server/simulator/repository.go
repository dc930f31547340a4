package simulator

import (
	"maps"
	"slices"

	"plimsoll/server/simulator/internal/git"
	"plimsoll/server/simulator/internal/model"
)

// Repository is one repository. All exported methods may be called at any time.
type Repository struct {
	sim   *Simulator
	model *model.Repository
}

// RepositoryOptions of NewRepository.
type RepositoryOptions = model.RepositoryOptions

func (s *Simulator) repository(r *model.Repository) *Repository {
	return handle(s, r, func(s *Simulator, r *model.Repository) *Repository { return &Repository{s, r} })
}

// NewRepository makes an empty repository. fullName is owner/name.
func (s *Simulator) NewRepository(fullName string, options RepositoryOptions) *Repository {
	defer s.lock()()
	return s.repository(s.github.AddRepository(fullName, options, git.New()))
}

// FindRepository returns a repository by its name owner/name, nil if there is none.
func (s *Simulator) FindRepository(fullName string) *Repository {
	defer s.lock()()
	return s.repository(s.github.Repository(fullName))
}

// Repositories lists all repositories in the order in which they were made.
func (s *Simulator) Repositories() []*Repository {
	defer s.lock()()
	var list []*Repository
	for _, r := range s.github.Repositories() {
		list = append(list, s.repository(r))
	}
	return list
}

// ID is the repository's id, which survives renaming.
func (r *Repository) ID() int64 { return r.model.ID }

// FullName is owner/name.
func (r *Repository) FullName() string {
	defer r.sim.lock()()
	return r.model.FullName()
}

// Owner is the login of the account that the repository belongs to.
func (r *Repository) Owner() string {
	defer r.sim.lock()()
	return r.model.Owner.Login
}

// DefaultBranch is the name of the default branch.
func (r *Repository) DefaultBranch() string {
	defer r.sim.lock()()
	return r.model.DefaultBranch
}

// Branches lists the names of all branches, sorted.
func (r *Repository) Branches() []string {
	defer r.sim.lock()()
	return slices.Sorted(maps.Keys(r.model.Branches))
}

// Grant gives a user a role: admin, maintain, write, triage, read, or none.
func (r *Repository) Grant(login, role string) {
	defer r.sim.lock()()
	r.model.Grant(login, role)
}

// Archive makes the repository read-only and delivers repository.archived.
func (r *Repository) Archive() {
	defer r.sim.lock()()
	r.model.SetArchived(true)
}

// Unarchive undoes Archive.
func (r *Repository) Unarchive() {
	defer r.sim.lock()()
	r.model.SetArchived(false)
}

// SetPrivate changes the visibility and delivers repository.privatized or publicized.
func (r *Repository) SetPrivate(private bool) {
	defer r.sim.lock()()
	r.model.SetPrivate(private)
}

// SetInternal makes the repository internal and delivers repository.privatized if it was
// public, otherwise publicized.
func (r *Repository) SetInternal() {
	defer r.sim.lock()()
	r.model.SetInternal()
}

// Rename gives the repository a new name; the old one redirects.
func (r *Repository) Rename(name string) {
	defer r.sim.lock()()
	r.model.Rename(name)
}

// Transfer gives the repository to another account; the old name redirects.
func (r *Repository) Transfer(login string) {
	defer r.sim.lock()()
	r.model.Transfer(login)
}

// RenameDefaultBranch gives the default branch another name: it delivers
// repository.edited, and open pull requests go to the new name.
func (r *Repository) RenameDefaultBranch(to string) {
	defer r.sim.lock()()
	r.model.RenameDefaultBranch(to)
}

// Delete removes the repository and delivers repository.deleted.
func (r *Repository) Delete() {
	defer r.sim.lock()()
	r.model.Delete()
}

// Fork makes a copy under another owner, a user, with the same branches.
func (r *Repository) Fork(login string) *Repository {
	defer r.sim.lock()()
	return r.sim.repository(r.model.Fork(login))
}

// Issue is one issue of Issues.
type Issue struct {
	Number             int
	Title, Body, State string
	Comments           []string
}

// Issues lists the repository's issues that are no pull requests, oldest first.
func (r *Repository) Issues() []Issue {
	defer r.sim.lock()()
	var list []Issue
	for _, i := range r.model.Issues {
		if i.Pull != nil {
			continue
		}
		issue := Issue{Number: i.Number, Title: i.Title, Body: i.Body, State: i.State}
		for _, c := range i.Comments {
			issue.Comments = append(issue.Comments, c.Body)
		}
		list = append(list, issue)
	}
	return list
}
