package server

import (
	"context"
	"fmt"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/handlers/rollback"
	"plimsoll/handlers/verification"
	"plimsoll/server/github"
)

var (
	_ rollback.Ways       = ways{}
	_ verification.Issues = ways{}
)

// ways are the ways to go back, and to tell of it in an issue, in the handlers' words.
type ways struct{ githubAdapter }

// Redeploy asks for a deployment that goes back.
func (w ways) Redeploy(ctx context.Context, repo contracts.RepositoryRef, r rollback.RollbackRequest) (int64, error) {
	id, err := w.CreateDeployment(ctx, repo, github.NewDeployment{
		Commit: r.Commit, Task: deploy.TaskRollback, Environment: r.Environment, Description: r.Description, Payload: r.Payload,
		Production: r.Production, Transient: r.Transient,
	})
	return id, refused(err)
}

// Dispatch starts a workflow.
func (w ways) Dispatch(ctx context.Context, repo contracts.RepositoryRef, workflow, branch string, inputs map[string]string) error {
	err := w.DispatchWorkflow(ctx, repo, workflow, branch, inputs)
	if github.Classify(err) == github.ClassRateLimited {
		return fmt.Errorf("%w: %w", rollback.ErrNotSent, err)
	}
	return refused(err)
}

// Dispatched tells whether a workflow was started.
func (w ways) Dispatched(ctx context.Context, repo contracts.RepositoryRef, workflow string, since time.Time) (bool, error) {
	return w.Clients.Dispatched(ctx, repo, workflow, since)
}

// refused marks what trying again does not mend.
func refused(err error) error {
	switch github.Classify(err) {
	case github.ClassPermission, github.ClassPermanent, github.ClassNotFound, github.ClassArchived:
		return fmt.Errorf("%w: %w", rollback.ErrRollbackRefused, err)
	}
	return err
}

// MayDeploy tells whether somebody may write to a repository: the roles write, maintain
// and admin, and own roles that are built on them. Whoever GitHub does not know there
// may not.
func (w ways) MayDeploy(ctx context.Context, repo contracts.RepositoryRef, login string) (bool, error) {
	permission, err := w.CollaboratorPermission(ctx, repo, login)
	if github.Classify(err) == github.ClassNotFound {
		return false, nil
	}
	return permission.Legacy == "admin" || permission.Legacy == "write", err
}

// EditIssue changes an issue; one that is not there wraps fs.ErrNotExist.
func (w ways) EditIssue(ctx context.Context, repo contracts.RepositoryRef, number int, body string, closed bool) error {
	return missing(w.Clients.EditIssue(ctx, repo, number, body, closed))
}
