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
		Short: "Verify a deployment from this terminal, or replay a verdict",
		Long: `Run the verification that the repository's file declares for an environment, from this
terminal and without GitHub. The command probes the service and evaluates its metrics, as
the server does, until there is a verdict.

The allowed hosts and the metric servers come from the server's configuration (--config),
or from --allow and --prometheus.

With --replay, decide a verdict of the ledger again from the stored data, and compare the
two bit for bit. ID is the entry's name (verdict/…), INSTALLATION:SEQ, or a file with the
entry as JSON. The database flags are those of plimsoll ledger.

Exit status: 0 verified, 1 roll back, 2 bad input or a replay with a different verdict,
3 investigate or inconclusive. Ctrl-C ends the run with the result so far (3).`,
		Example: `  plimsoll verify --component orders --environment staging --allow staging.acme.dev \
      --prometheus http://prometheus:9090
  plimsoll verify --environment production --config server.yml --since 5m --format json
  plimsoll verify --replay 4711:1093 --config server.yml`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json", "markdown")
	database := flags.AddDatabase(cmd)
	id := cmd.Flags().String("replay", "", "replay this verdict: verdict/…, INSTALLATION:SEQ, or a file (- is standard input)")
	history := cmd.Flags().Bool("with-history", false, "with --replay and --format json: include the reference samples, so that the file is self-contained")
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
