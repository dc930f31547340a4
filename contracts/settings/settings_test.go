package settings_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/contracts/settings"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

func removed(edge contracts.Edge, operations ...string) contracts.Change {
	c := contracts.Change{Fingerprint: "f", Rule: "response-property-removed", Level: contracts.Breaking, Edge: edge, Reached: len(operations)}
	for _, op := range operations {
		method, path, _ := strings.Cut(op, " ")
		c.Operations = append(c.Operations, contracts.OperationRef{Method: method, Path: path})
	}
	return c
}

func TestWhatASettingCovers(t *testing.T) {
	sku := contracts.Edge{Schema: "schemas.yaml#Order", Name: "sku", Kind: contracts.KindProperty}
	shared := removed(sku, "GET /internal/a", "GET /orders/{id}")
	many := removed(sku, "GET /internal/a")
	many.Reached = contracts.MaxOperations + 1
	for name, c := range map[string]struct {
		setting contracts.RuleSetting
		change  contracts.Change
		want    bool
	}{
		"the rule":                         {contracts.RuleSetting{Rule: "response-property-removed"}, shared, true},
		"a part of its name":               {contracts.RuleSetting{Rule: "response-*-removed"}, shared, true},
		"another rule":                     {contracts.RuleSetting{Rule: "response-*-added"}, shared, false},
		"the beginning alone":              {contracts.RuleSetting{Rule: "response-property"}, shared, false},
		"every operation":                  {contracts.RuleSetting{Rule: "*", Operation: "* /**"}, shared, true},
		"one of two operations":            {contracts.RuleSetting{Rule: "*", Operation: "GET /internal/**"}, shared, false},
		"the only operation":               {contracts.RuleSetting{Rule: "*", Operation: "GET /internal/**"}, removed(sku, "GET /internal/a/b"), true},
		"another name of the parameter":    {contracts.RuleSetting{Rule: "*", Operation: "GET /orders/{order}"}, removed(sku, "GET /orders/{id}"), true},
		"another method":                   {contracts.RuleSetting{Rule: "*", Operation: "POST /internal/**"}, removed(sku, "GET /internal/a"), false},
		"operations that are not listed":   {contracts.RuleSetting{Rule: "*", Operation: "GET /internal/**"}, many, false},
		"no operation at all":              {contracts.RuleSetting{Rule: "*", Operation: "* /**"}, removed(sku), false},
		"a webhook":                        {contracts.RuleSetting{Rule: "*", Operation: "WEBHOOK shipped"}, removed(sku, "WEBHOOK shipped"), true},
		"no webhook by a path":             {contracts.RuleSetting{Rule: "*", Operation: "* /**"}, removed(sku, "WEBHOOK shipped"), false},
		"the field as reports name it":     {contracts.RuleSetting{Rule: "*", Field: "Order.sku"}, shared, true},
		"the field of any schema":          {contracts.RuleSetting{Rule: "*", Field: "*.sku"}, shared, true},
		"the field by its own name":        {contracts.RuleSetting{Rule: "*", Field: "sku"}, shared, true},
		"a field that begins alike":        {contracts.RuleSetting{Rule: "*", Field: "Order.skuOld"}, shared, false},
		"a field whose beginning is alike": {contracts.RuleSetting{Rule: "*", Field: "Order.sk"}, shared, false},
	} {
		t.Run(name, func(t *testing.T) {
			c.setting.Level = contracts.Info
			got := settings.Of([]contracts.RuleSetting{c.setting}, nil, noon).Ruling(c.change)
			if (got.Level == contracts.Info) != c.want {
				t.Errorf("ruling %+v", got)
			}
		})
	}
}

