package usage

import (
	"context"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// oneFile is a Source that gives the same text whatever is asked for.
type oneFile string

func (f oneFile) ReadFile(context.Context, string) ([]byte, error) { return []byte(f), nil }

// FuzzPattern: any text is a pattern or an error, and a pattern can be followed.
func FuzzPattern(f *testing.F) {
	for _, seed := range []string{"a.b", "a[].b?", "a{}!", "**.x", "x<Card|Bank>.y", `"a.b".c^`, "*", "[0].a", "<A>.b", "a.^"} {
		f.Add(seed)
	}
	const contract = `{"openapi":"3.0.3","info":{},"paths":{"/x":{"get":{"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/T"}}}}}}}},"components":{"schemas":{"T":{"type":"object","properties":{"a":{"$ref":"#/components/schemas/T"},"b":{"type":"array","items":{"$ref":"#/components/schemas/T"}}},"additionalProperties":{"$ref":"#/components/schemas/T"}}}}}`
	c, err := openapi.Load(context.Background(), oneFile(contract), "c.json", openapi.LoadOptions{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		v := openapi.NewView(c)
		NewExplorer(v, p, contracts.Response).Resolve(c.Operations()[0])
		for _, s := range []Step{{Kind: StepProperty, Name: "a"}, {Kind: StepItem}, {Kind: StepMap}, {Kind: StepBranch, Name: "Card"}, {Kind: StepParam, Name: "a", Names: []string{"header"}}} {
			for pos := range len(p.Segments) + 2 {
				for _, next := range p.Next(pos, s, nil) {
					if next < 0 || next > p.Below() {
						t.Fatalf("%q: position %d", text, next)
					}
				}
			}
		}
	})
}

// FuzzSelector: a selector that names an operation as the contract writes it
// matches it.
func FuzzSelector(f *testing.F) {
	f.Add("GET", "/orders/{id}")
	f.Add("*", "/a/**")
	f.Fuzz(func(t *testing.T, method, path string) {
		Match([]*openapi.Operation{{Method: "GET", Path: "/orders/{id}", Norm: "/orders/{}", ID: "getOrder"}}, method+" "+path)
		glob(path, "/orders/{}/items")
	})
}
