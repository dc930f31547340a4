package soundnesstest

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"plimsoll/contracts/usage"
)

// states holds, for each pattern, the positions that a place of a document has reached.
type states [][]int

func start(patterns []*usage.Pattern) states {
	out := make(states, len(patterns))
	for i := range out {
		out[i] = []int{0}
	}
	return out
}

func (s states) alive() bool {
	return slices.ContainsFunc(s, func(positions []int) bool { return len(positions) > 0 })
}

// reader writes what a consumer's patterns read of a contract as a schema: what is on the
// way to a used node must be of its type and there if it is promised; a used node must be
// all that is promised. What constrains a node on the way as a whole (not, if, enum, …) is
// left out, so that the reader is never stricter than a real one.
type reader struct {
	*translation
	patterns []*usage.Pattern
	names    map[string]string // of definitions, by schema and states
}

func (r *reader) root() any { return r.schema(r.schemas["Root"], start(r.patterns)) }

// schema gives a reference to the definition of what is read of a schema.
func (r *reader) schema(schema any, at states) any {
	s, ok := schema.(object)
	if !ok {
		if r.ends(at) {
			return schema
		}
		return true
	}
	if at = r.hopeful(s, at); !at.alive() {
		return true
	}
	key := fmt.Sprint(reflect.ValueOf(s).Pointer(), at)
	name, known := r.names[key]
	if !known {
		name = fmt.Sprintf("read.%d", len(r.names))
		r.names[key] = name
		r.defs[name] = true // ends cycles
		r.defs[name] = r.define(s, at)
	}
	return object{"$ref": "#/$defs/" + name}
}

// hopeful leaves out the positions from which a pattern finds nothing below a schema: a
// reader finds nothing there either, before and after.
func (r *reader) hopeful(s object, at states) states {
	out := make(states, len(at))
	for i, positions := range at {
		for _, pos := range positions {
			one := make(states, len(at))
			one[i] = []int{pos}
			if r.leads(s, one, 6) {
				out[i] = append(out[i], pos)
			}
		}
	}
	return out
}

// ends tells whether a pattern uses the node itself.
func (r *reader) ends(at states) bool {
	for i, positions := range at {
		for _, pos := range positions {
			if pos >= len(r.patterns[i].Segments) {
				return true
			}
		}
	}
	return false
}

// tolerant tells whether everything that uses the node copes without it.
func (r *reader) tolerant(at states) bool {
	for i, positions := range at {
		for _, pos := range positions {
			if !r.patterns[i].At(pos).Tolerant {
				return false
			}
		}
	}
	return true
}

func (r *reader) define(s object, at states) any {
	if r.ends(at) {
		whole := r.translation.whole(s, lenient)
		if r.tolerant(at) {
			return object{"anyOf": []any{whole, object{"type": "null"}}}
		}
		return whole
	}
	out := object{}
	all := func(list []any) []any {
		var out []any
		for _, each := range list {
			out = append(out, r.schema(each, at))
		}
		return out
	}
	var parts []any
	if ref, ok := s["$ref"].(string); ok {
		parts = append(parts, r.schema(r.schemas[refName(ref)], at))
		if r.version == v30 {
			return object{"allOf": parts}
		}
	}
	if s["type"] != nil {
		kept := object{"type": s["type"]}
		if s["nullable"] == true {
			kept["nullable"] = true
		}
		out["type"] = r.translation.schema(kept, lenient).(object)["type"]
	}
	if list := asList(s["allOf"]); len(list) > 0 {
		parts = append(parts, all(list)...)
	}
	for _, union := range []string{"oneOf", "anyOf"} {
		if list := asList(s[union]); len(list) > 0 {
			parts = append(parts, object{"anyOf": all(list)})
		}
	}
	if len(parts) > 0 {
		out["allOf"] = parts
	}
	if items, ok := s["items"]; ok {
		out["items"] = r.schema(items, r.step(at, usage.Step{Kind: usage.StepItem}))
	}
	for i, item := range asList(s["prefixItems"]) {
		out["prefixItems"] = append(asList(out["prefixItems"]), r.schema(item, r.step(at, usage.Step{Kind: usage.StepItem, Name: fmt.Sprint(i)})))
	}
	r.object(out, s, at)
	if r.nullableAsAWhole(s) {
		return object{"anyOf": []any{out, object{"type": "null"}}}
	}
	return out
}

