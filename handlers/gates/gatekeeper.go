package gates

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"plimsoll/handlers/require"
	"slices"
	"time"

	"github.com/rs/zerolog"

	failuretext "plimsoll/checks/text/failure"
	gatetext "plimsoll/checks/text/gate"
	readinesstext "plimsoll/checks/text/readiness"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/gate"
	"plimsoll/deploy/ledger"
	"plimsoll/handlers/source"
	"plimsoll/handlers/work"
)

// ErrNotPending: GitHub does not wait for an answer of this App. A person has approved it,
// the run has ended, or an earlier answer has arrived.
var ErrNotPending = errors.New("no deployment waits for it")

// ErrStillPending: GitHub takes no answer although the run waits there, for this App or for
// somebody else.
var ErrStillPending = errors.New("GitHub takes no answer, and the run still waits")

// Gates is what answering a gate needs of GitHub.
type Gates interface {
	// AnswerGate approves or rejects, or reports on a gate that is held. The error wraps
	// ErrNotPending where GitHub takes no answer any more.
	AnswerGate(ctx context.Context, repo contracts.RepositoryRef, run int64, environment string, state gate.State, comment string) error
	// PendingGates returns what waits for any rule or reviewer; the newest runs first.
	PendingGates(ctx context.Context, repo contracts.RepositoryRef) ([]source.PendingGate, error)
	// Asks reports whether an environment asks this App.
	Asks(ctx context.Context, repo contracts.RepositoryRef, environment string) (bool, error)
}

// Declarations knows what repositories declare.
type Declarations interface {
	// Known returns what a repository declares. It is read now if it is not known yet.
	Known(ctx context.Context, repo contracts.RepositoryRef) (contracts.Registration, error)
}

// Deployability answers whether a commit may go to an environment.
type Deployability interface {
	CanIDeploy(ctx context.Context, q source.DeployQuestion) (source.Asked, error)
}

// PastRuns knows the verifications of a target.
type PastRuns interface {
	// Verifications returns those of one target, newest first.
	Verifications(ctx context.Context, repo contracts.RepositoryRef, target deploy.Target, most int) ([]deploy.VerificationRun, error)
}

// NewlyMissing compares the readiness of two commits of a repository.
type NewlyMissing interface {
	Between(ctx context.Context, registration contracts.Registration, base, head string) (readinesstext.Readiness, error)
}

// Gatekeeper answers deployment protection rules. It never approves on an error.
type Gatekeeper struct {
	deps GatekeeperDeps
}

// GatekeeperDeps is what a Gatekeeper needs.
type GatekeeperDeps struct {
	GitHub GitHub
	Store  Store
	// Decider decides what is answered.
	Decider *Decider
	Queue   work.Queue
	// Explain gives the text for an error that is reported to people. report is false for an
	// error that may pass by itself, and for one that must not be shown.
	Explain func(ctx context.Context, err error) (explanation failuretext.Explanation, report bool)
}

// GitHub is what answering gates reads and writes at GitHub.
type GitHub interface {
	Gates
	source.Record
}

// Store remembers gates and their answers.
type Store interface {
	AskedGates
	contracts.Registry
	ledger.Ledger
	// Present gives reasons with the names and the visibility that repositories have now.
	Present(ctx context.Context, installation int64, reasons []contracts.AnswerReason) ([]contracts.AnswerReason, error)
	// Now returns the time that is stored.
	Now(ctx context.Context) (time.Time, error)
}

// NewGatekeeper returns a Gatekeeper.
func NewGatekeeper(deps GatekeeperDeps) (*Gatekeeper, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Gatekeeper{deps}, nil
}

// Answer decides by what is known now, and answers, or reports and asks again. What can't
// be decided stays held; the gate says so once if the cause won't pass by itself.
func (g *Gatekeeper) Answer(ctx context.Context, args work.GateArgs) error {
	gate, err := g.deps.Store.Gate(ctx, args.Repository, args.Run, args.Environment)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !gate.Answered.IsZero() {
		return nil
	}
	if err != nil {
		return err
	}
	err = g.answer(ctx, args, &gate)
	if err == nil {
		return nil
	}
	err = fmt.Errorf("answer gate %s of run %d in %s: %w", args.Environment, args.Run, args.Repository.FullName(), err)
	if explanation, report := g.deps.Explain(ctx, err); report {
		return errors.Join(err, g.report(ctx, args, &gate, gatetext.GateTrouble(args.Environment, explanation), true))
	}
	return err
}

// GiveUp reports on a gate whose job is given up: the periodic job asks for it again.
func (g *Gatekeeper) GiveUp(ctx context.Context, args work.GateArgs) error {
	gate, err := g.deps.Store.Gate(ctx, args.Repository, args.Run, args.Environment)
	if err == nil && gate.Answered.IsZero() && !gate.Trouble {
		err = g.report(ctx, args, &gate, gatetext.GateTrouble(args.Environment, failuretext.InternalError("")), true)
	}
	if err != nil { // to try again is what has failed
		zerolog.Ctx(ctx).Warn().Err(err).Int64("run", args.Run).Str("environment", args.Environment).Msg("can't report on a gate that can't be answered")
	}
	return nil
}

