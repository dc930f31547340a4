package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"

	"github.com/spf13/cobra"

	deploytext "plimsoll/checks/text/deploy"
	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/registry"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/api"
)

func newRunningCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "running",
		Short: "Ask the server what runs in each environment",
		Long: `Ask the server what runs in each environment: for each component of the repository, the
commit, the time and author of the deployment, and the verdict.

Set PLIMSOLL_TOKEN or GITHUB_TOKEN to a GitHub token with read access to the repository.

Exit status: 0 OK, 2 bad input or no answer from the server.`,
		Example: `  plimsoll running
  plimsoll running --repository acme/orders --environment production --format json`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	ask := registry.TargetQuestion(cmd, t, "only this environment (default: all)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		repository, raw, err := ask("running", url.Values{})
		if err != nil {
			return err
		}
		if *format == "json" {
			return registry.WriteRaw(t, raw)
		}
		var given api.RunningAnswer
		if err := json.Unmarshal(raw, &given); err != nil {
			return fmt.Errorf("read the server's answer: %w", err)
		}
		var b strings.Builder
		if len(given.Running) == 0 {
			fmt.Fprintf(&b, "The server knows no deployment of %s.\n", terminal.Shown(repository))
		}
		for _, r := range given.Running {
			at := registry.TargetName(r.Component, cmp.Or(r.Environment, "release "+r.Release), r.Instance)
			fmt.Fprintf(&b, "%s: %s %s\n", t.Paint("1", terminal.Shown(at)), terminal.Shown(r.Commit[:min(len(r.Commit), 7)]), terminal.Shown(deploytext.RunningWords(r.Since, r.By, r.Verdict, r.Rolling)))
		}
		_, err = fmt.Fprint(t.Stdout, b.String())
		return err
	}
	return cmd
}
