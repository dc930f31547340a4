package diff_test

import (
	"strings"
	"testing"

	"plimsoll/contracts/diff"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/treetest"
)

func TestNearestPositionOfWhatWasRemoved(t *testing.T) {
	const base = `openapi: 3.0.3
info: {title: T, version: "1"}
paths:
  /a:
    get:
      parameters:
        - {name: q, in: query, schema: {type: string}}
        - {name: r, in: query, schema: {type: string}}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  first: {type: string}
                  second: {type: string}
                  third: {type: string}
`
	tests := []struct {
		name, drop string
		line       int // 1-based, at the head
	}{
		{"the neighbour before a property", "                  second: {type: string}\n", 17},
		{"the list, for the first property", "                  first: {type: string}\n", 16},
		{"the list of parameters", "        - {name: r, in: query, schema: {type: string}}\n", 6},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			load := func(text string) *openapi.Contract {
				loaded, err := openapi.Load(t.Context(), treetest.Map{"a.yaml": text}, "a.yaml", openapi.LoadOptions{})
				if err != nil {
					t.Fatal(err)
				}
				return loaded
			}
			comparison, err := diff.Compare(t.Context(), load(base), load(strings.Replace(base, test.drop, "", 1)), diff.Options{API: "a/b/c"})
			if err != nil {
				t.Fatal(err)
			}
			changes := comparison.Changes()
			if len(changes) != 1 {
				t.Fatalf("%d changes, expected one", len(changes))
			}
			if got := comparison.Nearest()[changes[0].Fingerprint]; got.Line != test.line {
				t.Errorf("line %d, expected %d", got.Line, test.line)
			}
		})
	}
}
