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
		fmt.Fprintln(t.Stderr, "plimsoll: keys was renamed: use plimsoll metrics; the next version removes the old name")
	})
	cmd.Hidden = true
	return cmd
}

// metricsCommand makes the command by one of its names, under which the server answers it
// as well. notice is called before it runs.
func metricsCommand(t *terminal.Terminal, name string, notice func()) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name,
		Short: "Ask the server for DORA metrics",
		Long: `Ask the server for the four DORA metrics of each component and environment
(https://dora.dev/guides/dora-metrics-four-keys/):

  deployment frequency   successful deployments; rollbacks are counted separately
  lead time for changes  from the commit's author date to the successful deployment
  change failure rate    share of concluded deployments that were rolled back or had to be;
                         inconclusive and superseded ones are counted separately
  time to restore        from a failed deployment to the next verified deployment

Set PLIMSOLL_TOKEN or GITHUB_TOKEN to a GitHub token with read access to the repository.

Exit status: 0 OK, 2 bad input or no answer from the server.`,
		Example: `  plimsoll metrics --days 90
  plimsoll metrics --repository acme/orders --component orders --environment staging --format json`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	days := cmd.Flags().Int("days", 30, "number of days to look back, 1 to 366")
	ask := registry.TargetQuestion(cmd, t, "only this environment (default: production environments)")
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
			Targets []ledger.TargetMetrics `json:"targets"`
		}
		if err := json.Unmarshal(raw, &given); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		var b strings.Builder
		if len(given.Targets) == 0 {
			fmt.Fprintf(&b, "No successful deployment of %s in the last %d days.\n", terminal.Shown(repository), *days)
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
