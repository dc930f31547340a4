package gates

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy/gate"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// gateKept is how long a gate is remembered: longer than GitHub waits for its answer.
const gateKept = 40 * 24 * time.Hour

// Sweep checks every repository that declares a gate for what waits there. Each is a job of
// its own, so that one installation's limit holds up no other.
func (g *Gatekeeper) Sweep(ctx context.Context) error {
	now, err := g.deps.Store.Now(ctx)
	if err != nil {
		return err
	}
	if err := g.deps.Store.PruneGates(ctx, now.Add(-gateKept)); err != nil {
		return err
	}
	repositories, err := g.deps.Store.Gated(ctx)
	if err != nil {
		return err
	}
	queued := make([]work.Work, len(repositories))
	for i, repo := range repositories {
		queued[i] = work.Work{Kind: work.KindPending, Key: work.RepositoryKey(repo.ID), Installation: repo.Installation, Args: work.PendingArgs{Repository: repo}}
	}
	return g.deps.Queue.Enqueue(ctx, queued...)
}

// Pending queues the answers to what waits in a repository without an answer: its event was
// lost, or its job was given up. It costs one request if nothing waits.
func (g *Gatekeeper) Pending(ctx context.Context, args work.PendingArgs) error {
	repo := args.Repository
	pending, err := g.deps.GitHub.PendingGates(ctx, repo)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // gone, which others find out
	}
	if err != nil {
		return fmt.Errorf("look for the gates that wait in %s: %w", repo.FullName(), err)
	}
	for _, waiting := range pending {
		asks, err := g.asks(ctx, repo, waiting)
		if err != nil {
			return fmt.Errorf("look at the gate %s of run %d in %s: %w", waiting.Environment, waiting.Run, repo.FullName(), err)
		}
		if !asks {
			continue
		}
		if err := g.deps.Queue.Enqueue(ctx, work.GateWork(work.GateArgs{Repository: repo, Run: waiting.Run, Environment: waiting.Environment}, time.Time{})); err != nil {
			return err
		}
	}
	return nil
}

// asks reports whether what waits needs an answer of this App. A gate that was not known is
// stored.
func (g *Gatekeeper) asks(ctx context.Context, repo contracts.RepositoryRef, waiting source.PendingGate) (bool, error) {
	asked, err := g.deps.Store.Gate(ctx, repo, waiting.Run, waiting.Environment)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return false, err
	case asked.Answered.IsZero():
		return true, nil
	case !waiting.Started.After(asked.Answered):
		return false, nil // it waits for another app or a person
	}
	ours, err := g.deps.GitHub.Asks(ctx, repo, waiting.Environment)
	if err != nil || !ours {
		return false, err
	}
	id, err := g.deploymentOf(ctx, repo, waiting)
	if err != nil || id <= asked.Deployment {
		return false, err
	}
	now, err := g.deps.Store.Now(ctx)
	if err != nil {
		return false, err
	}
	return true, g.deps.Store.AskGate(ctx, repo, gate.Asked{Run: waiting.Run, Environment: waiting.Environment, Deployment: id, Commit: waiting.Commit, Asked: now})
}

// deploymentOf finds the deployment that a run waits with: the newest one of its commit
// to the environment. Two runs that wait with the same commit are answered alike.
func (g *Gatekeeper) deploymentOf(ctx context.Context, repo contracts.RepositoryRef, waiting source.PendingGate) (id int64, err error) {
	all, _, err := g.deps.GitHub.Deployments(ctx, repo, waiting.Environment)
	if err != nil {
		return 0, err
	}
	for _, d := range all {
		if d.Commit == waiting.Commit && strings.EqualFold(d.Environment, waiting.Environment) {
			id = max(id, d.ID)
		}
	}
	return id, nil
}
