package prepared

import (
	"context"
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func open(t *testing.T) *sql.DB {
	t.Helper()
	db, err := Open("file:" + filepath.Join(t.TempDir(), "x.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	execute(t, db, "CREATE TABLE numbers (n INTEGER PRIMARY KEY, text TEXT)")
	return db
}

func execute(t *testing.T, db interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, text string, arguments ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), text, arguments...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

const (
	insert = "-- name: Insert :exec\nINSERT INTO numbers (n, text) VALUES (?, ?)"
	list   = "-- name: List :many\nSELECT n FROM numbers WHERE n >= ? ORDER BY n"
)

func numbers(t *testing.T, found *sql.Rows, err error) (all []int) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	for found.Next() {
		var n int
		if err := found.Scan(&n); err != nil {
			t.Fatal(err)
		}
		all = append(all, n)
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// kept counts the statements that the one connection keeps.
func kept(t *testing.T, db *sql.DB) (n int) {
	t.Helper()
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Raw(func(c any) error {
		n = len(c.(*connection).kept)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// Each use has arguments and rows of its own, and only statements of sqlc are kept.
func TestEachUseIsItsOwn(t *testing.T) {
	db := open(t)
	for n := range 5 {
		execute(t, db, insert, n, strings.Repeat("x", n))
		execute(t, db, "UPDATE numbers SET text = '' WHERE n = ?", n)
	}
	for n := range 5 {
		found, err := db.QueryContext(t.Context(), list, n)
		if all := numbers(t, found, err); len(all) != 5-n || all[0] != n {
			t.Errorf("from %d: %v", n, all)
		}
	}
	if n := kept(t, db); n != 2 {
		t.Errorf("%d statements are kept, expected 2", n)
	}
}

// While a statement gives rows, another use of its text in the same transaction gives its
// own.
func TestStatementWithinItself(t *testing.T) {
	db := open(t)
	for n := range 3 {
		execute(t, db, insert, n, "")
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	outer, err := tx.QueryContext(t.Context(), list, 0)
	if err != nil {
		t.Fatal(err)
	}
	for n := 0; outer.Next(); n++ {
		var got int
		if err := outer.Scan(&got); err != nil || got != n {
			t.Fatalf("%d, %v, expected %d", got, err, n)
		}
		inner, err := tx.QueryContext(t.Context(), list, 1)
		if all := numbers(t, inner, err); len(all) != 2 || all[0] != 1 {
			t.Errorf("within itself: %v", all)
		}
	}
	if err := outer.Close(); err != nil {
		t.Fatal(err)
	}
}

// A statement works after it has failed, after a transaction that was rolled back, after
// its rows were left, and after the tables have changed.
func TestStatementAfterTrouble(t *testing.T) {
	db := open(t)
	execute(t, db, insert, 1, "")
	if _, err := db.ExecContext(t.Context(), insert, 1, ""); err == nil {
		t.Fatal("the same number was inserted twice")
	}
	tx, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	execute(t, tx, insert, 2, "")
	left, err := tx.QueryContext(t.Context(), list, 1)
	if err != nil || !left.Next() {
		t.Fatalf("no row: %v", err)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := db.ExecContext(ended, insert, 3, ""); err == nil {
		t.Fatal("a context that had ended was not heeded")
	}
	execute(t, db, "ALTER TABLE numbers ADD COLUMN more TEXT NOT NULL DEFAULT ''")
	execute(t, db, insert, 2, "")
	found, err := db.QueryContext(t.Context(), list, 0)
	if all := numbers(t, found, err); len(all) != 2 {
		t.Errorf("%v, expected 1 and 2", all)
	}
	if n := kept(t, db); n != 2 {
		t.Errorf("%d statements are kept, expected 2", n)
	}
}

// A statement that ends while it runs is ready for its next use.
func TestStatementThatIsInterrupted(t *testing.T) {
	db := open(t)
	const long = "-- name: Long :one\nWITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < ?) SELECT count(*) FROM c"
	short, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	var n int
	if err := db.QueryRowContext(short, long, 1<<40).Scan(&n); err == nil {
		t.Fatal("it ended")
	}
	if err := db.QueryRowContext(t.Context(), long, 10).Scan(&n); err != nil || n != 10 {
		t.Errorf("%d, %v", n, err)
	}
}
