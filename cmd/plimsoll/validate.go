package main

import (
	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/repofile"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

func newValidateCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "validate [PATH…]",
		Short: "Validate repository files",
		Long: `Validate repository files (.github/plimsoll.yml) and list every error. PATH is a file or
a repository's folder (default: the current folder).

Exit status: 0 all files are valid, 2 otherwise.`,
		Example: `  plimsoll validate
  plimsoll validate services/orders .github/plimsoll.yml
  plimsoll validate --format json | jq '.errors[] | "\(.file):\(.line) \(.message)"'`,
	}
	format, check := flags.Format(cmd, "text", "json")
	cmd.RunE = func(_ *cobra.Command, args []string) error {
		if err := check(); err != nil {
			return err
		}
		if len(args) == 0 {
			args = []string{"."}
		}
		result, err := repofile.Validate(args)
		if err != nil {
			return err
		}
		return result.Write(t, *format)
	}
	return cmd
}
