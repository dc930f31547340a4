package contracts

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// FuzzLoad: any text is a contract or a problem with a place, in bounded time; a
// contract compared with itself has not changed.
func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob(filepath.Join(goldenDir, "*", "base.yaml"))
	for i, file := range files {
		if data, err := os.ReadFile(file); err == nil && i%8 == 0 {
			f.Add(string(data))
		}
	}
	f.Add(`{"openapi":"3.1.0","paths":{"/a":{"get":{"responses":{"200":{"$ref":"#/paths/~1a/get/responses/200"}}}}}}`)
	f.Fuzz(func(t *testing.T, text string) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		limits := Limits{FileBytes: 1 << 16, Depth: 500, Aliases: 5000}
		c, err := Load(ctx, memory{"c.yaml": text}, "c.yaml", LoadOptions{Limits: limits})
		if err != nil {
			if _, ok := errors.AsType[*Problem](err); !ok {
				t.Fatalf("no problem with a place: %v", err)
			}
			return
		}
		comparison, err := Compare(ctx, c, c, CompareOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if n := len(comparison.found); n > 0 {
			t.Fatalf("%d changes against itself, the first %s", n, comparison.found[0].Rule)
		}
		// without the shortcut over equal text as well
		c2, err := Load(ctx, memory{"c.yaml": text + "\n"}, "c.yaml", LoadOptions{Limits: limits})
		if err != nil {
			return
		}
		if _, _, err := comparison.Judge(ctx, []Consumer{{Component: "c"}}); err != nil {
			t.Fatal(err)
		}
		if _, err := Compare(ctx, c2, c, CompareOptions{}); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzPattern: any text is a pattern or an error, and a pattern can be followed.
func FuzzPattern(f *testing.F) {
	for _, seed := range []string{"a.b", "a[].b?", "a{}!", "**.x", "x<Card|Bank>.y", `"a.b".c^`, "*", "[0].a", "<A>.b", "a.^"} {
		f.Add(seed)
	}
	const contract = `{"openapi":"3.0.3","info":{},"paths":{"/x":{"get":{"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/T"}}}}}}}},"components":{"schemas":{"T":{"type":"object","properties":{"a":{"$ref":"#/components/schemas/T"},"b":{"type":"array","items":{"$ref":"#/components/schemas/T"}}},"additionalProperties":{"$ref":"#/components/schemas/T"}}}}}`
	c, err := Load(context.Background(), memory{"c.json": contract}, "c.json", LoadOptions{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePattern(text)
		if err != nil {
			return
		}
		v := newView(c)
		v.resolve(c.operations()[0], newExplorer(v, p, Response), true)
		for _, s := range []step{{kind: stepProperty, name: "a"}, {kind: stepItem}, {kind: stepMap}, {kind: stepBranch, name: "Card"}, {kind: stepParam, name: "a", names: []string{"header"}}} {
			for pos := range len(p.segs) + 2 {
				for _, next := range p.next(pos, s, nil) {
					if next < 0 || next > p.below() {
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
		matchSelector([]*operation{{method: "GET", path: "/orders/{id}", norm: "/orders/{}", id: "getOrder"}}, method+" "+path)
		glob(path, "/orders/{}/items")
	})
}
