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
