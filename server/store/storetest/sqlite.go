package storetest

import (
	"context"
	"database/sql/driver"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"modernc.org/sqlite"

	"plimsoll/server/store"
)

// SQLite gives the DSN of an empty, migrated database, in a folder that is removed when
// the test ends. Except in benchmarks it is not synced to disk.
func SQLite(tb testing.TB) (dsn string) {
	tb.Helper()
	content, err := migratedFile()
	if err != nil {
		tb.Fatalf("make a database: %v", err)
	}
	dsn = NewSQLite(tb)
	if err := os.WriteFile(strings.TrimPrefix(dsn, "sqlite:"), content, 0o600); err != nil {
		tb.Fatal(err)
	}
	return dsn
}

// NewSQLite is SQLite for a database that does not exist yet.
func NewSQLite(tb testing.TB) (dsn string) {
	tb.Helper()
	name := unsynced
	if _, isBenchmark := tb.(*testing.B); isBenchmark {
		name = "plimsoll.db"
	}
	return "sqlite:" + filepath.Join(tb.TempDir(), name)
}

// unsynced names the files that are not synced to disk: a commit outlives its process all
// the same, and no test stops the machine. The name tells it to processes that a test starts.
const unsynced = "unsynced.db"

func init() {
	sqlite.RegisterConnectionHook(func(conn sqlite.ExecQuerierContext, dsn string) error {
		file, _, _ := strings.Cut(dsn, "?")
		if filepath.Base(file) != unsynced {
			return nil
		}
		_, err := conn.ExecContext(context.Background(), "PRAGMA synchronous = OFF", []driver.NamedValue{})
		return err
	})
}

// migratedFile is an empty, migrated database: making one takes longer than most tests.
var migratedFile = sync.OnceValues(func() (content []byte, err error) {
	folder, err := os.MkdirTemp("", "plimsoll-sqlite-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	file := filepath.Join(folder, unsynced)
	s, err := store.Open(context.Background(), store.Options{DSN: "sqlite:" + file})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})
