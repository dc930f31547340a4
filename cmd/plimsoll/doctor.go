package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/doctor"
	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/server"
)

func newDoctorCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check a server's configuration and what it depends on",
		Long: `Check a server's configuration and what it depends on, and say how to fix each problem:
the configuration, GitHub, the clock, the App's id and key, permissions and events, the
webhook and its last deliveries, the database, metric servers, and hosts to be probed.

Nothing is changed, and no secret is printed. Run it with the file, the environment and the
user of the server, on its machine. The server may run meanwhile.

Exit status: 0 everything is ok, 1 a problem was found, 2 bad input, 3 no problem was found,
but something could not be checked.`,
		Example: `  plimsoll doctor --config server.yml
  plimsoll doctor --config server.yml --format json | jq '.checks[] | select(.state != "ok")'`,
		Args: cobra.NoArgs,
	}
	file := cmd.Flags().String("config", "", "the server's configuration file, as for serve (default: environment variables)")
	format, checkFormat := flags.Format(cmd, "text", "json")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		asks, err := server.AskedOfAccounts()
		if err != nil {
			return err
		}
		line := t.ProgressLine()
		underWay := func(names []string) {
			if len(names) > 0 {
				line("checking " + strings.Join(names, ", "))
			} else {
				line("")
			}
		}
		var failed error
		report := doctor.Run(cmd.Context(), doctor.Options{
			File: *file, Env: t.Env, Asks: asks, HookPath: server.HookPath, Now: t.Now, Began: underWay,
			Found: func(f doctor.Finding) {
				if *format == "text" && failed == nil {
					line("")
					failed = f.Write(t)
				}
			},
		})
		if failed == nil && *format == "json" {
			failed = t.WriteJSON(report)
		} else if failed == nil {
			_, failed = fmt.Fprintln(t.Stdout, "\n"+report.Summary())
		}
		if failed != nil {
			return failed
		}
		return report.Answer().Err()
	}
	return cmd
}
