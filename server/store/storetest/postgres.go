package storetest

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/google/uuid"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"

	"plimsoll/server/store"
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

// database makes a database from the server's template.
func database(tb testing.TB, server string) string {
	tb.Helper()
	template, err := migratedTemplate(server)
	if err != nil {
		tb.Fatalf("make the template database: %v", err)
	}
	name := "plimsoll_" + hex.EncodeToString(uuidBytes())
	if err := execute(server, "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		tb.Fatalf("make a database: %v", err)
	}
	tb.Cleanup(func() {
		if err := execute(server, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			tb.Errorf("drop the database: %v", err)
		}
	})
	return withDatabase(server, name)
}

func uuidBytes() []byte {
	id := uuid.New()
	return id[:]
}

var templates sync.Map // server → func() (string, error)

// migratedTemplate gives the name of a migrated database to copy, made once per
// process.
func migratedTemplate(server string) (string, error) {
	made, _ := templates.LoadOrStore(server, sync.OnceValues(func() (string, error) {
		// The process id keeps processes that share a server apart.
		sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", os.Getpid(), uuid.NewString()))
		name := "plimsoll_template_" + hex.EncodeToString(sum[:6])
		if err := execute(server, "CREATE DATABASE "+name); err != nil {
			return "", err
		}
		s, err := store.Open(context.Background(), store.Options{DSN: withDatabase(server, name)})
		if err != nil {
			return "", err
		}
		return name, s.Close()
	}))
	return made.(func() (string, error))()
}

func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic("the server's URL was used before: " + err.Error())
	}
	u.Path = "/" + name
	return u.String()
}

// execute runs one statement on the server's own database. Copying a template
// fails while somebody is connected to it, so calls run one at a time.
func execute(server, statement string) error {
	executing.Lock()
	defer executing.Unlock()
	db, err := sql.Open("pgx", server)
	if err != nil {
		return fmt.Errorf("open the server: %w", err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.Exec(statement); err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

var executing sync.Mutex
