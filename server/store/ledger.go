package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"slices"
	"time"

	"plimsoll/contracts"
	"plimsoll/deploy/ledger"
	"plimsoll/server/store/sqlc"
)

var _ ledger.Ledger = (*Store)(nil)

// Append adds entries of one or of several installations to the end of their ledgers;
// see [ledger.Ledger].
func (s *Store) Append(ctx context.Context, entries ...ledger.Entry) error {
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

func appendEntry(ctx context.Context, q *sqlc.Queries, entry ledger.Entry, now time.Time) error {
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
		entry = entry.Chained(&ledger.Entry{Sequence: end.Seq, Hash: end.Hash})
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

// Ledger returns the entries of an installation after a sequence number, in order.
func (s *Store) Ledger(ctx context.Context, installation, after int64) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for {
			rows, err := s.Read().ListLedger(ctx, installation, after, ledgerPage)
			if err != nil {
				yield(ledger.Entry{}, fmt.Errorf("read the ledger: %w", err))
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

// LedgerPage returns the next entries of an installation after a sequence number, and
// the end of the ledger as it was stored at the same moment: the zero head if nothing
// was written. No entries means that there are none after it.
func (s *Store) LedgerPage(ctx context.Context, installation, after int64) (entries []ledger.Entry, end ledger.Head, err error) {
	err = s.readAtOnce(ctx, func(q *sqlc.Queries) error {
		row, err := q.GetLedgerEnd(ctx, installation)
		if err != nil && !Missing(err) {
			return err
		}
		end = ledger.Head{Installation: installation, Sequence: row.Seq, Hash: row.Hash}
		rows, err := q.ListLedger(ctx, installation, after, ledgerPage)
		for _, row := range rows {
			entries = append(entries, ledgerEntry(row))
		}
		return err
	})
	if err != nil {
		return nil, end, fmt.Errorf("read the ledger of installation %d: %w", installation, err)
	}
	return entries, end, nil
}

// Ledgers lists the installations that have a ledger, each with the stored end. It is
// the zero head for a ledger that has entries and no stored end.
func (s *Store) Ledgers(ctx context.Context) ([]ledger.Head, error) {
	fail := func(err error) ([]ledger.Head, error) { return nil, fmt.Errorf("list the ledgers: %w", err) }
	ends, err := s.Read().ListLedgerEnds(ctx)
	if err != nil {
		return fail(err)
	}
	known := map[int64]bool{}
	var all []ledger.Head
	for _, end := range ends {
		known[end.Installation] = true
		all = append(all, ledger.Head{Installation: end.Installation, Sequence: end.Seq, Hash: end.Hash})
	}
	for after := int64(math.MinInt64); ; {
		next, err := s.Read().NextLedger(ctx, after)
		if Missing(err) {
			break
		}
		if err != nil {
			return fail(err)
		}
		if !known[next] {
			all = append(all, ledger.Head{Installation: next})
		}
		after = next
	}
	slices.SortFunc(all, func(a, b ledger.Head) int { return cmp.Compare(a.Installation, b.Installation) })
	return all, nil
}

// LedgerEntry returns the entry of a sequence number, or an error that wraps
// io/fs.ErrNotExist.
func (s *Store) LedgerEntry(ctx context.Context, installation, sequence int64) (ledger.Entry, error) {
	rows, err := s.Read().ListLedger(ctx, installation, sequence-1, 1)
	if err == nil && (len(rows) == 0 || rows[0].Seq != sequence) {
		err = fs.ErrNotExist
	}
	if err != nil {
		return ledger.Entry{}, fmt.Errorf("get entry %d of installation %d: %w", sequence, installation, err)
	}
	return ledgerEntry(rows[0]), nil
}

// LedgerOnce is LedgerEntry by the name of an entry, in any installation.
func (s *Store) LedgerOnce(ctx context.Context, once string) (ledger.Entry, error) {
	fail := func(err error) (ledger.Entry, error) {
		return ledger.Entry{}, fmt.Errorf("get the entry %s: %w", once, err)
	}
	ledgers, err := s.Ledgers(ctx)
	if err != nil {
		return fail(err)
	}
	for _, ledger := range ledgers {
		row, err := s.Read().GetLedgerOnce(ctx, ledger.Installation, Clean(once))
		if Missing(err) {
			continue
		}
		if err != nil {
			return fail(err)
		}
		return ledgerEntry(row), nil
	}
	return fail(fs.ErrNotExist)
}

// LedgerFacts lists the deployments of a repository and their verdicts since a time, in
// the order in which they were written.
func (s *Store) LedgerFacts(ctx context.Context, repo contracts.RepositoryRef, since time.Time) ([]ledger.Entry, error) {
	var entries []ledger.Entry
	for after := int64(0); ; {
		rows, err := s.Read().ListLedgerFacts(ctx, sqlc.ListLedgerFactsParams{
			Installation: repo.Installation, Repository: repo.ID, At: milliseconds(since), Seq: after, Limit: ledgerPage,
		})
		if err != nil {
			return nil, fmt.Errorf("read the deployments of %s in the ledger: %w", repo.FullName(), err)
		}
		for _, row := range rows {
			after = row.Seq
			entries = append(entries, ledgerEntry(row))
		}
		if len(rows) < ledgerPage {
			return entries, nil
		}
	}
}

// LedgerOf returns the entries about one repository after a sequence number, in order.
func (s *Store) LedgerOf(ctx context.Context, repo contracts.RepositoryRef, after int64) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for {
			rows, err := s.Read().ListLedgerOf(ctx, sqlc.ListLedgerOfParams{Installation: repo.Installation, Repository: repo.ID, Seq: after, Limit: ledgerPage})
			if err != nil {
				yield(ledger.Entry{}, fmt.Errorf("read the ledger of %s: %w", repo.FullName(), err))
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

// LedgerBefore returns the entries of an installation before a sequence number, the newest
// first.
func (s *Store) LedgerBefore(ctx context.Context, installation, before int64) iter.Seq2[ledger.Entry, error] {
	return func(yield func(ledger.Entry, error) bool) {
		for {
			rows, err := s.Read().ListNewestLedger(ctx, installation, before, ledgerPage)
			if err != nil {
				yield(ledger.Entry{}, fmt.Errorf("read the ledger: %w", err))
				return
			}
			for _, row := range rows {
				before = row.Seq
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

func ledgerEntry(row sqlc.Ledger) ledger.Entry {
	entry := ledger.Entry{
		Sequence: row.Seq, Installation: row.Installation, At: fromMilliseconds(row.At), Kind: ledger.EntryKind(row.Kind), Repository: row.Repository,
		Component: row.Component, Environment: row.Environment, Commit: row.CommitSha, Actor: row.Actor, Once: row.Once,
		Previous: row.Previous, Hash: row.Hash,
	}
	if row.Body != "" {
		entry.Body = json.RawMessage(row.Body)
	}
	return entry
}

// AuditLedger checks the ledger of an installation from its first entry to its end, and
// against the heads that were noted elsewhere. Entries that are added meanwhile are
// checked as well. far, which may be nil, is called with the progress and the number of
// entries.
//
// The head is the last intact entry, to be noted. The error is a [*ledger.Fault]
// if the ledger is not what was written; any other error means that it could not be
// read.
func (s *Store) AuditLedger(ctx context.Context, installation int64, noted []ledger.Head, far func(seq, end int64)) (ledger.Head, error) {
	audit := ledger.NewAudit(installation, noted)
	// Start below the first entry, to find entries that were inserted before it.
	for after := int64(math.MinInt64); ; {
		entries, end, err := s.LedgerPage(ctx, installation, after)
		if err != nil {
			return audit.Last(), err
		}
		for _, entry := range entries {
			if err := audit.Entry(entry); err != nil {
				return audit.Last(), err
			}
			after = entry.Sequence
		}
		if len(entries) == 0 {
			return audit.Last(), audit.End(end)
		}
		if far != nil {
			far(after, max(end.Sequence, after))
		}
	}
}
