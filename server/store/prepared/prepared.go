// Package prepared opens SQLite databases whose connections keep the statements of sqlc
// prepared. SQLite would otherwise read and plan the text of a statement each time it is
// used: a quarter of what a server computes.
//
// It must not know what the statements do.
package prepared

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"

	"modernc.org/sqlite"
)

// Open opens a database by a DSN of the driver "sqlite".
func Open(dsn string) (*sql.DB, error) {
	from, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector{from}), nil
}

type connector struct{ driver.Connector }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	opened, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	whole, ok := opened.(sqliteConnection)
	if !ok {
		return nil, errors.Join(fmt.Errorf("a %T can't do what a connection to SQLite must", opened), opened.Close())
	}
	return &connection{sqliteConnection: whole, kept: map[string]*statement{}}, nil
}

// sqliteConnection is what database/sql uses of a connection.
type sqliteConnection interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ConnPrepareContext
	driver.ExecerContext
	driver.Pinger
	driver.QueryerContext
	driver.SessionResetter
	driver.Validator
}

// connection is used by one goroutine at a time: database/sql sees to that.
type connection struct {
	sqliteConnection
	kept map[string]*statement // by text
}

// statement is prepared. It can't be used again before its rows are closed.
type statement struct {
	sqliteStatement
	busy bool
}

type sqliteStatement interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// named begins each statement of sqlc. There is a fixed number of them.
const named = "-- name: "

// statement gives the statement of a text, or nil if that is not kept or is in use.
func (c *connection) statement(ctx context.Context, text string) (*statement, error) {
	if s, ok := c.kept[text]; ok && !s.busy {
		return s, nil
	} else if ok || !strings.HasPrefix(text, named) {
		return nil, nil
	}
	made, err := c.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	whole, ok := made.(sqliteStatement)
	if !ok {
		return nil, made.Close()
	}
	s := &statement{sqliteStatement: whole}
	c.kept[text] = s
	return s, nil
}

// ExecContext runs a statement without rows.
func (c *connection) ExecContext(ctx context.Context, text string, arguments []driver.NamedValue) (driver.Result, error) {
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConnection.ExecContext(ctx, text, arguments)
	}
	return s.ExecContext(ctx, arguments)
}

// QueryContext runs a statement with rows.
func (c *connection) QueryContext(ctx context.Context, text string, arguments []driver.NamedValue) (driver.Rows, error) {
	s, err := c.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return c.sqliteConnection.QueryContext(ctx, text, arguments)
	}
	found, err := s.QueryContext(ctx, arguments)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return rows{found, s}, nil
}

// Close closes the statements, too.
func (c *connection) Close() error {
	var errs []error
	for _, s := range c.kept {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, c.sqliteConnection.Close())...)
}

// rows are the rows of a statement that is kept.
type rows struct {
	driver.Rows
	statement *statement
}

// Close makes the statement ready for its next use.
func (r rows) Close() error {
	r.statement.busy = false
	return r.Rows.Close()
}
