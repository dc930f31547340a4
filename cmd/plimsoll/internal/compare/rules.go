package compare

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	contracttext "plimsoll/checks/text/contracts"
	"plimsoll/config"
	"plimsoll/contracts"
	"plimsoll/contracts/evidence"
	"plimsoll/contracts/settings"
)

// Rules are the rule settings by which changes are weighed, as they count at a time.
type Rules struct {
	Settings []contracts.RuleSetting
	Policy   *contracts.RulePolicy
	At       time.Time
}

// rules reads the rule settings of the API from the repository file that the user named.
func (c *Result) rules(ctx context.Context, open *opener, options Options, now time.Time) (Rules, error) {
	if options.RulesFrom == "" {
		return Rules{}, nil
	}
	source, file, err := open.source(ctx, options.RulesFrom)
	if err != nil {
		return Rules{}, err
	}
	data, err := source.ReadFile(ctx, file)
	if err != nil {
		return Rules{}, fmt.Errorf("read the rules: %w", err)
	}
	var organisation *config.Repository
	if name := options.Organisation; name != "" {
		text, err := os.ReadFile(name)
		if err != nil {
			return Rules{}, fmt.Errorf("read the organisation's file: %w", err)
		}
		if organisation, err = config.ParseRepository(filepath.ToSlash(name), text); err != nil {
			return Rules{}, fmt.Errorf("read the organisation's file: %w", err)
		}
	}
	all, notes, err := evidence.RulesOf(open.display(file), data, organisation)
	if err != nil {
		return Rules{}, err
	}
	provided, err := theAPI(all, options)
	if err != nil {
		return Rules{}, err
	}
	c.passedOver = append(c.passedOver, notes...)
	if c.base != nil {
		c.passedOver = append(c.passedOver, settings.Unmatched(provided.Rules, c.base)...)
	}
	return Rules{provided.Rules, provided.Policy, now}, nil
}

// theAPI finds the API whose contract is compared: the one that the user names, the one with
// that contract, or the only one.
func theAPI(all []contracts.Provided, options Options) (contracts.Provided, error) {
	var names []string
	for _, provided := range all {
		names = append(names, provided.API)
		short := options.API[strings.LastIndexByte(options.API, '/')+1:]
		if short != "" && strings.EqualFold(provided.API, short) {
			return provided, nil
		}
	}
	var found []contracts.Provided
	for _, name := range []string{options.Base, options.Head} {
		if _, file, ok := strings.Cut(name, ":"); ok {
			name = file
		}
		for _, provided := range all {
			if len(found) == 0 && options.API == "" && strings.HasSuffix("/"+path.Clean(filepath.ToSlash(name)), "/"+provided.Spec) {
				found = append(found, provided)
			}
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(all) == 1 && options.API == "":
		return all[0], nil
	case len(all) == 0:
		return contracts.Provided{}, fmt.Errorf("--rules-from %s: the file declares no API under provides", options.RulesFrom)
	}
	return contracts.Provided{}, fmt.Errorf("--rules-from %s: choose the API with --api: %s", options.RulesFrom, strings.Join(names, ", "))
}

// weigh applies rule settings to the changes.
func (c *Result) weigh(rules Rules) {
	changes := make([]contracts.Change, len(c.findings))
	for i := range c.findings {
		changes[i] = c.findings[i].Change
	}
	c.rulings = settings.Of(rules.Settings, rules.Policy, rules.At).Rulings(changes)
}

// ruling is what the rule settings make of a finding.
func (c *Result) ruling(f *contracts.Finding) contracts.Ruling {
	return c.rulings[f.Change.Fingerprint]
}

// level is that of a change as it was set, or its own.
func (c *Result) level(f *contracts.Finding) contracts.Level {
	if level := c.ruling(f).Level; level != "" {
		return level
	}
	return f.Change.Level
}

// ignored reports whether a rule setting ignores a finding that would count otherwise.
func (c *Result) ignored(f *contracts.Finding) bool {
	return c.ruling(f).Ignored && (f.Change.Level != contracts.Info || len(f.Affected) > 0)
}

// ruledWords says what the rule settings make of a finding; "" if they leave it alone.
func (c *Result) ruledWords(f *contracts.Finding) string {
	if f.Change.Level == contracts.Info && len(f.Affected) == 0 && c.level(f) == contracts.Info {
		return ""
	}
	return contracttext.PlainRulingSentence(f.Change, c.ruling(f))
}
