package diff

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// schemaContract is one operation that answers with a schema.
func schemaContract(schema string) string {
	return `{"openapi":"3.0.3","info":{},"paths":{"/x":{"get":{"responses":{"200":{"description":"ok","content":{"application/json":{"schema":` + schema + `}}}}}}}}`
}

// many writes n pieces with their number, separated by commas.
func many(n int, piece string) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, piece, i)
	}
	return b.String()
}

// links has S0_ lead to S1, S1_ to S2 and so on.
func links(n int) string {
	list := make([]string, n)
	for i := range list {
		to := fmt.Sprintf("S%d", i+1)
		if i == n-1 {
			to = "last"
		}
		list[i] = fmt.Sprintf(`"S%d_":{"$ref":"#/components/schemas/%s"}`, i, to)
	}
	return strings.Join(list, ",")
}

// TestHostileContracts: contracts that are large in one respect get their answer.
// Their number and length must not enter the work by their square.
func TestHostileContracts(t *testing.T) {
	quote := func(s string) string {
		text, _ := json.Marshal(s)
		return string(text)
	}
	longKey := quote(strings.Repeat("k", 1_000_000))
	enum := func(piece string) string {
		return schemaContract(`{"type":"object","properties":{"a":{"type":"string","enum":[` + many(20_000, piece) + `]}}}`)
	}
	properties := func(piece string) string {
		return schemaContract(`{"type":"object","properties":{` + many(20_000, piece) + `}}`)
	}
	chain := func(leaf string) string {
		return `{"openapi":"3.0.3","info":{},"paths":{"/x":{"get":{"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/S0_"}}}}}}}},"components":{"schemas":{` +
			many(10_000, `"S%d":{"allOf":[{"$ref":"#/components/schemas/S%[1]d_"}]}`) + `,` +
			`"last":{"type":"object","properties":{"a":{"type":"` + leaf + `"}}},` + links(10_000) + `}}}`
	}
	operations := func(leaf string) string {
		return `{"openapi":"3.0.3","info":{},"paths":{` + many(5_000, `"/r%d":{"get":{"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/S"}}}}}}}`) +
			`},"components":{"schemas":{"S":{"type":"object","properties":{"a":{"type":"` + leaf + `"}}}}}}`
	}
	for name, tc := range map[string]struct {
		base, head string
		changes    int
	}{
		"enum values": {enum(`"v%d"`), enum(`"w%d"`), 40_000},
		"properties":  {properties(`"a%d":{"type":"string"}`), properties(`"b%d":{"type":"string"}`), 40_000},
		"pattern": {schemaContract(`{"type":"string","pattern":` + quote(strings.Repeat("(a|b)*", 166_667)) + `}`),
			schemaContract(`{"type":"string","pattern":` + quote(strings.Repeat("(a|b)*", 166_666)+"c") + `}`), 1},
		"key": {schemaContract(`{"type":"object","properties":{` + longKey + `:{"type":"string"}}}`),
			schemaContract(`{"type":"object","properties":{` + longKey + `:{"type":"integer"}}}`), 1},
		"allOf":      {chain("string"), chain("integer"), 1},
		"operations": {operations("string"), operations("integer"), 1},
	} {
		t.Run(name, func(t *testing.T) {
			src := memory{"b.json": tc.base, "h.json": tc.head}
			if got := len(mustCompare(t, mustLoad(t, src, "b.json"), mustLoad(t, src, "h.json")).Changes()); got != tc.changes {
				t.Errorf("got %d changes, want %d", got, tc.changes)
			}
		})
	}
}

// TestHostileSizes: what is larger than the limits is refused with a place.
func TestHostileSizes(t *testing.T) {
	files := memory{"c.json": `{"openapi":"3.0.3","paths":{` + many(250, `"/r%d":{"$ref":"f%[1]d.json"}`) + `}}`}
	for i := range 250 {
		files[fmt.Sprintf("f%d.json", i)] = "{}"
	}
	for want, src := range map[string]memory{
		"the limit is 33554432":    {"c.json": schemaContract(`{"type":"string","description":"` + strings.Repeat("x", 32<<20) + `"}`)},
		"more than 200 files":      files,
		"deeper than 20000 levels": {"c.json": schemaContract(strings.Repeat(`{"allOf":[`, 10_000) + strings.Repeat(`]}`, 10_000))},
	} {
		_, err := openapi.Load(t.Context(), src, "c.json", openapi.LoadOptions{})
		problem, ok := errors.AsType[*contracts.Problem](err)
		if !ok || !strings.Contains(problem.Error(), want) || problem.File != "c.json" {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
