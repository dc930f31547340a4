package store

import (
	"context"
	"fmt"

	"plimsoll/server/store/sqlc"
)

// transact hands fn to the writer and waits until its group is on disk. Once the
// writer has begun, the answer is waited for even if ctx ends: nobody is told
// that something failed which was stored.
func (s *sqlite) transact(ctx context.Context, fn func(context.Context, *sqlc.Queries) error) error {
	entry := &groupEntry{ctx: ctx, fn: fn, done: make(chan error, 1)}
	select {
	case <-s.closed:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	case s.queue <- entry:
	}
	select {
	case err := <-entry.done:
		return err
	case <-s.closed:
		// The writer empties the queue before it ends; what came too late for it
		// was never begun.
		s.writer.Wait()
		select {
		case err := <-entry.done:
			return err
		default:
			return ErrClosed
		}
	}
}

// commitGroups is the writer: whatever waits while a group is synced to disk is
// the next group.
func (s *sqlite) commitGroups() {
	for {
		select {
		case entry := <-s.queue:
			s.commit(s.gather(entry))
		case <-s.closed:
			for {
				select {
				case entry := <-s.queue:
					s.commit(s.gather(entry))
				default:
					return
				}
			}
		}
	}
}

func (s *sqlite) gather(first *groupEntry) []*groupEntry {
	group := []*groupEntry{first}
	for len(group) < groupSize {
		select {
		case entry := <-s.queue:
			group = append(group, entry)
		default:
			return group
		}
	}
	return group
}

// commit runs a group in one transaction, each entry in a savepoint, and then
// answers every entry.
func (s *sqlite) commit(group []*groupEntry) {
	results := make([]error, len(group))
	if err := s.commitOnce(group, results); err != nil {
		for i := range results {
			if results[i] == nil {
				results[i] = err
			}
		}
	}
	for i, entry := range group {
		entry.done <- results[i]
	}
}

func (s *sqlite) commitOnce(group []*groupEntry, results []error) error {
	// A context that can end would roll back the whole group.
	ctx := context.Background()
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit this does nothing
	queries := sqlc.New(tx)
	alone := len(group) == 1
	for i, entry := range group {
		if results[i] = entry.ctx.Err(); results[i] != nil {
			continue
		}
		if alone {
			if results[i] = callGuarded(ctx, queries, entry.fn); results[i] != nil {
				return results[i]
			}
			break
		}
		if _, err := tx.ExecContext(ctx, "SAVEPOINT entry"); err != nil {
			return fmt.Errorf("set a savepoint: %w", err)
		}
		if results[i] = callGuarded(ctx, queries, entry.fn); results[i] != nil {
			if _, err := tx.ExecContext(ctx, "ROLLBACK TO entry"); err != nil {
				return fmt.Errorf("go back to a savepoint: %w", err)
			}
		}
		if _, err := tx.ExecContext(ctx, "RELEASE entry"); err != nil {
			return fmt.Errorf("release a savepoint: %w", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// callGuarded turns a panic of one entry into its error: the others share the
// transaction and the goroutine.
func callGuarded(ctx context.Context, q *sqlc.Queries, fn func(context.Context, *sqlc.Queries) error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("panic in a transaction: %v", v)
		}
	}()
	return fn(ctx, q)
}
