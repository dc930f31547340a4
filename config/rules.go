package config

import (
	"fmt"
	"slices"
	"strings"
)

// RuleSetting changes what one rule, or several, mean for the changes of an API: they get
// another level, or are ignored until a day. It never changes a verdict.
type RuleSetting struct {
	At        Position
	Rule      RuleName `key:"rule,required" example:"response-enum-value-added" doc:"Rule, such as response-enum-value-added; * stands for any part of the name. plimsoll check --rules lists the rules."`
	Operation Selector `key:"operation" json:",omitzero" doc:"Only changes all of whose operations this names: GET /internal/** or * /internal/**."`
	Field     Field    `key:"field" json:",omitempty" doc:"Only changes of this edge of the contract, as reports name it: Order.sku, or *.email."`
	Level     Level    `key:"level" json:",omitempty" doc:"breaking: the check run fails, even if no known consumer is affected. risky: it warns. info: the change does not count; a consumer that breaks is still a warning."`
	Ignore    bool     `key:"ignore" json:",omitempty" doc:"true: the change does not count. It is still shown, with the reason. Needs reason and until."`
	Reason    Reason   `key:"reason" json:",omitempty" doc:"Why. Pull requests show this sentence."`
	Until     Date     `key:"until" json:",omitzero" doc:"Last day on which the entry counts, such as 2027-01-31."`
	// Default: the entry stands under defaults. Organisation: in the organisation's file.
	Default      bool `json:",omitempty"`
	Organisation bool `json:",omitempty"`
}

// Level is how severe a change is.
type Level string

// The levels, the least severe first.
const (
	LevelInfo     Level = "info"
	LevelRisky    Level = "risky"
	LevelBreaking Level = "breaking"
)

func (Level) words() []string {
	return []string{string(LevelBreaking), string(LevelRisky), string(LevelInfo)}
}

func (l Level) rank() int {
	return map[Level]int{LevelInfo: 1, LevelRisky: 2, LevelBreaking: 3}[l]
}

// FixedRule is a rule that repositories can neither ignore nor lower.
type FixedRule struct {
	At    Position
	Rule  RuleName `key:"rule,required" example:"security-removed" doc:"Rule that no repository can ignore or give a lower level; * stands for any part of the name."`
	Level Level    `key:"level" json:",omitempty" doc:"Least level of its changes. Default: the rule's own level."`
}

// maxRuleSettings bounds the entries of one file: each is held against every change.
const maxRuleSettings = 200

// ruleSettings checks the entries under rules: of one mapping. have counts those of the file.
func (d *decoder) ruleSettings(all []RuleSetting, path string, have *int) {
	for i := range all {
		d.ruleSetting(&all[i], fmt.Sprintf("%s[%d]", path, i))
	}
	if before := *have; before <= maxRuleSettings && before+len(all) > maxRuleSettings {
		d.faultAt(path, fmt.Sprintf("more than %d entries under rules in one file", maxRuleSettings), "name several rules or operations with *")
	}
	*have += len(all)
}

func (d *decoder) ruleSetting(s *RuleSetting, path string) {
	level, ignore := d.given(path+".level"), d.given(path+".ignore")
	switch {
	case level && ignore:
		d.faultAt(path+".ignore", "ignore can't be combined with level", "remove one of the two")
	case !level && !ignore:
		d.faultAt(path, "an entry needs level or ignore", "add level: info, or ignore: true with reason and until")
	case ignore && !s.Ignore && !d.failed(path+".ignore"):
		d.faultAt(path+".ignore", "ignore: false has no meaning", "remove the entry")
	case ignore:
		if !d.given(path + ".reason") {
			d.faultAt(path, "ignore needs a reason", "add reason: followed by a sentence; pull requests show it")
		}
		if !d.given(path + ".until") {
			d.faultAt(path, "ignore needs an end", "add until: followed by a date, such as 2027-01-31")
		}
	}
	at := path + ".operation"
	if d.given(at) && !d.failed(at) && !s.Operation.spaced() {
		d.faultAt(at, "expected a method and a path, found "+quote(s.Operation.Text), "write GET /orders/{id}, or * /internal/**")
	}
}

