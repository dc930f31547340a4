package backup_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/server/store"
	"plimsoll/server/store/backup"
	"plimsoll/server/store/storetest"
)

// A dump that is made while a server has the database open is restored with the command in
// docs/upgrade.md.
func TestDumpAndRestore(t *testing.T) {
	from := storetest.Postgres(t)
	needPrograms(t)
	to := filepath.Join(t.TempDir(), "copy.dump")
	s := storetest.Open(t, store.Options{DSN: from})
	write(t, s, "before")
	if err := backup.PostgreSQL(t.Context(), from, to); err != nil {
		t.Fatal(err)
	}
	if report, err := backup.Check(t.Context(), to); err != nil || report.Kind != backup.KindPostgreSQL {
		t.Errorf("%+v, %v", report, err)
	}
	write(t, s, "after")
	restored := storetest.Postgres(t)
	execute(t, restored, "DROP SCHEMA public CASCADE; CREATE SCHEMA public") // an empty database
	output, err := exec.CommandContext(t.Context(), "pg_restore", "--no-owner", "--single-transaction", "--dbname="+restored, to).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	if rows := deliveries(t, restored); rows["before"] != 1 || rows["after"] != 0 {
		t.Errorf("restored: %v", rows)
	}

	content, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to+".cut", content[:len(content)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Check(t.Context(), to+".cut"); err == nil {
		t.Error("half a dump passes")
	}
	if err := backup.PostgreSQL(t.Context(), from, to); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("over an earlier copy: %v", err)
	}
	failed := filepath.Join(filepath.Dir(to), "failed.dump")
	err = backup.PostgreSQL(t.Context(), "postgres://nobody:hidden-word@127.0.0.1:1/none", failed)
	if err == nil || !strings.Contains(err.Error(), "pg_dump failed") || strings.Contains(err.Error(), "hidden-word") {
		t.Errorf("a server that is not there: %v", err)
	}
	if _, err := os.Lstat(failed); err == nil {
		t.Error("there is a file")
	}
	nothingLeft(t, filepath.Dir(to))
}

func needPrograms(t *testing.T) {
	t.Helper()
	for _, name := range []string{"pg_dump", "pg_restore"} {
		if _, err := exec.LookPath(name); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
}

func TestWithoutPostgreSQLsPrograms(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	err := backup.PostgreSQL(t.Context(), "postgres://plimsoll@127.0.0.1/plimsoll", filepath.Join(t.TempDir(), "copy.dump"))
	if err == nil || !strings.Contains(err.Error(), "pg_dump: not found: install PostgreSQL's client programs") {
		t.Errorf("got %v", err)
	}
}
