package diff

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// witnessTally counts verdicts with and without an example.
type witnessTally struct {
	breaks, mayBreak, noBreaks, noMayBreak int
	foreign                                []string // examples of a value that is not the one that changed
}

func (w witnessTally) plus(o witnessTally) witnessTally {
	return witnessTally{w.breaks + o.breaks, w.mayBreak + o.mayBreak, w.noBreaks + o.noBreaks, w.noMayBreak + o.noMayBreak, append(w.foreign, o.foreign...)}
}

// count adds the verdicts of a comparison, and gives those without an example.
func (w *witnessTally) count(findings []contracts.Finding) (missing []string) {
	for _, f := range findings {
		for _, a := range f.Affected {
			if a.Witness != nil && f.Change.Edge.Kind == contracts.KindEnumValue && !strings.Contains(string(a.Witness.Document), f.Change.Edge.Name) {
				w.foreign = append(w.foreign, f.Change.Edge.Schema+" "+f.Change.Edge.Name+": "+string(a.Witness.Document))
			}
			switch {
			case a.Witness != nil && a.Verdict == contracts.Breaks:
				w.breaks++
			case a.Witness != nil:
				w.mayBreak++
			case a.Verdict == contracts.Breaks || a.Reason.Code == contracts.ReasonNoWitness:
				w.noBreaks++
				missing = append(missing, "breaks: "+f.Change.Rule+" "+f.Change.Edge.Schema+" "+f.Change.Edge.Name)
			case a.Verdict == contracts.MayBreak:
				w.noMayBreak++
				missing = append(missing, "may-break: "+f.Change.Rule+" "+f.Change.Edge.Schema+" "+f.Change.Edge.Name)
			}
		}
	}
	return missing
}

// log writes the tally, and fails if fewer than so many percent of the changes that break a
// consumer have an example.
func (w *witnessTally) log(t *testing.T, percent int) {
	t.Helper()
	t.Logf("breaks: %d of %d have an example (%s); may-break: %d of %d", w.breaks, w.breaks+w.noBreaks, share(w.breaks, w.breaks+w.noBreaks), w.mayBreak, w.mayBreak+w.noMayBreak)
	for _, each := range w.foreign {
		t.Errorf("the example shows another value: %s", each)
	}
	if 100*w.breaks < percent*(w.breaks+w.noBreaks) {
		t.Errorf("fewer than %d %% of what breaks a consumer has an example", percent)
	}
}

// TestWitnesses wants an example of nearly everything that breaks a consumer, over all
// golden cases.
func TestWitnesses(t *testing.T) {
	t.Parallel()
	var w witnessTally
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
		for _, m := range w.count(findings) {
			t.Logf("%s: no example: %s", name, m)
		}
	}
	w.log(t, 99)
}

// TestWitnessesOfRealContracts wants the same of real contracts, for a consumer that uses
// every operation as a whole. PLIMSOLL_WITNESSES=all includes the largest.
func TestWitnessesOfRealContracts(t *testing.T) {
	t.Parallel()
	dirs, err := os.ReadDir(realPairs)
	if err != nil {
		t.Logf("the real contracts (shared/data/specs) are not here: %v", err)
		return
	}
	var w witnessTally
	for _, d := range dirs {
		dir := filepath.Join(realPairs, d.Name())
		if !d.IsDir() || goldenFile(dir, "base") == "" || d.Name() == "digitalocean-multifile" {
			continue
		}
		if os.Getenv("PLIMSOLL_WITNESSES") == "" && (strings.HasPrefix(d.Name(), "github") || strings.HasPrefix(d.Name(), "stripe")) {
			t.Logf("%s: left out; PLIMSOLL_WITNESSES=all includes it", d.Name())
			continue
		}
		old, now := mustLoadWith(t, folder(dir), goldenFile(dir, "base"), wide), mustLoadWith(t, folder(dir), goldenFile(dir, "head"), wide)
		comparison := mustCompare(t, old, now)
		start := time.Now()
		findings, _, err := comparison.Judge(t.Context(), []contracts.Consumer{everything(old)})
		if err != nil {
			t.Fatal(err)
		}
		before := w
		for i, m := range w.count(findings) {
			if i < 40 {
				t.Logf("%s: no example: %s", d.Name(), m)
			}
		}
		t.Logf("%s: %d changes, breaks %d, without an example %d, may break %d, without an example %d, judged in %s", d.Name(), len(findings),
			w.breaks-before.breaks, w.noBreaks-before.noBreaks, w.mayBreak-before.mayBreak, w.noMayBreak-before.noMayBreak, time.Since(start).Round(time.Millisecond))
	}
	w.log(t, 99)
}

