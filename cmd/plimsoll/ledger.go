package main

import (
	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

func newLedgerCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "ledger",
		Short: "Read and verify the ledger in the server's database",
		Long: `Read the ledger in the server's database: deployments, verdicts, gate decisions,
acknowledgements and overrides, with the person and the time. Entries never change. Each
entry contains the hash of the entry before it.

These commands only read the database. You can run them while the server runs.`,
		Example: `  plimsoll ledger verify --config server.yml
  plimsoll ledger list --config server.yml --repository acme/orders --kind verdict`,
	}
	cmd.AddCommand(newLedgerVerifyCommand(t), newLedgerListCommand(t))
	return cmd
}