func (r *reader) object(out, s object, at states) {
	props, _ := s["properties"].(object)
	mapped, _ := s["patternProperties"].(object)
	extra, hasExtra := s["additionalProperties"]
	read := object{}
	var required []any
	for name, p := range props {
		next := r.step(at, usage.Step{Kind: usage.StepProperty, Name: name})
		read[name] = true
		if r.hidden(p) || !next.alive() {
			continue
		}
		read[name] = r.schema(p, next)
		if slices.Contains(asList(s["required"]), any(name)) && !r.tolerant(next) && r.leads(p, next, 6) {
			required = append(required, name)
		}
	}
	isMapped := func(name string) bool {
		for pattern := range mapped {
			if regexp.MustCompile(pattern).MatchString(name) {
				return true
			}
		}
		return false
	}
	if hasExtra && extra != false {
		for _, name := range r.named(at) {
			if read[name] == nil && !isMapped(name) {
				read[name] = r.schema(extra, r.key(at, name))
			}
		}
		out["additionalProperties"] = r.schema(extra, r.key(at, ""))
		if len(mapped) > 0 {
			out["patternProperties"] = object{}
			for pattern := range mapped {
				out["patternProperties"].(object)[pattern] = true
			}
		}
	}
	if len(read) > 0 {
		out["properties"] = read
	}
	if len(required) > 0 {
		out["required"] = required
	}
}

// named gives the names that patterns have for what comes next.
func (r *reader) named(at states) []string {
	names := map[string]bool{}
	for i, positions := range at {
		for _, pos := range positions {
			if segments := r.patterns[i].Segments; pos < len(segments) && segments[pos].Kind == usage.SegName {
				names[segments[pos].Name] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(names))
}

func (r *reader) step(at states, s usage.Step) states { return advance(r.patterns, at, s) }

// key advances by a key of a map; "" is one that no pattern names.
func (r *reader) key(at states, key string) states {
	next := make(states, len(at))
	for i, positions := range at {
		for _, pos := range positions {
			segments := r.patterns[i].Segments
			if pos < len(segments) && segments[pos].Kind == usage.SegName && segments[pos].Name != key {
				continue
			}
			next[i] = r.patterns[i].Next(pos, usage.Step{Kind: usage.StepMap}, next[i])
		}
	}
	return next
}

// leads tells whether what is left of a pattern finds something below a schema. Who reads
// what the contract does not describe relies on nothing.
func (r *reader) leads(schema any, at states, depth int) bool {
	s, ok := schema.(object)
	if schema != nil && schema != false && r.ends(at) {
		return true
	}
	if !ok || !at.alive() || depth == 0 {
		return false
	}
	if ref, ok := s["$ref"].(string); ok && r.leads(r.schemas[refName(ref)], at, depth-1) {
		return true
	}
	for _, keyword := range []string{"allOf", "oneOf", "anyOf"} {
		for _, each := range asList(s[keyword]) {
			if r.leads(each, at, depth-1) {
				return true
			}
		}
	}
	props, _ := s["properties"].(object)
	for name, p := range props {
		if !r.hidden(p) && r.leads(p, r.step(at, usage.Step{Kind: usage.StepProperty, Name: name}), depth-1) {
			return true
		}
	}
	return r.leads(s["items"], r.step(at, usage.Step{Kind: usage.StepItem}), depth-1) ||
		r.leads(s["additionalProperties"], r.step(at, usage.Step{Kind: usage.StepMap}), depth-1)
}

func advance(patterns []*usage.Pattern, at states, s usage.Step) states {
	next := make(states, len(at))
	for i, positions := range at {
		for _, pos := range positions {
			next[i] = patterns[i].Next(pos, s, next[i])
		}
	}
	return next
}

// pattern draws a usage pattern that leads somewhere in a contract; "" where there is
// nothing to lead to.
func (g *generator) pattern(schemas object, schema any, depth int) string {
	s, ok := schema.(object)
	if !ok || depth == 0 {
		return ""
	}
	if ref, ok := s["$ref"].(string); ok {
		return g.pattern(schemas, schemas[refName(ref)], depth-1)
	}
	deeper := func(first string, next any) string {
		rest := ""
		if g.one(2) {
			rest = g.pattern(schemas, next, depth-1)
		}
		switch {
		case rest == "":
			return first
		case strings.HasPrefix(rest, "[") || strings.HasPrefix(rest, "{"):
			return first + rest
		}
		return first + "." + rest
	}
	var ways []func() string
	for _, keyword := range []string{"allOf", "oneOf", "anyOf"} {
		for _, each := range asList(s[keyword]) {
			ways = append(ways, func() string { return g.pattern(schemas, each, depth-1) })
		}
	}
	props, _ := s["properties"].(object)
	for _, name := range sorted(props) {
		ways = append(ways, func() string {
			if g.one(12) {
				return deeper("*", props[name])
			}
			return deeper(name, props[name])
		})
	}
	if items, ok := s["items"].(object); ok {
		ways = append(ways, func() string { return deeper("[]", items) })
	}
	if extra, ok := s["additionalProperties"].(object); ok {
		ways = append(ways, func() string { return deeper("{}", extra) })
	}
	if len(ways) == 0 {
		return ""
	}
	return pick(g, ways)()
}
