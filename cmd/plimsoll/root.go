package main

import (
	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/terminal"
)

// commands lists every command; each lives in a file of its own.
func commands(t *terminal.Terminal) []*cobra.Command {
	return []*cobra.Command{
		newDemoCommand(t),
		newServeCommand(t),
		newValidateCommand(t),
		newSchemaCommand(t),
		newDiscoverCommand(t),
		newCheckCommand(t),
		newCanIDeployCommand(t),
		newCanRemoveCommand(t),
		newVerifyCommand(t),
		newRunningCommand(t),
		newMetricsCommand(t),
		newMetricsAlias(t),
		newLedgerCommand(t),
		newJobsCommand(t),
	}
}

func newRoot(t *terminal.Terminal) *cobra.Command {
	root := &cobra.Command{
		Use:   "plimsoll",
		Short: "Says whether it is safe to ship",
		Long: `Plimsoll tells a team, on the pull request and on the deployment, whether it is
safe to ship: who breaks if this API change goes out, what is missing before this
service may run in production, and whether what was just deployed really works.

Exit status: 0 fine, 1 the answer is no, 3 can't tell, 2 the input is bad.`,
		Version:       versionText(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(commands(t)...)
	return root
}
