package server_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
)

// reportSQLite has this process report every transaction before it is committed.
func reportSQLite() {
	sqlite.RegisterConnectionHook(func(conn sqlite.ExecQuerierContext, _ string) error {
		hooks, ok := conn.(sqlite.HookRegisterer)
		if !ok {
			return fmt.Errorf("hook into SQLite: a %T takes no hooks", conn)
		}
		written := map[string]bool{}
		hooks.RegisterPreUpdateHook(func(row sqlite.SQLitePreUpdateData) { written[row.TableName] = true })
		hooks.RegisterRollbackHook(func() { clear(written) })
		hooks.RegisterCommitHook(func() int32 {
			report("/commit", url.Values{"table": slices.Collect(maps.Keys(written))})
			clear(written)
			return 0
		})
		return nil
	})
}

// listenForPostgres stands between a process and its database, and gives the URL at which
// the process reaches it.
func (c *checkpoint) listenForPostgres(t *testing.T, dsn string) string {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	network, address := pgconn.NetworkAddress(config.Host, config.Port)
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return // the test has ended
			}
			go func() {
				defer client.Close()
				server, err := net.Dial(network, address)
				if err != nil {
					return // the client sees its connection end
				}
				defer server.Close()
				go func() {
					_, _ = io.Copy(client, server)
					_ = client.Close()
				}()
				_ = (&conversation{checkpoint: c}).pass(bufio.NewReader(client), server) // ends with either connection
			}()
		}
	}()
	reached := url.URL{
		Scheme: "postgres", User: url.UserPassword(config.User, config.Password), Host: listener.Addr().String(),
		Path: config.Database, RawQuery: "sslmode=disable",
	}
	return reached.String()
}

// conversation is what a process says to PostgreSQL on one connection.
// https://www.postgresql.org/docs/current/protocol-message-formats.html
type conversation struct {
	checkpoint *checkpoint
	statements map[string]string // prepared statement → the table that it writes to
	written    map[string]bool   // tables of this transaction
}

// pass passes messages on until the process is killed or the connection ends.
func (c *conversation) pass(from *bufio.Reader, to io.Writer) error {
	c.statements, c.written = map[string]string{}, map[string]bool{}
	for kind := 0; ; kind = 1 { // the first message has no byte for its kind
		header := make([]byte, kind+4)
		if _, err := io.ReadFull(from, header); err != nil {
			return err
		}
		body := make([]byte, binary.BigEndian.Uint32(header[kind:])-4)
		if _, err := io.ReadFull(from, body); err != nil {
			return err
		}
		if kind == 1 && c.isCommit(header[0], string(body)) {
			killed := c.checkpoint.commits(slices.Collect(maps.Keys(c.written)))
			if killed {
				return nil
			}
			clear(c.written)
		}
		if _, err := to.Write(append(header, body...)); err != nil {
			return err
		}
	}
}

// isCommit notes what a message writes and reports whether it commits.
func (c *conversation) isCommit(kind byte, body string) bool {
	fields := strings.SplitN(body, "\x00", 3)
	switch kind {
	case 'P': // Parse: name and text of a statement
		c.statements[fields[0]] = tableWritten(fields[1])
	case 'B': // Bind: name of a portal, name of a statement
		if table := c.statements[fields[1]]; table != "" {
			c.written[table] = true
		}
	case 'Q': // Query: a text without arguments
		switch {
		case fields[0] == "commit":
			return true
		case fields[0] == "rollback", strings.HasPrefix(fields[0], "begin"):
			clear(c.written)
		}
	}
	return false
}

// tableWritten gives the table that a statement writes to; "" for one that reads, and for
// one that deletes what is old, which happens at any time.
func tableWritten(statement string) string {
	found := writing.FindStringSubmatch(statement)
	if found == nil || strings.HasPrefix(statement, "-- name: Prune") {
		return ""
	}
	return found[1] + found[2]
}

var writing = regexp.MustCompile(`\b(?:INSERT INTO|DELETE FROM) (\w+)|\bUPDATE (\w+)\s+SET\b`)
