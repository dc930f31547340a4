package contracts

import (
	"math"
	"strings"
)

// The model below knows nothing of the code under test: it reads schemas as plain
// JSON values and decides what is valid by itself.

// resolved follows $refs.
func resolved(c, s schemaMap) schemaMap {
	for range 10 {
		ref, ok := s["$ref"].(string)
		if !ok {
			return s
		}
		s = c[strings.TrimPrefix(ref, "#/components/schemas/")].(schemaMap)
	}
	return schemaMap{}
}

// merged gives a schema with its allOf merged, for drawing values and patterns.
func merged(c, s schemaMap, depth int) schemaMap {
	s = resolved(c, s)
	parts, ok := s["allOf"].([]any)
	if !ok || depth > 4 {
		return s
	}
	out := schemaMap{}
	for key, value := range s {
		if key != "allOf" {
			out[key] = value
		}
	}
	for _, part := range parts {
		for key, value := range merged(c, part.(schemaMap), depth+1) {
			switch key {
			case "properties":
				props := schemaMap{}
				for name, p := range asMap(out[key]) {
					props[name] = p
				}
				for name, p := range value.(schemaMap) {
					if have, ok := props[name].(schemaMap); ok {
						props[name] = schemaMap{"allOf": []any{have, p}}
					} else {
						props[name] = p
					}
				}
				out[key] = props
			case "required":
				out[key] = append(append([]any{}, asList(out[key])...), asList(value)...)
			default:
				if out[key] == nil {
					out[key] = value
				}
			}
		}
	}
	return out
}

func asMap(v any) schemaMap {
	m, _ := v.(schemaMap)
	return m
}

// sample draws a value that most often fits a schema.
func (g *generator) sample(c, s schemaMap, dir Direction, depth int) (any, bool) {
	s = merged(c, s, 0)
	if s["nullable"] == true && g.r.IntN(3) == 0 {
		return nil, true
	}
	if depth > 6 {
		return nil, false
	}
	for _, union := range []string{"oneOf", "anyOf"} {
		if branches, ok := s[union].([]any); ok {
			return g.sample(c, branches[g.r.IntN(len(branches))].(schemaMap), dir, depth+1)
		}
	}
	if enum, ok := s["enum"].([]any); ok && len(enum) > 0 {
		return enum[g.r.IntN(len(enum))], true
	}
	switch s["type"] {
	case "string":
		return g.pick([]string{"x", "y", "z", "w", "long text"}), true
	case "integer":
		return float64(g.r.IntN(10)), true
	case "number":
		return float64(g.r.IntN(10)) + 0.5*float64(g.r.IntN(2)), true
	case "boolean":
		return g.r.IntN(2) == 0, true
	case "array":
		items := []any{}
		for range g.r.IntN(3) {
			if v, ok := g.sample(c, s["items"].(schemaMap), dir, depth+1); ok {
				items = append(items, v)
			}
		}
		return items, true
	}
	return g.sampleObject(c, s, dir, depth)
}

func (g *generator) sampleObject(c, s schemaMap, dir Direction, depth int) (any, bool) {
	doc := schemaMap{}
	required := asList(s["required"])
	props := asMap(s["properties"])
	for _, name := range sortedKeys(props) {
		if hidden(c, props[name].(schemaMap), dir) || !contains(required, name) && g.r.IntN(2) == 0 {
			continue
		}
		v, ok := g.sample(c, props[name].(schemaMap), dir, depth+1)
		if !ok {
			if contains(required, name) {
				return nil, false
			}
			continue
		}
		doc[name] = v
	}
	if extra, ok := s["additionalProperties"].(schemaMap); ok && g.r.IntN(2) == 0 {
		if v, ok := g.sample(c, extra, dir, depth+1); ok {
			doc[g.pick([]string{"k", "e"})] = v
		}
	}
	return doc, true
}

// hidden tells whether a property takes no part in a direction.
func hidden(c, s schemaMap, dir Direction) bool {
	s = merged(c, s, 0)
	return dir == Request && s["readOnly"] == true || dir == Response && s["writeOnly"] == true
}

// validator decides what is valid in one direction. A oneOf counts as an anyOf;
// a reader ignores unknown properties and bounds, as impact.md has it.
type validator struct {
	schemas schemaMap
	dir     Direction
}

