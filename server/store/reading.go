package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"plimsoll/server/store/sqlc"
)

// OpenReading opens an existing database for reading only, also while a server uses it:
// it does not need the lock of an SQLite file. It migrates nothing, and refuses a
// database that an older program wrote last. Every write fails.
func OpenReading(ctx context.Context, opts Options) (*Store, error) {
	s := &Store{usages: newUsages()}
	path, isFile := strings.CutPrefix(opts.DSN, "sqlite:")
	var db *sql.DB
	var err error
	switch {
	case isFile:
		db, err = openSQLiteReading(path)
	case strings.HasPrefix(opts.DSN, "postgres://"), strings.HasPrefix(opts.DSN, "postgresql://"):
		db, err = openPostgresReading(opts.DSN)
	default:
		return nil, errUnknownDatabase
	}
	if err == nil {
		s.backend = &reading{db: db, clock: opts.Clock}
		if err = migrated(ctx, db); err != nil {
			err = errors.Join(err, db.Close())
		}
	}
	if err != nil {
		return nil, fmt.Errorf("open database for reading: %w", err)
	}
	return s, nil
}

func openSQLiteReading(path string) (*sql.DB, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", path, err)
	}
	if _, err := os.Stat(absolute); err != nil {
		return nil, err // SQLite's own word for it says less
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
