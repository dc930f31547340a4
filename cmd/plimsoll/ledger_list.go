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

func newLedgerListCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List what the ledger tells",
		Long: `List the entries of the ledger, the oldest first, as a table or as JSON lines: each line
is an entry with its body and its hashes, as the server's /api/v1/ledger gives it.

Exit status: 0 also where there is none; 2 the input is bad, or the database can't be read.`,
		Example: `  plimsoll ledger list --config server.yml --repository acme/orders --kind verdict --since 30d
  plimsoll ledger list --database sqlite:plimsoll.db --format json | jq .hash`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	database := flags.AddDatabase(cmd)
	var wanted entries.Wanted
	var kind, since string
	cmd.Flags().StringVar(&wanted.Repository, "repository", "", "only about this repository, owner/repo")
	cmd.Flags().StringVar(&wanted.Component, "component", "", "only about this component")
	cmd.Flags().StringVar(&wanted.Environment, "environment", "", "only about this environment")
	cmd.Flags().StringVar(&kind, "kind", "", "only these: "+entries.KindNames())
	cmd.Flags().StringVar(&since, "since", "", "only what happened since then: 2026-11-02, 30d, 12h")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		if kind != "" && !slices.Contains(ledger.EntryKinds, ledger.EntryKind(kind)) {
			return fmt.Errorf("--kind %s: known are %s", kind, entries.KindNames())
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
