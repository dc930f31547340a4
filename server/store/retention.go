package store

import (
	"context"
	"fmt"
	"time"

	"plimsoll/server/store/sqlc"
)

// What one run of PruneSamples deletes at the most, and how much of it in one
// transaction: others wait for those, on SQLite all of them. A history takes about as
// much room as a hundred samples.
const (
	prunedSamples, samplesAtOnce     = 50_000, 500
	prunedHistories, historiesAtOnce = 1_000, 20
)

// PruneSamples deletes what verifications measured before a time, and what their signals
// were in the days before that: the oldest first, so much at the most; the next run goes
// on. What nobody has been told of yet stays, and so does the ledger, whose verdicts name
// the samples themselves and the history by its hash. It gives how many samples and
// histories were deleted.
func (s *Store) PruneSamples(ctx context.Context, before time.Time) (samples, histories int64, err error) {
	at := milliseconds(before)
	samples, err = s.pruneBatches(ctx, prunedSamples, samplesAtOnce, func(ctx context.Context, q *sqlc.Queries) (int64, error) {
		return q.PruneSamples(ctx, at, samplesAtOnce)
	})
	if err != nil {
		return samples, 0, fmt.Errorf("prune samples: %w", err)
	}
	histories, err = s.pruneBatches(ctx, prunedHistories, historiesAtOnce, func(ctx context.Context, q *sqlc.Queries) (int64, error) {
		return q.PruneHistories(ctx, at, historiesAtOnce)
	})
	if err != nil {
		return samples, histories, fmt.Errorf("prune histories: %w", err)
	}
	return samples, histories, nil
}

// pruneBatches deletes, each time at most so many in a transaction of its own, until there
// is nothing left to delete or as much as one run may.
func (s *Store) pruneBatches(ctx context.Context, most, atOnce int64, do func(context.Context, *sqlc.Queries) (int64, error)) (deleted int64, err error) {
	for deleted < most {
		var n int64
		err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) (err error) {
			n, err = do(ctx, q)
			return err
		})
		if err != nil {
			return deleted, err
		}
		if deleted += n; n < atOnce {
			break
		}
	}
	return deleted, nil
}

// PruneGates forgets those that asked before a time.
func (s *Store) PruneGates(ctx context.Context, before time.Time) error {
	err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error { return q.PruneGates(ctx, milliseconds(before)) })
	if err != nil {
		return fmt.Errorf("forget old gates: %w", err)
	}
	return nil
}

// PruneContents deletes content that nothing refers to any more and that is older
// than before. It gives how many were deleted.
func (s *Store) PruneContents(ctx context.Context, before time.Time) (deleted int64, err error) {
	err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		var err error
		deleted, err = q.PruneContents(ctx, milliseconds(before))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("prune contents: %w", err)
	}
	return deleted, nil
}
