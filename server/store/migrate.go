package store

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	sqlitedriver "modernc.org/sqlite"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrate brings the database to the version of this program. On PostgreSQL, replicas
// that start together wait for each other.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect) error {
	needs, err := newestMigration()
	if err != nil {
		return err
	}
	// goose ignores a newer database. A database without a version is new. Anything else
	// that is wrong with it is found by migrating.
	if has, err := databaseVersion(ctx, db); err == nil && has > needs {
		return TooNew(has, needs)
	}
	files, err := fs.Sub(migrationFiles, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	opts := []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if dialect == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
		if err != nil {
			return fmt.Errorf("make the migration lock: %w", err)
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, db, files, opts...)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// newestMigration is the version that migrate brings a database to.
func newestMigration() (int64, error) {
	files, err := fs.Glob(migrationFiles, "migrations/*.sql")
	if err != nil || len(files) == 0 {
		return 0, fmt.Errorf("read migrations: %w", cmp.Or(err, fs.ErrNotExist))
	}
	return goose.NumericComponent(files[len(files)-1]) // they are sorted by name
}

// migrated reports whether a database has every table that this program reads.
func migrated(ctx context.Context, db *sql.DB) error {
	has, err := databaseVersion(ctx, db)
	if err != nil {
		return fmt.Errorf("it is not a Plimsoll database, or can't be reached: %w", err)
	}
	needs, err := newestMigration()
	if err != nil {
		return err
	}
	switch {
	case has < needs:
		return fmt.Errorf("its tables have version %d, this program reads version %d: start the server of this version once to migrate them", has, needs)
	case has > needs:
		return TooNew(has, needs)
	}
	return nil
}

// ErrNoTables means that no server has used the database yet. The first one makes the tables.
var ErrNoTables = errors.New("it has no tables of Plimsoll yet")

// Schema tells which version the tables of a database have, and which one this program
// needs. It changes nothing. A database without tables gives [ErrNoTables].
func Schema(ctx context.Context, dsn string) (has, needs int64, err error) {
	db, err := openToRead(dsn)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if has, err = databaseVersion(ctx, db); noTables(err) {
		return 0, 0, fmt.Errorf("%w: %w", ErrNoTables, err)
	} else if err != nil {
		return 0, 0, fmt.Errorf("it is not a Plimsoll database, or can't be reached: %w", err)
	}
	needs, err = newestMigration()
	return has, needs, err
}

// databaseVersion is the newest migration that a database has.
func databaseVersion(ctx context.Context, db *sql.DB) (version int64, err error) {
	row := db.QueryRowContext(ctx, "SELECT version_id FROM goose_db_version WHERE is_applied ORDER BY version_id DESC LIMIT 1")
	return version, row.Scan(&version)
}

// undefinedTable is PostgreSQL's code of a table that is not there.
// https://www.postgresql.org/docs/current/errcodes-appendix.html
const undefinedTable = "42P01"

// noTables reports whether a question failed because the table is not there.
func noTables(err error) bool {
	if refused, ok := errors.AsType[*pgconn.PgError](err); ok {
		return refused.Code == undefinedTable
	}
	// SQLite has no code of its own for it.
	refused, ok := errors.AsType[*sqlitedriver.Error](err)
	return ok && strings.Contains(refused.Error(), "no such table")
}

// ErrTooNew means that a newer program has migrated the database.
var ErrTooNew = errors.New("a newer version of plimsoll has written the database")

// TooNew refuses a database whose tables this program does not know: it would write rows
// that the newer program can't read.
func TooNew(has, needs int64) error {
	return fmt.Errorf("%w: its tables have version %d, this program knows versions up to %d. "+
		"Start the newer plimsoll, or restore a backup from before the upgrade", ErrTooNew, has, needs)
}
