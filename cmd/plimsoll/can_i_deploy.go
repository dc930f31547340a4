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
		Short: "Ask the server if a commit is safe to deploy to an environment",
		Long: `Ask the server if a commit is safe to deploy to an environment. The commit is checked
both ways: as a provider against the consumers that run there, and as a consumer
against the providers that run there.

Set PLIMSOLL_TOKEN or GITHUB_TOKEN to a GitHub token with read access to the
repository. Results that the token can't read are counted but not named. By default
the repository and the commit come from the current git repository.

Exit status: 0 yes, 1 no, 2 bad input or no answer from the server, 3 unknown.`,
		Example: `  plimsoll can-i-deploy --environment production
  plimsoll can-i-deploy --server https://plimsoll.example.com --repository acme/orders \
      --component orders --commit 3f2a… --environment production --format json`,
		Args: cobra.NoArgs,
	}
	format, checkFormat := flags.Format(cmd, "text", "json")
	server := registry.ServerFlag(cmd)
	var repository, component, commit, environment string
	cmd.Flags().StringVar(&repository, "repository", "", "owner/repo (default: the remote origin)")
	cmd.Flags().StringVar(&component, "component", "", "only this component (default: all)")
	cmd.Flags().StringVar(&commit, "commit", "", "commit or revision (default: HEAD)")
	cmd.Flags().StringVar(&environment, "environment", "", "environment to deploy to, such as production")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		if environment == "" {
			return errors.New("--environment is required: the environment to deploy to")
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
