package simulator

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// app is the one GitHub App, as its manifest registers it.
type app struct {
	id          int64
	slug, name  string
	description string
	clientID    string
	url         string
	permissions map[string]string
	events      []string
	owner, bot  *account
	created     time.Time
}

func newApp(options Options) (*app, error) {
	var manifest struct {
		Name        string            `yaml:"name"`
		Description string            `yaml:"description"`
		URL         string            `yaml:"url"`
		Permissions map[string]string `yaml:"default_permissions"`
		Events      []string          `yaml:"default_events"`
	}
	if err := yaml.Unmarshal(options.Manifest, &manifest); err != nil {
		return nil, fmt.Errorf("read the App's manifest: %w", err)
	}
	for name, level := range manifest.Permissions {
		if level != "read" && level != "write" {
			return nil, fmt.Errorf("read the App's manifest: permission %s: %q is neither read nor write", name, level)
		}
	}
	for _, event := range manifest.Events {
		if need, known := eventNeeds[event]; !known {
			return nil, fmt.Errorf("read the App's manifest: the simulator knows no event %q", event)
		} else if manifest.Permissions[need] == "" {
			return nil, fmt.Errorf("read the App's manifest: event %s needs permission %s", event, need)
		}
	}
	return &app{
		id: options.AppID, name: manifest.Name, slug: strings.ToLower(strings.ReplaceAll(manifest.Name, " ", "-")),
		description: manifest.Description, url: manifest.URL,
		clientID:    fmt.Sprintf("Iv23li%014d", options.AppID),
		permissions: manifest.Permissions, events: manifest.Events,
		created: options.Clock().UTC().Truncate(time.Second),
	}, nil
}

// eventNeeds says which permission an App must have to subscribe to an event.
// From the "To subscribe to this event" sentences of GitHub's webhook descriptions.
var eventNeeds = map[string]string{
	"pull_request": "pull_requests", "push": "contents", "check_run": "checks", "check_suite": "checks",
	"merge_group": "merge_queues", "issue_comment": "issues", "deployment": "deployments",
	"deployment_status": "deployments", "deployment_protection_rule": "deployments",
	"deployment_review": "deployments", "repository": "metadata", "issues": "issues",
	"status": "statuses", "workflow_run": "actions", "release": "contents", "create": "contents", "delete": "contents",
}

// Installation is the App on one account.
type Installation struct {
	sim          *Simulator
	id           int64
	account      *account
	all          bool
	selected     map[int64]bool
	permissions  map[string]string
	suspended    *time.Time
	suspendedBy  *account
	created      time.Time
	updated      time.Time
	uninstalled  bool
	eventsFilter []string
}

// Install puts the App on an account, on the repositories given or, without any, on
// all of the account's. It delivers installation.created.
func (s *Simulator) Install(login string, repositories ...*Repository) *Installation {
	s.mu.Lock()
	defer s.mu.Unlock()
	owner := s.mustAccount(login)
	if s.installationOf(owner) != nil {
		panic(fmt.Sprintf("simulator: the App is already installed on %s", login))
	}
	i := &Installation{
		sim: s, id: s.id("installation"), account: owner, all: len(repositories) == 0,
		selected: map[int64]bool{}, permissions: maps.Clone(s.app.permissions),
		created: s.now(), updated: s.now(), eventsFilter: slices.Clone(s.app.events),
	}
	for _, r := range repositories {
		if r.owner != owner {
			panic(fmt.Sprintf("simulator: %s is not %s's", r.fullName(), login))
		}
		i.selected[r.id] = true
	}
	s.installations = append(s.installations, i)
	s.emitInstallation(i, "installation", "created", object{"repositories": s.repositoryStubs(i.repositories())})
	return i
}

// ID is the installation's id.
func (i *Installation) ID() int64 { return i.id }

// repositories lists what the installation may see, by id.
func (i *Installation) repositories() []*Repository {
	var list []*Repository
	for _, id := range slices.Sorted(maps.Keys(i.sim.repos)) {
		if r := i.sim.repos[id]; i.covers(r) {
			list = append(list, r)
		}
	}
	return list
}

func (i *Installation) covers(r *Repository) bool {
	return r.owner == i.account && (i.all || i.selected[r.id])
}

// Add and Remove change the selection and deliver installation_repositories.
func (i *Installation) Add(repositories ...*Repository) { i.change("added", repositories) }

// Remove takes repositories out of the selection.
func (i *Installation) Remove(repositories ...*Repository) { i.change("removed", repositories) }

func (i *Installation) change(action string, repositories []*Repository) {
	s := i.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	if i.all { // what was "all" becomes the list of what it was
		for _, r := range i.repositories() {
			i.selected[r.id] = true
		}
		i.all = false
	}
	for _, r := range repositories {
		i.selected[r.id] = action == "added"
	}
	i.updated = s.now()
	selection := "selected"
	extra := object{"repository_selection": selection, "repositories_added": []any{}, "repositories_removed": []any{}, "requester": nil}
	extra["repositories_"+action] = s.repositoryStubs(repositories)
	s.emitInstallation(i, "installation_repositories", action, extra)
}

// Suspend takes the App's access away; the token endpoint answers 403.
func (i *Installation) Suspend() {
	i.sim.mu.Lock()
	defer i.sim.mu.Unlock()
	now := i.sim.now()
	i.suspended, i.suspendedBy, i.updated = &now, i.account, now
	i.sim.emitInstallation(i, "installation", "suspend", object{"repositories": i.sim.repositoryStubs(i.repositories())})
}

// Unsuspend gives it back.
func (i *Installation) Unsuspend() {
	i.sim.mu.Lock()
	defer i.sim.mu.Unlock()
	i.suspended, i.suspendedBy, i.updated = nil, nil, i.sim.now()
	i.sim.emitInstallation(i, "installation", "unsuspend", object{"repositories": i.sim.repositoryStubs(i.repositories())})
}

// Uninstall removes the App from the account. Its tokens are void at once.
func (i *Installation) Uninstall() {
	s := i.sim
	s.mu.Lock()
	defer s.mu.Unlock()
	s.emitInstallation(i, "installation", "deleted", object{"repositories": s.repositoryStubs(i.repositories())})
	i.uninstalled = true
	s.installations = slices.DeleteFunc(s.installations, func(o *Installation) bool { return o == i })
	maps.DeleteFunc(s.tokens, func(_ string, t *token) bool { return t.installation == i })
}

// SetPermissions makes the installation grant something else than the manifest
// asks for: an account that has not yet accepted new permissions.
func (i *Installation) SetPermissions(permissions map[string]string) {
	i.sim.mu.Lock()
	defer i.sim.mu.Unlock()
	i.permissions = maps.Clone(permissions)
	i.updated = i.sim.now()
	i.sim.emitInstallation(i, "installation", "new_permissions_accepted", object{"repositories": i.sim.repositoryStubs(i.repositories())})
}

// TokensExpire makes all of the installation's tokens void now.
func (i *Installation) TokensExpire() {
	i.sim.mu.Lock()
	defer i.sim.mu.Unlock()
	maps.DeleteFunc(i.sim.tokens, func(_ string, t *token) bool { return t.installation == i })
}

func (s *Simulator) installationOf(a *account) *Installation {
	for _, i := range s.installations {
		if i.account == a {
			return i
		}
	}
	return nil
}

// installationFor gives the installation that sees r, nil without one.
func (s *Simulator) installationFor(r *Repository) *Installation {
	if i := s.installationOf(r.owner); i != nil && i.covers(r) {
		return i
	}
	return nil
}
