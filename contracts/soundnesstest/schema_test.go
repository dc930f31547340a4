package soundnesstest

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
)

// object is a schema, or any other JSON object, as plain values. Numbers are json.Number,
// so that nothing is rounded.
type object = map[string]any

// version is a version of OpenAPI, which decides what keywords mean.
type version string

const (
	v30 version = "3.0.3"
	v31 version = "3.1.0"
)

// generator draws everything that a case consists of.
type generator struct {
	r       *rand.Rand
	version version
}

var (
	propertyPool  = []string{"a", "b", "c", "d"}
	keyPool       = []string{"a", "b", "c", "d", "e", "ab", "k"}
	stringPool    = []string{"x", "y", "z", "w", "xy", "long text", ""}
	patternPool   = []string{"^x", "y$", "^[a-y]$", ".*", "^..?$"}
	namePatterns  = []string{"^a", "^[ab]$", "^[c-k]$", "b"}
	componentPool = []string{"S0", "S1", "S2"}
	typePool      = []string{"string", "integer", "number", "boolean", "array", "object"}
	numberPool    = []json.Number{"0", "1", "2", "3", "5", "6", "2.5", "9007199254740992", "9007199254740993"}
	factorPool    = []json.Number{"1", "2", "3", "4", "6", "0.5"}
)

func pick[T any](g *generator, from []T) T { return from[g.r.IntN(len(from))] }

func (g *generator) one(in int) bool { return g.r.IntN(in) == 0 }

func (g *generator) count(n int) json.Number { return json.Number(string(rune('0' + g.r.IntN(n)))) }

// contract draws the shared schemas; Root is the body.
func (g *generator) contract() object {
	c := object{}
	for _, name := range componentPool {
		c[name] = g.object(2)
	}
	c["Root"] = g.object(3)
	if g.one(6) {
		c["Root"] = g.schema(3)
	}
	return c
}

func (g *generator) reference() object {
	return object{"$ref": "#/components/schemas/" + pick(g, componentPool)}
}

// schema draws a schema: most often one of a type, sometimes with more keywords.
func (g *generator) schema(depth int) any {
	if depth <= 0 {
		return g.scalar()
	}
	var s object
	switch g.r.IntN(16) {
	case 0, 1, 2:
		s = g.reference()
		if g.version == v31 && g.one(4) {
			g.add(s, depth-1)
		}
		return s
	case 3, 4:
		s = object{"type": "array", "items": g.schema(depth - 1)}
	case 5, 6, 7:
		s = g.object(depth)
	case 8, 9:
		s = object{pick(g, []string{"oneOf", "anyOf"}): g.schemas(depth-1, 2)}
	case 10:
		if g.version == v31 {
			return g.one(2)
		}
		s = object{}
	case 11:
		s = object{}
		for range 1 + g.r.IntN(3) {
			g.add(s, depth-1)
		}
		return s
	default:
		s = g.scalar()
	}
	if g.one(4) {
		g.add(s, depth-1)
	}
	return s
}

func (g *generator) schemas(depth, atLeast int) []any {
	var list []any
	for range atLeast + g.r.IntN(2) {
		list = append(list, g.schema(depth))
	}
	return list
}

func (g *generator) object(depth int) object {
	s := object{"type": "object"}
	props := object{}
	var required []any
	for _, name := range propertyPool {
		if g.one(3) {
			continue
		}
		props[name] = g.schema(depth - 1)
		if g.one(2) {
			required = append(required, name)
		}
	}
	s["properties"] = props
	if len(required) > 0 {
		s["required"] = required
	}
	if g.one(4) {
		s["additionalProperties"] = g.extra(depth - 1)
	}
	if g.one(5) {
		g.add(s, depth-1)
	}
	if g.one(6) {
		return object{"allOf": []any{s, g.reference()}}
	}
	return s
}

func (g *generator) extra(depth int) any {
	if g.one(2) {
		return false
	}
	return g.schema(min(depth, 1))
}

func (g *generator) scalar() object {
	s := object{"type": pick(g, []string{"string", "integer", "number", "boolean", "string"})}
	switch s["type"] {
	case "string":
		if g.one(2) {
			s["enum"] = g.enum()
		}
	case "integer", "number":
		if g.one(3) {
			g.add(s, 0)
		}
	}
	if g.one(5) {
		g.nullable(s)
	}
	if g.one(20) {
		s[pick(g, []string{"readOnly", "writeOnly"})] = true
	}
	return s
}

