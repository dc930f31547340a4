package evidence

import (
	"errors"
	"maps"
	"path"
	"slices"
	"time"

	"plimsoll/config"
	"plimsoll/contracts"
)

// ProblemsOf turns an error about a file of the repository into problems that users
// are shown.
func ProblemsOf(err error) []contracts.Problem {
	if errs, ok := errors.AsType[config.Errors](err); ok {
		all := make([]contracts.Problem, len(errs))
		for i, e := range errs {
			all[i] = contracts.Problem{
				Position: contracts.Position{File: e.File, Line: e.Line, Column: e.Column},
				Path:     e.Path, Message: e.Message, Hint: e.Hint,
			}
		}
		return all
	}
	if problem, ok := errors.AsType[*contracts.Problem](err); ok {
		return []contracts.Problem{*problem}
	}
	return nil
}

func position(at config.Position) contracts.Position {
	return contracts.Position{File: at.File, Line: at.Line, Column: at.Column}
}

func declaredAt(at config.Position) contracts.Evidence {
	return contracts.Evidence{Kind: contracts.EvidenceDeclared, Position: position(at)}
}

// component turns a declared component into the registry's; imports are added later.
func component(c config.Component) contracts.Component {
	out := contracts.Component{
		Name: string(c.Name), Path: string(c.Path), Owner: string(c.Owner),
		Release: string(c.Release), Position: position(c.At),
	}
	if out.Release == "" {
		out.Release = string(config.Deployed)
	}
	for _, p := range c.Provides {
		provided := contracts.Provided{
			API: string(p.API), Spec: string(p.Spec), External: p.External,
			OnBreak: string(p.OnBreak), Position: position(p.At),
		}
		provided.Rules = ruleSettings(p.Rules)
		if provided.OnBreak == "" {
			provided.OnBreak = string(config.Block)
		}
		out.Provides = append(out.Provides, provided)
	}
	for _, c := range c.Consumes {
		out.Consumes = append(out.Consumes, consumed(c))
	}
	for _, name := range slices.Sorted(maps.Keys(c.Environments)) {
		declared := c.Environments[name]
		out.Environments = append(out.Environments, contracts.Environment{
			Name: string(name), Production: declared.Production, Gate: declared.Gate != nil && *declared.Gate,
		})
	}
	return out
}

func ruleSettings(list []config.RuleSetting) (out []contracts.RuleSetting) {
	for _, s := range list {
		setting := contracts.RuleSetting{
			Rule: string(s.Rule), Operation: s.Operation.Text, Field: string(s.Field), Level: contracts.Level(s.Level), Ignore: s.Ignore,
			Reason: string(s.Reason), Position: position(s.At), Organisation: s.Organisation, Default: s.Default,
		}
		if !s.Until.IsZero() {
			setting.Until = s.Until.Format(time.DateOnly)
		}
		out = append(out, setting)
	}
	return out
}

// rulePolicy gives what no rule setting can loosen; nil if everything can be.
func rulePolicy(p *config.Policy) *contracts.RulePolicy {
	if p == nil || len(p.Rules) == 0 && p.MaxWaiver == 0 {
		return nil
	}
	out := &contracts.RulePolicy{Longest: p.MaxWaiver.Value()}
	for _, fixed := range p.Rules {
		out.Fixed = append(out.Fixed, contracts.FixedRule{Rule: string(fixed.Rule), Level: contracts.Level(fixed.Level)})
	}
	return out
}

// consumed turns one declared use into the registry's, without its imports.
func consumed(c config.Consumes) contracts.Consumed {
	usage := contracts.Usage{Via: string(c.Via), Evidence: declaredAt(c.At)}
	if usage.Via == "hand" || usage.Via == "other" {
		usage.Via = ""
	}
	if c.Baseline != "" {
		usage.Baseline = contracts.Baseline{Commit: c.Baseline.Commit(), Path: c.Baseline.Path()}
	}
	for _, o := range c.Operations {
		use := contracts.OperationUse{Selector: o.Op.Text, Reads: patterns(o.Reads), Sends: patterns(o.Sends), Evidence: declaredAt(o.Op.At)}
		for _, s := range o.Status {
			use.Status = append(use.Status, string(s))
		}
		usage.Operations = append(usage.Operations, use)
	}
	return contracts.Consumed{API: string(c.API), Usage: usage}
}

// patterns keeps absent (nil) and empty apart.
func patterns(list []config.Pattern) *[]contracts.Pattern {
	if list == nil {
		return nil
	}
	out := make([]contracts.Pattern, len(list))
	for i, p := range list {
		out[i] = contracts.Pattern{Text: p.Text, Position: position(p.At)}
	}
	return &out
}

// IsDeclaration tells whether a path, by its name alone, is one that Collect
// reads: the repository file, or a file that is known to tell of a use.
func IsDeclaration(file string) bool {
	if found, _ := config.Find([]string{path.Clean(file)}); found != "" {
		return true
	}
	_, known := importerOf(file)
	return known && ours(file)
}
