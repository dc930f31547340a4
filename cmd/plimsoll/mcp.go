package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/registry"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/cmd/plimsoll/internal/tools"
)

func newMCPCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "mcp",
		Short: "Answer editors and agents over the Model Context Protocol",
		Long: `Answer editors and agents over the Model Context Protocol, on standard input and output.
An editor starts this command in the folder of your project, or with --dir. The tools
are check, can-i-deploy, can-remove, who-uses and deployment-status. They answer as the
commands do (deployment-status as running), and change nothing.

check reads files inside that folder only. The other tools ask the server that
--server or PLIMSOLL_SERVER names. Set PLIMSOLL_TOKEN or GITHUB_TOKEN to a GitHub token
with read access to the repositories. No tool takes a server or a token as argument.

Exit status: 0 the editor has ended the session, 2 it sent something else.`,
		Example: `  plimsoll mcp --server https://plimsoll.example.com
  claude mcp add plimsoll -- plimsoll mcp --server https://plimsoll.example.com`,
		Args: cobra.NoArgs,
	}
	server := registry.ServerFlag(cmd)
	var dir string
	cmd.Flags().StringVar(&dir, "dir", ".", "folder of the project, outside of which check reads no file")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := enter(dir); err != nil {
			return err
		}
		env := t.Env
		if *server != "" {
			env = func(name string) string {
				if name == "PLIMSOLL_SERVER" {
					return *server
				}
				return t.Env(name)
			}
		}
		return tools.Serve(cmd.Context(), func(ctx context.Context, args []string, stdout, stderr io.Writer) error {
			return run(ctx, args, env, stdout, stderr)
		}, os.Stdin, t.Stdout)
	}
	return cmd
}

// enter makes dir the current folder. Editors start programs in the root of the disk where
// they know no project: nothing would be outside of that.
func enter(dir string) error {
	if err := os.Chdir(dir); err != nil {
		return fmt.Errorf("--dir: %w", err)
	}
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	if filepath.Dir(here) == here {
		return fmt.Errorf("the current folder is %s: set --dir to the folder of your project", here)
	}
	return nil
}
