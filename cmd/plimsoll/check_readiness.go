package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/readycheck"
	"plimsoll/cmd/plimsoll/internal/terminal"
)

func checkReadiness(cmd *cobra.Command, t *terminal.Terminal, given checkFlags, format string, args []string) error {
	if given.rules {
		return readycheck.WriteRules(t, format)
	}
	for _, name := range []string{"head", "consumers", "overlay", "api", "within", "rules-from"} {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s can't be combined with --readiness", name)
		}
	}
	failOn := readycheck.Levels[0]
	if cmd.Flags().Changed("fail-on") {
		failOn = given.failOn
	}
	if !slices.Contains(readycheck.Levels, failOn) {
		return fmt.Errorf("--fail-on %s: with --readiness use one of %s", failOn, strings.Join(readycheck.Levels, ", "))
	}
	options := readycheck.Options{Dir: ".", Base: given.base, Organisation: given.organisation, Metrics: given.metrics, Fix: given.fix}
	if len(args) > 0 {
		options.Dir = args[0]
	}
	return readycheck.Run(cmd.Context(), t, options, format, failOn)
}
