package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/pressly/goose/v3"

	"plimsoll/server/store/filelock"
	"plimsoll/server/store/journal"
	"plimsoll/server/store/prepared"
	"plimsoll/server/store/sqlc"
)

// groupSize is how many transactions share one fsync at the most.
const groupSize = 128

// readCache is how much of the file each reading connection keeps, in KiB: what the
// consumers of one API take in a large organisation. SQLite's default is 2 MB.
const readCache = "cache_size(-24576)"

// sqlite is one file, owned by this process: one connection writes, a pool reads.
type sqlite struct {
	write, read *sql.DB
	clock       func() time.Time
	lock        *os.File

	queue  chan *groupEntry
	closed chan struct{}
	once   sync.Once
	writer sync.WaitGroup
}

// ErrLocked means that another process owns the database file.
var ErrLocked = errors.New("another process owns the database file")

// ErrClosed means that the store was closed.
var ErrClosed = errors.New("the store is closed")

func openSQLite(ctx context.Context, path string, opts Options) (*sqlite, error) {
	if path == "" {
		return nil, errors.New("sqlite: needs the path of a file")
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", path, err)
	}
	lock, err := filelock.Lock(absolute + ".lock")
	if errors.Is(err, filelock.ErrHeld) {
		err = fmt.Errorf("%w; stop it, or use postgres:// for several replicas", ErrLocked)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if err := journal.Check(absolute); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, err), lock.Close())
	}
	s := &sqlite{
		clock: opts.Clock, lock: lock,
		queue: make(chan *groupEntry, groupSize), closed: make(chan struct{}),
	}
	if s.clock == nil {
		s.clock = time.Now
	}
	if err := s.open(ctx, absolute, opts.Connections); err != nil {
		return nil, errors.Join(err, s.closePools(), lock.Close())
	}
	s.writer.Go(s.commitGroups)
	return s, nil
}

func (s *sqlite) open(ctx context.Context, path string, readers int) error {
	// It holds what private repositories sent: for the owner alone. SQLite gives
	// its side files the same rights.
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := file.Close(); err != nil {
		return err
	}
	if readers <= 0 {
		readers = 4
	}
	common := url.Values{
		"_busy_timeout": {"10000"}, "_foreign_keys": {"1"}, "_synchronous": {"FULL"},
	}
	write := url.Values{"_journal_mode": {"WAL"}, "_txlock": {"immediate"}}
	read := url.Values{"mode": {"ro"}, "_query_only": {"1"}, "_pragma": {readCache}}
	for key, value := range common {
		write[key], read[key] = value, value
	}
	if s.write, err = prepared.Open(fileDSN(path, write)); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	s.write.SetMaxOpenConns(1)
	if err := migrate(ctx, s.write, goose.DialectSQLite3); err != nil {
		return err
	}
	if err := journal.Begin(ctx, s.write, s.lock); err != nil {
		return err
	}
	if s.read, err = prepared.Open(fileDSN(path, read)); err != nil {
		return fmt.Errorf("open %s for reading: %w", path, err)
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	if err := s.read.PingContext(ctx); err != nil {
		return fmt.Errorf("open %s for reading: %w", path, err)
	}
	return nil
}

func fileDSN(path string, query url.Values) string {
	return (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(path), RawQuery: query.Encode()}).String()
}

func (s *sqlite) reader() *sql.DB { return s.read }

func (s *sqlite) now(context.Context) (time.Time, error) { return s.clock(), nil }

func (s *sqlite) closePools() error {
	var errs []error
	for _, db := range []*sql.DB{s.read, s.write} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

func (s *sqlite) close() error {
	var err error
	s.once.Do(func() {
		close(s.closed)
		s.writer.Wait()
		err = errors.Join(journal.End(context.Background(), s.write), s.closePools(), s.lock.Close())
	})
	return err
}

var _ backend = (*sqlite)(nil)

// groupEntry is one transaction that waits for its turn.
type groupEntry struct {
	ctx  context.Context
	fn   func(context.Context, *sqlc.Queries) error
	done chan error
}

// transact hands fn to the writer and waits until its group is on disk. Once the writer has
// begun, transact waits for the result even if ctx ends: it never reports a failure of
// something that was stored.
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

// commitGroups is the writer: everything that waits while a group is synced to disk is the
// next group.
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
