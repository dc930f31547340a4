package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/version"
)

func newVersionCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version, commit and date of this program",
		Long: `Print the version, commit and date of this program. The server shows the same in its metric
plimsoll_build_info.

Exit status: 0 OK, 2 bad input or an error.`,
		Example: `  plimsoll version
  plimsoll version --format json`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	cmd.RunE = func(*cobra.Command, []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		if *format == "json" {
			return t.WriteJSON(version.Current())
		}
		_, err := fmt.Fprintf(t.Stdout, "plimsoll version %s\n", version.Current())
		return err
	}
	return cmd
}
