package server_test

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"plimsoll/server/store/backup"
	"plimsoll/server/store/storetest"
	"plimsoll/server/testbed"
	"plimsoll/server/testbed/testbedtest"
)

// A server on a restored backup answers what the server answered that was running when the
// backup was made, and writes nothing to GitHub that is there already.
func TestRestoredServerAnswersTheSame(t *testing.T) {
	everyDatabase(t, func(t *testing.T, w *live) {
		a := newAsking(w)
		pull := w.dropPrice()
		a.Settle()
		ask := func(a *asking) string {
			t.Helper()
			a.text.Reset()
			a.deploy(a.ana, a.shop, a.shop.Head("drop-price"), "production")
			a.get(a.ana, "can-remove", "api", "acme/shop/shop", "operation", "getItem", "field", "price")
			a.get(a.ana, "apis/acme/shop/shop/consumers")
			a.get(a.cleo, "apis/acme/shop/shop/consumers")
			a.get(a.ana, "deployments", "repository", "acme/web")
			a.get(a.ana, "ledger", "repository", "acme/web")
			return a.text.String()
		}
		before, written := ask(a), standing(pull)
		restored := restoredFrom(t, w.dsn, w.StopServer)
		a.world.Testbed = testbedtest.Open(t, testbed.Options{DSN: restored, GitHub: w.GitHub, Queue: brisk()})
		if after := ask(a); after != before {
			t.Errorf("after the restore:\n%s\nbefore:\n%s", after, before)
		}
		pull.Close()
		pull.Reopen()
		a.Settle()
		if after := standing(pull); !maps.Equal(after, written) || written["comments"] != 1 {
			t.Errorf("after the restore there are %v, before %v", after, written)
		}
	})
}

// restoredFrom backs up a database in use, ends its server, and gives a restored database.
func restoredFrom(t *testing.T, dsn string, stop func() error) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "backup")
	file, isFile := strings.CutPrefix(dsn, "sqlite:")
	var err error
	if isFile {
		err = backup.SQLite(t.Context(), file, to, backup.Options{})
	} else {
		err = backup.PostgreSQL(t.Context(), dsn, to)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	if isFile {
		restored := storetest.NewSQLite(t)
		if err := os.Rename(to, strings.TrimPrefix(restored, "sqlite:")); err != nil {
			t.Fatal(err)
		}
		return restored
	}
	restored := storetest.Postgres(t)
	if _, err := storetest.Raw(t, restored).ExecContext(t.Context(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.CommandContext(t.Context(), "pg_restore", "--no-owner", "--single-transaction", "--dbname="+restored, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	return restored
}
