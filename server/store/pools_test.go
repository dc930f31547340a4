package store_test

import (
	"os"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"plimsoll/server/store"
	"plimsoll/server/store/storetest"
)

// The jobs of a database that was written before there were pools are kept, and the
// observations among them are in their pool.
func TestJobsWrittenBeforePools(t *testing.T) {
	dsn := storetest.NewSQLite(t)
	db := rawDB(t, dsn)
	migrations, err := goose.NewProvider(goose.DialectSQLite3, db, os.DirFS("migrations"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migrations.UpTo(t.Context(), 14); err != nil {
		t.Fatal(err)
	}
	insert := `INSERT INTO jobs (id, installation, kind, key, dedupe, args, state, attempt, failures, run_at, owner, last_error, created_at, updated_at)
		VALUES ('%', 1, '%', '%', '%', '{}', 'ready', 0, 0, 5, '', '', 5, 5)`
	for _, kind := range []string{"verify", "event/push"} {
		execute(t, db, strings.ReplaceAll(insert, "%", kind))
	}
	s := storetest.Open(t, store.Options{DSN: dsn})
	for kind, pool := range map[string]string{"verify": "observations", "event/push": ""} {
		job, err := s.Read().GetJob(t.Context(), kind)
		if err != nil || job.Pool != pool || job.State != "ready" {
			t.Errorf("%+v, %v, expected it in the pool %q", job, err, pool)
		}
	}
}
