package main

import (
	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/config"
)

func newSchemaCommand(t *terminal.Terminal) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of .github/plimsoll.yml",
		Long: `Print the JSON Schema of the repository file, for completion and validation in editors.
For the YAML language server, make this the first line of the file:
# yaml-language-server: $schema=plimsoll.schema.json

Exit status: 0 OK, 2 bad input or an error.`,
		Example: `  plimsoll schema > plimsoll.schema.json`,
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := t.Stdout.Write(config.Schema())
			return err
		},
	}
}
