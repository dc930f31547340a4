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
		Short: "Check that nobody has changed the ledger",
		Long: `Check the hash chain of every installation's ledger: an entry that was changed, taken
out, put in or swapped is found, and so is an end that was cut off. The first bad entry
is named.

Who can write to the database can write the whole chain anew. So note the heads that are
printed somewhere else, and give them the next time with --head: then that is found too.

Exit status: 0 whole; 1 broken; 2 the input is bad, or the database can't be read.`,
		Example: `  plimsoll ledger verify --config server.yml
  plimsoll ledger verify --database sqlite:plimsoll.db --head 4711:1093:9f1c…`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	database := flags.AddDatabase(cmd)
	written := cmd.Flags().StringArray("head", nil, "a head that was noted before, [INSTALLATION:]SEQ:HASH; may be repeated")
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
