package main

import (
	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/jobs"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server/version"
)

// commands lists every command; each lives in a file of its own.
func commands(t *terminal.Terminal) []*cobra.Command {
	return []*cobra.Command{
		newDemoCommand(t),
		newServeCommand(t),
		newDoctorCommand(t),
		newValidateCommand(t),
		newSchemaCommand(t),
		newDiscoverCommand(t),
		newCheckCommand(t),
		newActionCommand(t),
		newCanIDeployCommand(t),
		newCanRemoveCommand(t),
		newWhoUsesCommand(t),
		newVerifyCommand(t),
		newRunningCommand(t),
		newMetricsCommand(t),
		newMetricsAlias(t),
		newLedgerCommand(t),
		jobs.Command(t),
		newBackupCommand(t),
		newRestoreCommand(t),
		newMCPCommand(t),
		newVersionCommand(t),
	}
}

func newRoot(t *terminal.Terminal) *cobra.Command {
	root := &cobra.Command{
		Use:   "plimsoll",
		Short: "Tells whether a change is safe to ship",
		Long: `Plimsoll tells a team, on the pull request and on the deployment, whether a change is
safe to ship: which consumers an API change breaks, what a service still needs before
it may run in production, and whether a deployment works.

Exit status: 0 yes, 1 no, 2 bad input, 3 unknown.`,
		Example: `  plimsoll demo
  plimsoll check --base main:openapi.yaml --head openapi.yaml
  plimsoll serve --config server.yml`,
		Version:       version.Current().String(),
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(commands(t)...)
	flags.PlainUsageErrors(root)
	return root
}
