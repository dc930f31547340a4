package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"plimsoll/server/store/sqlc"
)

// postgres is a database server that several replicas share.
type postgres struct {
	db    *sql.DB
	clock func() time.Time
}

func openPostgres(ctx context.Context, opts Options) (*postgres, error) {
	config, err := pgx.ParseConfig(opts.DSN)
	if err != nil {
		// pgx repeats the DSN without its password.
		return nil, fmt.Errorf("read the postgres URL: %w", err)
	}
	if config.RuntimeParams["application_name"] == "" {
		config.RuntimeParams["application_name"] = "plimsoll"
	}
	connections := opts.Connections
	if connections <= 0 {
		connections = 16
	}
	p := &postgres{db: stdlib.OpenDB(*config), clock: opts.Clock}
	p.db.SetMaxOpenConns(connections)
	p.db.SetMaxIdleConns(connections)
	p.db.SetConnMaxIdleTime(5 * time.Minute)
	if err := migrate(ctx, p.db, goose.DialectPostgres); err != nil {
		return nil, errors.Join(err, p.db.Close())
	}
	if _, err := p.now(ctx); err != nil {
		return nil, errors.Join(err, p.db.Close())
	}
	return p, nil
}

// attempts is how often a transaction is tried that conflicts with another one.
const attempts = 6

// transact retries after a deadlock, a serialisation failure or a unique violation. Our
// inserts name the conflicts that they expect, so a unique violation means that another
// replica was quicker, and the next attempt sees its row.
func (p *postgres) transact(ctx context.Context, fn func(context.Context, *sqlc.Queries) error) error {
	for n := 1; ; n++ {
		err := p.try(ctx, fn)
		conflict, ok := errors.AsType[*pgconn.PgError](err)
		if !ok || n == attempts || !slices.Contains([]string{"40P01", "40001", "23505"}, conflict.Code) {
			return err
		}
	}
}

func (p *postgres) try(ctx context.Context, fn func(context.Context, *sqlc.Queries) error) error {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit this does nothing
	if err := fn(ctx, sqlc.New(tx)); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (p *postgres) reader() *sql.DB { return p.db }

func (p *postgres) close() error { return p.db.Close() }

// now asks the database. (An offset to this machine's clock, measured from time to
// time, is larger than the time between events of one pull request: two replicas would
// store them in the wrong order.)
func (p *postgres) now(ctx context.Context) (time.Time, error) {
	if p.clock != nil {
		return p.clock(), nil
	}
	var ms int64
	row := p.db.QueryRowContext(ctx, "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)")
	if err := row.Scan(&ms); err != nil {
		return time.Time{}, fmt.Errorf("read the database's clock: %w", err)
	}
	return time.UnixMilli(ms), nil
}

var _ backend = (*postgres)(nil)

// channel is the PostgreSQL notification channel that says "jobs are due".
const channel = "plimsoll_jobs"

// Notify tells the other replicas that jobs are due. On SQLite there are none.
func (s *Store) Notify(ctx context.Context) error {
	if !s.SkipsLocked() {
		return nil
	}
	if _, err := s.reader().ExecContext(ctx, "SELECT pg_notify($1, '')", channel); err != nil {
		return fmt.Errorf("notify replicas: %w", err)
	}
	return nil
}

// Listen calls wake whenever another replica notifies, until ctx ends or the connection
// is lost, and returns the reason. It holds one connection. On SQLite it only waits for
// ctx.
func (s *Store) Listen(ctx context.Context, wake func()) error {
	if !s.SkipsLocked() {
		<-ctx.Done()
		return ctx.Err()
	}
	conn, err := s.reader().Conn(ctx)
	if err != nil {
		return fmt.Errorf("listen for jobs: %w", err)
	}
	defer func() { _ = conn.Close() }()
	return conn.Raw(func(driver any) error {
		pg := driver.(*stdlib.Conn).Conn()
		// The connection stays subscribed, so it must not go back into the pool.
		defer func() { _ = pg.Close(context.WithoutCancel(ctx)) }()
		if _, err := pg.Exec(ctx, "LISTEN "+channel); err != nil {
			return fmt.Errorf("listen for jobs: %w", err)
		}
		wake() // what was notified before we listened
		for {
			if _, err := pg.WaitForNotification(ctx); err != nil {
				return fmt.Errorf("listen for jobs: %w", err)
			}
			wake()
		}
	})
}
