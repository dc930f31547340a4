package diff

import (
	"math"
	"reflect"
	"strings"

	"plimsoll/contracts"
)

// The model below knows nothing of the code under test: it reads schemas as plain
// JSON values and decides what is valid by itself.

// model is one version of a contract. It remembers what merging a schema gives,
// so that nothing may change once it is made, and belongs to one goroutine.
type model struct {
	schemas schemaMap
	flat    map[uintptr]schemaMap
}

func newModel(schemas schemaMap) *model {
	return &model{schemas: schemas, flat: map[uintptr]schemaMap{}}
}

func (m *model) root() schemaMap { return m.schemas["Root"].(schemaMap) }

// merged gives a schema with its allOf merged, for drawing values and patterns. A
// part that leads back to the schema adds nothing to it.
func (m *model) merged(s schemaMap) schemaMap {
	s = resolved(m.schemas, s)
	parts, ok := s["allOf"].([]any)
	if !ok {
		return s
	}
	key := reflect.ValueOf(s).Pointer()
	if out, ok := m.flat[key]; ok {
		return out
	}
	m.flat[key] = schemaMap{}
	m.flat[key] = m.merge(s, parts)
	return m.flat[key]
}

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

func (m *model) merge(s schemaMap, parts []any) schemaMap {
	out := schemaMap{}
	for key, value := range s {
		if key != "allOf" {
			out[key] = value
		}
	}
	for _, part := range parts {
		for key, value := range m.merged(part.(schemaMap)) {
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

// hidden tells whether a property takes no part in a direction.
func (m *model) hidden(s schemaMap, dir contracts.Direction) bool {
	s = m.merged(s)
	return dir == contracts.Request && s["readOnly"] == true || dir == contracts.Response && s["writeOnly"] == true
}

// validator decides what is valid in one direction. A oneOf counts as an anyOf, and
// a reader ignores unknown properties and bounds: see docs/impact.md.
type validator struct {
	*model
	dir    contracts.Direction
	sender bool // it is the one who writes: nothing that is shut out may be there
	steps  int
}

// maxSteps bounds the work on one document: unions that lead back to themselves
// double it at every turn.
const maxSteps = 20_000

// undecided tells that the document was too much work.
func (v *validator) undecided() bool { return v.steps > maxSteps }

func (v *validator) valid(s schemaMap, doc any, depth int) bool {
	if v.steps++; depth > 30 || v.steps > maxSteps {
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
	if v.dir == contracts.Request && !withinBounds(s, doc) {
		return false
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

func (v *validator) validObject(s, doc schemaMap, depth int) bool {
	props := asMap(s["properties"])
	for _, name := range asList(s["required"]) {
		if p, known := props[name.(string)].(schemaMap); known && v.hidden(p, v.dir) {
			continue
		}
		if _, ok := doc[name.(string)]; !ok {
			return false
		}
	}
	for name, value := range doc {
		if p, ok := props[name].(schemaMap); ok {
			if !v.hidden(p, v.dir) && !v.valid(p, value, depth+1) {
				return false
			}
			continue
		}
		switch extra := s["additionalProperties"].(type) {
		case bool:
			if !extra && (v.dir == contracts.Request || v.sender) {
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
