package gates

import (
	"context"
	"encoding/json"
	"fmt"
	"plimsoll/handlers/require"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/rs/zerolog"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/gate"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// Maintainers knows who maintains a repository.
type Maintainers interface {
	// Maintains reports whether a person has the role maintain or admin in a repository.
	Maintains(ctx context.Context, repo contracts.RepositoryRef, login string) (bool, error)
}

// Carrier finds the pull requests that a deployment carried.
type Carrier interface {
	// PullsBetween returns the numbers of the merged pull requests whose commits head has
	// and base has not; of head alone without a base.
	PullsBetween(ctx context.Context, repo contracts.RepositoryRef, base, head string) ([]int, error)
}

// Overrider lets a commit pass a gate that does not let it pass. Only someone who maintains
// the repository may ask for it.
type Overrider struct {
	deps OverriderDeps
}

// OverriderDeps is what an Overrider needs.
type OverriderDeps struct {
	// Decider knows what gates say, and which commits are held.
	Decider  *Decider
	Gates    NewestGates
	People   Maintainers
	Deployer Carrier
	Ledger   ledger.Ledger
	Queue    work.Queue
	Now      func(ctx context.Context) (time.Time, error)
}

// NewestGates knows the gates that have asked.
type NewestGates interface {
	// NewestGates returns those of a repository that asked last, the newest first.
	NewestGates(ctx context.Context, repo contracts.RepositoryRef, most int) ([]gate.Asked, error)
}

// NewOverrider returns an Overrider.
func NewOverrider(deps OverriderDeps) (*Overrider, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Overrider{deps}, nil
}

// Bounds on looking for what a pull request brought.
const (
	// mostRolledBack is how many rolled back runs of a repository are read, newest first,
	// mostAsked how many gates. mostCarried is for how many commits GitHub is asked for the
	// pull requests in their deployments.
	mostRolledBack = 50
	mostAsked      = 50
	mostCarried    = 5
)

// Override is the command: ENVIRONMENT REASON. It is about the newest commit that the pull
// request came with: about the verdicts to roll back that hold it now, otherwise about what
// the gate says of it. A later verdict, and other reasons, hold it again.
func (o *Overrider) Override(ctx context.Context, c work.Command) (commandtext.Answer, error) {
	environment, reason := firstWord(c.Rest)
	reason = work.Cut(reason, work.LongestReason)
	switch {
	case environment == "":
		return commandtext.OverrideWithoutEnvironment(), nil
	case !strings.ContainsFunc(reason, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		return commandtext.OverrideWithoutReason(), nil
	}
	may, err := o.deps.People.Maintains(ctx, c.Repository, c.Login)
	if err != nil {
		return commandtext.Answer{}, fmt.Errorf("ask what %s may do in %s: %w", c.Login, c.Repository.FullName(), err)
	}
	if !may {
		return commandtext.OverrideRefused(), nil
	}
	found, elsewhere, err := o.held(ctx, c, environment)
	if err != nil {
		return commandtext.Answer{}, err
	}
	overridden := func(h held) bool { return h.override != nil && h.override.Source != c.Source }
	if len(found) > 0 && !slices.ContainsFunc(found, overridden) {
		for _, one := range found {
			if err := o.keep(ctx, c, one, reason); err != nil {
				return commandtext.Answer{}, err
			}
		}
		zerolog.Ctx(ctx).Info().Str("login", c.Login).Str("commit", found[0].Commit).Str("environment", environment).Str("source", c.Source).Msg("let a held commit go")
		return commandtext.Overridden(heldIn(found), found[0].Commit), nil
	}
	shut, other, err := o.shut(ctx, c, environment)
	switch {
	case err != nil:
		return commandtext.Answer{}, err
	case shut != nil && (len(found) == 0 || len(shut.keeping) > 0):
		return o.open(ctx, c, shut, reason)
	case len(found) > 0:
		return commandtext.OverriddenAlready(found[0].Target.Environment, found[0].Commit, *found[0].override), nil
	}
	return commandtext.NothingHeld(environment, elsewhere || other), nil
}

// held returns the targets of the environment in which the newest commit of the pull
// request is held. Those without an override go first; those that this very command has
// overridden count as held. elsewhere reports that other commits are held there.
func (o *Overrider) held(ctx context.Context, c work.Command, environment string) (found []held, elsewhere bool, err error) {
	rolledBack, err := o.deps.Decider.deps.Holds.history.RolledBack(ctx, c.Repository, mostRolledBack)
	if err != nil {
		return nil, false, err
	}
	var seen []string
	var overridden []held
	for _, run := range rolledBack {
		if slices.Contains(seen, run.Commit) || !sameEnvironment(run.Target.Environment, environment) {
			continue
		}
		seen = append(seen, run.Commit)
		all, err := o.deps.Decider.deps.Holds.of(ctx, c.Repository, run.Commit)
		if err != nil {
			return nil, false, err
		}
		var open, other []held
		for _, one := range all {
			switch {
			case !sameEnvironment(one.Target.Environment, environment):
			case one.override == nil || one.override.Source == c.Source:
				open = append(open, one)
			default:
				other = append(other, one)
			}
		}
		if len(open)+len(other) == 0 {
			continue
		}
		if elsewhere = true; len(seen) > mostCarried {
			break
		}
		carried, err := o.carried(ctx, c, append(slices.Clone(open), other...))
		if err != nil {
			return nil, false, err
		}
		if carried && len(open) > 0 {
			return open, true, nil
		}
		if carried && overridden == nil {
			overridden = other
		}
	}
	return overridden, elsewhere, nil
}

// carried reports whether one of the deployments brought the pull request.
func (o *Overrider) carried(ctx context.Context, c work.Command, all []held) (bool, error) {
	var asked []string
	for _, one := range all {
		if slices.Contains(asked, one.Before) {
			continue
		}
		asked = append(asked, one.Before)
		pulls := one.Pulls // known since the verdict was reported
		if pulls == nil {
			var err error
			if pulls, err = o.deps.Deployer.PullsBetween(ctx, c.Repository, one.Before, one.Commit); err != nil {
				return false, fmt.Errorf("find the pull requests in deployment %d of %s: %w", one.Deployment, c.Repository.FullName(), err)
			}
		}
		if slices.Contains(pulls, c.Number) {
			return true, nil
		}
	}
	return false, nil
}

// overrideEntry is the body of the ledger's entry of an override.
type overrideEntry struct {
	// Verification whose verdict is overridden; otherwise Overridden are the gate's reasons.
	Verification string        `json:"verification,omitempty"`
	Deployment   int64         `json:"deployment"`
	Instance     string        `json:"instance,omitempty"`
	PullRequest  int           `json:"pull_request"`
	Reason       string        `json:"reason"`
	Overridden   []gate.Reason `json:"overridden,omitempty"`
}

// keep remembers an override and writes it into the ledger, once.
func (o *Overrider) keep(ctx context.Context, c work.Command, one held, reason string) error {
	now, err := o.deps.Now(ctx)
	if err != nil {
		return err
	}
	repo := c.Repository
	err = o.deps.Decider.deps.Holds.overrides.PutOverride(ctx, repo, gate.Override{
		Of: one.ID(), Login: c.Login, Reason: reason, Number: c.Number, Source: c.Source, At: now,
	})
	if err != nil {
		return err
	}
	return o.deps.Ledger.Append(ctx, ledger.Entry{
		Installation: repo.Installation, Kind: ledger.EntryGateOverride, Repository: repo.ID, Component: one.Target.Component, Environment: one.Target.Environment,
		Commit: one.Commit, Actor: c.Login, Once: "gate-override/" + one.ID(),
		Body: json.RawMessage(source.JSON(overrideEntry{
			Verification: one.ID(), Deployment: one.Deployment, Instance: one.Target.Instance, PullRequest: c.Number, Reason: reason,
		})),
	})
}

func heldIn(all []held) []deploy.Target {
	targets := make([]deploy.Target, len(all))
	for i, one := range all {
		targets[i] = one.Target
	}
	return targets
}

// sameEnvironment reports whether two names mean the same environment, as GitHub takes them.
func sameEnvironment(a, b string) bool { return strings.EqualFold(a, b) }

// firstWord returns the first word, which is quoted if it contains spaces, and the rest.
func firstWord(text string) (word, rest string) {
	text = strings.TrimSpace(text)
	if text != "" && strings.Contains("\"'`", text[:1]) {
		if word, rest, quoted := strings.Cut(text[1:], text[:1]); quoted {
			return strings.TrimSpace(word), strings.TrimSpace(rest)
		}
	}
	word, rest, _ = strings.Cut(text, " ")
	return word, strings.TrimSpace(rest)
}
