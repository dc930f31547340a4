package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/registry"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/deploy/ledger"
)

func newMetricsCommand(t *terminal.Terminal) *cobra.Command {
	return metricsCommand(t, "metrics", func() {})
}

// newMetricsAlias is `plimsoll metrics` by its old name, with the server's old path and
// its answer. It goes with the next version.
func newMetricsAlias(t *terminal.Terminal) *cobra.Command {
	cmd := metricsCommand(t, "keys", func() {
		fmt.Fprintln(t.Stderr, "plimsoll: keys is called metrics now: use plimsoll metrics; the next version no longer knows the old name")
	})
	cmd.Hidden = true
	return cmd
}

// metricsCommand makes the command by one of its names, under which the server answers it
// as well. notice is called before it runs.
func metricsCommand(t *terminal.Terminal, name string, notice func()) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name,
		Short: "Ask the server for DORA's metrics: frequency, lead time, failures, time to restore",
		Long: `Ask the server how a repository's components are delivered, in DORA's four keys
(https://dora.dev/guides/dora-metrics-four-keys/), each place for itself:

  deployment frequency   deployments that succeeded; those that went back apart
  lead time for changes  from a commit's author date to the deployment's success
  change failure rate    rolled back, judged "roll back" or undone, of those that concluded;
                         inconclusive and superseded ones are neither, and counted apart
  time to restore        from a failed deployment's success to that of the next verified one

The token is a GitHub token that may read the repository, in PLIMSOLL_TOKEN or
GITHUB_TOKEN.

Exit status: 0 answered; 2 the input is bad, or nobody answers.`,
		Example: `  plimsoll metrics --days 90
  plimsoll metrics --repository acme/orders --component orders --environment staging --format json`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	days := cmd.Flags().Int("days", 30, "how far back, 1 to 366")
	ask := registry.TargetQuestion(cmd, t, "one environment (default: those of production)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		notice()
		if err := checkFormat(); err != nil {
			return err
		}
		repository, raw, err := ask(name, url.Values{"days": {strconv.Itoa(*days)}})
		if err != nil {
			return err
		}
		if *format == "json" {
			return registry.WriteRaw(t, raw)
		}
		var given struct {
			Targets []ledger.TargetMetrics `json:"places"`
		}
		if err := json.Unmarshal(raw, &given); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		var b strings.Builder
		if len(given.Targets) == 0 {
			fmt.Fprintf(&b, "No deployment of %s succeeded in the last %d days.\n", terminal.Shown(repository), *days)
		}
		for _, k := range given.Targets {
			fmt.Fprintf(&b, "%s, the last %d days\n", t.Paint("1", terminal.Shown(registry.TargetName(k.Component, k.Environment, k.Instance))), *days)
			for _, line := range deploytext.MetricsLines(k) {
				fmt.Fprintf(&b, "  %-21s  %s\n", line[0], terminal.Shown(line[1]))
			}
		}
		_, err = fmt.Fprint(t.Stdout, b.String())
		return err
	}
	return cmd
}
