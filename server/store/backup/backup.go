// Package backup copies a database while a server writes to it, and checks copies.
//
// It must not know what the rows mean.
package backup

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver

	"plimsoll/server/store/journal"
)

// Options of a backup.
type Options struct {
	// WithoutWAL takes over a SQLite file that was copied without its write-ahead log.
	WithoutWAL bool
}

// SQLite writes a copy of a database file to a file that does not exist yet: one consistent
// state, checked before the file gets its name.
func SQLite(ctx context.Context, from, to string, opts Options) error {
	if _, err := os.Stat(from); err != nil {
		return err
	}
	if err := journal.Check(from); err != nil && (!opts.WithoutWAL || !errors.Is(err, journal.ErrNoWAL)) {
		return err
	}
	return intoPlace(to, func(made string) error {
		if err := run(ctx, from, "ro", func(db *sql.DB) error {
			_, err := db.ExecContext(ctx, "VACUUM INTO ?", made)
			return err
		}); err != nil {
			return fmt.Errorf("copy the database: %w", err)
		}
		// The mark of the server that has the original open.
		if err := run(ctx, made, "rw", func(db *sql.DB) error { return journal.End(ctx, db) }); err != nil {
			return fmt.Errorf("finish the copy: %w", err)
		}
		if err := checkSQLite(ctx, made); err != nil {
			return fmt.Errorf("check the copy: %w", err)
		}
		return nil
	})
}

// intoPlace makes a file under another name and gives it its own when it is whole and on disk.
func intoPlace(to string, write func(made string) error) (err error) {
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
	made := filepath.Join(folder, "copy")
	if err := write(made); err != nil {
		return err
	}
	if err := os.Chmod(made, 0o600); err != nil {
		return err
	}
	if err := sync(made); err != nil {
		return err
	}
	if err := name(made, to); err != nil {
		return err
	}
	return sync(filepath.Dir(to))
}

// name gives a file its name and replaces nothing.
func name(made, to string) error {
	err := os.Link(made, to)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	if _, err := os.Lstat(to); err == nil { // file systems without links: shares, FAT
		return fmt.Errorf("%s exists already: name a new file", to)
	}
	return os.Rename(made, to)
}

func run(ctx context.Context, file, mode string, do func(*sql.DB) error) (err error) {
	absolute, err := filepath.Abs(file)
	if err != nil {
		return err
	}
	query := url.Values{"mode": {mode}, "_busy_timeout": {"10000"}}
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", OmitHost: true, Path: filepath.ToSlash(absolute), RawQuery: query.Encode()}).String())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	db.SetMaxOpenConns(1)
	return do(db)
}

func sync(name string) error {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}
