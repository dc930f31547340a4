package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/store/backup"
)

func newBackupCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Copy the server's database while the server runs",
		Long: `Copy the server's database to a new file while the server runs. The copy is one
consistent state. It gets its name when it is complete and was read once.

SQLite: the copy is a database file. PostgreSQL: the copy is a dump by pg_dump, which must
be installed. See docs/upgrade.md for how to restore.

Exit status: 0 copied, 2 bad input or an error.`,
		Example: `  plimsoll backup --config server.yml backup.db
  plimsoll backup --database sqlite:plimsoll.db backup.db`,
		Args: cobra.ExactArgs(1),
	}
	database := flags.AddDatabase(cmd)
	withoutWAL := cmd.Flags().Bool("without-wal", false, "take over a SQLite file whose write-ahead log (-wal) is lost; the newest changes are missing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		named, err := database.Named(t)
		if err != nil {
			return err
		}
		if address, ok := named.PostgreSQL(); ok {
			if *withoutWAL {
				return errors.New("--without-wal is for SQLite; the database is PostgreSQL")
			}
			err = backup.PostgreSQL(cmd.Context(), address, args[0])
		} else {
			file, _ := named.SQLite()
			err = backup.SQLite(cmd.Context(), file, args[0], backup.Options{WithoutWAL: *withoutWAL})
		}
		if err != nil {
			return fmt.Errorf("no backup was made: %w", err)
		}
		_, err = fmt.Fprintf(t.Stdout, "Backed up %s to %s.\n", named, args[0])
		return err
	}
	return cmd
}
