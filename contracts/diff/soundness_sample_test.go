package diff

import "plimsoll/contracts"

// sample draws a value that most often fits a schema.
func (g *generator) sample(m *model, s schemaMap, dir contracts.Direction, depth int) (any, bool) {
	s = m.merged(s)
	if s["nullable"] == true && g.r.IntN(3) == 0 {
		return nil, true
	}
	if depth > 6 {
		return nil, false
	}
	for _, union := range []string{"oneOf", "anyOf"} {
		if branches, ok := s[union].([]any); ok {
			return g.sample(m, branches[g.r.IntN(len(branches))].(schemaMap), dir, depth+1)
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
			if v, ok := g.sample(m, s["items"].(schemaMap), dir, depth+1); ok {
				items = append(items, v)
			}
		}
		return items, true
	}
	return g.sampleObject(m, s, dir, depth)
}

func (g *generator) sampleObject(m *model, s schemaMap, dir contracts.Direction, depth int) (any, bool) {
	doc := schemaMap{}
	required := asList(s["required"])
	props := asMap(s["properties"])
	for _, name := range sortedKeys(props) {
		if m.hidden(props[name].(schemaMap), dir) || !contains(required, name) && g.r.IntN(2) == 0 {
			continue
		}
		v, ok := g.sample(m, props[name].(schemaMap), dir, depth+1)
		if !ok {
			if contains(required, name) {
				return nil, false
			}
			continue
		}
		doc[name] = v
	}
	for _, name := range required { // required without being described
		if name := name.(string); props[name] == nil && doc[name] == nil {
			extra, _ := s["additionalProperties"].(schemaMap)
			if v, ok := g.sample(m, extra, dir, depth+1); ok && extra != nil {
				doc[name] = v
			} else {
				doc[name] = "x"
			}
		}
	}
	if extra, ok := s["additionalProperties"].(schemaMap); ok && g.r.IntN(2) == 0 {
		if v, ok := g.sample(m, extra, dir, depth+1); ok {
			doc[g.pick([]string{"k", "e"})] = v
		}
	}
	return doc, true
}
