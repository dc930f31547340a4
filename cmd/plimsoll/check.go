package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"plimsoll/cmd/plimsoll/internal/compare"
	"plimsoll/cmd/plimsoll/internal/flags"
	"plimsoll/cmd/plimsoll/internal/readycheck"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
)

// checkFlags are the flags of `plimsoll check`.
type checkFlags struct {
	base, head, api, failOn string
	consumers               []string
	rules                   bool
	// readiness, and what goes with it alone.
	readiness, fix        bool
	organisation, metrics string
}

func newCheckCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check {--base A --head B [--consumers PATH…] | --readiness [DIR]}",
		Short: "Compare two contracts and say who is hit, or say what production still needs",
		Long: `Compare two versions of an OpenAPI contract (3.0, 3.1, Swagger 2.0; JSON or YAML;
over any number of files) and say what changed, each change once, and whom it hits.

A and B are files, or REV:PATH in the git repository at hand. PATH is a file or a
folder of plimsoll.yml (also as JSON), Pact, Kiota and the like; --api names the API
where those given speak of several. A consumer with a baseline (one that plimsoll.yml
names, or the copy that Kiota stores) is judged by what changed from there to B.

With --readiness, say what is missing before the components of a repository may run in
production: health endpoint, probes, alerts, runbook, verification, a way back, an
owner. DIR is the repository's folder, by default the one at hand; symbolic links are
not followed. With --base REV only what is new since the merge base of REV and HEAD
blocks, judged by the policy and the waivers of REV, as on a pull request; without,
everything that the folder's own policy has block. --fix puts what is offered into the
folder's files, tells which lines, and says what is left.

Exit status: 0 fine; 1 something at or above --fail-on (without --consumers the
changes' levels decide, with them the verdicts: breaks is breaking, may-break is
risky; with --readiness, something that blocks); 3 can't tell; 2 the input is bad.`,
		Example: `  plimsoll check --base main:openapi.yaml --head openapi.yaml
  plimsoll check --base old.json --head new.json --consumers ../checkout --consumers ../billing
  plimsoll check --base v1.yaml --head v2.yaml --format sarif > plimsoll.sarif
  plimsoll check --rules
  plimsoll check --readiness
  plimsoll check --readiness --base origin/main --format markdown
  plimsoll check --readiness --fix
  plimsoll check --readiness --rules`,
		Args: cobra.MaximumNArgs(1),
	}
	format, checkFormat := flags.Format(cmd, "text", "json", "markdown", "sarif")
	var given checkFlags
	given.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		check := checkContracts
		if given.readiness {
			check = checkReadiness
		}
		err := check(cmd, t, given, *format, args)
		if problem, ok := errors.AsType[*contracts.Problem](err); ok { // one line says it all
			return problem
		}
		return err
	}
	return cmd
}

func (f *checkFlags) add(cmd *cobra.Command) {
	set := cmd.Flags()
	set.StringVar(&f.base, "base", "", "the old contract: a file, or REV:PATH; with --readiness a revision")
	set.StringVar(&f.head, "head", "", "the new contract: a file, or REV:PATH")
	set.StringArrayVar(&f.consumers, "consumers", nil, "files and folders that say who uses what (may be repeated)")
	set.StringVar(&f.api, "api", "", "the API, where the declarations speak of several")
	set.StringVar(&f.failOn, "fail-on", string(contracts.Breaking), "exit with 1 from this level on: breaking, risky, info, none; with --readiness: blocking (default), new, any, none")
	set.BoolVar(&f.rules, "rules", false, "list every rule")
	set.BoolVar(&f.readiness, "readiness", false, "say what is missing before the components of a folder may run in production")
	set.BoolVar(&f.fix, "fix", false, "with --readiness: put in what mends what is missing (with --base: what is new), then judge again")
	set.StringVar(&f.metrics, "metrics", "", "with --readiness: address of a Prometheus that knows the metrics that alerts need (token: $"+readycheck.MetricsToken+")")
	set.StringVar(&f.organisation, "organisation", "", "with --readiness: the organisation's plimsoll.yml (its defaults and policy)")
}

func checkContracts(cmd *cobra.Command, t *terminal.Terminal, given checkFlags, format string, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s: a folder goes with --readiness; contracts are given with --base and --head", args[0])
	}
	for _, name := range []string{"fix", "organisation", "metrics"} {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s goes with --readiness", name)
		}
	}
	if given.rules {
		return compare.WriteRules(t, format)
	}
	if given.base == "" || given.head == "" {
		return errors.New("--base and --head are needed: each a file, or REV:PATH")
	}
	if !slices.Contains(compare.Levels, given.failOn) {
		return fmt.Errorf("--fail-on %s: known are %s", given.failOn, strings.Join(compare.Levels, ", "))
	}
	result, err := compare.Run(cmd.Context(), t, compare.Options{Base: given.base, Head: given.head, API: given.api, Consumers: given.consumers})
	if err != nil {
		return err
	}
	if err := result.Write(t, format); err != nil {
		return err
	}
	return result.Status(given.failOn).Err()
}

func checkReadiness(cmd *cobra.Command, t *terminal.Terminal, given checkFlags, format string, args []string) error {
	if given.rules {
		return readycheck.WriteRules(t, format)
	}
	for _, name := range []string{"head", "consumers", "api"} {
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s does not go with --readiness", name)
		}
	}
	failOn := readycheck.Levels[0]
	if cmd.Flags().Changed("fail-on") {
		failOn = given.failOn
	}
	if !slices.Contains(readycheck.Levels, failOn) {
		return fmt.Errorf("--fail-on %s: with --readiness known are %s", failOn, strings.Join(readycheck.Levels, ", "))
	}
	options := readycheck.Options{Dir: ".", Base: given.base, Organisation: given.organisation, Metrics: given.metrics, Fix: given.fix}
	if len(args) > 0 {
		options.Dir = args[0]
	}
	return readycheck.Run(cmd.Context(), t, options, format, failOn)
}
