package storetest

import (
	"compress/gzip"
	"database/sql"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"
)

// EachEarlier runs test on every database in which an earlier version kept a story: as
// SQLite file and on PostgreSQL. folder is where its files are, dsn the database, not
// migrated yet.
func EachEarlier(t *testing.T, test func(t *testing.T, folder, dsn string)) {
	t.Helper()
	eachEarlier(t, "sqlite.gz", test)
}

// EachEarlierRows runs test on every database of an earlier version that holds the rows of
// TestWriteEarlierRows.
func EachEarlierRows(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	eachEarlier(t, "rows.gz", func(t *testing.T, _, dsn string) { test(t, dsn) })
}

func eachEarlier(t *testing.T, name string, test func(t *testing.T, folder, dsn string)) {
	t.Helper()
	kept, err := filepath.Glob(filepath.Join(storeFolder(), "testdata", "earlier", "*", name))
	if err != nil || len(kept) == 0 {
		t.Fatalf("no database of an earlier version: %v", err)
	}
	for _, zipped := range kept {
		folder := filepath.Dir(zipped)
		t.Run(filepath.Base(folder), func(t *testing.T) {
			EachDSN(t, func(t *testing.T, dsn string) {
				file, ok := strings.CutPrefix(dsn, "sqlite:")
				if !ok {
					file = filepath.Join(t.TempDir(), "earlier.db")
				}
				unzip(t, zipped, file)
				if !ok {
					copyRows(t, file, dsn)
				}
				test(t, folder, dsn)
			})
		})
	}
}

// storeFolder is the folder of package store, whatever package is tested.
func storeFolder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(filepath.Dir(file))
}

func unzip(t *testing.T, zipped, file string) {
	t.Helper()
	from, err := os.Open(zipped)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = from.Close() }() // it was only read
	zip, err := gzip.NewReader(from)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(zip)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// copyRows makes the tables of an SQLite file's version on PostgreSQL, and copies its rows.
func copyRows(t *testing.T, file, dsn string) {
	t.Helper()
	from, to := openRaw(t, "sqlite", file), openRaw(t, "pgx", dsn)
	var version int64
	if err := from.QueryRowContext(t.Context(), "SELECT max(version_id) FROM goose_db_version").Scan(&version); err != nil {
		t.Fatal(err)
	}
	// The database of a test is migrated to today's version.
	if _, err := to.ExecContext(t.Context(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
		t.Fatal(err)
	}
	migrations, err := goose.NewProvider(goose.DialectPostgres, to, os.DirFS(filepath.Join(storeFolder(), "migrations")))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migrations.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	tables, err := from.QueryContext(t.Context(), "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for tables.Next() {
		var name string
		if err := tables.Scan(&name); err != nil {
			t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := tables.Err(); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if err := copyTable(t, from, to, name); err != nil {
			t.Fatalf("copy %s: %v", name, err)
		}
	}
}

func copyTable(t *testing.T, from, to *sql.DB, table string) error {
	rows, err := from.QueryContext(t.Context(), "SELECT * FROM "+table)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }() // rows.Err tells what went wrong
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		return err
	}
	parameters, values, targets := make([]string, len(columns)), make([]any, len(columns)), make([]any, len(columns))
	for i := range columns {
		parameters[i], targets[i] = fmt.Sprintf("$%d", i+1), &values[i]
	}
	insert := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES (" + strings.Join(parameters, ", ") + ")"
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		for i, of := range types {
			switch value := values[i].(type) {
			case int64:
				if of.DatabaseTypeName() == "BOOLEAN" { // SQLite stores a number
					values[i] = value != 0
				}
			case []byte:
				values[i] = append([]byte{}, value...) // an empty one is nil, which means NULL
			}
		}
		if _, err := to.ExecContext(t.Context(), insert, values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

func openRaw(t *testing.T, driver, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
