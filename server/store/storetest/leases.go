package storetest

import (
	"database/sql"
	"errors"
	"strings"
	"testing"
)

// EndLeases ends the leases of every job, as time does: call it after the last process
// that shares the database was killed. On SQLite it does nothing, because the next process
// does it.
func EndLeases(tb testing.TB, dsn string) {
	tb.Helper()
	if strings.HasPrefix(dsn, "sqlite:") {
		return
	}
	db, err := sql.Open("pgx", dsn)
	if err == nil {
		_, err = db.ExecContext(tb.Context(), "UPDATE jobs SET run_at = 0 WHERE state = 'running'")
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		tb.Fatalf("end the leases: %v", err)
	}
}
