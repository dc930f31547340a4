package contracts_test

import (
	"testing"

	"plimsoll/contracts"
)

func TestUsageWithin(t *testing.T) {
	list := func(texts ...string) *[]contracts.Pattern {
		patterns := []contracts.Pattern{}
		for i, text := range texts {
			patterns = append(patterns, contracts.Pattern{Text: text, Position: contracts.Position{Line: i + 1}})
		}
		return &patterns
	}
	use := func(selector string, reads, sends *[]contracts.Pattern, status ...string) contracts.Usage {
		return contracts.Usage{Operations: []contracts.OperationUse{{Selector: selector, Reads: reads, Sends: sends, Status: status}}}
	}
	moved := use("GET /a", list("x", "id", "sku"), nil)
	for name, c := range map[string]struct {
		now, before contracts.Usage
		want        bool
	}{
		"the same on other lines":                   {use("GET /a", list("sku", "id"), nil), moved, true},
		"one field fewer":                           {use("GET /a", list("id"), nil), moved, true},
		"one field more":                            {use("GET /a", list("id", "sku", "x", "y"), nil), moved, false},
		"reads no longer listed":                    {use("GET /a", nil, nil), moved, false},
		"reads listed now":                          {moved, use("GET /a", nil, nil), true},
		"tolerant no more":                          {use("GET /a", list("id"), nil), use("GET /a", list("id?"), nil), false},
		"another operation":                         {use("GET /b", list("id"), nil), moved, false},
		"every operation":                           {contracts.Usage{}, moved, false},
		"from every operation":                      {moved, contracts.Usage{}, true},
		"sends less: may now miss what is demanded": {use("POST /a", nil, list("a")), use("POST /a", nil, list("a", "b")), false},
		"a status fewer":                            {use("GET /a", nil, nil, "200"), use("GET /a", nil, nil, "200", "404"), true},
		"a status more":                             {use("GET /a", nil, nil, "200", "404"), use("GET /a", nil, nil, "200"), false},
		"another generator":                         {contracts.Usage{Via: "kiota"}, contracts.Usage{}, false},
		"another baseline":                          {contracts.Usage{Baseline: contracts.Baseline{Commit: "a"}}, contracts.Usage{}, false},
	} {
		if got := c.now.Within(c.before); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}
