package main

import (
	"errors"
	"fmt"
	"time"

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

func newRestoreCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore --check FILE",
		Short: "Check a backup before you restore it",
		Long: `Check a backup before you restore it: that it is complete and undamaged, and that this
version of plimsoll can work with it. Nothing is changed. See docs/upgrade.md for how to
restore.

Exit status: 0 the backup can be restored, 1 it can't, 2 bad input or an error.`,
		Example: `  plimsoll restore --check backup.db`,
		Args:    cobra.ExactArgs(1),
	}
	check := cmd.Flags().Bool("check", false, "check the backup and change nothing (required)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !*check {
			return errors.New("restore only checks a backup: write restore --check " + args[0] + ". To restore it, follow docs/upgrade.md")
		}
		report, err := backup.Check(cmd.Context(), args[0])
		if refused, ok := errors.AsType[*backup.Refused](err); ok {
			if _, err := fmt.Fprintf(t.Stdout, "%s can't be restored: %s.\n", args[0], refused); err != nil {
				return err
			}
			return terminal.No.Err()
		}
		if err != nil {
			return fmt.Errorf("check the backup: %w", err)
		}
		_, err = fmt.Fprintf(t.Stdout, "%s can be restored. %s\n", args[0], restorable(report))
		return err
	}
	return cmd
}

// restorable says what a backup holds.
func restorable(report backup.Report) string {
	if report.Kind == backup.KindPostgreSQL {
		return "It is a complete dump of a PostgreSQL database. The server checks the version of its tables when it starts."
	}
	text := fmt.Sprintf("It is a complete SQLite database with tables of version %d", report.Has)
	if report.Has < report.Needs {
		text += fmt.Sprintf(", which the server migrates to %d when it starts", report.Needs)
	}
	if report.Newest.IsZero() {
		return text + ". It holds no webhook."
	}
	return text + ". The newest webhook is from " + report.Newest.Format(time.RFC3339) + "."
}
