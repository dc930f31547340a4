package gates

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/checks/readiness"
	commandtext "plimsoll/checks/text/command"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/gate"
	"plimsoll/handlers/require"
	"plimsoll/handlers/source"
)

// Decider decides about gates by what is known of a deployment and its targets.
type Decider struct {
	deps DeciderDeps
}

// DeciderDeps is what a Decider needs.
type DeciderDeps struct {
	Deployments Deployments
	Store       Facts
	Holds       *Holds
	Index       Declarations
	Answers     Deployability
	// Organisations reads what repositories declare.
	Organisations *source.Organisations
	// Readiness finds what a deployment newly lacks.
	Readiness NewlyMissing
}

// Deployments reads deployments at GitHub.
type Deployments interface {
	Deployment(ctx context.Context, repo contracts.RepositoryRef, id int64) (deploy.Deployment, error)
	// Descends reports whether a commit has another one among its ancestors.
	Descends(ctx context.Context, repo contracts.RepositoryRef, commit, ancestor string) (bool, error)
}

// Facts are what is known of repositories, verifications, and of what runs where.
type Facts interface {
	PastRuns
	contracts.Registry
	contracts.Versions
	source.Scans
}

// NewDecider returns a Decider.
func NewDecider(deps DeciderDeps) (*Decider, error) {
	if err := require.All(deps); err != nil {
		return nil, err
	}
	return &Decider{deps}, nil
}

// decide answers for every target that the deployment reaches, without what was overridden.
func (c *Decider) decide(ctx context.Context, repo contracts.RepositoryRef, asked *gate.Asked, now time.Time) (gate.Decision, error) {
	decision, err := c.evaluate(ctx, repo, asked, now)
	if err != nil {
		return decision, err
	}
	for i := range decision.Reasons {
		reason := &decision.Reasons[i]
		if !reason.Overridable() {
			continue
		}
		override, err := c.deps.Holds.overrides.Override(ctx, repo, reason.ID(decision.Commit))
		if err != nil {
			return decision, err
		}
		if override != nil {
			reason.Overridden, reason.Login, reason.Why = true, override.Login, override.Reason
		}
	}
	decision.State = gate.MostSevere(decision.Reasons)
	return decision, nil
}

// evaluate is decide before overrides of the gate's reasons.
func (c *Decider) evaluate(ctx context.Context, repo contracts.RepositoryRef, asked *gate.Asked, now time.Time) (gate.Decision, error) {
	decision := gate.Decision{State: gate.Approved, At: now}
	// A repository that is not known yet is read now: whether it is enrolled is recorded
	// nowhere else.
	registration, err := c.deps.Index.Known(ctx, repo)
	if err != nil {
		return decision, err
	}
	if registration.Broken && len(registration.Components) == 0 {
		decision.State, decision.Reasons = gate.Rejected, []gate.Reason{{Kind: gate.ReasonBroken, State: gate.Rejected}}
		return decision, nil
	}
	k, ok, err := source.Recall(ctx, c.deps.Store, c.deps.Store, repo)
	if err != nil || !ok {
		return decision, err // it is not enrolled
	}
	d, err := c.deps.Deployments.Deployment(ctx, repo, asked.Deployment)
	if err != nil {
		return decision, err
	}
	decision.Commit, decision.Creator = d.Commit, d.Creator
	questions, err := c.questions(ctx, k, d, now.Sub(asked.Asked) > gateWaits)
	if err != nil {
		return decision, err
	}
	for _, q := range questions {
		decision.Reasons = append(decision.Reasons, gate.Reasons(q)...)
	}
	decision.State = gate.MostSevere(decision.Reasons)
	return decision, nil
}

