package soundnesstest

import (
	"encoding/json"
	"maps"
	"math/big"
	"regexp"
	"slices"
	"strings"
)

// sampler draws documents that most often fit a schema. It needs not be right: the
// validator decides what counts.
type sampler struct {
	*generator
	schemas  object
	literals []any // what either version names, and its neighbours
}

func (s *sampler) root() any {
	doc, ok := s.sample(s.schemas["Root"], 6)
	if !ok {
		doc = object{}
	}
	for s.one(5) {
		doc = s.disturb(doc)
	}
	return doc
}

// disturb changes something anywhere in a document.
func (s *sampler) disturb(doc any) any {
	switch v := doc.(type) {
	case object:
		v = maps.Clone(v)
		name := pick(s.generator, keyPool)
		switch {
		case s.one(3):
			delete(v, name)
		case len(v) > 0 && s.one(2):
			name = pick(s.generator, sorted(v))
			v[name] = s.disturb(v[name])
		default:
			v[name] = s.anything()
		}
		return v
	case []any:
		if len(v) > 0 && s.one(2) {
			v = slices.Clone(v)
			i := s.r.IntN(len(v))
			v[i] = s.disturb(v[i])
			return v
		}
		return append(slices.Clone(v), s.anything())
	}
	return s.anything()
}

func (s *sampler) anything() any {
	if len(s.literals) > 0 && !s.one(3) {
		return pick(s.generator, s.literals)
	}
	return s.literal()
}

func (s *sampler) sample(schema any, depth int) (any, bool) {
	sc, ok := schema.(object)
	if !ok {
		return s.anything(), true
	}
	if depth == 0 {
		return nil, false
	}
	if ref, ok := sc["$ref"].(string); ok {
		doc, ok := s.sample(s.schemas[refName(ref)], depth-1)
		if !ok || len(sc) == 1 || s.version == v30 {
			return doc, ok
		}
		return s.with(doc, sc, depth), true
	}
	if sc["nullable"] == true && s.one(4) {
		return nil, true
	}
	var doc any
	have := false
	if own := s.own(sc, depth); own != nil {
		doc, have = *own, true
	}
	for _, part := range asList(sc["allOf"]) {
		v, ok := s.sample(part, depth-1)
		if ok {
			doc, have = s.both(doc, v, have), true
		}
	}
	for _, union := range []string{"oneOf", "anyOf"} {
		if list := asList(sc[union]); len(list) > 0 {
			if v, ok := s.sample(pick(s.generator, list), depth-1); ok {
				doc, have = s.both(doc, v, have), true
			}
		}
	}
	for _, keyword := range []string{"if", "then", "else", "not"} {
		if sc[keyword] != nil && s.one(2) {
			if v, ok := s.sample(sc[keyword], depth-1); ok {
				doc, have = s.both(doc, v, have), true
			}
		}
	}
	deps, _ := sc["dependentSchemas"].(object)
	for _, name := range sorted(deps) {
		if v, ok := s.sample(deps[name], depth-1); ok && s.one(2) {
			doc, have = s.both(doc, s.both(object{name: s.anything()}, v, true), have), true
		}
	}
	if !have {
		doc = s.anything()
	}
	return doc, true
}

// with adds what the keywords beside a reference ask for.
func (s *sampler) with(doc any, sc object, depth int) any {
	rest := maps.Clone(sc)
	delete(rest, "$ref")
	v, ok := s.sample(rest, depth-1)
	if !ok || s.one(3) {
		return doc
	}
	return s.both(doc, v, true)
}

// both joins what two parts of a schema ask for.
func (s *sampler) both(a, b any, have bool) any {
	x, isX := a.(object)
	y, isY := b.(object)
	if have && isX && isY {
		out := maps.Clone(x)
		for _, name := range sorted(y) {
			if _, taken := out[name]; !taken || s.one(2) {
				out[name] = y[name]
			}
		}
		return out
	}
	if !have || s.one(2) {
		return b
	}
	return a
}

// own samples from the keywords of the schema itself.
func (s *sampler) own(sc object, depth int) *any {
	give := func(v any) *any { return &v }
	if list := asList(sc["enum"]); len(list) > 0 && !s.one(12) {
		return give(pick(s.generator, list))
	}
	if v, ok := sc["const"]; ok {
		return give(v)
	}
	switch s.kind(sc) {
	case "null":
		return give(nil)
	case "boolean":
		return give(s.one(2))
	case "integer", "number":
		return give(s.number(sc))
	case "string":
		return give(s.string(sc))
	case "array":
		return give(s.array(sc, depth))
	case "object":
		return give(s.object(sc, depth))
	}
	return nil
}