// everything is a consumer that lists that it uses all there is.
func everything(c *openapi.Contract) contracts.Consumer {
	all := &[]contracts.Pattern{{Text: "**"}}
	consumer := contracts.Consumer{Component: "everything"}
	for _, op := range c.Selectable() {
		consumer.Usage.Operations = append(consumer.Usage.Operations, contracts.OperationUse{Selector: op.Name(), Reads: all, Sends: all})
	}
	return consumer
}

// TestWitnessesOfHostileContracts: the search for examples ends soon, whatever a contract
// holds, and a search that was cut off changes no verdict.
func TestWitnessesOfHostileContracts(t *testing.T) {
	t.Parallel()
	required := func(n int) string {
		return `{"type":"object","required":[` + many(n, `"p%d"`) + `],"properties":{` + many(n, `"p%d":{"type":"string"}`) + `}}`
	}
	deep := strings.Repeat(`{"type":"object","required":["a"],"properties":{"a":`, 400) + `{"type":"string"}` + strings.Repeat(`}}`, 400)
	unions := `{"type":"object","properties":{"a":` + strings.Repeat(`{"oneOf":[{"type":"integer"},{"type":"boolean"},`, 60) + `{"type":"string"}` + strings.Repeat(`]}`, 60) + `}}`
	all := func(n int) string {
		return `{"type":"object","properties":{"a":{"allOf":[` + many(n, `{"oneOf":[{"properties":{"b%d":{"type":"string"}}},{"required":["c%[1]d"]}]}`) + `]},"z":{"type":"string"}}}`
	}
	// how many changes keep their verdict although no example was found
	kept := map[string]int{"many required properties become optional": 2500, "many required properties change": 1500, "a circle of required properties": 1, "a long array": 1}
	for name, pair := range map[string][2]string{
		"many required properties become optional": {required(3000), strings.Replace(required(3000), `"required"`, `"x-required"`, 1)},
		"many required properties change":          {required(2000), strings.ReplaceAll(required(2000), `"string"`, `"integer"`)},
		"deep":                                     {deep, strings.Replace(deep, `"string"`, `"integer"`, 1)},
		"deep unions":                              {unions, strings.Replace(unions, `"string"`, `"array"`, 1)},
		"many unions":                              {all(30), strings.Replace(all(30), `"z":{"type":"string"}`, `"z":{"type":"integer"}`, 1)},
		"a huge number":                            {`{"type":"number","maximum":1e1000000000}`, `{"type":"string","enum":["a"],"x":1}`},
		"a huge number in an enum":                 {`{"enum":[1e1000000000]}`, `{"enum":[1e1000000000,2]}`},
		"a circle of required properties":          {`{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/paths/~1x/get/responses/200/content/application~1json/schema"},"b":{"type":"string"}}}`, `{"type":"object","required":["a"],"properties":{"a":{"$ref":"#/paths/~1x/get/responses/200/content/application~1json/schema"}}}`},
		"a pattern of many repetitions":            {`{"type":"string","pattern":"^((a{100}){10}b?){1,10}$"}`, `{"type":"integer"}`},
		"a long text":                              {`{"type":"string","minLength":100000000}`, `{"type":"integer"}`},
		"a long array":                             {`{"type":"array","minItems":100000000,"items":{"type":"string"}}`, `{"type":"array","minItems":100000000,"items":{"type":"integer"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			load := func(schema string) *openapi.Contract {
				c, err := openapi.Load(t.Context(), memory{"a.json": schemaContract(schema)}, "a.json", openapi.LoadOptions{})
				if err != nil {
					t.Fatal(err)
				}
				return c
			}
			base, head := load(pair[0]), load(pair[1])
			findings, _, err := mustCompare(t, base, head).Judge(t.Context(), []contracts.Consumer{everything(base)})
			if err != nil {
				t.Fatal(err)
			}
			without := 0
			for _, f := range findings {
				for _, a := range f.Affected {
					if a.Reason.Code == contracts.ReasonNoWitness {
						t.Errorf("%s of %s: the verdict was lowered without a complete search", f.Change.Rule, f.Change.Edge.Name)
					}
					if a.Verdict == contracts.Breaks && a.Witness == nil {
						without++
					}
				}
			}
			if without != kept[name] {
				t.Errorf("%d changes break without an example, expected %d", without, kept[name])
			}
		})
	}
}
