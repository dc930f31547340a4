package contracts

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"
)

// The soundness test draws a random contract, a random use of it and a random
// change, and looks for a document that proves a harmless verdict wrong. For a
// response: a document that the new contract allows and that, as far as the
// consumer reads it, the old one does not. For a request: what the consumer sends
// under the old contract and the new one refuses. PLIMSOLL_SOUNDNESS sets the
// number of cases (2,000 when unset).
func TestSoundness(t *testing.T) {
	cases := 2000
	if n, err := strconv.Atoi(os.Getenv("PLIMSOLL_SOUNDNESS")); err == nil {
		cases = n
	}
	seed := uint64(1)
	if n, err := strconv.ParseUint(os.Getenv("PLIMSOLL_SEED"), 10, 64); err == nil {
		seed = n
	}
	harmless, changed, judged := 0, 0, 0
	for i := range cases {
		g := newGenerator(seed, uint64(i))
		base := clone(g.contract())
		head := clone(base)
		for range 1 + g.r.IntN(2) {
			g.mutate(head)
		}
		reads := g.r.IntN(2) == 0
		patterns := g.usage(base, reads)
		head = clone(head)
		if both := text(base) + text(head); strings.Contains(both, "allOf") {
			// which of several branches hides a property is no question for this model
			unhide(base)
			unhide(head)
		}
		counter, verdict := g.check(t, base, head, reads, patterns)
		if verdict != "" {
			judged++
			if verdict == Unaffected {
				harmless++
			}
		}
		if !equalJSON(base, head) {
			changed++
		}
		if counter != "" {
			t.Errorf("case %d: %s\nreads %v, patterns %v\nbase %s\nhead %s", i, counter, reads, patterns, text(base), text(head))
			if t.Failed() && i > 0 && os.Getenv("PLIMSOLL_SOUNDNESS_ALL") == "" {
				return
			}
		}
	}
	t.Logf("%d cases, %d changed, %d judged, %d of them harmless", cases, changed, judged, harmless)
	if harmless < cases/20 || judged-harmless < cases/20 {
		t.Errorf("the cases are lopsided: %d judged, %d harmless", judged, harmless)
	}
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

// contract draws the shared schemas of a contract; Root is the body.
func (g *generator) contract() schemaMap {
	c := schemaMap{}
	for _, name := range componentPool {
		c[name] = g.object(2)
	}
	c["Root"] = g.object(3)
	return c
}

func (g *generator) object(depth int) schemaMap {
	s := schemaMap{"type": "object"}
	props := schemaMap{}
	var required []any
	for _, name := range propertyNames {
		if g.r.IntN(3) == 0 {
			continue
		}
		props[name] = g.schema(depth - 1)
		if g.r.IntN(2) == 0 {
			required = append(required, name)
		}
	}
	s["properties"] = props
	if len(required) > 0 {
		s["required"] = required
	}
	switch g.r.IntN(8) {
	case 0:
		s["additionalProperties"] = false
	case 1:
		s["additionalProperties"] = schemaMap{"type": g.pick([]string{"string", "integer"})}
	}
	if g.r.IntN(6) == 0 {
		return schemaMap{"allOf": []any{s, g.reference()}}
	}
	return s
}

func (g *generator) reference() schemaMap {
	return schemaMap{"$ref": "#/components/schemas/" + g.pick(componentPool)}
}

func (g *generator) schema(depth int) schemaMap {
	if depth <= 0 {
		return g.scalar()
	}
	switch g.r.IntN(8) {
	case 0, 1:
		return g.reference()
	case 2:
		return schemaMap{"type": "array", "items": g.schema(depth - 1)}
	case 3:
		return g.object(depth)
	case 4:
		first := g.r.IntN(3)
		return schemaMap{g.pick([]string{"oneOf", "anyOf"}): []any{
			schemaMap{"$ref": "#/components/schemas/" + componentPool[first]},
			schemaMap{"$ref": "#/components/schemas/" + componentPool[(first+1)%3]},
		}}
	}
	return g.scalar()
}

func (g *generator) scalar() schemaMap {
	s := schemaMap{"type": g.pick([]string{"string", "integer", "number", "boolean"})}
	switch {
	case s["type"] == "string" && g.r.IntN(2) == 0:
		s["enum"] = append([]any{}, enumPool[:1+g.r.IntN(3)]...)
	case s["type"] == "integer" && g.r.IntN(3) == 0:
		s["maximum"] = 5 + g.r.IntN(3)
	case s["type"] == "string" && g.r.IntN(4) == 0:
		s["maxLength"] = 3
	}
	if g.r.IntN(4) == 0 {
		s["nullable"] = true
	}
	if g.r.IntN(10) == 0 {
		s[g.pick([]string{"readOnly", "writeOnly"})] = true
	}
	return s
}

// usage draws patterns that lead somewhere in the old contract; nil: unlisted.
func (g *generator) usage(c schemaMap, reads bool) []string {
	if g.r.IntN(5) == 0 {
		return nil
	}
	patterns := []string{}
	for range g.r.IntN(4) {
		if p := g.pattern(c, c["Root"].(schemaMap), reads, 0); p != "" {
			if g.r.IntN(6) == 0 {
				p += "?"
			}
			patterns = append(patterns, p)
		}
	}
	return patterns
}

func (g *generator) pattern(c, s schemaMap, reads bool, depth int) string {
	s = merged(c, s, 0)
	if depth > 3 {
		return ""
	}
	join := func(first, rest string) string {
		if rest == "" || strings.HasPrefix(rest, "[") || strings.HasPrefix(rest, "{") {
			return first + rest
		}
		return first + "." + rest
	}
	deeper := func(first string, next schemaMap) string {
		if g.r.IntN(2) == 0 {
			return first
		}
		return join(first, g.pattern(c, next, reads, depth+1))
	}
	props, _ := s["properties"].(schemaMap)
	var names []string
	for _, name := range sortedKeys(props) {
		p := merged(c, props[name].(schemaMap), 0)
		if reads && p["writeOnly"] == true || !reads && p["readOnly"] == true {
			continue
		}
		names = append(names, name)
	}
	if extra, ok := s["additionalProperties"].(schemaMap); ok && g.r.IntN(4) == 0 {
		return deeper("{}", extra)
	}
	if len(names) > 0 {
		name := g.pick(names)
		return deeper(name, props[name].(schemaMap))
	}
	if items, ok := s["items"].(schemaMap); ok {
		return deeper("[]", items)
	}
	for _, union := range []string{"oneOf", "anyOf"} {
		if branches, ok := s[union].([]any); ok {
			return g.pattern(c, branches[g.r.IntN(len(branches))].(schemaMap), reads, depth+1)
		}
	}
	return ""
}

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

// samplesPerCase is how many documents are drawn for one case.
const samplesPerCase = 25

// check judges one case and looks for a counter-example.
func (g *generator) check(t *testing.T, base, head schemaMap, reads bool, patterns []string) (counter string, verdict Verdict) {
	t.Helper()
	src := memory{"base.json": contractText(base), "head.json": contractText(head)}
	b, err := Load(t.Context(), src, "base.json", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	h, err := Load(t.Context(), src, "head.json", LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Compare(t.Context(), b, h, CompareOptions{})
	if err != nil {
		t.Fatal(err)
	}
	use := OperationUse{Selector: "POST /x"}
	if patterns != nil {
		listed := []Pattern{}
		for _, p := range patterns {
			listed = append(listed, Pattern{Text: p})
		}
		if reads {
			use.Reads, use.Sends = &listed, &[]Pattern{}
		} else {
			use.Sends, use.Reads = &listed, &[]Pattern{}
		}
	}
	findings, _, err := c.Judge(t.Context(), []Consumer{{Component: "c", Usage: Usage{Operations: []OperationUse{use}}}})
	if err != nil {
		t.Fatal(err)
	}
	verdict = Unaffected
	dir := Request
	if reads {
		dir = Response
	}
	for i := range findings {
		if findings[i].Change.Direction == dir && findings[i].Verdict().Rank() > verdict.Rank() {
			verdict = findings[i].Verdict()
		}
	}
	if verdict != Unaffected {
		return "", verdict
	}
	if reads {
		return g.refuteRead(base, head, patterns), verdict
	}
	return g.refuteSend(base, head, patterns), verdict
}

// refuteRead draws answers of the new contract.
func (g *generator) refuteRead(base, head schemaMap, patterns []string) string {
	now, old := validator{schemas: head, dir: Response}, validator{schemas: base, dir: Response}
	for range samplesPerCase {
		doc, ok := g.sample(head, head["Root"].(schemaMap), Response, 0)
		if !ok || !now.valid(head["Root"].(schemaMap), doc, 0) {
			continue
		}
		if patterns == nil {
			if !old.valid(base["Root"].(schemaMap), doc, 0) {
				return "the old contract does not allow the answer " + text(doc)
			}
			continue
		}
		var parsed []*pattern
		for _, p := range patterns {
			q, err := parsePattern(p)
			if err != nil {
				return err.Error()
			}
			parsed = append(parsed, q)
		}
		state := make([][]int, len(parsed))
		for i := range state {
			state[i] = []int{0}
		}
		if !old.reads(base["Root"].(schemaMap), doc, parsed, state, 0) {
			return "as it is read, the old contract does not allow the answer " + text(doc)
		}
	}
	return ""
}

// refuteSend draws requests of a consumer of the old contract.
func (g *generator) refuteSend(base, head schemaMap, patterns []string) string {
	old, now := validator{schemas: base, dir: Request}, validator{schemas: head, dir: Request}
	for range samplesPerCase {
		doc, ok := g.sample(base, base["Root"].(schemaMap), Request, 0)
		if !ok {
			continue
		}
		if patterns != nil {
			var whole bool
			if doc, whole = project(doc, patterns); !whole {
				continue // a consumer sends all that it lists
			}
		}
		if !old.valid(base["Root"].(schemaMap), doc, 0) {
			continue
		}
		if !now.valid(head["Root"].(schemaMap), doc, 0) {
			return fmt.Sprintf("the new contract refuses the request %s", text(doc))
		}
	}
	return ""
}
