package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

func TestBackupCommand(t *testing.T) {
	storetest.EachDSN(t, func(t *testing.T, dsn string) {
		s := storetest.Open(t, store.Options{DSN: dsn})
		to := filepath.Join(t.TempDir(), "backup")
		env := map[string]string{"PLIMSOLL_DATABASE": dsn}
		if said := asked(t, env, "backup", to); !strings.Contains(said, "Backed up ") || !strings.HasSuffix(said, "[0]\n\n") {
			t.Error(said)
		}
		if said := asked(t, env, "backup", to); !strings.Contains(said, "no backup was made: "+to+" exists already: name a new file") || !strings.HasSuffix(said, "[2]\n\n") {
			t.Error(said)
		}
		status, said, _ := runLine(t, "restore", "--check", to)
		want := to + " can be restored. It is a complete dump of a PostgreSQL database. The server checks the version of its tables when it starts.\n"
		if file, ok := strings.CutPrefix(dsn, "sqlite:"); ok {
			want = to + " can be restored. It is a complete SQLite database with tables of version "
			alone := filepath.Join(t.TempDir(), "plimsoll.db")
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(alone, content, 0o600); err != nil {
				t.Fatal(err)
			}
			status, said, _ := runLine(t, "restore", "--check", alone)
			if status != terminal.No || !strings.Contains(said, "plimsoll.db can't be restored: copied without its write-ahead log: plimsoll.db-wal is missing") {
				t.Errorf("without its log: %d, %s", status, said)
			}
		}
		if status != terminal.Fine || !strings.HasPrefix(said, want) {
			t.Errorf("%d, %s; expected %s", status, said, want)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRestoreOnlyChecks(t *testing.T) {
	status, _, said := runLine(t, "restore", "backup.db")
	if status != terminal.Bad || !strings.Contains(said, "restore --check backup.db") {
		t.Errorf("%d, %s", status, said)
	}
}
