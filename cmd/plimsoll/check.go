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
	base, head, api, failOn, within string
	consumers, overlays             []string
	rules                           bool
	// readiness, and what goes with it alone.
	readiness, fix        bool
	organisation, metrics string
	rulesFrom             string
}

func newCheckCommand(t *terminal.Terminal) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check {--base A --head B [--consumers PATH…] | --readiness [DIR]}",
		Short: "Compare two API contracts, or check if a service is ready for production",
		Long: `Compare two versions of an OpenAPI contract and list each change once, with the
consumers that it affects. Contracts are OpenAPI 3.0 to 3.2 or Swagger 2.0, in JSON or
YAML, in one file or several. Overlays are applied to both, in the order given.

A and B are files, or REV:PATH in the current git repository. PATH is a file or folder
with consumer declarations: plimsoll.yml (YAML or JSON), Pact, Kiota and others. Use
--api if the declarations name more than one API. A consumer that names a baseline (in
plimsoll.yml, or the copy that Kiota stores) is compared from that baseline to B.

With --rules-from, the rules of that repository file set levels and ignore changes until a
day; name the base's (main:.github/plimsoll.yml), as on a pull request. What is ignored
is still listed.

With --readiness, list what a service still needs before it may run in production: a
health endpoint, probes, alerts, a runbook, verification, a rollback plan, an owner.
DIR is the repository's folder (default: the current folder). Symbolic links are not
followed. With --base REV, only gaps that are new since the merge base of REV and HEAD
block, under the policy and waivers of REV, as on a pull request. Without --base, every
gap that the folder's own policy makes blocking blocks. --fix writes the suggested fixes
into the files, prints the changed lines, and lists what is left.

Exit status: 0 OK, 1 a result at or above --fail-on, 2 bad input, 3 unknown. The level
is that of the changes; with --consumers it is that of the verdicts (breaks = breaking,
may-break = risky); with --readiness it is whether a gap blocks.`,
		Example: `  plimsoll check --base main:openapi.yaml --head openapi.yaml
  plimsoll check --base old.json --head new.json --consumers ../checkout --consumers ../billing
  plimsoll check --base v1.yaml --head v2.yaml --format sarif > plimsoll.sarif
  plimsoll check --base v1.yaml --head v2.yaml --format html > report.html
  plimsoll check --base v1.4.0:openapi.yaml --head openapi.yaml --format changelog --fail-on none
  plimsoll check --base main:openapi.yaml --head openapi.yaml --rules-from main:.github/plimsoll.yml
  plimsoll check --rules
  plimsoll check --readiness
  plimsoll check --readiness --base origin/main --format markdown
  plimsoll check --readiness --fix
  plimsoll check --readiness --rules`,
		Args: cobra.MaximumNArgs(1),
	}
	format, checkFormat := flags.Format(cmd, "text", "json", "markdown", "changelog", "html", "sarif")
	var given checkFlags
	given.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		if (*format == "changelog" || *format == "html") && (given.readiness || given.rules) {
			return errors.New("--format " + *format + " is for the changes of a contract; it can't be combined with --readiness or --rules")
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
	set.StringVar(&f.base, "base", "", "old contract: a file or REV:PATH; with --readiness a revision")
	set.StringVar(&f.head, "head", "", "new contract: a file or REV:PATH")
	set.StringArrayVar(&f.consumers, "consumers", nil, "file or folder with consumer declarations (repeatable)")
	set.StringArrayVar(&f.overlays, "overlay", nil, "OpenAPI Overlay (1.0, 1.1) to apply to both contracts: a file or REV:PATH (repeatable)")
	set.StringVar(&f.api, "api", "", "name of the API, if the declarations name more than one")
	set.StringVar(&f.failOn, "fail-on", string(contracts.Breaking), "exit with 1 at this level: breaking, risky, info, none; with --readiness: blocking (default), new, any, none")
	set.StringVar(&f.within, "within", "", "folder outside of which no file is read, also not by $ref or symbolic links")
	set.BoolVar(&f.rules, "rules", false, "list all rules")
	set.BoolVar(&f.readiness, "readiness", false, "list what the components of a folder still need before production")
	set.BoolVar(&f.fix, "fix", false, "with --readiness: write the suggested fixes (with --base: only for new gaps), then check again")
	set.StringVar(&f.metrics, "metrics", "", "with --readiness: URL of a Prometheus, to check that the metrics of alerts exist (token: $"+readycheck.MetricsToken+")")
	set.StringVar(&f.organisation, "organisation", "", "with --readiness or --rules-from: the organisation's plimsoll.yml, with defaults and policy")
	set.StringVar(&f.rulesFrom, "rules-from", "", "repository file whose rules set levels and ignore changes: a file or REV:PATH")
}

func checkContracts(cmd *cobra.Command, t *terminal.Terminal, given checkFlags, format string, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("%s: a folder needs --readiness; to compare contracts, use --base and --head", args[0])
	}
	for _, name := range []string{"fix", "organisation", "metrics"} {
		if name == "organisation" && given.rulesFrom != "" {
			continue
		}
		if cmd.Flags().Changed(name) {
			return fmt.Errorf("--%s needs --readiness", name)
		}
	}
	if given.rules {
		return compare.WriteRules(t, format)
	}
	if given.base == "" || given.head == "" {
		return errors.New("--base and --head are required: a file or REV:PATH each")
	}
	if !slices.Contains(compare.Levels, given.failOn) {
		return fmt.Errorf("--fail-on %s: use one of %s", given.failOn, strings.Join(compare.Levels, ", "))
	}
	result, err := compare.Run(cmd.Context(), t, compare.Options{Base: given.base, Head: given.head, API: given.api, Consumers: given.consumers, Overlays: given.overlays, Within: given.within,
		RulesFrom: given.rulesFrom, Organisation: given.organisation})
	if err != nil {
		return err
	}
	if err := result.Write(t, format); err != nil {
		return err
	}
	return result.Status(given.failOn).Err()
}
