package main

import (
	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/story"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

func newDemoCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Play the main job on this machine, with a simulated GitHub and a simulated production",
		Long: `Play the main job on this machine: a simulated GitHub, a simulated service with a
simulated metric server, and the real server, on a database in a temporary folder.
Nothing has to be installed and nothing leaves the machine.

The story: an orders service whose contract spans two files, three consumers that
registered through files in their own repositories (a Pact, a Kiota manifest, a few
lines by hand), and a pull request that drops a field that two of them read. When
they have moved it is merged and deployed, production starts to fail, and is rolled
back from the pull request. A minute of the story passes in a moment.

With --load, a folder of git repositories (FOLDER/OWNER/NAME) takes the story's
place: make pull requests of their branches on the page and read what Plimsoll would
have said.`,
		Example: `  plimsoll demo
  plimsoll demo --exit            # for scripts: tell the story and end
  plimsoll demo --load ~/src      # your own repositories, as ~/src/OWNER/NAME`,
		Args: cobra.NoArgs,
	}
	var options story.Options
	cmd.Flags().BoolVar(&options.NoOpen, "no-open", false, "do not open the browser")
	cmd.Flags().BoolVar(&options.Exit, "exit", false, "end after the story")
	cmd.Flags().StringVar(&options.Load, "load", "", "play on a folder of git repositories instead")
	cmd.Flags().StringVar(&options.Log, "log", "", "write the server's log to this file (- for standard error)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return story.Play(cmd.Context(), t, options)
	}
	return cmd
}
