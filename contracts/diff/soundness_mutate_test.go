package diff

// places lists every schema of a contract.
func schemasIn(v any, out []schemaMap) []schemaMap {
	switch v := v.(type) {
	case schemaMap:
		out = append(out, v)
		for _, key := range sortedKeys(v) {
			switch key {
			case "properties":
				props := v[key].(schemaMap)
				for _, name := range sortedKeys(props) {
					out = schemasIn(props[name], out)
				}
			case "items", "additionalProperties":
				out = schemasIn(v[key], out)
			case "allOf", "oneOf", "anyOf":
				for _, each := range v[key].([]any) {
					out = schemasIn(each, out)
				}
			}
		}
	}
	return out
}

func unhide(c schemaMap) {
	for _, name := range sortedKeys(c) {
		for _, s := range schemasIn(c[name], nil) {
			delete(s, "readOnly")
			delete(s, "writeOnly")
		}
	}
}

func sortedKeys(m schemaMap) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	for i := range keys {
		for j := i + 1; j < len(keys); j++ {
			if keys[j] < keys[i] {
				keys[i], keys[j] = keys[j], keys[i]
			}
		}
	}
	return keys
}

// mutate changes one place of a contract.
func (g *generator) mutate(c schemaMap) {
	var all []schemaMap
	for _, name := range sortedKeys(c) {
		all = schemasIn(c[name], all)
	}
	for range 20 {
		s := all[g.r.IntN(len(all))]
		if g.mutateSchema(c, s) {
			return
		}
	}
}

func (g *generator) mutateSchema(c, s schemaMap) bool {
	props, isObject := s["properties"].(schemaMap)
	enum, isEnum := s["enum"].([]any)
	union := "oneOf"
	branches, isUnion := s[union].([]any)
	if !isUnion {
		union = "anyOf"
		branches, isUnion = s[union].([]any)
	}
	switch g.r.IntN(24) {
	case 0: // a property goes
		if !isObject || len(props) == 0 {
			return false
		}
		name := g.pick(sortedKeys(props))
		delete(props, name)
		s["required"] = drop(s["required"], name)
	case 1: // a property comes
		if !isObject {
			return false
		}
		name := g.pick([]string{"a", "b", "c", "d", "e"})
		if props[name] != nil {
			return false
		}
		props[name] = g.schema(2)
		if g.r.IntN(2) == 0 {
			s["required"] = append(asList(s["required"]), name)
		}
	case 2: // required goes or comes
		if !isObject || len(props) == 0 {
			return false
		}
		name := g.pick(sortedKeys(props))
		if before := asList(s["required"]); len(drop(before, name)) < len(before) {
			s["required"] = drop(before, name)
		} else {
			s["required"] = append(before, name)
		}
	case 3:
		if s["type"] == nil {
			return false
		}
		if s["nullable"] == true {
			delete(s, "nullable")
		} else {
			s["nullable"] = true
		}
	case 4: // another type
		if s["type"] == nil || isObject {
			return false
		}
		for key := range s {
			delete(s, key)
		}
		for key, value := range g.scalar() {
			s[key] = value
		}
	case 5:
		switch s["type"] {
		case "integer":
			s["type"] = "number"
		case "number":
			s["type"] = "integer"
		default:
			return false
		}
	case 6: // an enum value goes
		if !isEnum || len(enum) < 2 {
			return false
		}
		s["enum"] = enum[1:]
	case 7: // an enum value comes
		if !isEnum {
			return false
		}
		for _, value := range enumPool {
			if !contains(enum, value) {
				s["enum"] = append(enum, value)
				return true
			}
		}
		return false
	case 8:
		if isEnum {
			delete(s, "enum")
		} else if s["type"] == "string" {
			s["enum"] = []any{"x", "y"}
		} else {
			return false
		}
	case 9:
		if !isObject {
			return false
		}
		switch g.r.IntN(3) {
		case 0:
			s["additionalProperties"] = false
		case 1:
			s["additionalProperties"] = schemaMap{"type": g.pick([]string{"string", "integer"})}
		default:
			delete(s, "additionalProperties")
		}
	case 10: // the schema is wrapped
		if s["$ref"] == nil && s["type"] == nil {
			return false
		}
		inner := clone(s)
		for key := range s {
			delete(s, key)
		}
		s["oneOf"] = []any{inner, g.pickSchema()}
	case 11:
		if !isUnion || len(branches) < 2 {
			return false
		}
		s[union] = branches[1:]
	case 12:
		if !isUnion {
			return false
		}
		s[union] = append(branches, g.pickSchema())
	case 13: // another schema
		if s["$ref"] == nil {
			return false
		}
		s["$ref"] = g.reference()["$ref"]
	case 14:
		keyword := g.pick([]string{"readOnly", "writeOnly"})
		if s["type"] == nil || isObject {
			return false
		}
		if s[keyword] == true {
			delete(s, keyword)
		} else {
			s[keyword] = true
		}
	case 15: // the same, written as an allOf
		if !isObject || len(props) < 2 {
			return false
		}
		name := g.pick(sortedKeys(props))
		part := schemaMap{"type": "object", "properties": schemaMap{name: props[name]}}
		delete(props, name)
		rest := clone(s)
		for key := range s {
			delete(s, key)
		}
		s["allOf"] = []any{rest, part}
	case 16, 17, 18:
		return g.mutateBound(s)
	case 19: // the shared schema is written out, which is the same
		if s["$ref"] == nil || c == nil {
			return false
		}
		target := clone(resolved(c, s))
		delete(s, "$ref")
		for key, value := range target {
			s[key] = value
		}
	case 20: // a part comes to an allOf
		parts, isAllOf := s["allOf"].([]any)
		if !isAllOf {
			return false
		}
		s["allOf"] = append(parts, g.part())
	case 21: // a part of an allOf goes
		parts, isAllOf := s["allOf"].([]any)
		if !isAllOf || len(parts) < 2 {
			return false
		}
		s["allOf"] = parts[1:]
	case 22: // an allOf of one is the same
		if s["$ref"] == nil && !isObject {
			return false
		}
		inner := clone(s)
		for key := range s {
			delete(s, key)
		}
		s["allOf"] = []any{inner}
	case 23: // the branches in another order, or something beside them
		if !isUnion {
			return false
		}
		switch {
		case g.r.IntN(3) == 0:
			s["required"] = []any{g.pick(propertyNames)}
		case g.r.IntN(2) == 0:
			s[union] = append(append([]any{}, branches[1:]...), branches[0])
		case s["nullable"] == true:
			delete(s, "nullable")
		default:
			s["nullable"] = true
		}
	}
	return true
}

// part draws what an allOf may hold beside the rest.
func (g *generator) part() schemaMap {
	switch g.r.IntN(4) {
	case 0:
		return g.reference()
	case 1:
		return schemaMap{"required": []any{g.pick(propertyNames)}}
	case 2:
		return schemaMap{"type": "object", "minProperties": float64(1 + g.r.IntN(3))}
	}
	return g.object(1)
}

func (g *generator) pickSchema() schemaMap {
	if g.r.IntN(2) == 0 {
		return g.reference()
	}
	return g.scalar()
}

func asList(v any) []any {
	l, _ := v.([]any)
	return l
}

func drop(v any, name string) []any {
	var out []any
	for _, each := range asList(v) {
		if each != name {
			out = append(out, each)
		}
	}
	return out
}

func contains(values []any, v any) bool {
	for _, each := range values {
		if each == v {
			return true
		}
	}
	return false
}
