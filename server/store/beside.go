package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"plimsoll/server/store/journal"
	"plimsoll/server/store/sqlc"
)

// OpenBeside opens a database that is there, to change a little in it by hand, also
// beside a running server: it takes no lock of an SQLite file, whose transactions wait for
// the server's. It migrates nothing, and refuses a database that an older or a newer
// program wrote last. A queue must not be run on it.
func OpenBeside(ctx context.Context, opts Options) (*Store, error) {
	s := &Store{newID: func() string { return uuid.Must(uuid.NewV7()).String() }, usages: newUsages()}
	path, isFile := strings.CutPrefix(opts.DSN, "sqlite:")
	var err error
	switch {
	case isFile:
		s.backend, err = openSQLiteBeside(path, opts.Clock)
	case strings.HasPrefix(opts.DSN, "postgres://"), strings.HasPrefix(opts.DSN, "postgresql://"):
		s.backend, err = openPostgresBeside(opts.DSN, opts.Clock)
	default:
		return nil, errUnknownDatabase
	}
	if err == nil {
		if err = migrated(ctx, s.reader()); err != nil {
			err = errors.Join(err, s.close())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return s, nil
}

func openSQLiteBeside(path string, clock func() time.Time) (backend, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", path, err)
	}
	if _, err := os.Stat(absolute); err != nil {
		return nil, err // SQLite's own word for it says less
	}
	if err := journal.Check(absolute); err != nil {
		return nil, err
	}
	query := url.Values{"mode": {"rw"}, "_busy_timeout": {"10000"}, "_foreign_keys": {"1"}, "_synchronous": {"FULL"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", fileDSN(absolute, query))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	if clock == nil {
		clock = time.Now
	}
	return &beside{db: db, clock: clock}, nil
}

func openPostgresBeside(dsn string, clock func() time.Time) (backend, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("read the postgres URL: %w", err) // without the password
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "plimsoll"
	}
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(2)
	return &postgres{db: db, clock: clock}, nil
}

// beside is an SQLite file that another process may own.
type beside struct {
	db    *sql.DB
	clock func() time.Time
}

func (b *beside) transact(ctx context.Context, fn func(context.Context, *sqlc.Queries) error) error {
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit this does nothing
	if err := fn(ctx, sqlc.New(tx)); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (b *beside) reader() *sql.DB { return b.db }

func (b *beside) now(context.Context) (time.Time, error) { return b.clock(), nil }

func (b *beside) close() error { return b.db.Close() }

var _ backend = (*beside)(nil)

// OpenReading opens an existing database for reading only, also while a server uses it:
// it does not need the lock of an SQLite file. It migrates nothing, and refuses a
// database that an older or a newer program wrote last. Every write fails.
func OpenReading(ctx context.Context, opts Options) (*Store, error) {
	s := &Store{usages: newUsages()}
	db, err := openToRead(opts.DSN)
	if err == nil {
		s.backend = &reading{db: db, clock: opts.Clock}
		if err = migrated(ctx, db); err != nil {
			err = errors.Join(err, db.Close())
		}
	}
	if errors.Is(err, errUnknownDatabase) {
		return nil, err
	}
	if err != nil {
		if fault, ok := errors.AsType[*fs.PathError](err); ok {
			err = fault.Err // callers name the database
		}
		return nil, fmt.Errorf("can't read the database: %w", err)
	}
	return s, nil
}

func openToRead(dsn string) (*sql.DB, error) {
	path, isFile := strings.CutPrefix(dsn, "sqlite:")
	switch {
	case isFile:
		return openSQLiteReading(path)
	case strings.HasPrefix(dsn, "postgres://"), strings.HasPrefix(dsn, "postgresql://"):
		return openPostgresReading(dsn)
	}
	return nil, errUnknownDatabase
}

func openSQLiteReading(path string) (*sql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", path, err)
	}
	if _, err := os.Stat(absolute); err != nil {
		return nil, err // SQLite's own word for it says less
	}
	if err := journal.Check(absolute); err != nil {
		return nil, err
	}
	query := url.Values{"mode": {"ro"}, "_query_only": {"1"}, "_busy_timeout": {"10000"}, "_pragma": {readCache}}
	db, err := sql.Open("sqlite", fileDSN(absolute, query))
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	db.SetMaxOpenConns(2)
	return db, nil
}

func openPostgresReading(dsn string) (*sql.DB, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, fmt.Errorf("read the postgres URL: %w", err) // without the password
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "plimsoll"
	}
	config.RuntimeParams["default_transaction_read_only"] = "on"
	db := stdlib.OpenDB(*config)
	db.SetMaxOpenConns(2)
	return db, nil
}

// ErrReading means that a store was opened for reading only.
var ErrReading = errors.New("the database is open to read alone")

// reading is a database that another process may write meanwhile.
type reading struct {
	db    *sql.DB
	clock func() time.Time
}

func (r *reading) transact(context.Context, func(context.Context, *sqlc.Queries) error) error {
	return ErrReading
}

func (r *reading) reader() *sql.DB { return r.db }

func (r *reading) now(context.Context) (time.Time, error) {
	if r.clock != nil {
		return r.clock(), nil
	}
	return time.Now(), nil
}

func (r *reading) close() error { return r.db.Close() }

var _ backend = (*reading)(nil)