func (v validator) valid(s schemaMap, doc any, depth int) bool {
	if depth > 30 {
		return true
	}
	s = resolved(v.schemas, s)
	if doc == nil && s["nullable"] == true {
		return true
	}
	for _, part := range asList(s["allOf"]) {
		if !v.valid(part.(schemaMap), doc, depth+1) {
			return false
		}
	}
	for _, union := range []string{"oneOf", "anyOf"} {
		branches, ok := s[union].([]any)
		if !ok {
			continue
		}
		fits := false
		for _, b := range branches {
			fits = fits || v.valid(b.(schemaMap), doc, depth+1)
		}
		if !fits {
			return false
		}
	}
	if !typeFits(s["type"], doc) {
		return false
	}
	if enum, ok := s["enum"].([]any); ok && !contains(enum, doc) {
		return false
	}
	if v.dir == Request {
		if limit, ok := s["maximum"].(float64); ok {
			if n, isNumber := doc.(float64); isNumber && n > limit {
				return false
			}
		}
		if limit, ok := s["maxLength"].(float64); ok {
			if text, isText := doc.(string); isText && float64(len(text)) > limit {
				return false
			}
		}
	}
	switch doc := doc.(type) {
	case []any:
		items, ok := s["items"].(schemaMap)
		for _, item := range doc {
			if ok && !v.valid(items, item, depth+1) {
				return false
			}
		}
	case schemaMap:
		return v.validObject(s, doc, depth)
	}
	return true
}

func typeFits(name, doc any) bool {
	switch name {
	case nil:
		return true
	case "string":
		_, ok := doc.(string)
		return ok
	case "boolean":
		_, ok := doc.(bool)
		return ok
	case "number":
		_, ok := doc.(float64)
		return ok
	case "integer":
		n, ok := doc.(float64)
		return ok && n == math.Trunc(n)
	case "array":
		_, ok := doc.([]any)
		return ok
	default:
		_, ok := doc.(schemaMap)
		return ok
	}
}

func (v validator) validObject(s, doc schemaMap, depth int) bool {
	props := asMap(s["properties"])
	for _, name := range asList(s["required"]) {
		if p, known := props[name.(string)].(schemaMap); known && hidden(v.schemas, p, v.dir) {
			continue
		}
		if _, ok := doc[name.(string)]; !ok {
			return false
		}
	}
	for name, value := range doc {
		if p, ok := props[name].(schemaMap); ok {
			if !hidden(v.schemas, p, v.dir) && !v.valid(p, value, depth+1) {
				return false
			}
			continue
		}
		switch extra := s["additionalProperties"].(type) {
		case bool:
			if !extra && v.dir == Request {
				return false
			}
		case schemaMap:
			if !v.valid(extra, value, depth+1) {
				return false
			}
		}
	}
	return true
}

// reads checks a document as far as it is read: what is on the way to a used node
// must be what the old contract says, and a used node with all below it.
func (v validator) reads(s schemaMap, doc any, patterns []*pattern, state [][]int, depth int) bool {
	state = v.hopeful(s, patterns, state)
	alive := false
	for i, positions := range state {
		for _, pos := range positions {
			if pos == len(patterns[i].segs) || pos == patterns[i].below() {
				if patterns[i].at(pos).tolerant && doc == nil {
					continue
				}
				return v.valid(s, doc, depth)
			}
			alive = true
		}
	}
	if !alive {
		return true
	}
	s = merged(v.schemas, s, 0)
	if doc == nil {
		return s["nullable"] == true || s["type"] == nil || v.valid(s, doc, depth)
	}
	for _, union := range []string{"oneOf", "anyOf"} {
		if branches, ok := s[union].([]any); ok {
			for _, b := range branches {
				if v.reads(b.(schemaMap), doc, patterns, state, depth+1) {
					return true
				}
			}
			return false
		}
	}
	if !typeFits(s["type"], doc) {
		return false
	}
	switch doc := doc.(type) {
	case []any:
		for _, item := range doc {
			if items, ok := s["items"].(schemaMap); ok && !v.reads(items, item, patterns, advance(patterns, state, step{kind: stepItem}), depth+1) {
				return false
			}
		}
	case schemaMap:
		return v.readsObject(s, doc, patterns, state, depth)
	}
	return true
}

// hopeful leaves out the positions from which the pattern leads nowhere in this
// schema: whoever reads there finds nothing, before and after.
func (v validator) hopeful(s schemaMap, patterns []*pattern, state [][]int) [][]int {
	out := make([][]int, len(state))
	for i, positions := range state {
		for _, pos := range positions {
			if v.leads(s, patterns[i], pos, 0) {
				out[i] = append(out[i], pos)
			}
		}
	}
	return out
}

