package backup_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"plimsoll/server/store"
	"plimsoll/server/store/backup"
	"plimsoll/server/store/journal"
	"plimsoll/server/store/sqlc"
	"plimsoll/server/store/storetest"
)

// A copy that is made while rows are written opens as a database, and holds everything that
// was committed before it began.
func TestBackupUnderWrites(t *testing.T) {
	folder := t.TempDir()
	from, to := strings.TrimPrefix(storetest.SQLite(t), "sqlite:"), filepath.Join(folder, "copy.db")
	s := storetest.Open(t, store.Options{DSN: "sqlite:" + from})
	write(t, s, "before")
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			write(t, s, "during"+strings.Repeat("x", i%7))
		}
	})
	err := backup.SQLite(t.Context(), from, to, backup.Options{})
	stop()
	writing.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	if report, err := backup.Check(t.Context(), to); err != nil || report.Kind != backup.KindSQLite || report.Has != report.Needs {
		t.Errorf("%+v, %v", report, err)
	}
	if rows := deliveries(t, "sqlite:"+to); rows["before"] != 1 {
		t.Errorf("what was written before is missing: %v", rows)
	}
	nothingLeft(t, folder)
	if err := backup.SQLite(t.Context(), from, to, backup.Options{}); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("over an earlier copy: %v", err)
	}
	if err := backup.SQLite(t.Context(), filepath.Join(folder, "gone.db"), filepath.Join(folder, "x"), backup.Options{}); err == nil {
		t.Error("a database that is not there")
	}
}

// A copy that is cut off ends without a file, as does one of another program's database.
func TestBackupThatEnds(t *testing.T) {
	folder := t.TempDir()
	from, to := strings.TrimPrefix(storetest.SQLite(t), "sqlite:"), filepath.Join(folder, "copy.db")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := backup.SQLite(ctx, from, to, backup.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, expected %v", err, context.Canceled)
	}
	other := filepath.Join(folder, "other.db")
	if err := os.WriteFile(other, []byte(strings.Repeat("text ", 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := backup.SQLite(t.Context(), other, to, backup.Options{}); !errors.Is(err, journal.ErrNotSQLite) {
		t.Errorf("a text: %v", err)
	}
	if _, err := os.Lstat(to); err == nil {
		t.Error("there is a file")
	}
	nothingLeft(t, folder)
}

// What is left after a copy without its log is taken over where somebody says so.
func TestBackupWithoutWAL(t *testing.T) {
	folder := t.TempDir()
	from := strings.TrimPrefix(storetest.SQLite(t), "sqlite:")
	s := storetest.Open(t, store.Options{DSN: "sqlite:" + from})
	write(t, s, "kept back")
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	alone, to := filepath.Join(folder, "plimsoll.db"), filepath.Join(folder, "whole.db")
	if err := os.WriteFile(alone, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := backup.SQLite(t.Context(), alone, to, backup.Options{}); !errors.Is(err, journal.ErrNoWAL) {
		t.Errorf("got %v, expected %v", err, journal.ErrNoWAL)
	}
	if _, err := backup.Check(t.Context(), alone); !errors.Is(err, journal.ErrNoWAL) {
		t.Errorf("checked: %v, expected %v", err, journal.ErrNoWAL)
	}
	if err := backup.SQLite(t.Context(), alone, to, backup.Options{WithoutWAL: true}); err != nil {
		t.Fatal(err)
	}
	if rows := deliveries(t, "sqlite:"+to); len(rows) != 0 {
		t.Errorf("the copy holds %v, which was in the log: the test shows nothing", rows)
	}
}

// Check refuses everything that can't be restored, and says why.
func TestCheckRefuses(t *testing.T) {
	folder := t.TempDir()
	from := strings.TrimPrefix(storetest.SQLite(t), "sqlite:")
	content, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	torn := []byte(strings.Clone(string(content)))
	for i := 4096; i < 8192; i++ {
		torn[i] = 0xff
	}
	newer := storetest.SQLite(t)
	execute(t, newer, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	newerContent, err := os.ReadFile(strings.TrimPrefix(newer, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct{ content, says string }{
		"empty":        {"", "neither a SQLite database nor a dump"},
		"text":         {strings.Repeat("text ", 100), "neither a SQLite database nor a dump"},
		"cut":          {string(content[:len(content)/2]), "damaged"},
		"overwritten":  {string(torn), "damaged"},
		"newer":        {string(newerContent), "newer version"},
		"half a dump":  {"PGDMP\x01\x0f\x00", "pg_restore"},
		"other tables": {otherTables(t), "not a Plimsoll database"},
	} {
		file := filepath.Join(folder, name)
		if err := os.WriteFile(file, []byte(tc.content), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := backup.Check(t.Context(), file); err == nil || !strings.Contains(err.Error(), tc.says) {
			t.Errorf("%s: got %v, expected it to say %q", name, err, tc.says)
		}
	}
	if _, err := backup.Check(t.Context(), filepath.Join(folder, "gone")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

func otherTables(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "other.db")
	execute(t, "sqlite:"+file, "CREATE TABLE books (title TEXT)")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// write stores a delivery.
func write(t *testing.T, s *store.Store, id string) {
	err := s.Tx(context.WithoutCancel(t.Context()), func(ctx context.Context, q *sqlc.Queries) error {
		_, err := store.InsertDelivery(ctx, q, store.Delivery{ID: id, Event: "push", Body: []byte(strings.Repeat("{}", 500))})
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// deliveries counts the rows by id, after the database was opened as a server does.
func deliveries(t *testing.T, dsn string) map[string]int {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, id := range column(t, dsn, "SELECT id FROM deliveries") {
		counts[id]++
	}
	return counts
}

func nothingLeft(t *testing.T, folder string) {
	t.Helper()
	if left, err := filepath.Glob(filepath.Join(folder, ".plimsoll-backup-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func execute(t *testing.T, dsn, statement string) {
	t.Helper()
	db := storetest.Raw(t, dsn)
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func column(t *testing.T, dsn, query string) (all []string) {
	t.Helper()
	rows, err := storetest.Raw(t, dsn).QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			t.Fatal(err)
		}
		all = append(all, text)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}
