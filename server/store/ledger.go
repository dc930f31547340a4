package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy"
	"plimsoll/server/store/sqlc"
)

var _ deploy.Ledger = (*Store)(nil)

// Append writes entries behind what is there, all of one installation or of
// several; see [deploy.Ledger].
func (s *Store) Append(ctx context.Context, entries ...deploy.Entry) error {
	now, err := s.now(ctx)
	if err == nil {
		err = s.Tx(ctx, func(ctx context.Context, q *sqlc.Queries) error {
			for _, entry := range entries {
				if err := appendEntry(ctx, q, entry, now); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("write the ledger: %w", err)
	}
	return nil
}

func appendEntry(ctx context.Context, q *sqlc.Queries, entry deploy.Entry, now time.Time) error {
	if len(entry.Body) > 0 && !json.Valid(entry.Body) {
		return errors.New("the body of an entry is not JSON")
	}
	if err := q.BeginLedger(ctx, entry.Installation); err != nil {
		return err
	}
	end, err := q.LockLedger(ctx, entry.Installation)
	if err != nil {
		return err
	}
	if entry.Once = Clean(entry.Once); entry.Once != "" {
		if n, err := q.LedgerHas(ctx, entry.Installation, entry.Once); err != nil || n > 0 {
			return err
		}
	}
	if entry.At.IsZero() {
		entry.At = now
	}
	entry.Component, entry.Environment, entry.Commit, entry.Actor = Clean(entry.Component), Clean(entry.Environment), Clean(entry.Commit), Clean(entry.Actor)
	if end.Seq > 0 {
		entry = entry.Chained(&deploy.Entry{Sequence: end.Seq, Hash: end.Hash})
	} else {
		entry = entry.Chained(nil)
	}
	err = q.AppendLedger(ctx, sqlc.AppendLedgerParams{
		Installation: entry.Installation, Seq: entry.Sequence, At: milliseconds(entry.At), Kind: string(entry.Kind), Repository: entry.Repository,
		Component: entry.Component, Environment: entry.Environment, CommitSha: entry.Commit, Actor: entry.Actor, Body: string(entry.Body),
		Once: entry.Once, Previous: entry.Previous, Hash: entry.Hash,
	})
	if err != nil {
		return err
	}
	return q.MoveLedger(ctx, entry.Installation, entry.Sequence, entry.Hash)
}

// ledgerPage is how many entries are read at once.
const ledgerPage = 500

// Ledger gives the entries of an installation behind a sequence, in order.
func (s *Store) Ledger(ctx context.Context, installation, after int64) iter.Seq2[deploy.Entry, error] {
	return func(yield func(deploy.Entry, error) bool) {
		for {
			rows, err := s.Read().ListLedger(ctx, installation, after, ledgerPage)
			if err != nil {
				yield(deploy.Entry{}, fmt.Errorf("read the ledger: %w", err))
				return
			}
			for _, row := range rows {
				after = row.Seq
				if !yield(ledgerEntry(row), nil) {
					return
				}
			}
			if len(rows) < ledgerPage {
				return
			}
		}
	}
}

// LedgerOf gives the entries about one repository behind a sequence, in order.
func (s *Store) LedgerOf(ctx context.Context, repo contracts.RepositoryRef, after int64) iter.Seq2[deploy.Entry, error] {
	return func(yield func(deploy.Entry, error) bool) {
		for {
			rows, err := s.Read().ListLedgerOf(ctx, sqlc.ListLedgerOfParams{Installation: repo.Installation, Repository: repo.ID, Seq: after, Limit: ledgerPage})
			if err != nil {
				yield(deploy.Entry{}, fmt.Errorf("read the ledger of %s: %w", repo.FullName(), err))
				return
			}
			for _, row := range rows {
				after = row.Seq
				if !yield(ledgerEntry(row), nil) {
					return
				}
			}
			if len(rows) < ledgerPage {
				return
			}
		}
	}
}

func ledgerEntry(row sqlc.Ledger) deploy.Entry {
	entry := deploy.Entry{
		Sequence: row.Seq, Installation: row.Installation, At: fromMilliseconds(row.At), Kind: deploy.EntryKind(row.Kind), Repository: row.Repository,
		Component: row.Component, Environment: row.Environment, Commit: row.CommitSha, Actor: row.Actor, Once: row.Once,
		Previous: row.Previous, Hash: row.Hash,
	}
	if row.Body != "" {
		entry.Body = json.RawMessage(row.Body)
	}
	return entry
}
