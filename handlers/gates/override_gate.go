package gates

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/rs/zerolog"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/deploy/gate"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// shutGate is a gate that was asked about a commit of a pull request.
type shutGate struct {
	gate.Asked
	commit string
	// keeping are the reasons that keep it shut, without those that somebody else has
	// overridden; none: it would let the commit pass now. ids are theirs.
	keeping []gate.Reason
	ids     []string
}

// shut finds the gate of an environment that was asked last about a commit of a pull request.
// other reports that it keeps a commit out.
func (o *Overrider) shut(ctx context.Context, c work.Command, environment string) (found *shutGate, other bool, err error) {
	repo := c.Repository
	all, err := o.deps.Gates.NewestGates(ctx, repo, mostAsked)
	if err != nil {
		return nil, false, err
	}
	now, err := o.deps.Now(ctx)
	if err != nil {
		return nil, false, err
	}
	var seen []string
	for _, asked := range all {
		if !sameEnvironment(asked.Environment, environment) || asked.Commit != "" && slices.Contains(seen, asked.Commit) {
			continue
		}
		if len(seen) == mostCarried {
			break
		}
		seen = append(seen, asked.Commit)
		var decision gate.Decision
		approved := asked.Decision != nil && asked.Decision.State == gate.Approved && !asked.Answered.IsZero()
		if approved {
			decision = *asked.Decision
		} else if decision, err = o.deps.Decider.evaluate(ctx, repo, &asked, now); errors.Is(err, fs.ErrNotExist) {
			continue // the deployment was deleted
		}
		if err != nil {
			return nil, false, err
		}
		other = other || !approved
		brought, err := o.brought(ctx, c, asked, decision)
		if err != nil {
			return nil, false, err
		}
		if !brought {
			continue
		}
		shut := &shutGate{Asked: asked, commit: decision.Commit}
		if !approved {
			if err := o.keeping(ctx, c, decision, shut); err != nil {
				return nil, false, err
			}
		}
		return shut, true, nil
	}
	return nil, other, nil
}

// brought reports whether the commit of a gate came with the pull request: alone, or with
// others since what runs in the environment.
func (o *Overrider) brought(ctx context.Context, c work.Command, asked gate.Asked, decision gate.Decision) (bool, error) {
	decider := o.deps.Decider
	inventory, _, err := source.Recall(ctx, decider.deps.Store, decider.deps.Store, c.Repository)
	if err != nil {
		return false, err
	}
	bases := []string{""}
	for _, reason := range decision.Reasons {
		running, err := decider.running(ctx, inventory, reason.Target, decision.Commit)
		if err != nil {
			return false, err
		}
		if !slices.Contains(bases, running) {
			bases = append(bases, running)
		}
	}
	for _, base := range bases {
		pulls, err := o.deps.Deployer.PullsBetween(ctx, c.Repository, base, decision.Commit)
		if errors.Is(err, fs.ErrNotExist) {
			continue // what runs is gone
		}
		if err != nil {
			return false, fmt.Errorf("find the pull requests in deployment %d of %s: %w", asked.Deployment, c.Repository.FullName(), err)
		}
		if slices.Contains(pulls, c.Number) {
			return true, nil
		}
	}
	return false, nil
}

// keeping adds the reasons that keep a gate shut. Those that this very command has overridden
// before a restart count.
func (o *Overrider) keeping(ctx context.Context, c work.Command, decision gate.Decision, shut *shutGate) error {
	for _, reason := range decision.Reasons {
		if reason.State == gate.Approved {
			continue
		}
		id := reason.ID(decision.Commit)
		if reason.Overridable() {
			override, err := o.deps.Decider.deps.Holds.overrides.Override(ctx, c.Repository, id)
			if err != nil {
				return err
			}
			if override != nil && override.Source != c.Source {
				continue
			}
		}
		reason.CanDeploy = nil // they name other repositories; the gate's own answer has them
		shut.keeping, shut.ids = append(shut.keeping, reason), append(shut.ids, id)
	}
	return nil
}

// open overrides what keeps a gate shut, and has a gate that waits answered now.
func (o *Overrider) open(ctx context.Context, c work.Command, shut *shutGate, why string) (commandtext.Answer, error) {
	switch {
	case len(shut.keeping) == 0:
		return commandtext.NothingToOverride(shut.Environment, shut.commit), nil
	case slices.ContainsFunc(shut.keeping, func(r gate.Reason) bool { return !r.Overridable() }):
		return commandtext.CannotOverride(shut.Environment), nil
	}
	now, err := o.deps.Now(ctx)
	if err != nil {
		return commandtext.Answer{}, err
	}
	if err := o.keepReasons(ctx, c, shut, why, now); err != nil {
		return commandtext.Answer{}, err
	}
	waits := shut.Answered.IsZero()
	if waits {
		args := work.GateArgs{Repository: c.Repository, Run: shut.Run, Environment: shut.Environment}
		if err := o.deps.Queue.Enqueue(ctx, work.GateWork(args, time.Time{})); err != nil {
			return commandtext.Answer{}, err
		}
	}
	zerolog.Ctx(ctx).Info().Str("login", c.Login).Str("commit", shut.commit).Str("environment", shut.Environment).Str("source", c.Source).Msg("overrode a gate")
	return commandtext.GateOverridden(shut.Environment, shut.commit, shut.keeping, waits), nil
}

// keepReasons remembers the override of each reason and writes one entry into the ledger.
func (o *Overrider) keepReasons(ctx context.Context, c work.Command, shut *shutGate, why string, now time.Time) error {
	repo := c.Repository
	entry := overrideEntry{Deployment: shut.Deployment, PullRequest: c.Number, Reason: why, Overridden: shut.keeping}
	for _, id := range shut.ids {
		override := gate.Override{Of: id, Login: c.Login, Reason: why, Number: c.Number, Source: c.Source, At: now}
		if err := o.deps.Decider.deps.Holds.overrides.PutOverride(ctx, repo, override); err != nil {
			return err
		}
	}
	return o.deps.Ledger.Append(ctx, ledger.Entry{
		Installation: repo.Installation, Kind: ledger.EntryGateOverride, Repository: repo.ID, Component: componentOf(shut.keeping), Environment: shut.Environment,
		Commit: shut.commit, Actor: c.Login, Once: "gate-override/" + c.Source, Body: json.RawMessage(source.JSON(entry)),
	})
}

// componentOf is the component that all reasons are about; empty if there are several.
func componentOf(reasons []gate.Reason) string {
	for _, reason := range reasons {
		if reason.Target.Component != reasons[0].Target.Component {
			return ""
		}
	}
	return reasons[0].Target.Component
}
