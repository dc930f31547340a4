package config

import "fmt"

// RuleSetting changes what one rule, or several, mean for the changes of an API: they get
// another level, or are ignored until a day. It never changes a verdict.
type RuleSetting struct {
	At        Position
	Rule      RuleName `key:"rule,required" example:"response-enum-value-added" doc:"Rule, such as response-enum-value-added; * stands for any part of the name. plimsoll check --rules lists the rules."`
	Operation Selector `key:"operation" json:",omitzero" doc:"Only changes all of whose operations this names: GET /internal/** or * /internal/**."`
	Field     Field    `key:"field" json:",omitempty" doc:"Only changes of this edge of the contract, as reports name it: Order.sku, or *.email."`
	Level     Level    `key:"level" json:",omitempty" doc:"breaking: the check run fails, also if no known consumer is affected. risky: it warns. info: the change does not count; a consumer that breaks is still a warning."`
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
