package rollback

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	commandtext "plimsoll/checks/text/command"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/rollback"
	"plimsoll/handlers/work"

	"github.com/rs/zerolog"
)

// mostRecent is how many verifications of a repository are searched for the one that is
// meant.
const mostRecent = 200

// Command answers `/plimsoll rollback [ENVIRONMENT]` on a pull request that was deployed.
// It rolls back the targets in that environment where the pull request runs now.
func (r *Controller) Command(ctx context.Context, c work.Command) (commandtext.Answer, error) {
	if may, err := r.may(ctx, c.Repository, c.Login); err != nil || !may {
		return commandtext.RollbackNotYours(c.Repository), err
	}
	recent, err := r.deps.Store.RepositoryVerifications(ctx, c.Repository, mostRecent)
	if err != nil {
		return commandtext.Answer{}, err
	}
	environment := strings.Trim(c.Rest, "`\"'")
	var carried, before []deploy.VerificationRun
	var seen []deploy.Target
	for _, run := range recent {
		target := run.Target
		if slices.ContainsFunc(seen, func(p deploy.Target) bool { return deploy.SameTarget(p, target) }) {
			continue
		}
		seen = append(seen, target)
		if environment != "" && !strings.EqualFold(environment, target.Environment) {
			continue
		}
		pulls, err := r.deps.Reporter.Carried(ctx, run)
		if err != nil {
			return commandtext.Answer{}, err
		}
		if slices.Contains(pulls, c.Number) && run.Task != deploy.TaskRollback {
			carried = append(carried, run)
		}
		undone, err := r.undoneBy(ctx, run)
		if err != nil {
			return commandtext.Answer{}, err
		}
		if undone != nil && slices.Contains(undone.Pulls, c.Number) {
			before = append(before, *undone)
		}
	}
	environments := map[string]bool{}
	for _, run := range carried {
		environments[run.Target.Environment] = true
	}
	switch {
	case len(carried) == 0 && len(before) > 0:
		return commandtext.RollbackBefore(r.deps.WebURL, before[0]), nil
	case len(carried) == 0:
		return commandtext.RollbackNothing(environment), nil
	case environment == "" && len(environments) > 1:
		return commandtext.RollbackWhich(environments), nil
	}
	var answers []commandtext.Answer
	for _, run := range carried {
		answer, err := r.ask(ctx, run, c.Login, c.Source)
		if err != nil {
			return commandtext.Answer{}, err
		}
		answers = append(answers, answer)
	}
	return commandtext.RollbackAnswers(answers), nil
}

// Press answers the button on the check run of a verification. The answer appears on the
// newest pull request that the deployment carried.
func (r *Controller) Press(ctx context.Context, p work.Press, id string) (answer commandtext.Answer, number int, err error) {
	run, err := r.deps.Store.Verification(ctx, p.Repository, id)
	if errors.Is(err, fs.ErrNotExist) {
		return commandtext.Answer{}, 0, nil
	}
	if err != nil {
		return commandtext.Answer{}, 0, err
	}
	pulls, err := r.deps.Reporter.Carried(ctx, run)
	if err != nil {
		return commandtext.Answer{}, 0, err
	}
	if len(pulls) > 0 {
		number = pulls[len(pulls)-1]
	}
	source := "press/" + p.Delivery
	if may, err := r.may(ctx, p.Repository, p.Login); err != nil || !may {
		return commandtext.RollbackNotYours(p.Repository), number, err
	}
	answer, err = r.ask(ctx, run, p.Login, source)
	return answer, number, err
}

// Ask answers a person who asks on the dashboard to roll back a deployment, as the button on
// its check run does. source names the request: asked twice, it counts once.
func (r *Controller) Ask(ctx context.Context, repo contracts.RepositoryRef, id, login, source string) (commandtext.Answer, error) {
	run, err := r.deps.Store.Verification(ctx, repo, id)
	if err != nil {
		return commandtext.Answer{}, err
	}
	if may, err := r.may(ctx, repo, login); err != nil || !may {
		return commandtext.RollbackNotYours(repo), err
	}
	return r.ask(ctx, run, login, source)
}

// undoneBy returns the deployment that a run rolled back; nil if the run watches no
// rollback of Plimsoll.
func (r *Controller) undoneBy(ctx context.Context, run deploy.VerificationRun) (*deploy.VerificationRun, error) {
	rollbacks, err := r.deps.Store.Rollbacks(ctx, run.Repository, run.Target.Environment)
	if err != nil {
		return nil, err
	}
	for _, m := range rollbacks {
		if m.Verification != run.ID() && m.MadeBy(run.Verification) {
			undone, err := r.deps.Store.Verification(ctx, run.Repository, m.Verification)
			return &undone, err
		}
	}
	return nil, nil
}

// may reports whether a person may write to the repository. A refusal is answered and
// logged. The ledger holds what was done: outsiders must not be able to fill it.
func (r *Controller) may(ctx context.Context, repo contracts.RepositoryRef, login string) (bool, error) {
	may, err := r.deps.GitHub.MayDeploy(ctx, repo, login)
	if err != nil {
		return false, fmt.Errorf("ask what %s may do in %s: %w", login, repo.FullName(), err)
	}
	if !may {
		zerolog.Ctx(ctx).Info().Str("login", login).Str("repository", repo.FullName()).Msg("refused a rollback: no write access")
	}
	return may, nil
}

// ask says what will be done and queues it, in the order of the environment. It is decided
// again there, by what is known then.
func (r *Controller) ask(ctx context.Context, run deploy.VerificationRun, login, source string) (commandtext.Answer, error) {
	repo := run.Repository
	run, err := r.deps.Store.Verification(ctx, repo, run.ID())
	if err != nil {
		return commandtext.Answer{}, err
	}
	if m := run.Rollback; m != nil && m.Source == source {
		return commandtext.RollbackAnswer(r.deps.WebURL, run, *m), nil // by an earlier attempt
	}
	m := deploy.NewRollback(run)
	if run.Rollback != nil {
		m = *run.Rollback
	}
	f, err := r.find(ctx, run, m)
	if err != nil {
		return commandtext.Answer{}, err
	}
	if m.UnderWay() && !f.spent {
		m.Reasons = []deploy.RollbackReason{{Kind: deploy.RollbackUnderWay, Deployment: m.Made}}
		m.State = deploy.RollbackRefused
		return commandtext.RollbackAnswer(r.deps.WebURL, run, m), nil
	}
	rollbacks, err := r.deps.Store.Rollbacks(ctx, repo, run.Target.Environment)
	if err != nil {
		return commandtext.Answer{}, err
	}
	decision, reasons, target, err := r.decide(ctx, run, rollbacks, f, true)
	if err != nil {
		return commandtext.Answer{}, err
	}
	m.State, m.Reasons, m.ToCommit, m.Unverified, m.AskedBy = deploy.RollbackPerforming, reasons, target.Commit, target.Unverified, login
	if decision != rollback.Perform {
		m.State = deploy.RollbackRefused
	}
	work := work.RollbackWork(work.RollbackArgs{Repository: repo, ID: run.ID(), Login: login, Source: source}, run.Target, time.Time{})
	return commandtext.RollbackAnswer(r.deps.WebURL, run, m), r.deps.Queue.Enqueue(ctx, work)
}
