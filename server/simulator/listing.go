package simulator

import (
	"maps"
	"slices"
)

// Owner is the login of the account that the repository belongs to.
func (r *Repository) Owner() string {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	return r.owner.login
}

// Branches lists the names of all branches, sorted.
func (r *Repository) Branches() []string {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	return slices.Sorted(maps.Keys(r.branches))
}
