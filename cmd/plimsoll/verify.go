package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/deploy"
)

func newVerifyCommand(t *terminal) *cobra.Command {
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
	format, checkFormat := formatFlag(cmd, "text", "json", "markdown")
	database := addDatabaseFlags(cmd)
	id := cmd.Flags().String("replay", "", "decide this verdict again: verdict/…, INSTALLATION:SEQ, or a file (- is standard input)")
	history := cmd.Flags().Bool("with-history", false, "with --replay and --format json: also what the signals were before, so that the file is all that is needed")
	w := watchFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		if *id != "" {
			return replay(cmd.Context(), t, *id, *format, *history, database)
		}
		return w.watch(cmd.Context(), t, *format, *database.file)
	}
	return cmd
}

// statusOfAnswer is the exit status of what a verification came to.
func statusOfAnswer(a deploy.Answer) error {
	switch a {
	case deploy.Verified:
		return nil
	case deploy.RollBack:
		return answer(statusNo)
	}
	return answer(statusUnknown)
}

var verdictColors = map[deploy.Answer]string{deploy.Verified: "32", deploy.RollBack: "31"}

// writeVerdict writes what a verification came to for people.
func writeVerdict(t *terminal, told deploytext.Deployed, format string) error {
	if format == "markdown" {
		_, err := fmt.Fprint(t.stdout, deploytext.DeploymentMarkdown(told))
		return err
	}
	color := verdictColors[told.Course.Verdict.Answer]
	if color == "" {
		color = "33"
	}
	var b strings.Builder
	fmt.Fprintln(&b, t.paint("1;"+color, deploytext.DeploymentTitle(told)))
	for _, line := range deploytext.DeploymentPlain(told) {
		fmt.Fprintf(&b, "  %s\n", line)
	}
	_, err := fmt.Fprint(t.stdout, b.String())
	return err
}
