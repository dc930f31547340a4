package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/story"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

func newDemoCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Run a self-contained demo",
		Long: `Run a self-contained demo: the real server with a temporary database, a simulated
GitHub, and a simulated service with a metric server. You need to install nothing, and
nothing leaves this machine.

The demo has an orders service with a contract in two files, and three consumers that
declare their use in their own repositories (a Pact, a Kiota manifest, a few lines of
YAML). A pull request removes a field that two of them read. After both have migrated,
the pull request is merged and deployed. Production starts to fail, and the deployment
is rolled back from the pull request. Simulated minutes pass in moments.

In a terminal, each next step begins when you press Enter, or the button at the bottom of
the simulated GitHub's pages.

With --load, the demo uses your own git repositories (DIR/OWNER/NAME) instead. Each
branch becomes a pull request, and you read what Plimsoll reports on it.

Exit status: 0 OK, 2 bad input or an error.`,
		Example: `  plimsoll demo
  plimsoll demo --exit            # for scripts: end after the last step
  plimsoll demo --minutes 5       # for a talk: continue by itself, for about five minutes
  plimsoll demo --load ~/src      # your own repositories, as ~/src/OWNER/NAME`,
		Args: cobra.NoArgs,
	}
	var options story.Options
	cmd.Flags().BoolVar(&options.NoOpen, "no-open", false, "do not open the browser")
	cmd.Flags().BoolVar(&options.Exit, "exit", false, "end after the last step")
	cmd.Flags().Float64Var(&options.Minutes, "minutes", 0, "for a talk: continue without Enter, for about this many minutes")
	cmd.Flags().StringVar(&options.Load, "load", "", "use the git repositories in this folder instead")
	cmd.Flags().StringVar(&options.Log, "log", "", "write the server's log to this file (- is standard error)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if cmd.Flags().Changed("minutes") && !(options.Minutes > 0 && options.Minutes <= 120) {
			return fmt.Errorf("--minutes %v: expected more than 0 and at most 120", options.Minutes)
		}
		return story.Play(cmd.Context(), t, options)
	}
	return cmd
}
