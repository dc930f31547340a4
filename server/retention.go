package server

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"plimsoll/config"
	"plimsoll/server/store"
)

// pruning deletes what was published long ago, and what verifications measured when it has
// been kept for as long as the operator wants. The ledger stays.
func pruning(db *store.Store, samples config.Keep) func(ctx context.Context, now time.Time) error {
	return func(ctx context.Context, now time.Time) error {
		if err := db.PruneCommands(ctx, now); err != nil {
			return err
		}
		if err := db.PruneSessions(ctx, now); err != nil {
			return err
		}
		if _, err := db.PrunePublications(ctx, now); err != nil || samples.Forever {
			return err
		}
		points, histories, err := db.PruneSamples(ctx, now.Add(-samples.For.Value()))
		if points+histories > 0 {
			zerolog.Ctx(ctx).Info().Int64("samples", points).Int64("histories", histories).Msg("deleted what is kept no longer")
		}
		return err
	}
}
