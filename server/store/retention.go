package store

import (
	"context"
	"fmt"
	"time"

	"plimsoll/server/store/sqlc"
)

// Bounds on what one run of PruneSamples deletes, and on how much of it in one
// transaction: other transactions have to wait for it, on SQLite all of them. A history
// takes about as much room as a hundred samples.
const (
	prunedSamples, samplesAtOnce     = 50_000, 500
	prunedHistories, historiesAtOnce = 1_000, 20
)

// PruneSamples deletes the samples that verifications took before a time, and the
// histories of their signals, the oldest first and at most so many; the next run
// continues. Samples whose verdict is not published yet stay. The ledger stays too: its
// verdicts contain the samples, and the history by its hash. It returns how many
// samples and histories were deleted.
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

// pruneBatches deletes in transactions of limited size, until nothing is left or the
// bound of one run is reached.
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

// PruneGates deletes the gates that asked before a time.
func (s *Store) PruneGates(ctx context.Context, before time.Time) error {
	err := s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error { return q.PruneGates(ctx, milliseconds(before)) })
	if err != nil {
		return fmt.Errorf("forget old gates: %w", err)
	}
	return nil
}

// PruneContents deletes content to which nothing refers any more and that is older than
// before. It returns how many were deleted.
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