func TestWhichSettingCounts(t *testing.T) {
	ignore := contracts.RuleSetting{Rule: "*", Ignore: true, Until: "2026-11-30"}
	late := contracts.RuleSetting{Rule: "*", Ignore: true, Until: "2027-11-30"}
	ended := contracts.RuleSetting{Rule: "*", Ignore: true, Until: "2026-11-29"}
	info, breaking := contracts.RuleSetting{Rule: "*", Level: contracts.Info}, contracts.RuleSetting{Rule: "*", Level: contracts.Breaking}
	fixed := &contracts.RulePolicy{Fixed: []contracts.FixedRule{{Rule: "response-*"}}}
	least := &contracts.RulePolicy{Fixed: []contracts.FixedRule{{Rule: "*", Level: contracts.Breaking}}}
	low := &contracts.RulePolicy{Fixed: []contracts.FixedRule{{Rule: "*", Level: contracts.Risky}}}
	month := &contracts.RulePolicy{Longest: 30 * 24 * time.Hour}
	for name, c := range map[string]struct {
		settings []contracts.RuleSetting
		policy   *contracts.RulePolicy
		ignored  bool
		level    contracts.Level
		why      contracts.Refusal
	}{
		"none":                         {nil, nil, false, "", ""},
		"its last day counts":          {[]contracts.RuleSetting{ignore}, nil, true, "", ""},
		"it has ended":                 {[]contracts.RuleSetting{ended}, nil, false, "", contracts.RefusedEnded},
		"the last one":                 {[]contracts.RuleSetting{ignore, info}, nil, false, contracts.Info, ""},
		"the last one that counts":     {[]contracts.RuleSetting{info, ended}, nil, false, contracts.Info, contracts.RefusedEnded},
		"a refused one before it":      {[]contracts.RuleSetting{ended, info}, nil, false, contracts.Info, ""},
		"ignore of a fixed rule":       {[]contracts.RuleSetting{ignore}, fixed, false, "", contracts.RefusedFixed},
		"lower level of a fixed rule":  {[]contracts.RuleSetting{info}, fixed, false, "", contracts.RefusedFixed},
		"same level of a fixed rule":   {[]contracts.RuleSetting{breaking}, fixed, false, contracts.Breaking, ""},
		"the policy's level":           {nil, least, false, contracts.Breaking, ""},
		"below the policy's level":     {[]contracts.RuleSetting{info}, least, false, contracts.Breaking, contracts.RefusedFixed},
		"a policy below the change":    {nil, low, false, "", ""},
		"as long as the policy lets":   {[]contracts.RuleSetting{{Rule: "*", Ignore: true, Until: "2026-12-30"}}, month, true, "", ""},
		"longer than the policy lets":  {[]contracts.RuleSetting{late}, month, false, "", contracts.RefusedTooLong},
		"a level is not bound by that": {[]contracts.RuleSetting{{Rule: "*", Level: contracts.Info, Until: "2030-01-01"}}, month, false, contracts.Info, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := settings.Of(c.settings, c.policy, noon).Ruling(removed(contracts.Edge{Name: "sku"}, "GET /a"))
			if got.Ignored != c.ignored || got.Level != c.level || got.Why != c.why || (got.Refused != nil) != (c.why != "") {
				t.Errorf("ruling %+v", got)
			}
		})
	}
}

// What is not compared is not a change that a setting could speak of.
func TestNotComparedIsNeverSet(t *testing.T) {
	change := contracts.Change{Rule: "construct-not-compared", Level: contracts.Risky}
	if got := settings.Of([]contracts.RuleSetting{{Rule: "*", Ignore: true, Until: "2027-01-01"}}, nil, noon).Ruling(change); got != (contracts.Ruling{}) {
		t.Errorf("ruling %+v", got)
	}
}

// Hostile patterns take steps in proportion to pattern and text, and each pair of setting and
// operation is matched once.
func TestHostilePatterns(t *testing.T) {
	var list []contracts.RuleSetting
	for i := range 200 {
		list = append(list, contracts.RuleSetting{Rule: strings.Repeat("*e", 16) + "*", Operation: fmt.Sprintf("GET %s/%d", strings.Repeat("/**/*a*a*a*b", 40), i),
			Field: strings.Repeat("*a", 16) + "b", Level: contracts.Info})
	}
	given := settings.Of(list, nil, noon)
	long := contracts.Edge{Schema: strings.Repeat("a", 1000), Name: strings.Repeat("a", 1000)}
	var changes []contracts.Change
	for i := range 50 {
		c := removed(long, "GET /"+strings.Repeat("aaaa/", 40))
		c.Fingerprint = fmt.Sprint(i)
		changes = append(changes, c)
	}
	if got := given.Rulings(changes); len(got) != 0 {
		t.Errorf("%d rulings", len(got))
	}
}
