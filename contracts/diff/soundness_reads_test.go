package diff

import (
	"reflect"

	"plimsoll/contracts/usage"
)

// reads checks a document as far as it is read: what is on the way to a used node
// must be what the old contract says, and a used node with all below it.
func (v *validator) reads(s schemaMap, doc any, patterns []*usage.Pattern, state [][]int, depth int) bool {
	if v.steps++; v.steps > maxSteps {
		return true
	}
	state = v.hopeful(s, patterns, state)
	alive := false
	for i, positions := range state {
		for _, pos := range positions {
			if pos == len(patterns[i].Segments) || pos == patterns[i].Below() {
				if patterns[i].At(pos).Tolerant && doc == nil {
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
	s = v.merged(s)
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
			if items, ok := s["items"].(schemaMap); ok && !v.reads(items, item, patterns, advance(patterns, state, usage.Step{Kind: usage.StepItem}), depth+1) {
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
func (v *validator) hopeful(s schemaMap, patterns []*usage.Pattern, state [][]int) [][]int {
	out := make([][]int, len(state))
	for i, positions := range state {
		for _, pos := range positions {
			if v.leads(s, patterns[i], pos, map[modelSpot]bool{}, 0) {
				out[i] = append(out[i], pos)
			}
		}
	}
	return out
}

// modelSpot is a merged schema and a position of one pattern.
type modelSpot struct {
	schema uintptr
	pos    int
}

// leads tells whether a pattern leads on to something from a schema. Parts of an
// allOf that refer to each other make ever new schemas: what is not found by then
// is not asked for.
func (v *validator) leads(s schemaMap, p *usage.Pattern, pos int, seen map[modelSpot]bool, depth int) bool {
	if pos >= len(p.Segments) {
		return true
	}
	if depth > 12 || len(seen) > 200 {
		return false
	}
	s = v.merged(s)
	at := modelSpot{reflect.ValueOf(s).Pointer(), pos}
	if seen[at] {
		return false
	}
	seen[at] = true
	below := func(next schemaMap, st usage.Step) bool {
		for _, to := range p.Next(pos, st, nil) {
			if v.leads(next, p, to, seen, depth+1) {
				return true
			}
		}
		return false
	}
	for _, union := range []string{"oneOf", "anyOf"} {
		for _, b := range asList(s[union]) {
			if v.leads(b.(schemaMap), p, pos, seen, depth+1) {
				return true
			}
		}
	}
	for name, next := range asMap(s["properties"]) {
		if !v.hidden(next.(schemaMap), v.dir) && below(next.(schemaMap), usage.Step{Kind: usage.StepProperty, Name: name}) {
			return true
		}
	}
	if items, ok := s["items"].(schemaMap); ok && below(items, usage.Step{Kind: usage.StepItem}) {
		return true
	}
	extra, ok := s["additionalProperties"].(schemaMap)
	return ok && below(extra, usage.Step{Kind: usage.StepMap})
}

func (v *validator) readsObject(s, doc schemaMap, patterns []*usage.Pattern, state [][]int, depth int) bool {
	props := asMap(s["properties"])
	for name, p := range props {
		next := v.hopeful(p.(schemaMap), patterns, advance(patterns, state, usage.Step{Kind: usage.StepProperty, Name: name}))
		if !any2(next) || v.hidden(p.(schemaMap), v.dir) {
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

func allTolerant(patterns []*usage.Pattern, state [][]int) bool {
	for i, positions := range state {
		for _, pos := range positions {
			if !patterns[i].At(pos).Tolerant {
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

func advance(patterns []*usage.Pattern, state [][]int, s usage.Step) [][]int {
	next := make([][]int, len(state))
	for i, positions := range state {
		for _, pos := range positions {
			next[i] = patterns[i].Next(pos, s, next[i])
		}
	}
	return next
}

// advanceKey is advance for a key of a map, which a pattern may name.
func advanceKey(patterns []*usage.Pattern, state [][]int, key string) [][]int {
	next := make([][]int, len(state))
	for i, positions := range state {
		for _, pos := range positions {
			if pos < len(patterns[i].Segments) && patterns[i].Segments[pos].Kind == usage.SegName && patterns[i].Segments[pos].Name != key {
				continue
			}
			next[i] = patterns[i].Next(pos, usage.Step{Kind: usage.StepMap}, next[i])
		}
	}
	return next
}

// project keeps of a document what a consumer lists that it sends; whole tells
// whether all of it is there.
func project(doc any, patterns []*usage.Pattern) (out any, whole bool) {
	p := projection{patterns: patterns, whole: true}
	out, keep := p.of(doc, atStart(patterns))
	if !keep {
		out = schemaMap{}
	}
	return out, p.whole
}

type projection struct {
	patterns []*usage.Pattern
	whole    bool
}

func (p *projection) of(doc any, state [][]int) (any, bool) {
	for i, positions := range state {
		for _, pos := range positions {
			if pos == len(p.patterns[i].Segments) {
				rest := make([][]int, len(state)) // what else is listed below must be there too
				for k, others := range state {
					for _, other := range others {
						if other < len(p.patterns[k].Segments) {
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
			if v, ok := p.of(item, advance(p.patterns, state, usage.Step{Kind: usage.StepItem})); ok {
				out = append(out, v)
			}
		}
		return out, true
	case schemaMap:
		return p.ofObject(doc, state), true
	}
	p.whole = false // what is listed below does not fit in here
	return nil, false
}

func (p *projection) ofObject(doc schemaMap, state [][]int) schemaMap {
	out := schemaMap{}
	for i, positions := range state {
		for _, pos := range positions {
			if seg := p.patterns[i].Segments[pos]; seg.Kind == usage.SegName && doc[seg.Name] == nil {
				p.whole = false
			}
		}
	}
	for name, value := range doc {
		next := advance(p.patterns, state, usage.Step{Kind: usage.StepProperty, Name: name})
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