// changeRules are the rules by which contracts are compared. A test holds them against the
// rules of contracts/diff, which this package cannot import.
var changeRules = []string{
	"api-removed", "callback-added", "callback-removed", "construct-not-compared", "operation-added", "operation-deprecated",
	"operation-id-changed", "operation-removed", "operation-shadowed", "operation-stability-lowered", "operation-stability-raised",
	"operation-sunset-earlier", "operation-sunset-later", "operation-sunset-set", "operation-tags-changed", "operation-undeprecated",
	"path-parameter-renamed", "request-additional-properties-closed", "request-additional-properties-constrained",
	"request-additional-properties-opened", "request-became-not-nullable", "request-became-nullable", "request-body-added-optional",
	"request-body-added-required", "request-body-became-optional", "request-body-became-required", "request-body-removed",
	"request-branch-added", "request-branch-ambiguous", "request-branch-removed", "request-composition-changed", "request-constraint-changed",
	"request-default-changed", "request-discriminator-added", "request-discriminator-changed", "request-encoding-changed",
	"request-enum-dropped", "request-enum-introduced", "request-enum-value-added", "request-enum-value-removed", "request-format-changed",
	"request-format-widened", "request-max-items-loosened", "request-max-items-tightened", "request-max-length-loosened",
	"request-max-length-tightened", "request-max-properties-loosened", "request-max-properties-tightened", "request-maximum-loosened",
	"request-maximum-tightened", "request-media-type-added", "request-media-type-removed", "request-min-items-loosened",
	"request-min-items-tightened", "request-min-length-loosened", "request-min-length-tightened", "request-min-properties-loosened",
	"request-min-properties-tightened", "request-minimum-loosened", "request-minimum-tightened", "request-multiple-of-loosened",
	"request-multiple-of-tightened", "request-parameter-added-optional", "request-parameter-added-required",
	"request-parameter-became-optional", "request-parameter-became-required", "request-parameter-content-changed",
	"request-parameter-deprecated", "request-parameter-empty-value-allowed", "request-parameter-empty-value-disallowed",
	"request-parameter-removed", "request-parameter-reserved-allowed", "request-parameter-reserved-disallowed",
	"request-parameter-style-changed", "request-pattern-loosened", "request-pattern-tightened", "request-property-added-optional",
	"request-property-added-required", "request-property-became-optional", "request-property-became-required", "request-property-deprecated",
	"request-property-removed", "request-tuple-changed", "request-type-changed", "request-type-widened", "request-unique-items-loosened",
	"request-unique-items-tightened", "response-additional-properties-closed", "response-additional-properties-constrained",
	"response-additional-properties-loosened", "response-additional-properties-opened", "response-became-not-nullable",
	"response-became-nullable", "response-branch-added", "response-branch-removed", "response-composition-changed",
	"response-constraint-changed", "response-default-changed", "response-discriminator-added", "response-discriminator-changed",
	"response-enum-dropped", "response-enum-introduced", "response-enum-value-added", "response-enum-value-removed",
	"response-error-status-added", "response-error-status-removed", "response-format-changed", "response-format-narrowed",
	"response-header-added", "response-header-became-optional", "response-header-became-required", "response-header-removed",
	"response-header-style-changed", "response-link-added", "response-link-changed", "response-link-removed", "response-max-items-loosened",
	"response-max-items-tightened", "response-max-length-loosened", "response-max-length-tightened", "response-max-properties-loosened",
	"response-max-properties-tightened", "response-maximum-loosened", "response-maximum-tightened", "response-media-type-added",
	"response-media-type-changed", "response-media-type-removed", "response-min-items-loosened", "response-min-items-tightened",
	"response-min-length-loosened", "response-min-length-tightened", "response-min-properties-loosened", "response-min-properties-tightened",
	"response-minimum-loosened", "response-minimum-tightened", "response-multiple-of-loosened", "response-multiple-of-tightened",
	"response-pattern-loosened", "response-pattern-tightened", "response-property-added", "response-property-became-optional",
	"response-property-became-required", "response-property-deprecated", "response-property-removed", "response-status-added",
	"response-status-removed", "response-tuple-changed", "response-type-changed", "response-type-narrowed", "response-unique-items-loosened",
	"response-unique-items-tightened", "schema-renamed", "security-added", "security-alternative-added", "security-alternative-removed",
	"security-removed", "security-scheme-changed", "security-scheme-deprecated", "security-scope-added", "server-added", "server-removed",
	"server-variable-changed",
}

// RuleName names a rule by which contracts are compared, or several with *.
type RuleName string

func (RuleName) form() form {
	return form{expects: "the name of a rule", tags: onlyText, hint: "plimsoll check --rules lists them", pattern: `^[a-z0-9*-]{1,100}$`,
		examples: slices.Concat(changeRules, []string{"response-*", "*"})} // editors offer them
}

func (r *RuleName) parse(text string) *wrong {
	*r = RuleName(text)
	if len(text) > 100 || strings.Count(text, "*") > 16 {
		return &wrong{"expected the name of a rule, found a text of " + quote(text), "plimsoll check --rules lists the rules"}
	}
	if slices.ContainsFunc(changeRules, r.Covers) {
		return nil
	}
	hint := "plimsoll check --rules lists the rules"
	if near := Nearest(strings.ReplaceAll(text, "*", ""), changeRules); near != "" {
		hint = "did you mean " + near + "?"
	}
	return &wrong{"no rule is called " + quote(text), hint}
}

// Covers reports whether a rule is one of those that the name means.
func (r RuleName) Covers(rule string) bool { return matchName(string(r), rule) }

// Field names edges of a contract as reports do: Order.sku, *.email, limit.
type Field string

func (Field) form() form {
	return form{expects: "a property, parameter or other edge of the contract", tags: onlyText, hint: "write it as reports name it, such as Order.sku",
		pattern: `^\S.*$`, examples: []string{"Order.sku", "*.email"}}
}

func (f *Field) parse(text string) *wrong {
	switch {
	case strings.TrimSpace(text) == "":
		return &wrong{message: "expected the name of an edge, found nothing"}
	case len(text) > 500:
		return &wrong{"a name of more than 500 bytes", "use * for a part of it"}
	case strings.Count(text, "*") > 16:
		return &wrong{"more than 16 * in one name", "split it into several entries"}
	}
	*f = Field(text)
	return nil
}
