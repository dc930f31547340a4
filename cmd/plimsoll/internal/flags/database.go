package flags

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
	"plimsoll/server/store"
)

// Database says which database to read.
type Database struct{ file, dsn *string }

// AddDatabase adds the flags of a command that reads the server's database.
func AddDatabase(cmd *cobra.Command) Database {
	return Database{
		file: cmd.Flags().String("config", "", "the server's configuration file, as for serve (default: environment variables)"),
		dsn:  cmd.Flags().String("database", "", "database: sqlite:FILE or postgres://user@host/name (default: from the configuration; put a password into PLIMSOLL_DATABASE)"),
	}
}

// File gives the operator's file that was named; empty without.
func (f Database) File() string { return *f.file }

// Open opens the database to read.
func (f Database) Open(ctx context.Context, t *terminal.Terminal) (*store.Store, error) {
	return f.open(ctx, t, store.OpenReading)
}

// OpenBeside opens the database to change something in it, also beside a running server.
func (f Database) OpenBeside(ctx context.Context, t *terminal.Terminal) (*store.Store, error) {
	return f.open(ctx, t, store.OpenBeside)
}

// Named gives the database that the flags or the configuration name.
func (f Database) Named(t *terminal.Terminal) (config.Database, error) {
	if *f.dsn != "" {
		return config.ParseDatabase("--database", *f.dsn)
	}
	conf, err := config.LoadWithoutApp(*f.file, t.Env)
	if err != nil {
		return config.Database{}, err
	}
	return conf.Database, nil
}

func (f Database) open(ctx context.Context, t *terminal.Terminal, open func(context.Context, store.Options) (*store.Store, error)) (*store.Store, error) {
	database, err := f.Named(t)
	if err != nil {
		return nil, err
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
