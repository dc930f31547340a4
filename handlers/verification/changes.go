package verification

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/contracts"
	"plimsoll/deploy"
)

// Commits knows when commits were written.
type Commits interface {
	// CommittedBetween returns when the commits were written that head has and base has
	// not, as far as they are listed, and how many there are.
	CommittedBetween(ctx context.Context, repo contracts.RepositoryRef, base, head string) (committed []time.Time, of int, err error)
	// Descends reports whether a commit has another one among its ancestors.
	Descends(ctx context.Context, repo contracts.RepositoryRef, commit, ancestor string) (bool, error)
}

// changes returns what a deployment to production brings, for the lead time. It costs one
// request, and nothing waits for it if it fails.
func (v *Verifier) changes(ctx context.Context, verification deploy.Verification) *deploy.Changes {
	if !verification.Target.Production || verification.Before == "" || verification.Task == deploy.TaskRollback {
		return nil
	}
	committed, of, err := v.deps.Commits.CommittedBetween(ctx, verification.Repository, verification.Before, verification.Commit)
	if err != nil {
		zerolog.Ctx(ctx).Info().Err(err).Str("verification", verification.ID()).Msg("how old the changes are is not known")
		return nil
	}
	return deploy.NewChanges(of, committed)
}
