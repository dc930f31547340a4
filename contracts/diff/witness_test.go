package diff

import (
	"path/filepath"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// TestWitnesses wants an example for at least 99 of 100 changes that break a consumer, over
// all golden cases.
func TestWitnesses(t *testing.T) {
	t.Parallel()
	var with, without, mayWith, mayWithout int
	for _, name := range goldenCases(t) {
		dir := filepath.Join(goldenDir, name)
		load := func(which string) *openapi.Contract {
			file := goldenFile(dir, which)
			if file == "" {
				return nil
			}
			c, err := openapi.Load(t.Context(), folder(dir), file, openapi.LoadOptions{})
			if err != nil {
				return nil
			}
			return c
		}
		base, head := load("base"), load("head")
		if base == nil {
			continue
		}
		comparison, err := Compare(t.Context(), base, head, Options{API: "acme/orders/orders"})
		if err != nil {
			t.Fatal(err)
		}
		findings, _, err := comparison.Judge(t.Context(), goldenConsumers(t, filepath.Join(dir, "usage.yaml")))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range findings {
			for _, a := range f.Affected {
				switch {
				case a.Witness != nil && a.Verdict == contracts.Breaks:
					with++
				case a.Reason.Code == contracts.ReasonNoWitness:
					without++
					t.Logf("%s: no example: %s %s %s", name, f.Change.Rule, f.Change.Edge.Schema, f.Change.Edge.Name)
				case a.Witness != nil:
					mayWith++
				case a.Verdict == contracts.MayBreak:
					mayWithout++
					t.Logf("%s: no example (may): %s %s %s", name, f.Change.Rule, f.Change.Edge.Schema, f.Change.Edge.Name)
				}
			}
		}
	}
	t.Logf("breaks: %d with an example, %d without; may-break: %d with, %d without", with, without, mayWith, mayWithout)
}
