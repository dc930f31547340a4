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
	_ "modernc.org/sqlite" // the driver "sqlite"

	"plimsoll/server/store/filelock"
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
	if s.write, err = sql.Open("sqlite", fileDSN(path, write)); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	s.write.SetMaxOpenConns(1)
	if err := migrate(ctx, s.write, goose.DialectSQLite3); err != nil {
		return err
	}
	if s.read, err = sql.Open("sqlite", fileDSN(path, read)); err != nil {
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
		err = errors.Join(s.closePools(), s.lock.Close())
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
