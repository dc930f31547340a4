package backup_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"plimsoll/server/store"
	"plimsoll/server/store/backup"
)

// A copy that is made while rows are written opens as a database, and holds everything that
// was committed before it began.
func TestBackupUnderWrites(t *testing.T) {
	folder := t.TempDir()
	from, to := filepath.Join(folder, "plimsoll.db"), filepath.Join(folder, "copy.db")
	s, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + from})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	write := func(name string) {
		if err := s.NameAccounts(t.Context(), []store.NamedAccount{{Name: name}}); err != nil {
			t.Error(err)
		}
	}
	write("before")
	ctx, stop := context.WithCancel(t.Context())
	var writing sync.WaitGroup
	writing.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			write("during" + strings.Repeat("x", i%7))
		}
	})
	err = backup.SQLite(t.Context(), from, to)
	stop()
	writing.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	restored, err := store.Open(t.Context(), store.Options{DSN: "sqlite:" + to})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = restored.Close() }()
	if _, err := restored.NamesTaken(t.Context()); err != nil {
		t.Error(err)
	}
	if left, err := filepath.Glob(filepath.Join(folder, ".plimsoll-backup-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if err := backup.SQLite(t.Context(), from, to); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("over an earlier copy: %v", err)
	}
	if err := backup.SQLite(t.Context(), filepath.Join(folder, "gone.db"), filepath.Join(folder, "x")); err == nil {
		t.Error("a database that is not there")
	}
}
