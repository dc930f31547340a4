package main

import (
	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/replay"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/cmd/plimsoll/internal/watch"
)

func newVerifyCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify --component C --environment E | --replay ID",
		Short: "Watch a deployment from here, or decide a verdict again",
		Long: `Run the verification that the repository's file describes for an environment, from this
terminal and without GitHub: the probes are made, the signals are asked for and judged, as
the server does it, until there is a verdict.

What may be probed and which metric servers there are says the operator's file (--config),
or --allow and --prometheus.

With --replay a verdict of the ledger is decided again from what is stored, and compared
bit for bit: ID is the entry's name (verdict/…), INSTALLATION:SEQ, or a file with the entry
as JSON. The database is read as by plimsoll ledger.

Exit status: 0 verified; 1 roll back; 3 investigate, or it can't be told; 2 the input is
bad, or what is stored does not give the verdict again. Ctrl-C ends the watching with what
is known so far (3).`,
		Example: `  plimsoll verify --component orders --environment staging --allow staging.acme.dev \
      --prometheus http://prometheus:9090
  plimsoll verify --environment production --config server.yml --since 5m --format json
  plimsoll verify --replay 4711:1093 --config server.yml`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json", "markdown")
	database := flags.AddDatabase(cmd)
	id := cmd.Flags().String("replay", "", "decide this verdict again: verdict/…, INSTALLATION:SEQ, or a file (- is standard input)")
	history := cmd.Flags().Bool("with-history", false, "with --replay and --format json: also what the signals were before, so that the file is all that is needed")
	watched := watch.Flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		if *id != "" {
			return replay.Run(cmd.Context(), t, replay.Options{Name: *id, Format: *format, WithHistory: *history, Database: database})
		}
		return watched.Watch(cmd.Context(), t, *format, database.File())
	}
	return cmd
}
