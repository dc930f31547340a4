package soundnesstest

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"
)

// place is a schema in a contract, and how to put another one there.
type place struct {
	schema any
	set    func(any)
}

// places lists the schemas of a contract, those below keywords as well, in the shared
// schemas that are named.
func places(c, names object) []place {
	var all []place
	for _, name := range sorted(names) {
		all = placesIn(c[name], func(v any) { c[name] = v }, all)
	}
	return all
}

func placesIn(schema any, set func(any), all []place) []place {
	all = append(all, place{schema, set})
	s, ok := schema.(object)
	if !ok {
		return all
	}
	for _, keyword := range sorted(s) {
		switch value := s[keyword].(type) {
		case []any:
			if keyword == "allOf" || keyword == "anyOf" || keyword == "oneOf" || keyword == "prefixItems" {
				for i := range value {
					all = placesIn(value[i], func(v any) { value[i] = v }, all)
				}
			}
		case object:
			switch keyword {
			case "properties", "patternProperties", "dependentSchemas":
				for _, name := range sorted(value) {
					all = placesIn(value[name], func(v any) { value[name] = v }, all)
				}
			case "items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedProperties", "unevaluatedItems":
				all = placesIn(value, func(v any) { s[keyword] = v }, all)
			}
		}
	}
	return all
}

func sorted(m object) []string { return slices.Sorted(maps.Keys(m)) }

// reached lists the shared schemas that Root leads to.
func reached(c object) object {
	out := object{}
	for queue := []string{"Root"}; len(queue) > 0; queue = queue[1:] {
		name := queue[0]
		if out[name] != nil {
			continue
		}
		out[name] = c[name]
		for _, at := range placesIn(c[name], nil, nil) {
			if s, ok := at.schema.(object); ok && s["$ref"] != nil {
				queue = append(queue, refName(s["$ref"].(string)))
			}
		}
	}
	return out
}

// mutate changes one place of a contract that a body can reach.
func (g *generator) mutate(c object) {
	before := clone(c).(object)
	for range 30 {
		at := pick(g, places(c, reached(c)))
		s, ok := at.schema.(object)
		if !ok || g.one(12) {
			at.set(g.schema(1))
		} else {
			g.mutateSchema(c, s, at)
		}
		if text(c) != text(before) && !endless(c) {
			return
		}
		clear(c)
		maps.Copy(c, clone(before).(object))
	}
}

// endless tells whether a schema leads back to itself for the same value, which no
// validator can decide.
func endless(c object) bool {
	state := map[string]int{} // 1: being looked at, 2: done
	var visit func(schema any) bool
	name := func(name string) bool {
		switch state[name] {
		case 1:
			return true
		case 2:
			return false
		}
		state[name] = 1
		is := visit(c[name])
		state[name] = 2
		return is
	}
	visit = func(schema any) bool {
		s, ok := schema.(object)
		if !ok {
			return false
		}
		if ref, ok := s["$ref"].(string); ok && name(refName(ref)) {
			return true
		}
		for _, keyword := range []string{"allOf", "anyOf", "oneOf"} {
			if slices.ContainsFunc(asList(s[keyword]), visit) {
				return true
			}
		}
		for _, keyword := range []string{"not", "if", "then", "else"} {
			if visit(s[keyword]) {
				return true
			}
		}
		names, _ := s["dependentSchemas"].(object)
		return slices.ContainsFunc(sorted(names), func(n string) bool { return visit(names[n]) })
	}
	return slices.ContainsFunc(sorted(c), name)
}

func (g *generator) mutateSchema(c, s object, at place) {
	keywords := sorted(s)
	switch g.r.IntN(12) {
	case 0, 1:
		g.add(s, 1)
	case 2:
		if len(keywords) > 0 {
			delete(s, pick(g, keywords))
		}
	case 3, 4, 5, 6:
		if len(keywords) > 0 {
			keyword := pick(g, keywords)
			s[keyword] = g.tweak(keyword, s[keyword])
		}
	case 7: // wrapped
		keyword := pick(g, []string{"oneOf", "anyOf", "allOf"})
		list := []any{s}
		if g.one(2) {
			list = append(list, g.schema(1))
		}
		at.set(object{keyword: list})
	case 8: // unwrapped
		for _, keyword := range []string{"oneOf", "anyOf", "allOf"} {
			if list, ok := s[keyword].([]any); ok && len(list) == 1 && len(s) == 1 {
				at.set(list[0])
				return
			}
		}
	case 9: // written out, which is the same
		if ref, ok := s["$ref"].(string); ok && len(s) == 1 {
			at.set(clone(c[refName(ref)]))
		}
	case 10: // split into an allOf, which is the same where nothing is closed
		part := object{}
		for _, keyword := range keywords {
			if g.one(2) {
				part[keyword] = s[keyword]
				delete(s, keyword)
			}
		}
		at.set(object{"allOf": []any{s, part}})
	case 11:
		if g.one(2) {
			g.nullable(s)
		} else if s["nullable"] == true {
			delete(s, "nullable")
		}
	}
}

// tweak changes the value of a keyword a little.
func (g *generator) tweak(keyword string, value any) any {
	switch v := value.(type) {
	case json.Number:
		r, _ := new(big.Rat).SetString(v.String())
		r.Add(r, big.NewRat(int64(1-2*g.r.IntN(2)), 1))
		if r.Sign() < 0 || keyword == "multipleOf" {
			return g.value(keyword, 1)
		}
		return number(r)
	case []any:
		return g.tweakList(keyword, v)
	case object:
		switch keyword {
		case "properties", "patternProperties", "dependentSchemas", "dependentRequired":
			return g.tweakNames(keyword, v)
		}
	}
	if v := g.value(keyword, 1); v != nil {
		return v
	}
	return value
}

func (g *generator) tweakList(keyword string, list []any) any {
	list = slices.Clone(list)
	switch g.r.IntN(3) {
	case 0:
		if len(list) > 1 {
			i := g.r.IntN(len(list))
			return slices.Delete(list, i, i+1)
		}
	case 1:
		switch fresh := g.value(keyword, 1).(type) {
		case []any:
			for _, v := range fresh[:min(1, len(fresh))] {
				if keyword != "type" && keyword != "required" && keyword != "enum" || !holds(list, v) {
					list = append(list, v)
				}
			}
		}
	case 2:
		g.r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	return list
}

func (g *generator) tweakNames(keyword string, names object) any {
	names = maps.Clone(names)
	if g.one(2) && len(names) > 0 {
		delete(names, pick(g, sorted(names)))
		return names
	}
	if fresh, ok := g.value(keyword, 1).(object); ok {
		maps.Copy(names, fresh)
	}
	return names
}

func holds(list []any, v any) bool {
	return slices.ContainsFunc(list, func(other any) bool { return text(other) == text(v) })
}

func number(r *big.Rat) json.Number {
	if r.IsInt() {
		return json.Number(r.Num().String())
	}
	return json.Number(strings.TrimRight(r.FloatString(6), "0"))
}

func refName(ref string) string { return strings.TrimPrefix(ref, "#/components/schemas/") }

func clone(v any) any { return decode(text(v)) }

func decode(text string) any {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var out any
	if err := decoder.Decode(&out); err != nil {
		panic(err)
	}
	return out
}

func text(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}
