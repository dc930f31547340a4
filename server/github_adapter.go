package server

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"plimsoll/checks"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/gate"
	"plimsoll/handlers/commands"
	"plimsoll/handlers/gates"
	"plimsoll/handlers/registry"
	"plimsoll/handlers/rollback"
	"plimsoll/handlers/source"
	"plimsoll/handlers/verification"
	"plimsoll/server/api"
	"plimsoll/server/github"
	"plimsoll/server/github/tree"
)

// githubAdapter is GitHub as the handlers see it. It says what GitHub's refusals and
// roles mean to them. Everything else the clients and the reader of trees do themselves.
type githubAdapter struct {
	*github.Clients
	*tree.Reader
}

var (
	_ api.GitHub             = githubAdapter{}
	_ commands.People        = githubAdapter{}
	_ commands.GitHub        = githubAdapter{}
	_ gates.Gates            = githubAdapter{}
	_ registry.Installations = githubAdapter{}
	_ rollback.Executor      = githubAdapter{}
	_ source.Branches        = githubAdapter{}
	_ checks.Remote          = githubAdapter{}
	_ source.OwnRuns         = githubAdapter{}
	_ source.Pulls           = githubAdapter{}
	_ source.Record          = githubAdapter{}
	_ source.Trees           = githubAdapter{}
	_ verification.Deployer  = githubAdapter{}
)

// InTeam reports whether a user is in a team. If the App may not ask, the error wraps
// [commands.ErrMayNotAsk].
func (h githubAdapter) InTeam(ctx context.Context, installation int64, team, login string) (bool, error) {
	in, err := h.Clients.InTeam(ctx, installation, team, login)
	if github.Classify(err) == github.ClassPermission {
		err = fmt.Errorf("%w: %w", commands.ErrMayNotAsk, err)
	}
	return in, err
}

// Maintains reports whether a user has the role maintain or admin in a repository.
func (h githubAdapter) Maintains(ctx context.Context, repo contracts.RepositoryRef, login string) (bool, error) {
	permission, err := h.permission(ctx, repo, login)
	return permission.Legacy == "admin" || permission.Role == "admin" || permission.Role == "maintain", err
}

// MayDeploy reports whether a user may write to a repository: with the role write,
// maintain or admin, or with a custom role that is based on one of them.
func (h githubAdapter) MayDeploy(ctx context.Context, repo contracts.RepositoryRef, login string) (bool, error) {
	permission, err := h.permission(ctx, repo, login)
	return permission.Legacy == "admin" || permission.Legacy == "write", err
}

// permission is what a user may do in a repository; nothing, if GitHub does not know the
// user there.
func (h githubAdapter) permission(ctx context.Context, repo contracts.RepositoryRef, login string) (github.Permission, error) {
	permission, err := h.CollaboratorPermission(ctx, repo, login)
	if github.Classify(err) == github.ClassNotFound {
		return github.Permission{}, nil
	}
	return permission, err
}

// AnswerGate answers a deployment protection rule, or reports on it. GitHub's 422 does not
// say why it takes no answer, so it is asked whether the run still waits there: if not, the
// error wraps [gates.ErrNotPending], else [gates.ErrStillPending].
func (h githubAdapter) AnswerGate(ctx context.Context, repo contracts.RepositoryRef, run int64, environment string, state gate.State, comment string) error {
	err := h.Clients.AnswerGate(ctx, repo, run, environment, state, comment)
	if refused, ok := errors.AsType[*github.Error](err); ok && refused.Status == http.StatusUnprocessableEntity {
		waits, asked := h.GateWaits(ctx, repo, run, environment)
		switch {
		case asked != nil:
			return errors.Join(err, asked)
		case waits:
			return fmt.Errorf("%w: %v", gates.ErrStillPending, err) // another attempt may succeed
		}
		return fmt.Errorf("%w: %w", gates.ErrNotPending, err)
	}
	return err
}

// Asks reports whether an environment asks this App. One that does not exist asks nobody.
func (h githubAdapter) Asks(ctx context.Context, repo contracts.RepositoryRef, environment string) (bool, error) {
	asks, err := h.GateAsks(ctx, repo, environment)
	if github.Classify(err) == github.ClassNotFound {
		return false, nil
	}
	return asks, err
}

// Redeploy requests a deployment that rolls back.
func (h githubAdapter) Redeploy(ctx context.Context, repo contracts.RepositoryRef, r rollback.RollbackRequest) (int64, error) {
	id, err := h.CreateDeployment(ctx, repo, github.NewDeployment{
		Commit: r.Commit, Task: deploy.TaskRollback, Environment: r.Environment, Description: r.Description, Payload: r.Payload,
		Production: r.Production, Transient: r.Transient,
	})
	return id, rollbackRefused(err)
}

// Dispatch starts a workflow. If it was certainly not started, and may be later, the error
// wraps [rollback.ErrNotSent].
func (h githubAdapter) Dispatch(ctx context.Context, repo contracts.RepositoryRef, workflow, branch string, inputs map[string]string) error {
	err := h.DispatchWorkflow(ctx, repo, workflow, branch, inputs)
	if github.Classify(err) == github.ClassRateLimited {
		return fmt.Errorf("%w: %w", rollback.ErrNotSent, err)
	}
	return rollbackRefused(err)
}

// rollbackRefused marks the refusals that no later attempt changes.
func rollbackRefused(err error) error {
	switch github.Classify(err) {
	case github.ClassPermission, github.ClassPermanent, github.ClassNotFound, github.ClassArchived:
		return fmt.Errorf("%w: %w", rollback.ErrRollbackRefused, err)
	}
	return err
}
