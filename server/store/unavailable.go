package store

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"
	sqlitedriver "modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

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
