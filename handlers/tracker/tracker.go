package tracker

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"plimsoll/handlers/require"
	"slices"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Versions remembers what runs where, and what repositories declared at the commits that
// run.
type Versions interface {
	contracts.Versions
	// PutDeployments stores deployments, all at once for a reader. changed are the ids of
	// those that changed what runs, now or in an attempt that failed later; each has an
	// open follow-up.
	PutDeployments(ctx context.Context, repo contracts.RepositoryRef, all []deploy.Deployment) (changed []int64, open []work.FollowUp, err error)
	// Deployments returns the newest that are stored, without their targets.
	Deployments(ctx context.Context, repo contracts.RepositoryRef, most int) ([]deploy.Deployment, error)
	// PutReleases replaces the live releases of a repository. The follow-up is open if they
	// have changed.
	PutReleases(ctx context.Context, repo contracts.RepositoryRef, releases []contracts.LiveVersion) (open work.FollowUp, err error)
	// Settle closes follow-ups whose consequences have been queued.
	Settle(ctx context.Context, followUps ...work.FollowUp) error
}

// AnswerKeeper keeps what can-i-deploy says of a deployment.
type AnswerKeeper interface {
	KeepAnswer(ctx context.Context, ledger ledger.Ledger, repo contracts.RepositoryRef, d deploy.Deployment) error
}

// Starter starts to watch deployments.
type Starter interface {
	Begin(ctx context.Context, registration contracts.Registration, all []deploy.Deployment) error
}

// Tracker keeps what runs where. It stores what a commit says about itself before the
// commit counts as running: a pull request that is evaluated in between is never
// evaluated with less than what runs.
type Tracker struct {
	deps Deps
}

// Deps is what a Tracker needs.
type Deps struct {
	GitHub GitHub
	Store  Store
	Queue  work.Queue
	// Snapshots keeps what the commits that run declare.
	Snapshots *Snapshots
	// Invalidator evaluates the pull requests again that a live version concerns.
	Invalidator work.Invalidator
	// Answers keeps what can-i-deploy says of a requested deployment.
	Answers AnswerKeeper
	// Verifier watches what has been deployed.
	Verifier Starter
}

// GitHub is what tracking reads at GitHub.
type GitHub interface {
	source.Record
}

// Store remembers what runs where.
type Store interface {
	Versions
	contracts.Registry
	ledger.Ledger
}

// New returns a Tracker.
func New(deps Deps) (*Tracker, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Tracker{deps}, nil
}

// Deployment reads a deployment again and stores what it brings where.
func (t *Tracker) Deployment(ctx context.Context, repo contracts.RepositoryRef, id int64) error {
	k, ok, err := source.Recall(ctx, t.deps.Store, t.deps.Store, repo)
	if err != nil || !ok {
		return err
	}
	d, err := t.deps.GitHub.Deployment(ctx, repo, id)
	if errors.Is(err, fs.ErrNotExist) && t.deps.Queue.Attempt(ctx) >= work.GoneAfter {
		return nil // deleted: only a deployment that does not run can be
	}
	if err != nil {
		return err
	}
	statuses, err := t.deps.GitHub.DeploymentStatuses(ctx, repo, id)
	if err != nil {
		return err
	}
	d = d.Reported(statuses)
	if d.Targets = k.Targets(d); len(d.Targets) == 0 {
		return nil // it brings something else
	}
	// Before it counts as running, because the answer is about what runs without it. What
	// runs is stored even if this fails.
	unanswered := t.answer(ctx, k, d)
	return errors.Join(t.put(ctx, k, []deploy.Deployment{d}), unanswered)
}

// begun are the states of a deployment that has not ended.
var begun = []deploy.State{"", deploy.Pending, deploy.Waiting, deploy.Queued, deploy.InProgress}

// answer stores what can-i-deploy says of a deployment that has not ended, or that had
// ended when it was first read.
func (t *Tracker) answer(ctx context.Context, k source.Inventory, d deploy.Deployment) error {
	if t.deps.Answers == nil {
		return nil
	}
	repo := k.Registration.Repository
	if !slices.Contains(begun, d.State) || !d.SucceededAt.IsZero() {
		remembered, err := t.deps.Store.Deployments(ctx, repo, mostRemembered)
		if err != nil || slices.ContainsFunc(remembered, func(other deploy.Deployment) bool { return other.ID == d.ID }) {
			return err
		}
	}
	return t.deps.Answers.KeepAnswer(ctx, t.deps.Store, repo, d)
}

// put stores deployments with what their commits declare, and queues what depends on them.
func (t *Tracker) put(ctx context.Context, k source.Inventory, all []deploy.Deployment) error {
	running := runningOf(all)
	for _, d := range all {
		if slices.Contains(running, d.ID) {
			if err := t.deps.Snapshots.remember(ctx, k.Registration, d.Commit); err != nil {
				return err
			}
		}
	}
	repo := k.Registration.Repository
	changed, open, err := t.deps.Store.PutDeployments(ctx, repo, all)
	if err != nil || len(changed) == 0 {
		return err
	}
	var entries []ledger.Entry
	var moved []deploy.Deployment
	for _, d := range all {
		if slices.Contains(changed, d.ID) {
			entries, moved = append(entries, entryOf(repo, d)), append(moved, d)
		}
	}
	slices.SortStableFunc(entries, func(a, b ledger.Entry) int { return a.At.Compare(b.At) })
	if err := t.deps.Store.Append(ctx, entries...); err != nil {
		return err
	}
	if err := t.follow(ctx, k.Registration); err != nil {
		return err
	}
	if t.deps.Verifier != nil {
		if err := t.deps.Verifier.Begin(ctx, k.Registration, moved); err != nil {
			return err
		}
	}
	return t.deps.Store.Settle(ctx, open...)
}

// runningOf returns the ids of the deployments that run somewhere.
func runningOf(all []deploy.Deployment) (ids []int64) {
	at := map[deploy.Target][]deploy.Deployment{}
	for _, d := range all {
		for _, target := range d.Targets {
			target.Production = false
			at[target] = append(at[target], d)
		}
	}
	for _, history := range at {
		for _, r := range deploy.Live(history) {
			ids = append(ids, r.Deployment)
		}
	}
	return ids
}

func entryOf(repo contracts.RepositoryRef, d deploy.Deployment) ledger.Entry {
	body := ledger.DeploymentEntry{Deployment: d.ID, Status: d.Status, State: d.State, Ref: d.Ref, Task: d.Task, Environment: d.Environment, URL: d.URL}
	entry := ledger.Entry{
		Installation: repo.Installation, Kind: ledger.EntryDeployment, Repository: repo.ID, Commit: d.Commit, Actor: d.Creator,
		At: cmp.Or(d.StateAt, d.CreatedAt, time.Time{}), Once: fmt.Sprintf("deployment/%d/%d", d.ID, d.Status),
	}
	for i, target := range d.Targets {
		body.Targets = append(body.Targets, ledger.TargetEntry(target))
		if i == 0 {
			entry.Component, entry.Environment = target.Component, target.Environment
		}
		if entry.Component != target.Component {
			entry.Component = "" // several: the body names them
		}
		if entry.Environment != target.Environment {
			entry.Environment = ""
		}
	}
	entry.Body = json.RawMessage(source.JSON(body))
	return entry
}
