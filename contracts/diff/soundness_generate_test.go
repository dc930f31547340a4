package diff

import "strings"

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
func (g *generator) usage(m *model, reads bool) []string {
	if g.r.IntN(5) == 0 {
		return nil
	}
	patterns := []string{}
	for range g.r.IntN(4) {
		if p := g.pattern(m, m.root(), reads, 0); p != "" {
			if g.r.IntN(6) == 0 {
				p += "?"
			}
			if reads && g.r.IntN(10) == 0 {
				p = "**." + p
			}
			patterns = append(patterns, p)
		}
	}
	return patterns
}

func (g *generator) pattern(m *model, s schemaMap, reads bool, depth int) string {
	s = m.merged(s)
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
		return join(first, g.pattern(m, next, reads, depth+1))
	}
	props, _ := s["properties"].(schemaMap)
	var names []string
	for _, name := range sortedKeys(props) {
		p := m.merged(props[name].(schemaMap))
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
		if reads && g.r.IntN(12) == 0 {
			return deeper("*", props[name].(schemaMap))
		}
		return deeper(name, props[name].(schemaMap))
	}
	if items, ok := s["items"].(schemaMap); ok {
		return deeper("[]", items)
	}
	for _, union := range []string{"oneOf", "anyOf"} {
		if branches, ok := s[union].([]any); ok {
			return g.pattern(m, branches[g.r.IntN(len(branches))].(schemaMap), reads, depth+1)
		}
	}
	return ""
}
