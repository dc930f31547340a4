package storetest

import (
	"database/sql"
	"flag"
	"strings"
	"testing"

	"plimsoll/server/store"
)

// Each runs test on SQLite and on PostgreSQL, each on an empty database.
func Each(t *testing.T, test func(t *testing.T, s *store.Store)) {
	t.Helper()
	EachDSN(t, func(t *testing.T, dsn string) {
		test(t, Open(t, store.Options{DSN: dsn}))
	})
}

// EachDSN is Each for tests that open the database themselves. The two run beside
// each other, after the function that calls EachDSN has returned: they share nothing
// that one of them changes.
func EachDSN(t *testing.T, test func(t *testing.T, dsn string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		beside(t)
		test(t, SQLite(t))
	})
	t.Run("postgres", func(t *testing.T) {
		beside(t)
		test(t, Postgres(t))
	})
}

// beside lets a test run beside others, unless golden files are written: both would
// write the same.
func beside(t *testing.T) {
	if update := flag.Lookup("update"); update == nil || update.Value.String() != "true" {
		t.Parallel()
	}
}

// Open opens a store that is closed when the test ends.
func Open(tb testing.TB, opts store.Options) *store.Store {
	tb.Helper()
	s, err := store.Open(tb.Context(), opts)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Errorf("close the store: %v", err)
		}
	})
	return s
}

// Raw opens a database beside the store, for what the store has no method for.
func Raw(tb testing.TB, dsn string) *sql.DB {
	tb.Helper()
	driver, name := "pgx", dsn
	if file, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
		driver, name = "sqlite", file
	}
	db, err := sql.Open(driver, name)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() }) // every statement is committed
	return db
}
