package model

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// Installation is our App on one account.
type Installation struct {
	ID          int64
	Account     *Account
	All         bool // of the account's repositories; otherwise the selected ones
	Permissions map[string]string
	Events      []string
	Suspended   *time.Time
	SuspendedBy *Account
	Created     time.Time
	Updated     time.Time

	github   *GitHub
	selected map[int64]bool
}

// Install puts the App on an account: on the given repositories, or on all of the
// account's if there are none. It emits installation.created.
func (g *GitHub) Install(login string, repositories ...*Repository) *Installation {
	owner := g.MustAccount(login)
	if g.InstallationOf(owner) != nil {
		panic(fmt.Sprintf("simulator: the App is already installed on %s", login))
	}
	i := &Installation{
		ID: g.NextID("installation"), Account: owner, All: len(repositories) == 0,
		Permissions: maps.Clone(g.App.Permissions), Events: slices.Clone(g.App.Events),
		Created: g.Now(), Updated: g.Now(), github: g, selected: map[int64]bool{},
	}
	for _, r := range repositories {
		if r.Owner != owner {
			panic(fmt.Sprintf("simulator: %s is not %s's", r.FullName(), login))
		}
		i.selected[r.ID] = true
	}
	g.Installations = append(g.Installations, i)
	i.emit("created")
	return i
}

// emit reports an event of the installation itself.
func (i *Installation) emit(action string) {
	i.github.Emit(Event{Name: "installation", Action: action, Installation: i, By: i.Account, Repositories: i.Repositories()})
}

// Repositories lists what the installation may see, by id.
func (i *Installation) Repositories() []*Repository {
	var list []*Repository
	for _, r := range i.github.Repositories() {
		if i.Covers(r) {
			list = append(list, r)
		}
	}
	return list
}

// Covers reports whether the installation may see a repository.
func (i *Installation) Covers(r *Repository) bool {
	return r.Owner == i.Account && (i.All || i.selected[r.ID])
}

// Select adds repositories to the selection or removes them from it, and emits
// installation_repositories.
func (i *Installation) Select(add bool, repositories []*Repository) {
	if i.All { // what was "all" becomes the list of what it was
		for _, r := range i.Repositories() {
			i.selected[r.ID] = true
		}
		i.All = false
	}
	for _, r := range repositories {
		i.selected[r.ID] = add
	}
	i.Updated = i.github.Now()
	action := "removed"
	if add {
		action = "added"
	}
	i.github.Emit(Event{Name: "installation_repositories", Action: action, Installation: i, By: i.Account, Repositories: repositories})
}

// Suspend takes the App's access away.
func (i *Installation) Suspend() {
	now := i.github.Now()
	i.Suspended, i.SuspendedBy, i.Updated = &now, i.Account, now
	i.emit("suspend")
}

// Unsuspend gives the access back.
func (i *Installation) Unsuspend() {
	i.Suspended, i.SuspendedBy, i.Updated = nil, nil, i.github.Now()
	i.emit("unsuspend")
}

// Uninstall removes the App from the account. Its tokens are void at once.
func (i *Installation) Uninstall() {
	i.emit("deleted")
	i.github.Installations = slices.DeleteFunc(i.github.Installations, func(o *Installation) bool { return o == i })
	i.ExpireTokens()
}

// Grant makes the installation grant something else than the manifest asks for: an account
// that has not yet accepted new permissions.
func (i *Installation) Grant(permissions map[string]string) {
	i.Permissions = maps.Clone(permissions)
	i.Updated = i.github.Now()
	i.emit("new_permissions_accepted")
}

// ExpireTokens makes all tokens of the installation void now.
func (i *Installation) ExpireTokens() {
	maps.DeleteFunc(i.github.Tokens, func(_ string, t *Token) bool { return t.Installation == i })
}

// InstallationOf returns the installation on an account, nil if there is none.
func (g *GitHub) InstallationOf(a *Account) *Installation {
	for _, i := range g.Installations {
		if i.Account == a {
			return i
		}
	}
	return nil
}

// InstallationFor returns the installation that sees r, nil if there is none.
func (g *GitHub) InstallationFor(r *Repository) *Installation {
	if i := g.InstallationOf(r.Owner); i != nil && i.Covers(r) {
		return i
	}
	return nil
}

// InstallationByID returns an installation, nil if there is none of that id.
func (g *GitHub) InstallationByID(id int64) *Installation {
	for _, i := range g.Installations {
		if i.ID == id {
			return i
		}
	}
	return nil
}
