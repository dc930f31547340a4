package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"plimsoll/server/store"
	"plimsoll/server/store/sqlc"
	"plimsoll/server/store/storetest"
)

func TestUnavailable(t *testing.T) {
	dsn := storetest.SQLite(t)
	locked, err := store.Open(t.Context(), store.Options{DSN: dsn})
	if err != nil {
		t.Fatal(err)
	}
	_, query := rawDB(t, dsn).ExecContext(t.Context(), "SELECT nothing FROM nowhere")
	if err := locked.Close(); err != nil {
		t.Fatal(err)
	}
	closed := locked.Tx(t.Context(), func(context.Context, *sqlc.Queries) error { return nil })
	_, missing := rawDB(t, "sqlite:"+t.TempDir()+"/no/such/folder/x.db").ExecContext(t.Context(), "CREATE TABLE x (y)")
	_, refused := store.Open(t.Context(), store.Options{DSN: "postgres://nobody@127.0.0.1:1/nothing?connect_timeout=5"})
	for _, c := range []struct {
		name string
		err  error
		want bool
	}{
		{"closed", closed, true},
		{"a file that can't be opened", missing, true},
		{"nobody listens", refused, true},
		{"the connection breaks", fmt.Errorf("read: %w", &net.OpError{Op: "read", Err: errors.New("reset")}), true},
		{"the server shuts down", &pgconn.PgError{Code: "57P01"}, true},
		{"the disk is full", &pgconn.PgError{Code: "53100"}, true},
		{"a bad statement", query, false},
		{"a violated constraint", &pgconn.PgError{Code: "23505"}, false},
		{"no row", fs.ErrNotExist, false},
		{"the job took too long", context.DeadlineExceeded, false},
		{"no error", nil, false},
	} {
		if c.want && c.err == nil {
			t.Errorf("%s: there is no error", c.name)
		}
		if got := store.Unavailable(c.err); got != c.want {
			t.Errorf("%s: %v: unavailable is %v", c.name, c.err, got)
		}
	}
}
