package store

import (
	"cmp"
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrationFiles embed.FS

// migrate brings the database to the version of this program. On PostgreSQL, replicas
// that start together wait for each other.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect) error {
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
	var has int64
	row := db.QueryRowContext(ctx, "SELECT version_id FROM goose_db_version WHERE is_applied ORDER BY version_id DESC LIMIT 1")
	if err := row.Scan(&has); err != nil {
		return fmt.Errorf("it can't be reached, or is no database of Plimsoll's: %w", err)
	}
	needs, err := newestMigration()
	if err != nil {
		return err
	}
	if has < needs {
		return fmt.Errorf("its tables are of version %d, and this program reads version %d: start the server of this version once", has, needs)
	}
	return nil
}
