package config

import (
	"fmt"
	"strings"
	"testing"
)

func ruled(entries string) []byte {
	return []byte("version: 1\ncomponents:\n  - provides:\n      - api: a\n        spec: a.yaml\n        rules:\n          " + entries + "\n")
}

func TestRuleSettingErrors(t *testing.T) {
	for entry, want := range map[string]string{
		`- {rule: response-propety-removed, level: info}`: `f:7:20: components[0].provides[0].rules[0].rule: no rule is called "response-propety-removed" (did you mean response-property-removed?)`,
		`- {rule: "zz*", level: info}`:                    `no rule is called "zz*" (plimsoll check --rules lists the rules)`,
		`- {rule: "*", level: error}`:                     `f:7:32: components[0].provides[0].rules[0].level: `,
		`- {rule: "*"}`:                                   `f:7:13: components[0].provides[0].rules[0]: an entry needs level or ignore`,
		`- {rule: "*", level: info, ignore: true, reason: x, until: 2027-01-31}`:                       `ignore can't be combined with level`,
		`- {rule: "*", ignore: false}`:                                                                 `ignore: false has no meaning`,
		`- {rule: "*", ignore: true, until: 2027-01-31}`:                                               `ignore needs a reason (add reason:`,
		`- {rule: "*", ignore: true, reason: x}`:                                                       `ignore needs an end (add until:`,
		`- {rule: "*", level: info, operation: getItem}`:                                               `components[0].provides[0].rules[0].operation: expected a method and a path, found "getItem"`,
		`- {rule: "*", level: info, operation: /items}`:                                                `has no method`,
		`- {rule: "*", level: info, field: "` + strings.Repeat("*a", 17) + `"}`:                        `more than 16 * in one name`,
		`- {rule: "` + strings.Repeat("*", 17) + `", level: info}`:                                     `expected the name of a rule`,
		`- {rule: "*", levle: info}`:                                                                   `unknown key "levle"`,
		strings.Repeat("- {rule: \"*\", level: info}\n          ", 201):                                `more than 200 entries under rules in one file`,
		"- {rule: \"*\", level: info}\npolicy: {rules: [{rule: response-x, level: breaking}]}":         `policy.rules[0].rule: no rule is called "response-x"`,
		"- {rule: \"*\", level: info}\ndefaults: {rules: [{rule: \"*\", ignore: true}]}":               `defaults.rules[0]: ignore needs a reason`,
		"- {rule: \"*\", level: info, until: 31.1.2027, reason: \"" + strings.Repeat("x", 501) + "\"}": `expected a date`,
	} {
		_, err := ParseRepository("f", ruled(entry))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.80s: %v, want %q", entry, err, want)
		}
	}
}

// Settings of the defaults come first, and a policy can only be tightened.
func TestMergedRuleSettings(t *testing.T) {
	parse := func(text string) *Repository {
		t.Helper()
		r, err := ParseRepository("f", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	own := parse(string(ruled(`- {rule: response-property-removed, level: info}`)) +
		"defaults: {rules: [{rule: response-property-added, level: risky}]}\npolicy: {rules: [{rule: api-removed}]}\n")
	organisation := parse("version: 1\ndefaults: {rules: [{rule: \"*\", level: risky}]}\npolicy: {rules: [{rule: \"response-*-removed\", level: breaking}]}\n")
	merged, notes := Merge(own, organisation)
	var got []string
	for _, s := range merged.Components[0].Provides[0].Rules {
		got = append(got, fmt.Sprintf("%s %s %t %t", s.Rule, s.Level, s.Default, s.Organisation))
	}
	if want := "* risky true true, response-property-added risky true false, response-property-removed info false false"; strings.Join(got, ", ") != want {
		t.Errorf("settings %q, want %q", got, want)
	}
	if n := len(merged.Policy.Rules); n != 2 {
		t.Errorf("%d fixed rules", n)
	}
	want := "f:7:13: components[0].provides[0].rules: level: info has no effect below the policy's breaking: the policy fixes response-property-removed (remove this entry, or ask the owners of the policy)"
	if notes.Error() != want {
		t.Errorf("notes %v", notes)
	}
	if again, _ := Merge(own, organisation); len(again.Components[0].Provides[0].Rules) != 3 || organisation.Defaults.Rules[0].Organisation || len(own.Components[0].Provides[0].Rules) != 1 {
		t.Error("merging changed what was merged")
	}
}
