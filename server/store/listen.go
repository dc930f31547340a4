package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/stdlib"
)

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

// Listen calls wake whenever another replica notifies, until ctx ends or the
// connection is lost; then it gives the reason. It holds one connection. On
// SQLite it only waits for ctx.
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