// questions returns what is known of each target that the deployment reaches. If the
// target's own history settles the question, nothing more is read.
func (c *Decider) questions(ctx context.Context, k source.Inventory, d deploy.Deployment, late bool) ([]gate.Question, error) {
	repo := k.Registration.Repository
	file, err := c.deps.Organisations.Declared(ctx, k.Registration)
	if err != nil {
		return nil, err
	}
	scan, err := c.deps.Store.Scan(ctx, repo.Installation)
	if err != nil {
		return nil, err
	}
	var questions []gate.Question
	targets := k.Targets(d)
	for _, target := range targets {
		environment := source.EnvironmentOf(file, target)
		q := gate.Question{
			Target: target, Declared: environment.Gate != nil && *environment.Gate, Reading: scan.Running, Late: late,
			Artifact: deploy.ArtifactOf(d.Payload, target.Component), AllowUnknown: file.Policy != nil && file.Policy.GateUnknown == config.Allow,
		}
		if q.Declared {
			if err := c.history(ctx, repo, d, &q); err != nil {
				return nil, err
			}
		}
		if _, settled := q.Settled(); !settled {
			for _, declared := range environment.After {
				before := target
				before.Environment, before.Instance = string(declared.Environment), ""
				runs, err := c.of(ctx, repo, before, d.Commit)
				if err != nil {
					return nil, err
				}
				earlier := gate.Environment{Name: before.Environment, Runs: runs, Inconclusive: declared.Inconclusive}
				if earlier.Descendant, err = c.standIn(ctx, k, target, before, d.Commit, earlier); err != nil {
					return nil, err
				}
				q.Before = append(q.Before, earlier)
			}
			if err := c.ask(ctx, repo, d, &q, formerIn(k, targets, target.Environment)); err != nil {
				return nil, err
			}
			if err := c.ready(ctx, k, d, &q); err != nil {
				return nil, err
			}
		}
		questions = append(questions, q)
	}
	return questions, nil
}

// standIn returns the later commit whose verdict in an earlier environment (before) stands for
// the one on a commit; empty if none does. Only on the way forward: in a later verified commit,
// every commit that was ever merged is contained, also one that is too old to run again.
func (c *Decider) standIn(ctx context.Context, k source.Inventory, target, before deploy.Target, commit string, earlier gate.Environment) (string, error) {
	if !earlier.StandsIn() {
		return "", nil
	}
	repo := k.Registration.Repository
	running, err := c.running(ctx, k, target, commit)
	switch {
	case err != nil, running == "" && len(earlier.Runs) == 0:
		return "", err
	case running != "" && running != commit:
		forward, err := c.deps.Deployments.Descends(ctx, repo, commit, running)
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil // what runs is gone
		}
		if err != nil || !forward {
			return "", err
		}
	}
	return c.descendant(ctx, repo, before, commit, earlier.Runs)
}

// mostDescendants is how many commits are compared with one that was not verified itself.
const mostDescendants = 3

// descendant returns the newest commit that was verified in a target after a commit came there
// (runs), and contains it; empty if there is none.
func (c *Decider) descendant(ctx context.Context, repo contracts.RepositoryRef, target deploy.Target, commit string, runs []deploy.VerificationRun) (string, error) {
	all, err := c.deps.Store.Verifications(ctx, repo, target, mostRuns)
	if err != nil {
		return "", err
	}
	compared, doubtful := 0, []string{commit}
	for _, run := range all {
		if len(runs) > 0 && run.Began.Before(runs[0].Began) || compared == mostDescendants {
			break
		}
		if run.Verdict == nil || slices.Contains(doubtful, run.Commit) {
			continue
		}
		if answer := run.Verdict.Answer; answer == deploy.RollBack || answer == deploy.Investigate {
			doubtful = append(doubtful, run.Commit) // also if it was verified before
		}
		if run.Verdict.Answer != deploy.Verified {
			continue
		}
		compared++
		descends, err := c.deps.Deployments.Descends(ctx, repo, run.Commit, commit)
		if errors.Is(err, fs.ErrNotExist) {
			continue // a commit is gone
		}
		if err != nil || descends {
			return run.Commit, err
		}
	}
	return "", nil
}

// history fills in the outcomes of the commit in the target so far.
func (c *Decider) history(ctx context.Context, repo contracts.RepositoryRef, d deploy.Deployment, q *gate.Question) (err error) {
	if q.Here, err = c.of(ctx, repo, q.Target, d.Commit); err != nil {
		return err
	}
	newest, err := c.deps.Store.Verifications(ctx, repo, q.Target, 1)
	if err != nil {
		return err
	}
	q.Back = len(newest) > 0 && newest[0].Commit != d.Commit
	if held := gate.HeldBy(q.Here); held != nil {
		q.Override, err = c.deps.Holds.overrides.Override(ctx, repo, held.ID())
	}
	return err
}

