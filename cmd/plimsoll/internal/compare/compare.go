// Package compare answers `plimsoll check` for two contracts: what changed, and which
// consumers that affects.
package compare

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/cmd/plimsoll/internal/terminal"
	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/evidence"
	"plimsoll/contracts/openapi"
)

// Result is the outcome of one check.
type Result struct {
	base, head *openapi.Contract
	display    func(string) string
	changes    []contracts.Change
	nearest    map[string]contracts.Position
	findings   []contracts.Finding
	problems   []contracts.RegistrationProblem
	evaluated  bool // consumers were given
	warns      bool // the provider has chosen that breaks only warn
	consumers  int
	passedOver []contracts.Problem
	baselines  []*openapi.Contract // of the consumers, in no order
	rulings    map[string]contracts.Ruling
	names      [2]string // of base and head, as given
}

// checkLimits are wider than the server's, because the user owns the files.
var checkLimits = openapi.Limits{Files: 20_000, FileBytes: 64 << 20, TotalBytes: 256 << 20}

// Options say what to compare.
type Options struct {
	// Base and Head are contracts: a file, or REV:PATH.
	Base, Head string
	// API is the one to use if the declarations name several.
	API string
	// Consumers are files and folders that say who uses what.
	Consumers []string
	// RulesFrom is a repository file with rule settings: a file, or REV:PATH; "": none.
	// Organisation is the organisation's file beside it; "": none.
	RulesFrom, Organisation string
	// Overlays are overlay documents, which are applied to every contract that is read: a file
	// or REV:PATH each.
	Overlays []string
	// Within is the folder outside of which no file is read; "" for no bound.
	Within string
}

// Run compares two contracts and evaluates the consumers.
func Run(ctx context.Context, t *terminal.Terminal, options Options) (*Result, error) {
	// nearly all that reading makes is kept, so that collecting would find little
	percent := debug.SetGCPercent(400)
	defer debug.SetGCPercent(percent)
	within, err := newBound(options.Within)
	if err != nil {
		return nil, err
	}
	open := &opener{within: within}
	defer open.close()
	step := t.ProgressLine()
	defer step("")
	overlays, err := readOverlays(ctx, open, options)
	if err != nil {
		return nil, err
	}
	load := func(name string, like *openapi.Contract) (*openapi.Contract, error) {
		step("reading " + name)
		src, file, err := open.source(ctx, name)
		if err != nil {
			return nil, err
		}
		contract, err := openapi.Load(ctx, src, file, openapi.LoadOptions{Limits: checkLimits, Like: like, Change: overlays.change(name)})
		if problem, ok := errors.AsType[*contracts.Problem](err); ok {
			shown := *problem
			shown.File = open.display(shown.File)
			return nil, &shown
		}
		return contract, err
	}
	out := &Result{display: open.display, evaluated: len(options.Consumers) > 0, names: [2]string{options.Base, options.Head}}
	if err := within.checkConsumers(options.Consumers); err != nil {
		return nil, err
	}
	if out.base, err = load(options.Base, nil); err != nil {
		return nil, err
	}
	if out.head, err = load(options.Head, out.base); err != nil {
		return nil, err
	}
	debug.SetGCPercent(percent)
	api := options.API
	var gathered evidence.Gathered
	if out.evaluated {
		step("reading consumers")
		if gathered, err = evidence.CollectFiles(ctx, options.API, options.Consumers...); err != nil {
			return nil, err
		}
		api = cmp.Or(api, gathered.API)
		out.passedOver = gathered.Problems
	}
	step("comparing")
	from, err := newBaselines(ctx, open, step, options)
	if err != nil {
		return nil, err
	}
	from.overlays = overlays
	out.passedOver = append(out.passedOver, overlays.warnings...)
	rules, err := out.rules(ctx, open, options, t.Now())
	if err != nil {
		return nil, err
	}
	return out, out.evaluate(ctx, api, gathered.Consumers, from, rules)
}