// nullable lets a schema with a type allow null, as its version writes that.
func (g *generator) nullable(s object) {
	name, ok := s["type"].(string)
	switch {
	case g.version == v30:
		s["nullable"] = true
	case ok && name != "null":
		s["type"] = []any{name, "null"}
	}
	if list, ok := s["enum"].([]any); ok && g.one(2) {
		s["enum"] = append(slices.Clone(list), nil)
	}
}

func (g *generator) enum() []any {
	var list []any
	for _, v := range stringPool[:4] {
		if g.one(2) {
			list = append(list, v)
		}
	}
	if g.one(4) {
		list = append(list, g.literal())
	}
	if len(list) == 0 {
		list = append(list, "x")
	}
	return list
}

// literal draws a small JSON value.
func (g *generator) literal() any {
	switch g.r.IntN(8) {
	case 0:
		return nil
	case 1:
		return g.one(2)
	case 2, 3:
		return pick(g, numberPool)
	case 4:
		return []any{}
	case 5:
		return object{}
	default:
		return pick(g, stringPool)
	}
}

// keyword30 lists what OpenAPI 3.0 has; keyword31 what JSON Schema 2020-12 adds.
var (
	keyword30 = []string{"type", "enum", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength",
		"pattern", "minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties", "required", "properties", "additionalProperties",
		"items", "allOf", "anyOf", "oneOf", "not", "nullable"}
	keyword31 = []string{"const", "patternProperties", "propertyNames", "dependentSchemas", "dependentRequired", "if", "then", "else", "contains",
		"minContains", "maxContains", "prefixItems", "unevaluatedProperties", "unevaluatedItems"}
)

// add draws one keyword of all that the version has.
func (g *generator) add(s object, depth int) {
	list := keyword30
	if g.version == v31 {
		list = slices.Concat(keyword30, keyword31)
	}
	keyword := pick(g, list)
	if keyword == "nullable" {
		g.nullable(s)
		return
	}
	if value := g.value(keyword, depth); value != nil {
		s[keyword] = value
	}
	switch keyword {
	case "if":
		s["then"] = g.schema(depth)
		if g.one(2) {
			s["else"] = g.schema(depth)
		}
	case "minContains", "maxContains":
		if s["contains"] == nil {
			s["contains"] = g.schema(0)
		}
	case "exclusiveMinimum", "exclusiveMaximum":
		if other := "m" + strings.TrimPrefix(keyword, "exclusiveM"); g.version == v30 && s[other] == nil {
			s[other] = pick(g, numberPool)
		}
	case "items":
		if g.version == v30 && s["type"] == nil {
			s["type"] = "array"
		}
	}
}

// value draws the value of a keyword; nil where the version does not have it.
func (g *generator) value(keyword string, depth int) any {
	switch keyword {
	case "type":
		if g.version == v31 && g.one(2) {
			return []any{pick(g, typePool[:3]), pick(g, append(typePool[3:], "null"))}
		}
		return pick(g, typePool)
	case "enum":
		return g.enum()
	case "const":
		if v := g.literal(); v != nil {
			return v
		}
		return "x"
	case "multipleOf":
		return pick(g, factorPool)
	case "minimum", "maximum":
		return pick(g, numberPool)
	case "exclusiveMinimum", "exclusiveMaximum":
		if g.version == v30 {
			return true
		}
		return pick(g, numberPool)
	case "minLength", "minItems", "minProperties", "minContains":
		return g.count(4)
	case "maxLength", "maxItems", "maxProperties", "maxContains":
		return g.count(5)
	case "pattern":
		return pick(g, patternPool)
	case "uniqueItems":
		return true
	case "required":
		return []any{pick(g, propertyPool)}
	case "dependentRequired":
		return object{pick(g, propertyPool): []any{pick(g, propertyPool)}}
	case "properties", "dependentSchemas":
		return object{pick(g, propertyPool): g.schema(depth)}
	case "patternProperties":
		return object{pick(g, namePatterns): g.schema(depth)}
	case "additionalProperties":
		return g.extra(depth)
	case "unevaluatedProperties", "unevaluatedItems":
		return g.extra(0)
	case "propertyNames":
		if g.one(2) {
			return object{"pattern": pick(g, namePatterns)}
		}
		return object{"maxLength": g.count(3)}
	case "prefixItems", "allOf":
		return g.schemas(depth, 1)
	case "anyOf", "oneOf":
		return g.schemas(depth, 2)
	case "not", "if", "then", "else", "contains", "items":
		return g.schema(depth)
	}
	return nil
}
