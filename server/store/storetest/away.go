package storetest

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Away takes a database away from the processes that use it, and returns a function that
// brings it back: PostgreSQL ends their connections and refuses new ones, and in SQLite's file
// no table is where it was.
func Away(t *testing.T, dsn string) (back func()) {
	t.Helper()
	if strings.HasPrefix(dsn, "sqlite:") {
		move := func(from, to string) {
			withRaw(t, dsn, func(db *sql.DB, tables []string) {
				db.SetMaxOpenConns(1) // the setting is that of a connection
				statements := []string{"PRAGMA busy_timeout = 10000", "BEGIN IMMEDIATE"}
				for _, table := range tables {
					table = strings.TrimSuffix(table, "_away")
					statements = append(statements, "ALTER TABLE "+table+from+" RENAME TO "+table+to)
				}
				for _, statement := range append(statements, "COMMIT") {
					run(t, db, statement)
				}
			})
		}
		move("", "_away")
		return func() { t.Helper(); move("_away", "") }
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	name := pgx.Identifier{config.Database}.Sanitize()
	db := openRaw(t, "pgx", withDatabase(dsn, "postgres"))
	run(t, db, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS false")
	run(t, db, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", config.Database)
	return func() { t.Helper(); run(t, db, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true") }
}