func (g *Gatekeeper) answer(ctx context.Context, args work.GateArgs, asked *gate.Asked) error {
	now, err := g.deps.Store.Now(ctx)
	if err != nil {
		return err
	}
	var decision gate.Decision
	if sent := asked.Decision; sent != nil && now.Sub(sent.At) < decisionLasts {
		decision = *sent
	} else if decision, err = g.deps.Decider.decide(ctx, args.Repository, asked, now); err != nil {
		return err
	}
	shown, err := g.shown(ctx, args.Repository, decision.Reasons)
	if err != nil {
		return err
	}
	comment := gatetext.GateComment(args.Environment, decision.State, shown)
	if decision.State != gate.Held {
		return g.conclude(ctx, args, asked, decision, comment)
	}
	if err := g.report(ctx, args, asked, comment, false); err != nil {
		return err
	}
	if !asked.Answered.IsZero() {
		return nil
	}
	return g.deps.Queue.Enqueue(ctx, work.GateWork(args, now.Add(gateEvery)))
}

// shown gives the reasons of a decision as everybody may read them who can read the
// repository now.
func (g *Gatekeeper) shown(ctx context.Context, repo contracts.RepositoryRef, reasons []gate.Reason) ([]gate.Reason, error) {
	now, err := g.deps.Store.Registration(ctx, repo.Installation, repo.ID)
	if errors.Is(err, fs.ErrNotExist) {
		return reasons, nil // nothing was asked
	}
	if err != nil {
		return nil, err
	}
	sees := func(v contracts.AnswerVersion) bool {
		return repo.MayNameVersion(v) && now.Repository.MayNameVersion(v)
	}
	shown := slices.Clone(reasons)
	for i := range shown {
		said, err := g.deps.Store.Present(ctx, repo.Installation, shown[i].CanDeploy)
		if err != nil {
			return nil, err
		}
		shown[i].CanDeploy = contracts.SeenBy(said, sees)
	}
	return shown, nil
}

// report says why a gate is held, if that is new and GitHub accepts one more report. The
// report is counted before it is sent.
func (g *Gatekeeper) report(ctx context.Context, args work.GateArgs, asked *gate.Asked, comment string, trouble bool) error {
	if comment == asked.LastReport || asked.Reports >= mostReports {
		return nil
	}
	asked.Reports++
	if err := g.deps.Store.PutGate(ctx, args.Repository, *asked); err != nil {
		return err
	}
	err := g.deps.GitHub.AnswerGate(ctx, args.Repository, args.Run, args.Environment, gate.Held, comment)
	if errors.Is(err, ErrNotPending) {
		return g.close(ctx, args, asked)
	}
	if err != nil {
		return err
	}
	asked.LastReport, asked.Trouble = comment, trouble
	return g.deps.Store.PutGate(ctx, args.Repository, *asked)
}

// close notes that GitHub wants no answer any more.
func (g *Gatekeeper) close(ctx context.Context, args work.GateArgs, gate *gate.Asked) (err error) {
	zerolog.Ctx(ctx).Info().Int64("run", args.Run).Str("environment", args.Environment).Msg("the gate is no longer waiting")
	if gate.Answered, err = g.deps.Store.Now(ctx); err != nil {
		return err
	}
	return g.deps.Store.PutGate(ctx, args.Repository, *gate)
}

// conclude answers and stores the answer. If an earlier attempt has sent an answer and its
// response was lost, GitHub has that answer once it accepts none any more.
func (g *Gatekeeper) conclude(ctx context.Context, args work.GateArgs, asked *gate.Asked, decision gate.Decision, comment string) error {
	repo, before := args.Repository, asked.Decision
	asked.Decision = &decision
	if err := g.deps.Store.PutGate(ctx, repo, *asked); err != nil {
		return err
	}
	err := g.deps.GitHub.AnswerGate(ctx, repo, args.Run, args.Environment, decision.State, comment)
	gone := errors.Is(err, fs.ErrNotExist) && g.deps.Queue.Attempt(ctx) >= work.GoneAfter
	switch {
	case gone, errors.Is(err, ErrNotPending), before != nil && errors.Is(err, ErrStillPending):
		if before == nil {
			return g.close(ctx, args, asked)
		}
		decision = *before // it has arrived; the run may wait for somebody else
	case errors.Is(err, ErrStillPending):
		asked.Decision = nil // GitHub has not taken it
		return errors.Join(err, g.deps.Store.PutGate(ctx, repo, *asked))
	case err != nil:
		return err
	}
	entry := ledger.Entry{
		Installation: repo.Installation, Kind: ledger.EntryGate, Repository: repo.ID, Environment: args.Environment, Commit: decision.Commit, Actor: decision.Creator,
		Once: fmt.Sprintf("gate/%d/%s/%d", args.Run, args.Environment, asked.Deployment),
		Body: json.RawMessage(source.JSON(gate.Entry{Run: args.Run, Deployment: asked.Deployment, State: decision.State, Reasons: decision.Reasons})),
	}
	if err := g.deps.Store.Append(ctx, entry); err != nil {
		return err
	}
	if asked.Answered, err = g.deps.Store.Now(ctx); err != nil {
		return err
	}
	return g.deps.Store.PutGate(ctx, repo, *asked)
}
