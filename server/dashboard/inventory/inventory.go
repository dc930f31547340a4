package inventory

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"plimsoll/contracts"
)

// Inventory is what is registered, at one moment. It is shared and must not be changed.
type Inventory struct {
	// At is when it was read.
	At time.Time
	// Repositories by GitHub's id: those that can be read now.
	Repositories map[int64]*Repository
	// Components sorted by name and repository.
	Components []*Component
	// APIs sorted by full name.
	APIs []*API

	Pulls      []Pull
	Runs       []Run
	Failures   []Failure
	Unreadable []Unreadable
	byName     map[string]*Repository // "owner/name" in lower case
}

// Repository is a repository that can be read now.
type Repository struct {
	contracts.RepositoryRef
	DefaultBranch string
	Archived      bool
	// Read: what it declares has been read, at least once.
	Read bool
	// Enrolled: it has a repository file. Broken: that can't be used, and what is known is
	// from Commit, the last one whose file could be.
	Enrolled, Broken bool
	Commit, File     string
	Problems         []contracts.Problem
	Components       []*Component
}

// Component is what a default branch declares.
type Component struct {
	Repository *Repository
	contracts.Component
	Provides []*API
	Uses     []*Use
}

// Use is the use of an API by a component. API is nil if no provider of it is known.
type Use struct {
	Consumer *Component
	// Written is the API as the consumer writes it.
	Written string
	API     *API
}

// API is an API with the components that use it.
type API struct {
	Provider *Component
	contracts.Provided
	Consumers []*Use

	since    int64
	position int
}

// Ref names the API.
func (a *API) Ref() contracts.APIRef {
	return contracts.APIRef{Repository: a.Provider.Repository.RepositoryRef, Name: a.Provided.API}
}

// Pull is an open pull request that fails a check.
type Pull struct {
	Repository *Repository
	Number     int
	// Check is the name of the check run that fails.
	Check string
	Since time.Time
	// Blocked are the consumers that it would break.
	Blocked []Blocked
}

// Blocked is a consumer that a pull request would break.
type Blocked struct {
	Repository int64
	Component  string
}

// Run is a verification that is watched or was not verified, the newest in its target.
type Run struct {
	Repository                               *Repository
	ID                                       string
	Deployment                               int64
	Component, Environment, Instance, Commit string
	// Answer is empty while it is watched.
	Answer       string
	Began, Ended time.Time
}

// Failure is a deployment that failed, the newest to its target.
type Failure struct {
	Repository                                               *Repository
	Deployment                                               int64
	Component, Environment, Instance, Commit, State, Creator string
	Production                                               bool
	At                                                       time.Time
}

// Unreadable is a repository that could not be read into the registry.
type Unreadable struct {
	Repository *Repository
	Reason     string
	Since      time.Time
}

// Repository finds one by its name, in any case.
func (i *Inventory) Repository(owner, name string) (*Repository, bool) {
	found, ok := i.byName[strings.ToLower(owner+"/"+name)]
	return found, ok
}

// Component finds one of a repository.
func (r *Repository) Component(name string) (*Component, bool) {
	for _, one := range r.Components {
		if one.Name == name {
			return one, true
		}
	}
	return nil, false
}

// API finds one that a repository provides.
func (r *Repository) API(name string) (*API, bool) {
	for _, component := range r.Components {
		for _, api := range component.Provides {
			if api.Provided.API == name {
				return api, true
			}
		}
	}
	return nil, false
}

func (i *Inventory) sort() {
	slices.SortFunc(i.Components, func(a, b *Component) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Repository.FullName(), b.Repository.FullName()), cmp.Compare(a.Repository.ID, b.Repository.ID))
	})
	slices.SortFunc(i.APIs, func(a, b *API) int {
		return cmp.Or(strings.Compare(a.Provider.Repository.FullName(), b.Provider.Repository.FullName()), strings.Compare(a.Provided.API, b.Provided.API))
	})
}
