package simulator

import (
	"time"

	"plimsoll/server/simulator/internal/model"
)

// Installation is the App on one account.
type Installation struct {
	sim   *Simulator
	model *model.Installation
}

// Install puts the App on an account, on the repositories given or, without any, on
// all of the account's. It delivers installation.created.
func (s *Simulator) Install(login string, repositories ...*Repository) *Installation {
	defer s.lock()()
	return &Installation{s, s.github.Install(login, modelsOf(repositories)...)}
}

func modelsOf(repositories []*Repository) []*model.Repository {
	var list []*model.Repository
	for _, r := range repositories {
		list = append(list, r.model)
	}
	return list
}

// ID is the installation's id.
func (i *Installation) ID() int64 { return i.model.ID }

// Add puts repositories into the selection and delivers installation_repositories.added.
func (i *Installation) Add(repositories ...*Repository) {
	defer i.sim.lock()()
	i.model.Select(true, modelsOf(repositories))
}

// Remove takes repositories out of the selection and delivers
// installation_repositories.removed.
func (i *Installation) Remove(repositories ...*Repository) {
	defer i.sim.lock()()
	i.model.Select(false, modelsOf(repositories))
}

// Suspend takes the App's access away; the token endpoint answers 403.
func (i *Installation) Suspend() {
	defer i.sim.lock()()
	i.model.Suspend()
}

// Unsuspend gives it back.
func (i *Installation) Unsuspend() {
	defer i.sim.lock()()
	i.model.Unsuspend()
}

// Uninstall removes the App from the account. Its tokens are void at once.
func (i *Installation) Uninstall() {
	defer i.sim.lock()()
	i.model.Uninstall()
}

// SetPermissions makes the installation grant something else than the manifest
// asks for: an account that has not yet accepted new permissions.
func (i *Installation) SetPermissions(permissions map[string]string) {
	defer i.sim.lock()()
	i.model.Grant(permissions)
}

// TokensExpire makes all of the installation's tokens void now.
func (i *Installation) TokensExpire() {
	defer i.sim.lock()()
	i.model.ExpireTokens()
}

// SetRateLimit makes an installation have that many requests left until reset. With
// remaining 0 the next call is refused, whether or not limits are enforced.
func (s *Simulator) SetRateLimit(i *Installation, remaining int, reset time.Time) {
	defer s.lock()()
	s.api.SetRateLimit(i.model, remaining, reset)
}
