package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/evidence"
	"plimsoll/contracts/openapi"
)

// checkFlags are the flags of `plimsoll check`.
type checkFlags struct {
	base, head, api, failOn string
	consumers               []string
	rules                   bool
	readiness               readinessFlags
}

func newCheckCommand(t *terminal) *cobra.Command {
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
	format, checkFormat := formatFlag(cmd, "text", "json", "markdown", "sarif")
	var flags checkFlags
	cmd.Flags().StringVar(&flags.base, "base", "", "the old contract: a file, or REV:PATH; with --readiness a revision")
	cmd.Flags().StringVar(&flags.head, "head", "", "the new contract: a file, or REV:PATH")
	cmd.Flags().StringArrayVar(&flags.consumers, "consumers", nil, "files and folders that say who uses what (may be repeated)")
	cmd.Flags().StringVar(&flags.api, "api", "", "the API, where the declarations speak of several")
	cmd.Flags().StringVar(&flags.failOn, "fail-on", string(contracts.Breaking), "exit with 1 from this level on: breaking, risky, info, none; with --readiness: blocking (default), new, any, none")
	cmd.Flags().BoolVar(&flags.rules, "rules", false, "list every rule")
	flags.readiness.add(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkFormat(); err != nil {
			return err
		}
		if flags.readiness.on {
			return checkReadiness(cmd, t, flags, *format, args)
		}
		if err := flags.readiness.alone(cmd, args); err != nil {
			return err
		}
		if flags.rules {
			return writeRules(t, *format)
		}
		if flags.base == "" || flags.head == "" {
			return errors.New("--base and --head are needed: each a file, or REV:PATH")
		}
		if !slices.Contains([]string{"breaking", "risky", "info", "none"}, flags.failOn) {
			return fmt.Errorf("--fail-on %s: known are breaking, risky, info, none", flags.failOn)
		}
		result, err := runCheck(cmd.Context(), t, flags)
		if err != nil {
			return checkFault(err)
		}
		if err := result.write(t, *format); err != nil {
			return err
		}
		if status := result.status(flags.failOn); status != statusFine {
			return answer(status)
		}
		return nil
	}
	return cmd
}

// checked is the outcome of one check.
type checked struct {
	base, head *openapi.Contract
	display    func(string) string
	findings   []contracts.Finding
	problems   []contracts.RegistrationProblem
	judged     bool // consumers were given
	consumers  int
	passedOver []contracts.Problem
	baselines  []*openapi.Contract // of the consumers, in no order
}

// checkLimits are wider than the server's: who runs the command owns the files.
var checkLimits = openapi.Limits{Files: 20_000, FileBytes: 64 << 20, TotalBytes: 256 << 20}

func runCheck(ctx context.Context, t *terminal, flags checkFlags) (*checked, error) {
	// nearly all that reading makes is kept, so that collecting would find little
	percent := debug.SetGCPercent(400)
	defer debug.SetGCPercent(percent)
	open := &opener{}
	defer open.close()
	step := t.progressLine()
	defer step("")
	load := func(name string, like *openapi.Contract) (*openapi.Contract, error) {
		step("reading " + name)
		src, file, err := open.source(ctx, name)
		if err != nil {
			return nil, err
		}
		return openapi.Load(ctx, src, file, openapi.LoadOptions{Limits: checkLimits, Like: like})
	}
	out := &checked{display: open.display, judged: len(flags.consumers) > 0}
	var err error
	if out.base, err = load(flags.base, nil); err != nil {
		return nil, err
	}
	if out.head, err = load(flags.head, out.base); err != nil {
		return nil, err
	}
	debug.SetGCPercent(percent)
	api := flags.api
	var gathered evidence.Gathered
	if out.judged {
		step("reading consumers")
		if gathered, err = evidence.CollectFiles(ctx, flags.api, flags.consumers...); err != nil {
			return nil, err
		}
		api = cmp.Or(api, gathered.API)
		out.passedOver = gathered.Problems
	}
	step("comparing")
	comparison, err := diff.Compare(ctx, out.base, out.head, diff.Options{API: api})
	if err != nil {
		return nil, err
	}
	out.consumers = len(gathered.Consumers)
	from, err := newBaselines(ctx, open, step, flags)
	if err != nil {
		return nil, err
	}
	out.findings, out.problems, err = comparison.JudgeFrom(ctx, gathered.Consumers, from.of)
	out.baselines = from.contracts()
	return out, err
}

// verdict is the gravest verdict; "" where no consumers were given.
func (c *checked) verdict() contracts.Verdict {
	if !c.judged {
		return ""
	}
	worst := contracts.Unaffected
	for i := range c.findings {
		if v := c.findings[i].Verdict(); v.Rank() > worst.Rank() {
			worst = v
		}
	}
	return worst
}

// status gives the exit status.
func (c *checked) status(failOn string) int {
	rank := map[string]int{"info": 1, "risky": 2, "breaking": 3, "none": 4}
	limit := rank[failOn]
	worst := 0
	for i := range c.findings {
		worst = max(worst, rank[c.weight(&c.findings[i])])
	}
	switch {
	case worst >= limit:
		return statusNo
	case c.verdict() == contracts.Unknown:
		return statusUnknown
	}
	return statusFine
}

// weight gives what decides about a finding: the level of the change, or what it
// means for the consumers given.
func (c *checked) weight(f *contracts.Finding) string {
	if !c.judged {
		return string(f.Change.Level)
	}
	switch f.Verdict() {
	case contracts.Breaks:
		return "breaking"
	case contracts.MayBreak:
		return "risky"
	}
	return "info"
}

// hit counts the consumers that a change breaks, or may.
func (c *checked) hit() int {
	seen := map[string]bool{}
	for i := range c.findings {
		for _, h := range c.findings[i].Affected {
			if h.Verdict.Rank() >= contracts.MayBreak.Rank() {
				seen[h.Consumer.Repository.FullName()+" "+h.Consumer.Component] = true
			}
		}
	}
	return len(seen)
}

// checkFault words an error for one line.
func checkFault(err error) error {
	if p, ok := errors.AsType[*contracts.Problem](err); ok {
		return p
	}
	return err
}

func writeRules(t *terminal, format string) error {
	rules := diff.Rules()
	if format == "json" {
		return writeJSON(t, struct {
			Schema string      `json:"schema"`
			Rules  []diff.Rule `json:"rules"`
		}{"plimsoll.rules/v1", rules})
	}
	for _, r := range rules {
		line := fmt.Sprintf("%-46s %-8s  %s", r.Name, r.Level, r.Reason)
		if _, err := fmt.Fprintf(t.stdout, "%s\n%-46s %-8s  for example: %s\n", t.paint(levelColor(r.Level), line), "", "", r.Example); err != nil {
			return err
		}
	}
	return nil
}

func levelColor(l contracts.Level) string {
	switch l {
	case contracts.Breaking:
		return "31"
	case contracts.Risky:
		return "33"
	}
	return "2"
}

// progressLine gives a function that shows what is being done, on a terminal.
func (t *terminal) progressLine() func(string) {
	shown := false
	return func(text string) {
		if !t.progress {
			return
		}
		if shown {
			fmt.Fprint(t.stderr, "\r\x1b[K")
		}
		shown = text != ""
		fmt.Fprint(t.stderr, strings.TrimSpace(text))
	}
}

// sentenceOf words a change without Markdown.
func sentenceOf(c contracts.Change) string { return contracttext.PlainChangeSentence(c) }
