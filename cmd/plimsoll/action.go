package main

import (
	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/action"
	"plimsoll/cmd/plimsoll/internal/compare"
	"plimsoll/cmd/plimsoll/internal/readycheck"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

func newActionCommand(t *terminal.Terminal) *cobra.Command {
	var options action.Options
	cmd := &cobra.Command{
		Use:   "action [--consumers PATH…] [--contract [NAME=]PATH…]",
		Short: "Check a pull request in a step of a GitHub Actions workflow",
		Long: `Check the pull request of a GitHub Actions workflow: which consumers its contracts break,
and what it still needs before production. The result goes to the job summary, to one
comment on the pull request, to annotations, and to the outputs of the step. The action of
this repository (action.yml) runs this command; docs/action.md shows the workflow.

The current folder is a checkout of the pull request, with its history (fetch-depth: 0).
Contracts are those that .github/plimsoll.yml declares, and those of --contract. Consumers
are checkouts, or folders with a plimsoll.yml of each consumer. Declarations that lie in
the repository itself are read as its base branch has them. Nothing of the pull request is
executed.

GITHUB_TOKEN is used for the comment alone. With a token that may only read, as on pull
requests from forks, there is no comment.

Exit status: 0 OK, 1 a result at or above --fail-on or --readiness-fail-on, 2 bad input or
a checkout that lacks what is needed, 3 unknown.`,
		Example: `  plimsoll action --consumers ../web --consumers ../billing
  plimsoll action --contract orders=api/openapi.yaml --consumers consumers --fail-on risky
  plimsoll action --comment=false --sarif plimsoll.sarif`,
		Args: cobra.NoArgs,
	}
	set := cmd.Flags()
	set.StringArrayVar(&options.Consumers, "consumers", nil, "checkout, folder or file with declarations of consumers (repeatable)")
	set.StringArrayVar(&options.Contracts, "contract", nil, "contract that no repository file declares: PATH or NAME=PATH (repeatable)")
	set.StringVar(&options.FailOn, "fail-on", compare.Levels[0], "answer no at this level: breaking, risky, info, none")
	set.BoolVar(&options.Readiness, "readiness", true, "check the readiness for production as well")
	set.StringVar(&options.ReadinessFailOn, "readiness-fail-on", readycheck.Levels[0], "answer no at this level: blocking, new, any, none")
	set.BoolVar(&options.Comment, "comment", true, "write the comment on the pull request")
	set.StringVar(&options.Author, "comment-author", "", "login of the token, if it is an App's (default: found with the token)")
	set.StringVar(&options.JSON, "json", "", "write the results to this file as JSON")
	set.StringVar(&options.SARIF, "sarif", "", "write the results to this file as SARIF")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return action.Run(cmd.Context(), t, options) }
	return cmd
}
