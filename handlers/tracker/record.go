package tracker

import (
	"cmp"
	"context"
	"slices"

	"plimsoll/deploy"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Bounds on one reading of GitHub's record.
const (
	// mostRemembered is as many as GitHub lists in one request.
	mostRemembered = 100
	// mostStatuses is of how many deployments the statuses are read, one request each: the
	// newest to each target, until one has succeeded there. mostMore is of how many more
	// that are transient, and of how many to each environment that is asked for by name.
	mostStatuses = 30
	mostMore     = 10
	// mostEnvironments is how many environments are asked for by name if the list of the
	// newest deployments has none that succeeded there.
	mostEnvironments = 5
)

// Read reads GitHub's record of what was deployed and released.
func (t *Tracker) Read(ctx context.Context, args work.LiveArgs) error {
	k, ok, err := source.Recall(ctx, t.deps.Store, t.deps.Store, args.Repository)
	if err != nil || !ok {
		return err
	}
	if err := t.readDeployments(ctx, k); err != nil {
		return err
	}
	return t.readReleases(ctx, k, "")
}

func (t *Tracker) readDeployments(ctx context.Context, k source.Inventory) error {
	repo := k.Registration.Repository
	listed, more, err := t.deps.GitHub.Deployments(ctx, repo, "")
	if err != nil {
		return err
	}
	remembered, err := t.deps.Store.Deployments(ctx, repo, mostRemembered)
	if err != nil {
		return err
	}
	slices.SortFunc(listed, func(a, b deploy.Deployment) int { return cmp.Compare(b.ID, a.ID) })
	var stays, transient []deploy.Deployment
	for _, d := range listed {
		if d.Transient {
			transient = append(transient, d)
		} else {
			stays = append(stays, d)
		}
	}
	reading := &reading{tracker: t, known: k, settled: map[deploy.Target]bool{}, remembered: remembered}
	if err := reading.add(ctx, stays, mostStatuses); err != nil {
		return err
	}
	if more {
		for _, environment := range reading.missing() {
			listed, _, err := t.deps.GitHub.Deployments(ctx, repo, environment)
			if err != nil {
				return err
			}
			if err := reading.add(ctx, listed, reading.asked+mostMore); err != nil {
				return err
			}
		}
	}
	if err := reading.add(ctx, transient, reading.asked+mostMore); err != nil {
		return err
	}
	return t.put(ctx, k, reading.inOrder())
}

// reading gathers GitHub's record of a repository.
type reading struct {
	tracker    *Tracker
	known      source.Inventory
	remembered []deploy.Deployment
	// settled are the targets of which the last success is known.
	settled map[deploy.Target]bool
	asked   int
	all     []deploy.Deployment
}

// add takes deployments, newest first and without their statuses. It asks for these until
// most requests were made.
func (r *reading) add(ctx context.Context, listed []deploy.Deployment, most int) error {
	for _, d := range listed {
		if slices.ContainsFunc(r.all, func(other deploy.Deployment) bool { return other.ID == d.ID }) {
			continue
		}
		if d.Targets = r.known.Targets(d); len(d.Targets) == 0 {
			continue
		}
		old := slices.IndexFunc(r.remembered, func(o deploy.Deployment) bool { return o.ID == d.ID })
		switch {
		case r.asked < most && !r.isSettled(d.Targets):
			r.asked++
			statuses, err := r.tracker.deps.GitHub.DeploymentStatuses(ctx, r.known.Registration.Repository, d.ID)
			if err != nil {
				return err
			}
			d = d.Reported(statuses)
			d.Targets = r.known.Targets(d) // a report may name another environment
		case old >= 0: // its targets may have changed
			o := r.remembered[old]
			d.State, d.StateAt, d.Status, d.SucceededAt, d.URL, d.LogURL = o.State, o.StateAt, o.Status, o.SucceededAt, o.URL, o.LogURL
		default:
			continue
		}
		if !d.SucceededAt.IsZero() {
			for _, target := range d.Targets {
				r.settled[target.AnyClass()] = true
			}
		}
		r.all = append(r.all, d)
	}
	return nil
}

func (r *reading) isSettled(targets []deploy.Target) bool {
	return !slices.ContainsFunc(targets, func(p deploy.Target) bool { return !r.settled[p.AnyClass()] })
}

// missing are the environments that components declare, or production, where no
// deployment of the list has succeeded.
func (r *reading) missing() []string {
	var names []string
	for _, component := range r.known.Registration.Components {
		for _, environment := range component.Environments {
			names = append(names, environment.Name)
		}
	}
	if len(names) == 0 {
		names = []string{"production"}
	}
	slices.Sort(names)
	names = slices.DeleteFunc(slices.Compact(names), func(name string) bool {
		targets := r.known.Targets(deploy.Deployment{Environment: name})
		return len(targets) > 0 && r.isSettled(targets)
	})
	return names[:min(len(names), mostEnvironments)]
}

// inOrder returns what was gathered, the last success first, so that what came before it
// changes nothing.
func (r *reading) inOrder() []deploy.Deployment {
	slices.SortStableFunc(r.all, func(a, b deploy.Deployment) int {
		return cmp.Or(b.SucceededAt.Compare(a.SucceededAt), cmp.Compare(b.ID, a.ID))
	})
	return r.all
}