// kind picks a type that the schema names or implies.
func (s *sampler) kind(sc object) string {
	switch t := sc["type"].(type) {
	case string:
		return t
	case []any:
		return pick(s.generator, t).(string)
	}
	for _, implied := range []struct{ kind, keywords string }{
		{"object", "properties required additionalProperties patternProperties minProperties maxProperties propertyNames dependentRequired unevaluatedProperties"},
		{"array", "items prefixItems minItems maxItems contains uniqueItems unevaluatedItems"},
		{"string", "minLength maxLength pattern"}, {"number", "minimum maximum multipleOf exclusiveMinimum exclusiveMaximum"},
	} {
		for _, keyword := range strings.Fields(implied.keywords) {
			if sc[keyword] != nil && !s.one(4) {
				return implied.kind
			}
		}
	}
	return ""
}

func (s *sampler) number(sc object) json.Number {
	for _, keyword := range []string{"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"} {
		n, ok := sc[keyword].(json.Number)
		if !ok || s.one(3) {
			continue
		}
		r, _ := new(big.Rat).SetString(n.String())
		if keyword == "multipleOf" {
			r.Mul(r, big.NewRat(int64(s.r.IntN(4)), 1))
		} else {
			r.Add(r, big.NewRat(int64(s.r.IntN(5)-2), int64(1+s.r.IntN(2))))
		}
		return number(r)
	}
	if s.one(4) {
		return pick(s.generator, numberPool)
	}
	return s.count(10)
}

func (s *sampler) string(sc object) string {
	if n, ok := sc["minLength"].(json.Number); ok && s.one(2) {
		size, _ := n.Int64()
		return strings.Repeat("x", int(size)+s.r.IntN(2))
	}
	return pick(s.generator, stringPool)
}

func (s *sampler) array(sc object, depth int) []any {
	out := []any{}
	prefix := asList(sc["prefixItems"])
	for i := range s.r.IntN(4) {
		item := sc["items"]
		if i < len(prefix) {
			item = prefix[i]
		} else if sc["contains"] != nil && s.one(2) {
			item = sc["contains"]
		}
		if item == false {
			break
		}
		if v, ok := s.sample(item, depth-1); ok {
			out = append(out, v)
		}
	}
	return out
}

func (s *sampler) object(sc object, depth int) object {
	doc := object{}
	props, _ := sc["properties"].(object)
	required := asList(sc["required"])
	for _, name := range sorted(props) {
		if !slices.Contains(required, any(name)) && s.one(2) {
			continue
		}
		if v, ok := s.sample(props[name], depth-1); ok {
			doc[name] = v
		}
	}
	mapped, _ := sc["patternProperties"].(object)
	more := slices.Clone(required)
	for s.one(2) {
		more = append(more, pick(s.generator, keyPool))
	}
	for _, each := range more {
		name := each.(string)
		if _, there := doc[name]; there || props[name] != nil {
			continue
		}
		schema := sc["additionalProperties"]
		for _, pattern := range sorted(mapped) {
			if regexp.MustCompile(pattern).MatchString(name) {
				schema = mapped[pattern]
			}
		}
		if schema == false && !slices.Contains(required, each) {
			continue
		}
		if v, ok := s.sample(schema, depth-1); ok {
			doc[name] = v
		}
	}
	return doc
}

// literalsOf collects the values that a contract names, with neighbours of its numbers.
func literalsOf(v any, out []any) []any {
	switch v := v.(type) {
	case object:
		for _, keyword := range sorted(v) {
			switch keyword {
			case "enum":
				out = append(out, asList(v[keyword])...)
			case "const":
				out = append(out, v[keyword])
			case "type", "required", "$ref":
			default:
				out = literalsOf(v[keyword], out)
			}
		}
	case []any:
		for _, each := range v {
			out = literalsOf(each, out)
		}
	case json.Number:
		r, _ := new(big.Rat).SetString(v.String())
		for _, by := range []int64{-1, 0, 1} {
			out = append(out, number(new(big.Rat).Add(r, big.NewRat(by, 1))))
		}
	}
	return out
}