// formerIn names the components among the targets in an environment that the default branch
// does not declare any more.
func formerIn(k source.Inventory, targets []deploy.Target, environment string) (former []string) {
	for _, target := range targets {
		declared := slices.ContainsFunc(k.Registration.Components, func(c contracts.Component) bool { return c.Name == target.Component })
		if !declared && strings.EqualFold(target.Environment, environment) && !slices.Contains(former, target.Component) {
			former = append(former, target.Component)
		}
	}
	return former
}

// ask fills in what can-i-deploy says. former are the components that the deployment ends.
func (c *Decider) ask(ctx context.Context, repo contracts.RepositoryRef, d deploy.Deployment, q *gate.Question, former []string) error {
	asked, err := c.deps.Answers.CanIDeploy(ctx, source.DeployQuestion{
		Repository: repo, Components: []string{q.Target.Component}, Commit: d.Commit, Environment: q.Target.Environment, Production: &q.Target.Production, Known: true,
		Gate: true, Former: former,
	})
	if bad, ok := errors.AsType[*commandtext.BadQuestion](err); ok {
		zerolog.Ctx(ctx).Info().Err(bad).Msg("can-i-deploy can't be asked")
		q.May = contracts.AnswerUnknown
		return nil
	}
	if err != nil {
		return err
	}
	q.May = asked.Answer
	q.CanDeploy = asked.Reasons
	return nil
}

// of returns the verifications of a commit in a target, newest first.
func (c *Decider) of(ctx context.Context, repo contracts.RepositoryRef, target deploy.Target, commit string) ([]deploy.VerificationRun, error) {
	all, err := c.deps.Holds.history.VerificationsOfCommit(ctx, repo, commit, mostRuns)
	if err != nil {
		return nil, err
	}
	var of []deploy.VerificationRun
	for _, run := range all {
		if deploy.SameTarget(run.Target, target) {
			of = append(of, run)
		}
	}
	return of, nil
}

// ready fills in what the commit newly lacks before it may run in production, compared with
// what runs in the target, otherwise with the head of the default branch.
func (c *Decider) ready(ctx context.Context, k source.Inventory, d deploy.Deployment, q *gate.Question) error {
	if c.deps.Readiness == nil || !q.Target.Production {
		return nil
	}
	q.Readiness = &gate.Readiness{Base: k.Registration.Commit}
	running, err := c.running(ctx, k, q.Target, d.Commit)
	if err != nil {
		return err
	}
	if running != "" {
		q.Readiness.Base, q.Readiness.Running = running, true
	}
	report, err := c.deps.Readiness.Between(ctx, k.Registration, q.Readiness.Base, d.Commit)
	if errors.Is(err, fs.ErrNotExist) {
		q.Readiness.Unread = true // a commit is gone that something was deployed from
		return nil
	}
	if err != nil {
		return err
	}
	for _, component := range report.Report.Components {
		if component.Name == q.Target.Component {
			q.Readiness.Missing, q.Readiness.Unclear = blockingRules(component), unclearRules(component)
		}
	}
	q.Readiness.Unread = len(report.Report.Unread) > 0 || report.FileBroken
	return nil
}

// running returns the commit that runs in a target, otherwise the last one that was
// verified there. It is empty if neither is known, or if it is the same commit.
func (c *Decider) running(ctx context.Context, k source.Inventory, target deploy.Target, commit string) (string, error) {
	for _, v := range k.Live {
		if v.Release == "" && !v.Rolling && v.Component == target.Component && strings.EqualFold(v.Environment, target.Environment) && v.Instance == target.Instance {
			return v.Commit, nil
		}
	}
	runs, err := c.deps.Store.Verifications(ctx, k.Registration.Repository, target, mostRuns)
	if err != nil {
		return "", err
	}
	for _, run := range runs {
		if run.Verdict != nil && run.Verdict.Answer == deploy.Verified {
			return run.Commit, nil
		}
	}
	return "", nil
}

// blockingRules are the ids of the rules whose new violations block.
func blockingRules(c readiness.ComponentReport) (ids []string) {
	for _, finding := range c.Findings {
		if finding.Blocks && !slices.Contains(ids, finding.Rule) {
			ids = append(ids, finding.Rule)
		}
	}
	return ids
}

// unclearRules are the ids of the rules that could not be evaluated.
func unclearRules(c readiness.ComponentReport) (ids []string) {
	for _, result := range c.Results {
		if result.State == readiness.Unknown {
			ids = append(ids, result.Rule)
		}
	}
	return ids
}
