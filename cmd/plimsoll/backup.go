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
		Short: "Copy the server's SQLite database while the server runs",
		Long: `Copy the server's SQLite database to a new file while the server runs. The copy is one
consistent state, and is checked before it gets its name. To restore it, stop the server,
put the copy in the place of the database, remove the files that end in -wal and -shm
beside it, and start the server.

For PostgreSQL, use pg_dump.

Exit status: 0 copied, 2 bad input or an error.`,
		Example: `  plimsoll backup --config server.yml backup.db
  plimsoll backup --database sqlite:plimsoll.db backup.db`,
		Args: cobra.ExactArgs(1),
	}
	database := flags.AddDatabase(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		named, err := database.Named(t)
		if err != nil {
			return err
		}
		file, ok := named.SQLite()
		if !ok {
			return errors.New("the database is PostgreSQL: run pg_dump --format=custom --file=plimsoll.dump, and restore with pg_restore")
		}
		if err := backup.SQLite(cmd.Context(), file, args[0]); err != nil {
			return fmt.Errorf("back up %s: %w", named, err)
		}
		_, err = fmt.Fprintf(t.Stdout, "Copied %s to %s and checked the copy.\n", named, args[0])
		return err
	}
	return cmd
}
