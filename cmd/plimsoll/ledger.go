package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/entries"
	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/deploy/ledger"
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

func newLedgerListCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the entries of the ledger",
		Long: `List the entries of the ledger, oldest first, as a table or as JSON lines. A JSON line is
an entry with its body and hashes, as in the server's /api/v1/ledger.

Exit status: 0 OK (also if the list is empty), 2 bad input or unreadable database.`,
		Example: `  plimsoll ledger list --config server.yml --repository acme/orders --kind verdict --since 30d
  plimsoll ledger list --database sqlite:plimsoll.db --format json | jq .hash`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	database := flags.AddDatabase(cmd)
	var wanted entries.Wanted
	var kind, since string
	cmd.Flags().StringVar(&wanted.Repository, "repository", "", "only this repository: owner/repo")
	cmd.Flags().StringVar(&wanted.Component, "component", "", "only this component")
	cmd.Flags().StringVar(&wanted.Environment, "environment", "", "only this environment")
	cmd.Flags().StringVar(&kind, "kind", "", "only these kinds: "+entries.KindNames())
	cmd.Flags().StringVar(&since, "since", "", "only entries since then: 2026-11-02, 30d, 12h")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		if kind != "" && !slices.Contains(ledger.EntryKinds, ledger.EntryKind(kind)) {
			return fmt.Errorf("--kind %s: use one of %s", kind, entries.KindNames())
		}
		wanted.Kind = ledger.EntryKind(kind)
		if since != "" {
			var err error
			if wanted.Since, err = flags.Since(since, t.Now()); err != nil {
				return err
			}
		}
		from, err := database.Open(cmd.Context(), t)
		if err != nil {
			return err
		}
		defer func() { _ = from.Close() }() // it was only read
		return entries.List(cmd.Context(), t, from, wanted, *format)
	}
	return cmd
}
