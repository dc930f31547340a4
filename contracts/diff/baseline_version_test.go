package diff

import (
	"slices"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// JudgeVersion gives for one consumer what JudgeFrom gives for it among others, and
// what neither contract offers.
func TestJudgeVersion(t *testing.T) {
	const text = `openapi: 3.0.3
info: {title: x, version: "1"}
paths:
  /a:
    get:
      operationId: a
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  one: {type: string}
                  two: {type: string}
                  three: {type: string}
`
	without := func(names ...string) *openapi.Contract {
		out := text
		for _, name := range names {
			out = strings.Replace(out, "                  "+name+": {type: string}\n", "", 1)
		}
		return mustLoad(t, memory{"a.yaml": out}, "a.yaml")
	}
	compare := func(base, head *openapi.Contract) *Comparison {
		if base == nil {
			return nil
		}
		comparison, err := Compare(t.Context(), base, head, Options{API: "acme/a/a"})
		if err != nil {
			t.Fatal(err)
		}
		return comparison
	}
	reads := func(patterns ...string) contracts.Consumer {
		var list []contracts.Pattern
		for i, p := range patterns {
			list = append(list, contracts.Pattern{Text: p, Position: contracts.Position{File: "p.yml", Line: i + 1}})
		}
		return contracts.Consumer{Usage: contracts.Usage{Operations: []contracts.OperationUse{{Selector: "a", Reads: &list}}}}
	}
	all := without()
	for name, each := range map[string]struct {
		base, since, head *openapi.Contract
		consumer          contracts.Consumer
		affected, missing string
	}{
		"by the base":                            {all, nil, without("one"), reads("one"), "one", ""},
		"another field":                          {all, nil, without("one"), reads("two"), "", ""},
		"gone before the base":                   {without("one"), all, without("one"), reads("one"), "one", ""},
		"gone before its baseline":               {all, without("one"), without("one"), reads("two"), "", ""},
		"neither has it":                         {without("one"), nil, without("one"), reads("one"), "", `"one" matches nothing`},
		"the head has it":                        {without("one"), nil, all, reads("one"), "", ""},
		"neither has it, and it copes":           {without("one"), nil, without("one"), reads("one?"), "", ""},
		"gone, though it copes":                  {all, nil, without("one"), reads("one?", "two"), "one", ""},
		"nothing is known of before":             {nil, nil, without("one"), reads("one", "two"), "", `"one" matches nothing`},
		"its baseline lacks it, the base has it": {all, without("one"), without("one"), reads("one"), "one", `"one" matches nothing`},
	} {
		t.Run(name, func(t *testing.T) {
			judged, err := JudgeVersion(t.Context(), compare(each.base, each.head), compare(each.since, each.head), compare(each.head, each.head), each.consumer)
			if err != nil {
				t.Fatal(err)
			}
			var affected []string
			for _, h := range judged.Changes {
				affected = append(affected, h.Change.Edge.Name)
			}
			slices.Sort(affected)
			if got := strings.Join(affected, " "); got != each.affected {
				t.Errorf("hit by %q, expected %q", got, each.affected)
			}
			missing := ""
			for _, m := range judged.Missing {
				missing += m.Problem.Message
			}
			if missing != "" && each.missing == "" || !strings.Contains(missing, each.missing) {
				t.Errorf("missing %q, expected %q", missing, each.missing)
			}
		})
	}
}
