package storetest

import (
	"errors"
	"os"
	"sync"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Env names a PostgreSQL server to use in place of a throwaway one. Its user must
// be allowed to create databases.
const Env = "PLIMSOLL_TEST_POSTGRES"

// errNotInstalled means that there is no PostgreSQL to start.
var errNotInstalled = errors.New("PostgreSQL is not installed: apt-get install postgresql, or set " + Env + " to the URL of a server")

// Postgres gives the DSN of an empty, migrated database, dropped when the test
// ends. Without PostgreSQL the test is skipped, or fails under CI=true.
func Postgres(tb testing.TB) (dsn string) {
	tb.Helper()
	if dsn := os.Getenv(Env); dsn != "" {
		return database(tb, dsn)
	}
	return database(tb, start(tb, quick))
}

// DurablePostgres is Postgres on a server that syncs every commit to disk, as
// PostgreSQL does by default: for benchmarks.
func DurablePostgres(tb testing.TB) (dsn string) {
	tb.Helper()
	return database(tb, start(tb, durable))
}

func start(tb testing.TB, server func() (string, error)) string {
	tb.Helper()
	dsn, err := server()
	if errors.Is(err, errNotInstalled) && os.Getenv("CI") != "true" {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	return dsn
}

var (
	quick = sync.OnceValues(func() (string, error) {
		return startServer("fsync=off", "synchronous_commit=off", "full_page_writes=off")
	})
	durable = sync.OnceValues(func() (string, error) { return startServer() })
)

// database gives a database of the server: one that an earlier test left, emptied,
// or a new one, copied from the server's template.
func database(tb testing.TB, server string) string {
	tb.Helper()
	pool := poolOf(server)
	name, err := pool.take()
	if err != nil {
		tb.Fatalf("make a database: %v", err)
	}
	tb.Cleanup(func() {
		if err := pool.giveBack(name); err != nil {
			tb.Errorf("empty the database: %v", err)
		}
	})
	return withDatabase(server, name)
}
