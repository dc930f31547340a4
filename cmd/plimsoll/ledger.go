package main

import (
	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

func newLedgerCommand(t *terminal.Terminal) *cobra.Command {
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
