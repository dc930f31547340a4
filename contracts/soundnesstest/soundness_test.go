package soundnesstest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"plimsoll/contracts"
	"plimsoll/contracts/diff"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/treetest"
	"plimsoll/contracts/usage"
)

// TestSoundness draws a random contract, a random use of it and a random change, and
// looks for a document that proves a harmless verdict wrong. For a response: a document
// that the new contract allows and that, as far as the consumer reads it, the old one does
// not. For a request: what the consumer sends under the old contract and the new one
// refuses. PLIMSOLL_SOUNDNESS sets the number of cases (5,000 when unset), PLIMSOLL_SEED
// the seed; with PLIMSOLL_SOUNDNESS_ALL it goes on after a counter-example.
func TestSoundness(t *testing.T) {
	t.Parallel()
	run := &run{cases: 5000, seed: 1, all: os.Getenv("PLIMSOLL_SOUNDNESS_ALL") != ""}
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
	t.Logf("%d cases, %d changed, %d harmless, %d counter-examples; %d documents drawn, %d of them count",
		run.done, run.changed, run.harmless, run.wrong, run.drawn, run.counted)
	if !t.Failed() && (run.harmless < run.cases/20 || run.done-run.harmless < run.cases/20 || run.counted < run.drawn/20) {
		t.Error("the cases are lopsided: too few are harmless, or harmful, or have documents that count")
	}
}

// run is one run of the test. A case is its seed and its number: it is the same one
// whichever goroutine takes it.
type run struct {
	cases int
	seed  uint64
	all   bool

	mu                                             sync.Mutex
	next                                           int
	done, changed, harmless, wrong, drawn, counted int
}

// progressEvery is the number of cases after which a long run says how far it is.
const progressEvery = 10_000

// work takes cases until none is left.
func (run *run) work(t *testing.T) {
	for {
		run.mu.Lock()
		n := run.next
		run.next++
		run.mu.Unlock()
		if n >= run.cases || t.Failed() && !run.all {
			return
		}
		c := newCase(run.seed, uint64(n))
		result, err := c.check(t.Context())
		if err != nil {
			t.Errorf("case %d: %v\n%s", n, err, c)
		} else if result.counter != "" {
			small := c.shrink(t.Context())
			t.Errorf("case %d: %s\n%s", n, small.counter, small.c)
		}
		run.mu.Lock()
		run.done++
		run.drawn += result.drawn
		run.counted += result.counted
		if text(c.base) != text(c.head) {
			run.changed++
		}
		if result.harmless {
			run.harmless++
		}
		if result.counter != "" {
			run.wrong++
		}
		if run.done%progressEvery == 0 {
			t.Logf("%d of %d cases, %d counter-examples", run.done, run.cases, run.wrong)
		}
		run.mu.Unlock()
	}
}

// soundnessCase is a change of a contract and a use of it.
type soundnessCase struct {
	version    version
	seed       [2]uint64 // of the documents
	base, head object
	dir        contracts.Direction
	patterns   []string // what the use lists; nil: unlisted
}

func newCase(seed, number uint64) *soundnessCase {
	g := &generator{r: rand.New(rand.NewPCG(seed, number)), version: v30}
	if g.one(2) {
		g.version = v31
	}
	c := &soundnessCase{version: g.version, seed: [2]uint64{seed + 1, number}, dir: contracts.Request}
	for c.base = g.contract(); endless(c.base); c.base = g.contract() {
	}
	for range g.r.IntN(3) {
		g.mutate(c.base) // so that the old contract has all that the new one may have
	}
	c.base = clone(c.base).(object)
	c.head = clone(c.base).(object)
	for range 1 + g.r.IntN(2) {
		g.mutate(c.head)
	}
	if g.one(2) {
		c.dir = contracts.Response
	}
	if !g.one(4) {
		c.patterns = []string{}
		for range g.r.IntN(4) {
			p := g.pattern(c.base, c.base["Root"], 5)
			switch {
			case p == "", c.dir == contracts.Request && strings.Contains(p, "*"):
				continue // "*" says that something is sent, and not what
			case g.one(6):
				p += "?"
			case c.dir == contracts.Response && g.one(10):
				p = "**." + p
			}
			c.patterns = append(c.patterns, p)
		}
	}
	c.head = clone(c.head).(object)
	if both := text(c.base) + text(c.head); strings.ContainsAny(both, "{") && composed(both) {
		show(c.base) // which of several parts hides a property is no question for this test
		show(c.head)
	}
	return c
}

func composed(text string) bool {
	for _, keyword := range []string{"allOf", "anyOf", "oneOf", "then", "else", "dependentSchemas", "not"} {
		if strings.Contains(text, `"`+keyword+`"`) {
			return true
		}
	}
	return strings.Contains(text, `"$ref"`)
}

// show makes every property take part in both directions.
func show(c object) {
	for _, at := range places(c, c) {
		if s, ok := at.schema.(object); ok {
			delete(s, "readOnly")
			delete(s, "writeOnly")
		}
	}
}