// evaluate compares the contracts and evaluates the consumers.
func (c *Result) evaluate(ctx context.Context, api string, consumers []contracts.Consumer, from *baselines, rules Rules) error {
	comparison, err := diff.Compare(ctx, c.base, c.head, diff.Options{API: api})
	if err != nil {
		return err
	}
	c.consumers, c.changes, c.nearest = len(consumers), comparison.Changes(), comparison.Nearest()
	c.findings, c.problems, err = comparison.JudgeFrom(ctx, consumers, from.of)
	c.baselines = from.contracts()
	c.weigh(rules)
	return err
}

// Verdict is the most severe verdict; "" where no consumers were given.
func (c *Result) Verdict() contracts.Verdict {
	if !c.evaluated {
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

// counted is the most severe verdict of the changes that count; "" where no consumers were
// given.
func (c *Result) counted() contracts.Verdict {
	if !c.evaluated {
		return ""
	}
	worst := contracts.Unaffected
	for i := range c.findings {
		f := &c.findings[i]
		if v := f.Verdict(); !c.ruling(f).SetAside(v) && v.Rank() > worst.Rank() {
			worst = v
		}
	}
	return worst
}

// Levels are what the exit status can be asked to answer no from.
var Levels = []string{"breaking", "risky", "info", "none"}

// Status gives the answer: no where something is at failOn or above it.
func (c *Result) Status(failOn string) terminal.Answer {
	rank := map[string]int{"info": 1, "risky": 2, "breaking": 3, "none": 4}
	limit := rank[failOn]
	worst := 0
	for i := range c.findings {
		worst = max(worst, rank[c.weight(&c.findings[i])])
	}
	switch {
	case worst >= limit:
		return terminal.No
	case c.counted() == contracts.Unknown, slices.ContainsFunc(c.findings, c.leftOut):
		return terminal.Unknown
	}
	return terminal.Fine
}

// leftOut tells whether a finding stands for something that is not compared and concerns
// the consumers given.
func (c *Result) leftOut(f contracts.Finding) bool {
	return diff.NotCompared(f.Change) && (!c.evaluated || len(f.Affected) > 0)
}

// weight gives what decides about a finding: the level of the change, or what it
// means for the consumers given; "" if it is ignored. A level that was set decides, except
// that a consumer that breaks is at least a warning.
func (c *Result) weight(f *contracts.Finding) string {
	ruling := c.ruling(f)
	switch {
	case ruling.Ignored:
		return ""
	case ruling.Level == contracts.Breaking && c.warns, ruling.Level == contracts.Info && c.evaluated && f.Verdict() == contracts.Breaks:
		return "risky"
	case ruling.Level != "":
		return string(ruling.Level)
	}
	return c.usual(f)
}

// usual is the weight of a finding without rule settings.
func (c *Result) usual(f *contracts.Finding) string {
	breaks := f.Verdict() == contracts.Breaks
	switch {
	case !c.evaluated:
		return string(f.Change.Level)
	case breaks && c.warns:
		return "risky"
	case breaks:
		return "breaking"
	case f.Verdict() == contracts.MayBreak:
		return "risky"
	}
	return "info"
}

// affected counts the consumers that a change breaks, or may.
func (c *Result) affected() int {
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

// WriteRules lists every rule.
func WriteRules(t *terminal.Terminal, format string) error {
	rules := diff.Rules()
	if format == "json" {
		return t.WriteJSON(struct {
			Schema string      `json:"schema"`
			Rules  []diff.Rule `json:"rules"`
		}{"plimsoll.rules/v1", rules})
	}
	for _, r := range rules {
		line := fmt.Sprintf("%-46s %-8s  %s", r.Name, r.Level, r.Reason)
		if _, err := fmt.Fprintf(t.Stdout, "%s\n%-46s %-8s  for example: %s\n", t.Paint(levelColor(r.Level), line), "", "", r.Example); err != nil {
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

// sentenceOf words a change without Markdown.
func sentenceOf(c contracts.Change) string { return contracttext.PlainChangeSentence(c) }
