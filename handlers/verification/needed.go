package verification

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/deploy/gate"
	"plimsoll/handlers/source"
)

// WaitingGates knows which deployments wait for an answer.
type WaitingGates interface {
	// Waiting returns the gates of a repository that are not answered, the newest first.
	Waiting(ctx context.Context, repo contracts.RepositoryRef) ([]gate.Asked, error)
	contracts.Registry
	contracts.Versions
}

// needed reports whether a gate waits for the verdict on a deployment. Where commits come
// faster than they can be verified, no verification would end if each new deployment ended the
// one before, and nothing would ever reach the environments behind the gate.
func (v *Verifier) needed(ctx context.Context, run deploy.VerificationRun) (bool, error) {
	waiting, err := v.deps.Store.Waiting(ctx, run.Repository)
	if err != nil {
		return false, err
	}
	waiting = slices.DeleteFunc(waiting, func(asked gate.Asked) bool { return asked.Commit != run.Commit })
	if len(waiting) == 0 {
		return false, nil
	}
	k, ok, err := source.Recall(ctx, v.deps.Store, v.deps.Store, run.Repository)
	if err != nil || !ok {
		return false, err
	}
	file, err := v.deps.Organisations.Declared(ctx, k.Registration)
	if err != nil {
		return false, err
	}
	for _, asked := range waiting {
		for _, target := range k.Targets(deploy.Deployment{ID: asked.Deployment, Commit: asked.Commit, Environment: asked.Environment}) {
			environment := source.EnvironmentOf(file, target)
			if target.Component == run.Target.Component && environment.Gate != nil && *environment.Gate &&
				slices.ContainsFunc(environment.After, func(e config.Earlier) bool { return strings.EqualFold(string(e.Environment), run.Target.Environment) }) {
				return v.contained(ctx, run)
			}
		}
	}
	return false, nil
}

// contained reports whether everything that was deployed to the target since contains the commit
// of a deployment: what is measured then is still about it. After a deployment of an older commit
// it is not, and the commit may have been taken away because it is bad.
func (v *Verifier) contained(ctx context.Context, run deploy.VerificationRun) (bool, error) {
	all, err := v.deps.Store.Verifications(ctx, run.Repository, run.Target, mostRuns)
	if err != nil {
		return false, err
	}
	for _, newer := range all {
		if newer.Deployment == run.Deployment {
			return true, nil
		}
		if newer.Commit == run.Commit {
			continue
		}
		if newer.Task == deploy.TaskRollback {
			return false, nil
		}
		descends, err := v.deps.Commits.Descends(ctx, run.Repository, newer.Commit, run.Commit)
		if errors.Is(err, fs.ErrNotExist) {
			return false, nil // the newer commit is gone
		}
		if err != nil || !descends {
			return false, err
		}
	}
	return false, nil // so many came that it is not listed any more
}