func (c *soundnessCase) String() string {
	return fmt.Sprintf("OpenAPI %s, %s, patterns %q\nbase %s\nhead %s", c.version, c.dir, c.patterns, text(c.base), text(c.head))
}

// contract writes the contract around its schemas.
func (c *soundnessCase) contract(schemas object) string {
	body := object{"application/json": object{"schema": object{"$ref": "#/components/schemas/Root"}}}
	return text(object{"openapi": c.version, "info": object{"title": "t", "version": "1"},
		"paths": object{"/x": object{"post": object{
			"requestBody": object{"required": true, "content": body},
			"responses":   object{"200": object{"description": "ok", "content": body}},
		}}},
		"components": object{"schemas": schemas}})
}

// outcome is what came out of a case.
type outcome struct {
	harmless       bool
	counter        string
	doc            any
	drawn, counted int
}

// documents is how many are drawn for a harmless case.
const documents = 40

func (c *soundnessCase) check(ctx context.Context) (outcome, error) {
	harmless, err := c.judge(ctx)
	if err != nil || !harmless {
		return outcome{}, err
	}
	out := outcome{harmless: true}
	p, err := c.proof()
	if err != nil {
		return out, err
	}
	g := &generator{r: rand.New(rand.NewPCG(c.seed[0], c.seed[1])), version: c.version}
	literals := literalsOf(c.head, literalsOf(c.base, nil))
	for i := range documents {
		from := c.base
		if i%2 == 0 {
			from = c.head
		}
		s := sampler{generator: g, schemas: from, literals: literals}
		doc := s.root()
		out.drawn++
		counts, refuted := p.refutes(doc)
		if counts {
			out.counted++
		}
		if refuted != "" {
			out.counter, out.doc = refuted, doc
			return out, nil
		}
	}
	return out, nil
}

// judge tells whether the engine calls the use unaffected.
func (c *soundnessCase) judge(ctx context.Context) (bool, error) {
	src := treetest.Map{"base.json": c.contract(c.base), "head.json": c.contract(c.head)}
	base, err := openapi.Load(ctx, src, "base.json", openapi.LoadOptions{})
	if err != nil {
		return false, err
	}
	head, err := openapi.Load(ctx, src, "head.json", openapi.LoadOptions{})
	if err != nil {
		return false, err
	}
	comparison, err := diff.Compare(ctx, base, head, diff.Options{})
	if err != nil {
		return false, err
	}
	findings, problems, err := comparison.Judge(ctx, []contracts.Consumer{{Component: "c", Usage: contracts.Usage{Operations: []contracts.OperationUse{c.use()}}}})
	if err != nil || len(problems) > 0 {
		return false, err
	}
	for i := range findings {
		if findings[i].Change.Direction == c.dir && findings[i].Verdict() != contracts.Unaffected {
			return false, nil
		}
	}
	return true, nil
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
	if c.dir == contracts.Response {
		use.Reads, use.Sends = &listed, &[]contracts.Pattern{}
	} else {
		use.Sends, use.Reads = &listed, &[]contracts.Pattern{}
	}
	return use
}

// proof decides which documents prove a case wrong.
type proof struct {
	c        *soundnessCase
	allowed  *jsonschema.Schema // what may be sent
	accepted *jsonschema.Schema // what the other side copes with
	patterns []*usage.Pattern
}

func (c *soundnessCase) proof() (*proof, error) {
	p := &proof{c: c}
	for _, text := range c.patterns {
		pattern, err := usage.Parse(text)
		if err != nil {
			return nil, err
		}
		p.patterns = append(p.patterns, pattern)
	}
	base, head := newTranslation(c.version, c.base, c.dir), newTranslation(c.version, c.head, c.dir)
	root := object{"$ref": "#/components/schemas/Root"}
	from, to, how, copes := base, head, sent, strict
	if c.dir == contracts.Response {
		from, to, how, copes = head, base, strict, lenient
	}
	begin, end := from.whole(root, how), to.whole(root, copes)
	if c.dir == contracts.Response && c.patterns != nil {
		end = (&reader{translation: base, patterns: p.patterns, names: map[string]string{}}).root()
	}
	var err error
	if p.allowed, err = from.compile(begin); err == nil {
		p.accepted, err = to.compile(end)
	}
	return p, err
}

// refutes tells whether a document counts and why it proves the case wrong.
func (p *proof) refutes(doc any) (counts bool, why string) {
	if p.c.dir == contracts.Request && p.c.patterns != nil {
		var whole bool
		if doc, whole = project(doc, p.patterns); !whole {
			return false, "" // a consumer sends all that it lists
		}
	}
	if p.allowed.Validate(doc) != nil {
		return false, ""
	}
	if p.accepted.Validate(doc) == nil {
		return true, ""
	}
	if p.c.dir == contracts.Request {
		return true, "the new contract refuses the request " + text(doc)
	}
	return true, "as it is read, the old contract does not allow the response " + text(doc)
}
