package journal_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/server/store"
	"plimsoll/server/store/journal"
	"plimsoll/server/store/storetest"
)

// A server has the file open. What was copied of it is opened elsewhere.
func TestCopyWithoutWAL(t *testing.T) {
	file := strings.TrimPrefix(storetest.SQLite(t), "sqlite:")
	s, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + file})
	if err != nil {
		t.Fatal(err)
	}
	name(t, s, "acme")
	alone, beside := copied(t, file, ""), copied(t, file, "", "-wal")
	killed := copied(t, file, "", "-wal", "-shm", ".lock")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	stopped := copied(t, file, "")
	another := map[string]func(context.Context, store.Options) (*store.Store, error){"write": store.Open, "write beside": store.OpenBeside, "read": store.OpenReading}
	for how, open := range another {
		_, err := open(t.Context(), store.Options{DSN: "sqlite:" + alone})
		if !errors.Is(err, journal.ErrNoWAL) || !strings.Contains(err.Error(), "backup --without-wal --database sqlite:plimsoll.db") {
			t.Errorf("%s a copy without its log: %v", how, err)
		}
	}
	for what, file := range map[string]string{"with its log": beside, "of a killed server": killed, "of a stopped server": stopped} {
		if got := names(t, file); got != 1 {
			t.Errorf("%s: %d names, expected 1", what, got)
		}
	}
}

// After kill -9, another program opens the file and closes it: SQLite then writes the log into
// the file and removes it. Nothing is missing, so the server starts.
func TestAnotherProgramClosesTheFile(t *testing.T) {
	file := strings.TrimPrefix(storetest.SQLite(t), "sqlite:")
	s, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + file})
	if err != nil {
		t.Fatal(err)
	}
	name(t, s, "acme")
	killed := copied(t, file, "", "-wal", ".lock")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", killed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), "DELETE FROM goose_db_version WHERE version_id < 0"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(killed + "-wal"); err == nil {
		t.Fatal("the log is still there: the test shows nothing")
	}
	if got := names(t, killed); got != 1 {
		t.Errorf("%d names, expected 1", got)
	}
	if got := names(t, killed); got != 1 {
		t.Errorf("a second start: %d names, expected 1", got)
	}
}

// An older copy without its log is refused in the place of the database, too, where the lock of
// a later server is.
func TestCopyInTheOriginalsPlace(t *testing.T) {
	file := strings.TrimPrefix(storetest.SQLite(t), "sqlite:")
	s, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + file})
	if err != nil {
		t.Fatal(err)
	}
	name(t, s, "acme")
	alone := copied(t, file, "")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if got := names(t, file); got != 1 { // a later server
		t.Fatalf("%d names, expected 1", got)
	}
	content, err := os.ReadFile(alone)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + file}); !errors.Is(err, journal.ErrNoWAL) {
		t.Errorf("got %v, expected %v", err, journal.ErrNoWAL)
	}
}

func TestCheckOtherFiles(t *testing.T) {
	folder := t.TempDir()
	for content, want := range map[string]error{"": nil, "SQLite": journal.ErrNotSQLite, strings.Repeat("x", 200): journal.ErrNotSQLite} {
		file := filepath.Join(folder, fmt.Sprint(len(content)))
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := journal.Check(file); !errors.Is(err, want) {
			t.Errorf("%d bytes: %v, expected %v", len(content), err, want)
		}
	}
	if err := journal.Check(filepath.Join(folder, "none")); err != nil {
		t.Errorf("no file: %v", err)
	}
}

// copied copies what lies beside a file under these endings.
func copied(t *testing.T, file string, endings ...string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "plimsoll.db")
	for _, ending := range endings {
		content, err := os.ReadFile(file + ending)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to+ending, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func name(t *testing.T, s *store.Store, name string) {
	t.Helper()
	if err := s.NameAccounts(t.Context(), []store.NamedAccount{{Name: name}}); err != nil {
		t.Fatal(err)
	}
}

// names counts the names, and opens the file as a server does.
func names(t *testing.T, file string) (n int) {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + file})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM named_accounts").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
