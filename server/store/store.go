package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"plimsoll/server/store/sqlc"
)

// Options say which database to open.
type Options struct {
	// DSN is "sqlite:PATH" or "postgres://…" ("postgresql://…").
	DSN string
	// Clock gives the time. Default: on SQLite this machine's clock, on
	// PostgreSQL the database's, so that replicas agree.
	Clock func() time.Time
	// NewID makes ids that sort by the time they were made. Default: UUIDv7.
	NewID func() string
	// Connections bounds the pool. Default: 16 on PostgreSQL, 4 readers on SQLite.
	Connections int
}

// Store is one open database. It is safe for concurrent use.
type Store struct {
	backend
	newID  func() string
	usages *usages
}

// backend is what differs between the databases.
type backend interface {
	// transact runs fn in a transaction that is on disk when it returns nil.
	transact(ctx context.Context, fn func(context.Context, *sqlc.Queries) error) error
	// reader returns a connection pool for queries that only read.
	reader() *sql.DB
	// now returns the time with which leases are measured.
	now(ctx context.Context) (time.Time, error)
	close() error
}

// Open opens the database, migrates it, and gives it back ready for use.
func Open(ctx context.Context, opts Options) (*Store, error) {
	if opts.NewID == nil {
		opts.NewID = func() string { return uuid.Must(uuid.NewV7()).String() }
	}
	s := &Store{newID: opts.NewID, usages: newUsages()}
	path, isFile := strings.CutPrefix(opts.DSN, "sqlite:")
	var err error
	switch {
	case isFile:
		s.backend, err = openSQLite(ctx, path, opts)
	case strings.HasPrefix(opts.DSN, "postgres://"), strings.HasPrefix(opts.DSN, "postgresql://"):
		s.backend, err = openPostgres(ctx, opts)
	default:
		// The text may hold a password: it is not repeated.
		return nil, errUnknownDatabase
	}
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	return s, nil
}

var errUnknownDatabase = errors.New("open database: unknown kind; write sqlite:PATH or postgres://user@host/database")

// Close waits for the transactions under way and closes the database.
func (s *Store) Close() error { return s.close() }

// Ping reports whether the database answers.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.reader().PingContext(ctx); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	// A pooled connection may look open although the server is gone.
	var one int
	if err := s.reader().QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	return nil
}

// Now returns the time with which leases and due times are measured.
func (s *Store) Now(ctx context.Context) (time.Time, error) { return s.now(ctx) }

// NewID makes an id for a row.
func (s *Store) NewID() string { return s.newID() }

// Read returns queries for reading. They see what was committed.
func (s *Store) Read() *sqlc.Queries { return sqlc.New(s.reader()) }

// readAtOnce runs fn with queries that all see the same state: what was committed when
// the first of them ran.
func (s *Store) readAtOnce(ctx context.Context, fn func(*sqlc.Queries) error) error {
	tx, err := s.reader().BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // nothing was written
	return fn(sqlc.New(tx))
}

// Tx runs fn in one transaction: committed to disk when Tx returns nil, without a
// trace otherwise. fn must use the context and the queries that it is given, must
// not call Tx, and may run more than once. On SQLite transactions run one after
// the other and share an fsync. The fence of ctx is asked first; see [WithFence].
func (s *Store) Tx(ctx context.Context, fn func(context.Context, *sqlc.Queries) error) error {
	fence, ok := ctx.Value(fenceKey{}).(Fence)
	if !ok || fence == nil {
		return s.transact(ctx, fn)
	}
	return s.transact(ctx, func(ctx context.Context, q *sqlc.Queries) error {
		if err := fence(ctx, q); err != nil {
			return err
		}
		return fn(ctx, q)
	})
}

// Fence reports in a transaction whether what runs with a context may still write. Its
// error ends the transaction.
type Fence func(context.Context, *sqlc.Queries) error

type fenceKey struct{}

// WithFence returns a context whose transactions ask the fence first; nil: none is asked. A
// process that was suspended must not overwrite what another one has stored meanwhile.
func WithFence(ctx context.Context, fence Fence) context.Context {
	return context.WithValue(ctx, fenceKey{}, fence)
}

// SkipsLocked reports whether several processes may claim jobs at the same time.
func (s *Store) SkipsLocked() bool {
	_, ok := s.backend.(*postgres)
	return ok
}

// milliseconds is the stored form of a time; 0 for the zero time.
func milliseconds(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMilliseconds(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Missing reports whether an error says that a query found no row.
func Missing(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// NotExist replaces the error for a missing row by io/fs.ErrNotExist.
func NotExist(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fs.ErrNotExist
	}
	return err
}

// ignoreMissing drops the error for a missing row.
func ignoreMissing(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Clean removes what PostgreSQL's TEXT can't store: the text comes from outside.
func Clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "")
}

// Unavailable reports whether an error means that the database can't do any work now: it
// can't be reached, it shuts down, or its disk is full.
func Unavailable(err error) bool {
	for _, is := range []error{ErrClosed, driver.ErrBadConn, sql.ErrConnDone, io.ErrUnexpectedEOF} {
		if errors.Is(err, is) {
			return true
		}
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return true
	}
	if _, ok := errors.AsType[*net.OpError](err); ok {
		return true
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok && len(e.Code) == 5 {
		// Connection exception, insufficient resources, operator intervention, system error:
		// https://www.postgresql.org/docs/current/errcodes-appendix.html
		return slices.Contains([]string{"08", "53", "57", "58"}, e.Code[:2])
	}
	if e, ok := errors.AsType[*sqlitedriver.Error](err); ok {
		primary := e.Code() & 0xff // without the extended part
		return slices.Contains([]int{sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_NOMEM, sqlite3.SQLITE_IOERR,
			sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY}, primary)
	}
	return false
}
