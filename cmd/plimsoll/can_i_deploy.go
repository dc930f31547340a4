package main

import (
	"errors"
	"net/url"

	"github.com/spf13/cobra"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/cmd/plimsoll/internal/checkout"
	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/registry"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

func newCanIDeployCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "can-i-deploy --environment E [--commit SHA]",
		Short: "Ask the server whether a commit may go to an environment",
		Long: `Ask the server's registry whether a commit may go to an environment: as a provider to
all consumers that run there, and as a consumer to all providers that run there.

The token is a GitHub token that may read the repository, in PLIMSOLL_TOKEN or
GITHUB_TOKEN. What it may not read is counted and not named. Repository and commit
are those of the git repository at hand, unless they are given.

Exit status: 0 yes; 1 no; 3 can't tell; 2 the input is bad, or nobody answers.`,
		Example: `  plimsoll can-i-deploy --environment production
  plimsoll can-i-deploy --server https://plimsoll.example.com --repository acme/orders \
      --component orders --commit 3f2a… --environment production --format json`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	server := registry.ServerFlag(cmd)
	var repository, component, commit, environment string
	cmd.Flags().StringVar(&repository, "repository", "", "owner/repo (default: of the remote origin)")
	cmd.Flags().StringVar(&component, "component", "", "one component of the repository (default: all of them)")
	cmd.Flags().StringVar(&commit, "commit", "", "the commit, or a revision of the git repository at hand (default: HEAD)")
	cmd.Flags().StringVar(&environment, "environment", "", "where it should go, such as production")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		if environment == "" {
			return errors.New("--environment is needed: where should it go?")
		}
		var err error
		if repository, err = checkout.Repository(cmd.Context(), t.Env, repository); err != nil {
			return err
		}
		if commit, err = checkout.Commit(cmd.Context(), commit); err != nil {
			return err
		}
		client, err := registry.New(t, *server)
		if err != nil {
			return err
		}
		query := url.Values{"repository": {repository}, "commit": {commit}, "environment": {environment}}
		if component != "" {
			query.Set("component", component)
		}
		given, raw, err := client.Ask(cmd.Context(), "can-i-deploy", query)
		if err != nil {
			return err
		}
		return given.Write(t, *format, terminal.Shown(contracttext.DeployAsked(repository, component, commit, environment)), raw)
	}
	return cmd
}
