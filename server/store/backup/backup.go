// Package backup copies a SQLite database while a server writes to it.
package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver
)

// SQLite writes a copy of a database file to a file that does not exist yet: one consistent
// state, checked before the file gets its name.
func SQLite(ctx context.Context, from, to string) (err error) {
	if _, err := os.Stat(from); err != nil {
		return err
	}
	if _, err := os.Lstat(to); err == nil {
		return fmt.Errorf("%s exists already: name a new file", to)
	}
	// In a folder of its own, which only its owner may read, so that nobody reads the copy
	// while it is made.
	folder, err := os.MkdirTemp(filepath.Dir(to), ".plimsoll-backup-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	made := filepath.Join(folder, "copy.db")
	if err := run(ctx, from, func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, "VACUUM INTO ?", made)
		return err
	}); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	if err := run(ctx, made, func(db *sql.DB) error { return check(ctx, db) }); err != nil {
		return fmt.Errorf("check the copy: %w", err)
	}
	if err := os.Chmod(made, 0o600); err != nil {
		return err
	}
	if err := sync(made); err != nil {
		return err
	}
	if err := os.Link(made, to); err != nil { // unlike Rename, it replaces nothing
		return err
	}
	return sync(filepath.Dir(to))
}

// run opens a database file to read.
func run(ctx context.Context, file string, do func(*sql.DB) error) (err error) {
	absolute, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	query := url.Values{"mode": {"ro"}, "_busy_timeout": {"10000"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(absolute), RawQuery: query.Encode()}).String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	return do(db)
}

func check(ctx context.Context, db *sql.DB) error {
	var result string
	if err := db.QueryRowContext(ctx, "PRAGMA integrity_check").Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		return errors.New(result)
	}
	return nil
}

func sync(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
