package backup

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"plimsoll/server/store"
	"plimsoll/server/store/journal"
)

// Kind is the database that a backup is of.
type Kind string

// The kinds of backups.
const (
	KindSQLite     Kind = "SQLite"
	KindPostgreSQL Kind = "PostgreSQL"
)

// Report says what a backup holds.
type Report struct {
	Kind Kind
	// Has is the version of the tables, Needs the one that this program works with. They are
	// not known of PostgreSQL's dumps.
	Has, Needs int64
	// Newest is when the last webhook in it was received; zero without one.
	Newest time.Time
}

// Refused is why a backup can't be restored.
type Refused struct{ reason error }

func (r *Refused) Error() string { return r.reason.Error() }

// Unwrap gives the reason.
func (r *Refused) Unwrap() error { return r.reason }

// Check reads a whole backup and reports what it holds. It changes nothing. A backup that
// can't be restored gives [Refused].
func Check(ctx context.Context, file string) (Report, error) {
	opened, err := os.Open(file)
	if err != nil {
		return Report{}, err
	}
	start := make([]byte, len(dumpMagic))
	_, err = io.ReadFull(opened, start)
	if err := errors.Join(err, opened.Close()); err != nil {
		return Report{}, &Refused{errNotBackup}
	}
	report := Report{Kind: KindPostgreSQL}
	if bytes.Equal(start, []byte(dumpMagic)) {
		err = checkDump(ctx, file)
	} else {
		report, err = reportSQLite(ctx, file)
	}
	if err != nil && ctx.Err() == nil && !errors.Is(err, errNoProgram) {
		err = &Refused{err}
	}
	return report, err
}

// dumpMagic begins every dump in pg_dump's custom format.
const dumpMagic = "PGDMP"

var errNotBackup = errors.New("it is neither a SQLite database nor a dump that pg_dump made with --format=custom")

func reportSQLite(ctx context.Context, file string) (Report, error) {
	report := Report{Kind: KindSQLite}
	err := journal.Check(file)
	if errors.Is(err, journal.ErrNotSQLite) {
		err = errNotBackup
	}
	if err != nil {
		return report, err
	}
	if err := checkSQLite(ctx, file); err != nil {
		return report, err
	}
	if report.Has, report.Needs, err = store.Schema(ctx, "sqlite:"+file); errors.Is(err, store.ErrNoTables) {
		return report, fmt.Errorf("it is not a Plimsoll database: %w", err)
	} else if err != nil {
		return report, err
	}
	if report.Has > report.Needs {
		return report, store.TooNew(report.Has, report.Needs)
	}
	err = run(ctx, file, "ro", func(db *sql.DB) error {
		var newest sql.NullInt64
		if err := db.QueryRowContext(ctx, "SELECT max(received_at) FROM deliveries").Scan(&newest); err != nil {
			return err
		}
		if newest.Valid {
			report.Newest = time.UnixMilli(newest.Int64).UTC()
		}
		return nil
	})
	return report, err
}

// mostFaults bounds how many faults SQLite lists.
const mostFaults = 5

// checkSQLite reads every page and every row of a file.
func checkSQLite(ctx context.Context, file string) error {
	return run(ctx, file, "ro", func(db *sql.DB) (err error) {
		rows, err := db.QueryContext(ctx, fmt.Sprintf("PRAGMA integrity_check(%d)", mostFaults))
		if err != nil {
			return fmt.Errorf("the file is damaged: %w", err)
		}
		defer func() { err = errors.Join(err, rows.Close()) }()
		var faults []error
		for rows.Next() {
			var text string
			if err := rows.Scan(&text); err != nil {
				return err
			}
			if text != "ok" {
				faults = append(faults, fmt.Errorf("the file is damaged: %s", text))
			}
		}
		if err := rows.Err(); err != nil {
			return fmt.Errorf("the file is damaged: %w", err)
		}
		return errors.Join(faults...)
	})
}
