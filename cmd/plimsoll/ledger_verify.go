package main

import (
	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/entries"
	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

func newLedgerVerifyCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Verify that the ledger was not changed",
		Long: `Verify the hash chain of each installation's ledger. This finds changed, removed, inserted
and swapped entries, and a truncated end. The first bad entry is named.

Anyone who can write to the database can also write a new chain. To detect that, keep the
printed heads in another place and pass them with --head next time.

Exit status: 0 intact, 1 broken, 2 bad input or unreadable database.`,
		Example: `  plimsoll ledger verify --config server.yml
  plimsoll ledger verify --database sqlite:plimsoll.db --head 4711:1093:9f1c…`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	database := flags.AddDatabase(cmd)
	written := cmd.Flags().StringArray("head", nil, "head from an earlier run: [INSTALLATION:]SEQ:HASH (repeatable)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		noted, err := entries.NotedHeads(*written)
		if err != nil {
			return err
		}
		from, err := database.Open(cmd.Context(), t)
		if err != nil {
			return err
		}
		defer func() { _ = from.Close() }() // it was only read
		result, err := entries.Verify(cmd.Context(), t, from, noted)
		if err != nil {
			return err
		}
		return result.Write(t, *format)
	}
	return cmd
}
