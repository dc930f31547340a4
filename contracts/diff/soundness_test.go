package diff

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
)

// The soundness test draws a random contract, a random use of it and a random
// change, and looks for a document that proves a harmless verdict wrong. For a
// response: a document that the new contract allows and that, as far as the
// consumer reads it, the old one does not. For a request: what the consumer sends
// under the old contract and the new one refuses. PLIMSOLL_SOUNDNESS sets the
// number of cases (2,000 when unset).
func TestSoundness(t *testing.T) {
	run := soundnessRun{cases: 2000, seed: 1, all: os.Getenv("PLIMSOLL_SOUNDNESS_ALL") != ""}
	if n, err := strconv.Atoi(os.Getenv("PLIMSOLL_SOUNDNESS")); err == nil {
		run.cases = n
	}
	if n, err := strconv.ParseUint(os.Getenv("PLIMSOLL_SEED"), 10, 64); err == nil {
		run.seed = n
	}
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() { run.work(t) })
	}
	workers.Wait()
	t.Logf("%d cases, %d changed, %d judged, %d of them harmless", run.done, run.changed, run.done, run.harmless)
	if !t.Failed() && (run.harmless < run.cases/20 || run.done-run.harmless < run.cases/20) {
		t.Errorf("the cases are lopsided: %d judged, %d harmless", run.done, run.harmless)
	}
}

// soundnessRun is one run of the test. A case is its seed and its number: it is
// the same one whichever goroutine takes it.
type soundnessRun struct {
	cases int
	seed  uint64
	all   bool // go on after a counter-example

	mu       sync.Mutex
	next     int // the case that nobody has taken yet
	done     int
	changed  int
	harmless int
}

// progressEvery is the number of cases after which a long run says how far it is.
const progressEvery = 10_000

// work takes cases until none is left.
func (run *soundnessRun) work(t *testing.T) {
	for {
		run.mu.Lock()
		number := run.next
		run.next++
		run.mu.Unlock()
		if number >= run.cases || t.Failed() && !run.all {
			return
		}
		c := newSoundnessCase(run.seed, uint64(number))
		counter, verdict, err := c.check(t.Context())
		switch {
		case err != nil:
			t.Errorf("case %d: %v", number, err)
		case counter != "":
			t.Errorf("case %d: %s\nreads %v, patterns %q\nbase %s\nhead %s", number, counter, c.reads, c.patterns, text(c.base), text(c.head))
		}
		run.mu.Lock()
		run.done++
		if !equalJSON(c.base, c.head) {
			run.changed++
		}
		if verdict == contracts.Unaffected {
			run.harmless++
		}
		if run.done%progressEvery == 0 {
			t.Logf("%d of %d cases", run.done, run.cases)
		}
		run.mu.Unlock()
	}
}

// soundnessCase is a change of a contract and a use of it.
type soundnessCase struct {
	g          *generator
	base, head schemaMap
	reads      bool     // the use reads the answer; else it sends the request
	patterns   []string // what it lists; nil: unlisted
}

func newSoundnessCase(seed, number uint64) *soundnessCase {
	g := newGenerator(seed, number)
	c := &soundnessCase{g: g, base: clone(g.contract())}
	for range g.r.IntN(3) {
		g.mutate(c.base) // so that the old contract has all that the new one may have
	}
	c.base = clone(c.base)
	c.head = clone(c.base)
	for range 1 + g.r.IntN(2) {
		g.mutate(c.head)
	}
	c.reads = g.r.IntN(2) == 0
	c.patterns = g.usage(newModel(c.base), c.reads)
	c.head = clone(c.head)
	if strings.Contains(text(c.base)+text(c.head), "allOf") {
		// which of several branches hides a property is no question for this model
		unhide(c.base)
		unhide(c.head)
	}
	return c
}

// schemaMap is a schema as plain JSON values.
type schemaMap = map[string]any

type generator struct{ r *rand.Rand }

func newGenerator(seed, number uint64) *generator {
	return &generator{r: rand.New(rand.NewPCG(seed, number))}
}

func clone(v schemaMap) schemaMap {
	var out schemaMap
	if err := json.Unmarshal([]byte(text(v)), &out); err != nil {
		panic(err)
	}
	return out
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

func equalJSON(a, b any) bool { return text(a) == text(b) }

var (
	propertyNames = []string{"a", "b", "c", "d"}
	enumPool      = []any{"x", "y", "z", "w"}
	componentPool = []string{"S0", "S1", "S2"}
)

func (g *generator) pick(names []string) string { return names[g.r.IntN(len(names))] }

// document writes the contract around its schemas.
func contractText(schemas schemaMap) string {
	body := schemaMap{"application/json": schemaMap{"schema": schemaMap{"$ref": "#/components/schemas/Root"}}}
	return text(schemaMap{"openapi": "3.0.3", "info": schemaMap{"title": "t", "version": "1"},
		"paths": schemaMap{"/x": schemaMap{"post": schemaMap{
			"requestBody": schemaMap{"required": true, "content": body},
			"responses":   schemaMap{"200": schemaMap{"description": "ok", "content": body}},
		}}},
		"components": schemaMap{"schemas": schemas}})
}

// check judges the case and looks for a counter-example.
func (c *soundnessCase) check(ctx context.Context) (counter string, verdict contracts.Verdict, err error) {
	src := memory{"base.json": contractText(c.base), "head.json": contractText(c.head)}
	b, err := openapi.Load(ctx, src, "base.json", openapi.LoadOptions{})
	if err != nil {
		return "", "", err
	}
	h, err := openapi.Load(ctx, src, "head.json", openapi.LoadOptions{})
	if err != nil {
		return "", "", err
	}
	comparison, err := Compare(ctx, b, h, Options{})
	if err != nil {
		return "", "", err
	}
	findings, _, err := comparison.Judge(ctx, []contracts.Consumer{{Component: "c", Usage: contracts.Usage{Operations: []contracts.OperationUse{c.use()}}}})
	if err != nil {
		return "", "", err
	}
	verdict = contracts.Unaffected
	dir := contracts.Request
	if c.reads {
		dir = contracts.Response
	}
	for i := range findings {
		if findings[i].Change.Direction == dir && findings[i].Verdict().Rank() > verdict.Rank() {
			verdict = findings[i].Verdict()
		}
	}
	if verdict != contracts.Unaffected {
		return "", verdict, nil
	}
	return c.g.refute(newModel(c.base), newModel(c.head), c.reads, c.patterns), verdict, nil
}

// use is what the consumer declares.
func (c *soundnessCase) use() contracts.OperationUse {
	use := contracts.OperationUse{Selector: "POST /x"}
	if c.patterns == nil {
		return use
	}
	listed := []contracts.Pattern{}
	for _, p := range c.patterns {
		listed = append(listed, contracts.Pattern{Text: p})
	}
	if c.reads {
		use.Reads, use.Sends = &listed, &[]contracts.Pattern{}
	} else {
		use.Sends, use.Reads = &listed, &[]contracts.Pattern{}
	}
	return use
}