func (v validator) leads(s schemaMap, p *pattern, pos, depth int) bool {
	if pos >= len(p.segs) || depth > 12 {
		return true
	}
	s = merged(v.schemas, s, 0)
	below := func(next schemaMap, st step) bool {
		for _, to := range p.next(pos, st, nil) {
			if v.leads(next, p, to, depth+1) {
				return true
			}
		}
		return false
	}
	for _, union := range []string{"oneOf", "anyOf"} {
		for _, b := range asList(s[union]) {
			if v.leads(b.(schemaMap), p, pos, depth+1) {
				return true
			}
		}
	}
	for name, next := range asMap(s["properties"]) {
		if !hidden(v.schemas, next.(schemaMap), v.dir) && below(next.(schemaMap), step{kind: stepProperty, name: name}) {
			return true
		}
	}
	if items, ok := s["items"].(schemaMap); ok && below(items, step{kind: stepItem}) {
		return true
	}
	extra, ok := s["additionalProperties"].(schemaMap)
	return ok && below(extra, step{kind: stepMap})
}

func (v validator) readsObject(s, doc schemaMap, patterns []*pattern, state [][]int, depth int) bool {
	props := asMap(s["properties"])
	for name, p := range props {
		next := advance(patterns, state, step{kind: stepProperty, name: name})
		if !any2(next) || hidden(v.schemas, p.(schemaMap), v.dir) {
			continue
		}
		value, ok := doc[name]
		if !ok {
			if contains(asList(s["required"]), name) && !allTolerant(patterns, next) {
				return false
			}
			continue
		}
		if !v.reads(p.(schemaMap), value, patterns, next, depth+1) {
			return false
		}
	}
	if extra, ok := s["additionalProperties"].(schemaMap); ok {
		for name, value := range doc {
			next := advanceKey(patterns, state, name)
			if props[name] == nil && any2(next) && !v.reads(extra, value, patterns, next, depth+1) {
				return false
			}
		}
	}
	return true
}

func allTolerant(patterns []*pattern, state [][]int) bool {
	for i, positions := range state {
		for _, pos := range positions {
			if !patterns[i].at(pos).tolerant {
				return false
			}
		}
	}
	return true
}

func any2(state [][]int) bool {
	for _, positions := range state {
		if len(positions) > 0 {
			return true
		}
	}
	return false
}

func advance(patterns []*pattern, state [][]int, s step) [][]int {
	next := make([][]int, len(state))
	for i, positions := range state {
		for _, pos := range positions {
			next[i] = patterns[i].next(pos, s, next[i])
		}
	}
	return next
}

// advanceKey is advance for a key of a map, which a pattern may name.
func advanceKey(patterns []*pattern, state [][]int, key string) [][]int {
	next := make([][]int, len(state))
	for i, positions := range state {
		for _, pos := range positions {
			if pos < len(patterns[i].segs) && patterns[i].segs[pos].kind == segName && patterns[i].segs[pos].name != key {
				continue
			}
			next[i] = patterns[i].next(pos, step{kind: stepMap}, next[i])
		}
	}
	return next
}

// project keeps of a document what a consumer lists that it sends; whole tells
// whether all of it is there.
func project(doc any, patterns []string) (out any, whole bool) {
	p := projection{whole: true}
	for _, text := range patterns {
		if q, err := parsePattern(text); err == nil {
			p.patterns = append(p.patterns, q)
		}
	}
	state := make([][]int, len(p.patterns))
	for i := range state {
		state[i] = []int{0}
	}
	out, keep := p.of(doc, state)
	if !keep {
		out = schemaMap{}
	}
	return out, p.whole
}

type projection struct {
	patterns []*pattern
	whole    bool
}

func (p *projection) of(doc any, state [][]int) (any, bool) {
	for i, positions := range state {
		for _, pos := range positions {
			if pos == len(p.patterns[i].segs) {
				rest := make([][]int, len(state)) // what else is listed below must be there too
				for k, others := range state {
					for _, other := range others {
						if other < len(p.patterns[k].segs) {
							rest[k] = append(rest[k], other)
						}
					}
				}
				p.of(doc, rest)
				return doc, true
			}
		}
	}
	if !any2(state) {
		return nil, false
	}
	switch doc := doc.(type) {
	case []any:
		out := []any{}
		for _, item := range doc {
			if v, ok := p.of(item, advance(p.patterns, state, step{kind: stepItem})); ok {
				out = append(out, v)
			}
		}
		return out, true
	case schemaMap:
		return p.ofObject(doc, state), true
	}
	return nil, false
}

func (p *projection) ofObject(doc schemaMap, state [][]int) schemaMap {
	out := schemaMap{}
	for i, positions := range state {
		for _, pos := range positions {
			if seg := p.patterns[i].segs[pos]; seg.kind == segName && doc[seg.name] == nil {
				p.whole = false
			}
		}
	}
	for name, value := range doc {
		next := advance(p.patterns, state, step{kind: stepProperty, name: name})
		if name == "k" { // the one name that is only ever a map's key
			for i, more := range advanceKey(p.patterns, state, name) {
				next[i] = append(next[i], more...)
			}
		}
		if v, ok := p.of(value, next); ok {
			out[name] = v
		}
	}
	return out
}
