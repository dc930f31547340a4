package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"plimsoll/config"
	"plimsoll/server/store"
)

func newLedgerCommand(t *terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Read and verify the ledger in the server's database",
		Long: `Read the ledger in the server's database: what was deployed, verified, let through and
agreed to, by whom and when. Nothing in it is ever changed; each entry holds the hash of
the one before it.

The database is read and never written, also beside a running server.`,
		Example: `  plimsoll ledger verify --config server.yml
  plimsoll ledger list --config server.yml --repository acme/orders --kind verdict`,
	}
	cmd.AddCommand(newLedgerVerifyCommand(t), newLedgerListCommand(t))
	return cmd
}

// databaseFlags say which database to read.
type databaseFlags struct{ file, dsn *string }

func addDatabaseFlags(cmd *cobra.Command) databaseFlags {
	return databaseFlags{
		file: cmd.Flags().String("config", "", "the operator's file, as serve takes it; without it all comes from the environment"),
		dsn:  cmd.Flags().String("database", "", "the database in place of the operator's: sqlite:FILE or postgres://user@host/name (a password rather in PLIMSOLL_DATABASE)"),
	}
}

// open opens the database to read.
func (f databaseFlags) open(ctx context.Context, t *terminal) (*store.Store, error) {
	return f.openWith(ctx, t, store.OpenReading)
}

// openBeside opens the database to change something in it, also beside a running server.
func (f databaseFlags) openBeside(ctx context.Context, t *terminal) (*store.Store, error) {
	return f.openWith(ctx, t, store.OpenBeside)
}

func (f databaseFlags) openWith(ctx context.Context, t *terminal, open func(context.Context, store.Options) (*store.Store, error)) (*store.Store, error) {
	var database config.Database
	if *f.dsn != "" {
		var err error
		if database, err = config.ParseDatabase(*f.dsn); err != nil {
			return nil, fmt.Errorf("--database: %w", err)
		}
	} else {
		conf, err := config.LoadWithoutApp(*f.file, t.env)
		if err != nil {
			return nil, err
		}
		database = conf.Database
	}
	dsn, ok := database.PostgreSQL()
	if file, sqlite := database.SQLite(); !ok && sqlite {
		dsn = "sqlite:" + file
	}
	opened, err := open(ctx, store.Options{DSN: dsn})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", database, err)
	}
	return opened, nil
}

// sinceFlag reads when something begins: a date, an instant, or how long ago ("30d").
func sinceFlag(text string, now time.Time) (time.Time, error) {
	for _, form := range []string{time.RFC3339, time.DateOnly} {
		if at, err := time.Parse(form, text); err == nil {
			return at, nil
		}
	}
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if ago, err := time.ParseDuration(days + "h"); err == nil && ago >= 0 && ago < time.Duration(1<<63-1)/24 {
			return now.Add(-24 * ago), nil
		}
	} else if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago), nil
	}
	return time.Time{}, errors.New("--since: expected a date (2026-11-02), an instant (2026-11-02T12:00:00Z), or how long ago (30d, 12h)")
}
