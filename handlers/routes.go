package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/palantir/go-githubapp/githubapp"

	"plimsoll/handlers/commands"
	"plimsoll/handlers/gates"
	"plimsoll/handlers/publication"
	"plimsoll/handlers/pulls"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/require"
	"plimsoll/handlers/source"
	"plimsoll/handlers/tracker"
	"plimsoll/handlers/verification"
	"plimsoll/handlers/work"
)

// row is one event of the route table.
type row struct {
	event string
	// actions that are handled; empty: the event has no actions.
	actions []string
	// route says where the event belongs, and whether it asks for anything.
	route func(e *envelope) Route
	// handle does the work of the event, and decodes the payload for it.
	handle handleFunc
}

// table lists every event that Plimsoll acts on. An event that has no row, or an action
// that is not listed, is stored as ignored.
func table(d Deps) []row {
	run := &checkRunHandler{app: d.App, pulls: d.Pulls}
	deployments := d.Deployments
	return []row{
		{"pull_request", []string{"opened", "synchronize", "reopened", "ready_for_review", "edited", "closed"},
			routePullRequest, decoded((&pullRequestHandler{d.Pulls.Evaluator, d.Repositories.Invalidator}).handle)},
		{"merge_group", []string{"checks_requested", "destroyed"},
			routeMergeGroup, decoded((&mergeGroupHandler{d.Pulls.Evaluator}).handle)},
		{"check_run", []string{"created", "completed", "rerequested", "requested_action"},
			run.route, decoded(run.handle)},
		{"check_suite", []string{"rerequested"},
			routeCheckSuite, decoded((&checkSuiteHandler{d.Pulls.Open, d.Pulls.Runs, d.Pulls.Deployed, d.Queue}).handle)},
		{"issue_comment", []string{"created"},
			routeComment, decoded((&issueCommentHandler{d.Queue, d.Comments}).handle)},

		{"push", nil,
			routePush, decoded((&pushHandler{d.Repositories.Indexer}).handle)},
		{"repository", []string{"renamed", "transferred", "archived", "unarchived", "deleted", "privatized", "publicized", "edited"},
			routeRepository, decoded((&repositoryHandler{d.Repositories.Indexer}).handle)},
		{"installation", []string{"created", "deleted", "suspend", "unsuspend", "new_permissions_accepted"},
			routeInstallation, decoded((&installationHandler{d.Repositories.Accounts, d.Queue}).handle)},
		{"installation_repositories", []string{"added", "removed"},
			routeInstallationRepositories, decoded((&installationRepositoriesHandler{d.Repositories.Indexer, d.Queue}).handle)},
		{"installation_target", []string{"renamed"},
			routeInstallationTarget, decoded((&installationTargetHandler{d.Repositories.Indexer, d.Repositories.Accounts}).handle)},

		{"deployment", []string{"created"},
			routeDeployment, decoded((&deploymentHandler{deployments.Tracker}).handle)},
		{"deployment_status", []string{"created"},
			routeDeployment, decoded((&deploymentStatusHandler{deployments.Tracker}).handle)},
		{"deployment_protection_rule", []string{"requested"},
			routeProtectionRule, decoded((&protectionRuleHandler{deployments.Gates, d.Queue, deployments.Now}).handle)},
		{authorizationEvent, []string{"revoked"},
			routeAuthorization, decoded((&authorizationHandler{d.Sessions}).handle)},
		{"release", []string{"released", "published", "unpublished", "deleted", "edited", "prereleased"},
			routeRelease, decoded((&releaseHandler{deployments.Tracker}).handle)},
	}
}

// Deps are what the handlers of events call. All are needed.
type Deps struct {
	// App is the id of this App: check runs that others make under our names are looked at.
	App          int64
	Pulls        PullRequests
	Repositories Repositories
	Deployments  Deployments
	Comments     Comments
	Queue        work.Queue
	Sessions     Sessions
}

// PullRequests are called for pull requests, merge groups and their check runs.
type PullRequests struct {
	Evaluator *pulls.Evaluator
	Readiness *pulls.ReadinessEvaluator
	Buttons   *commands.Buttons
	Publisher *publication.Publisher
	Open      source.Pulls
	Runs      source.OwnRuns
	// Deployed answers "Re-run" on the check run of a deployment.
	Deployed *verification.Reporter
}

// Repositories are called for repositories and installations.
type Repositories struct {
	Indexer     *registry.Indexer
	Invalidator *registry.Invalidator
	Accounts    registry.Accounts
}

// Deployments are called for deployments, releases and gates.
type Deployments struct {
	Tracker *tracker.Tracker
	Gates   gates.AskedGates
	Now     func(ctx context.Context) (time.Time, error)
}

// Routes is the route table, looked up by the name of an event.
type Routes struct {
	events []string
	rows   map[string]row
}

var _ githubapp.EventHandler = (*Routes)(nil)

// New makes the route table.
func New(d Deps) (*Routes, error) {
	if err := require.All(d); err != nil {
		return nil, err
	}
	if d.App == 0 {
		return nil, errors.New("make the route table: the App's id is missing")
	}
	return newRoutes(table(d))
}

func newRoutes(rows []row) (*Routes, error) {
	r := &Routes{rows: make(map[string]row, len(rows))}
	for _, row := range rows {
		if _, taken := r.rows[row.event]; taken {
			return nil, fmt.Errorf("make the route table: the event %s has two rows", row.event)
		}
		r.rows[row.event] = row
		r.events = append(r.events, row.event)
	}
	return r, nil
}

// Handles lists the events of the table.
func (r *Routes) Handles() []string { return slices.Clone(r.events) }

// Route says where an event belongs, from its name and payload alone. An error means that
// the payload is not one of GitHub's, or that the table has no such event.
func (r *Routes) Route(event string, payload []byte) (Route, error) {
	row, ok := r.rows[event]
	if !ok {
		return Route{}, noRow(event)
	}
	e := envelope{event: event, payload: payload}
	if err := json.Unmarshal(payload, &e); err != nil {
		return Route{}, fmt.Errorf("read the %s payload: %w", event, err)
	}
	switch {
	case e.Installation.ID == 0 && event != authorizationEvent:
		return e.ignore("no installation in the payload: sent by a repository's own webhook?"), nil
	case len(row.actions) > 0 && !slices.Contains(row.actions, e.Action):
		return e.ignore("action " + e.Action), nil
	}
	return row.route(&e), nil
}

// Handle does the work that a stored event asks for.
func (r *Routes) Handle(ctx context.Context, event, delivery string, payload []byte) error {
	row, ok := r.rows[event]
	if !ok {
		return noRow(event)
	}
	return row.handle(ctx, event, delivery, payload)
}

func noRow(event string) error { return fmt.Errorf("no handler for the event %s", event) }
