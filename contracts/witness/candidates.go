package witness

import (
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"

	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// maxCandidates bounds how many values are tried at one place.
const maxCandidates = 240

// candidates collects values that may tell two schemas apart. Values that occur twice are
// kept once.
type candidates struct {
	m    *maker
	seen map[string]bool
	list []any
}

func (c *candidates) add(v any) {
	if len(c.list) >= maxCandidates {
		return
	}
	text, err := json.Marshal(v)
	if err != nil || c.seen[string(text)] {
		return
	}
	c.seen[string(text)] = true
	c.list = append(c.list, v)
}

// between gives values that the wide schema may allow and the narrow one refuse.
func (m *maker) between(wide, narrow *openapi.Schema, other *openapi.View) []any {
	c := &candidates{m: m, seen: map[string]bool{}}
	c.ofSchema(wide, 2)
	for _, side := range []struct {
		s *openapi.Schema
		v *openapi.View
	}{{wide, m.view}, {narrow, other}} {
		c.atBounds(wide, side.s)
		for _, n := range side.s.Nodes {
			c.literals(side.v, n, 5)
		}
	}
	for _, v := range []any{nil, true, false, json.Number("0"), json.Number("1"), json.Number("-1"), json.Number("0.5"), json.Number("1.5"), json.Number("16777217"), json.Number("2147483648"), json.Number("9007199254740993"), json.Number("9223372036854775808"), json.Number("340282366920938463463374607431768211456"),
		"x", "1", "a b", "A", "é", []any{}, []any{"x"}, []any{json.Number("1")}, []any{nil}, object{}, object{"key": "x"}, object{"key": json.Number("1")}, object{"key": nil}} {
		c.add(v)
	}
	for _, name := range slices.Sorted(maps.Keys(formats)) {
		if text, ok := formats[name].(string); ok {
			c.add(text)
		}
	}
	return c.list
}

// ofSchema adds values of a schema: of each type, of each branch, with and without each
// property.
func (c *candidates) ofSchema(s *openapi.Schema, depth int) {
	s = c.m.view.Decode(s)
	for _, t := range preferred {
		if v, ok := c.m.value(s, s.Types&t, 0); ok {
			c.add(v)
		}
	}
	if s.HasEnum {
		for _, e := range s.Enum {
			c.add(literal(e.Node))
		}
	}
	for i := range s.Groups {
		for k := range s.Groups[i].Branches {
			if v, ok := c.m.branch(s, i, k, openapi.TypeAny, 0); ok {
				c.add(v)
			}
			if depth > 0 {
				c.ofSchema(c.m.view.WithBranch(s, &s.Groups[i], s.Groups[i].Branches[k]), depth-1)
			}
		}
	}
	if s.Types&openapi.TypeObject != 0 && len(s.Groups) == 0 {
		c.ofObject(s, depth)
	}
	if s.Types&openapi.TypeArray != 0 {
		c.ofArray(s)
	}
	for _, p := range s.Patterns {
		for _, text := range textFor(p.Text(), 0) {
			c.add(text)
		}
	}
}

// ofObject adds objects with one property more than they need, and with all.
func (c *candidates) ofObject(s *openapi.Schema, depth int) {
	least, ok := c.m.object(s, 0)
	if !ok {
		return
	}
	base := least.(object)
	all := clone(base)
	for i := range s.Properties {
		p := &s.Properties[i]
		if isHidden(c.m.view, c.m.dir, p.Nodes...) || i > 30 {
			continue
		}
		v, ok := c.m.property(s, p.Name, 1)
		if !ok {
			continue
		}
		all[p.Name] = v
		c.add(with(base, p.Name, v))
		if depth > 0 && len(s.Properties) < 8 {
			child := c.m.view.Decode(c.m.view.Schema(p.Nodes...))
			if child.Nullable() {
				c.add(with(base, p.Name, nil))
			}
			for k := range child.Enum {
				c.add(with(base, p.Name, literal(child.Enum[k].Node)))
			}
		}
	}
	c.add(all)
	keys := []string{"key", "a", "KEY", "x-1", "1"}
	for i := range s.Mapped {
		keys = append(keys, textFor(s.Mapped[i].Name, 0)...)
	}
	for _, key := range keys {
		if v, ok := c.m.property(s, key, 1); ok {
			c.add(with(base, key, v))
		}
	}
}

func (c *candidates) ofArray(s *openapi.Schema) {
	for n := range 4 {
		if v, ok := c.m.array(s, n, 1); ok {
			c.add(v)
		}
	}
	if s.Keywords["uniqueItems"].Valid() || len(s.Items) == 0 {
		return
	}
	if v, ok := c.m.value(c.m.view.Schema(s.Items...), openapi.TypeAny, 1); ok {
		c.add([]any{v, v})
	}
}

// atBounds adds values at and around the limits of a schema.
func (c *candidates) atBounds(wide, s *openapi.Schema) {
	around := func(keyword string, add func(int)) {
		b, ok := s.Limit(keyword)
		if !ok || b.Value > maxText || b.Value < 0 {
			return
		}
		for _, by := range []int{-1, 0, 1} {
			if n := int(b.Value) + by; n >= 0 {
				add(n)
			}
		}
	}
	for _, keyword := range []string{"minLength", "maxLength"} {
		around(keyword, func(n int) {
			c.add(strings.Repeat("x", n))
			c.add(stretch(c.m.text(wide), n))
			for _, p := range wide.Patterns {
				for _, text := range textFor(p.Text(), n) {
					c.add(text)
				}
			}
		})
	}
	for _, keyword := range []string{"minItems", "maxItems"} {
		around(keyword, func(n int) {
			if v, ok := c.m.array(wide, min(n, 300), 1); ok {
				c.add(v)
			}
		})
	}
	for _, keyword := range []string{"minProperties", "maxProperties"} {
		around(keyword, func(n int) {
			if v, ok := c.m.object(wide, 0); ok {
				c.m.fill(wide, v.(object), min(n, 300), 1)
				c.add(v)
			}
		})
	}
	if _, bits, ok := openapi.IntegerFormat(s.Keywords["format"].Text()); ok {
		beyond := new(big.Int).Lsh(big.NewInt(1), uint(bits))
		c.add(json.Number(beyond.String()))
		c.add(json.Number(new(big.Int).Not(beyond).String()))
	}
	for _, keyword := range []string{"minimum", "maximum", "multipleOf"} {
		b, ok := s.Limit(keyword)
		if !ok || b.Exact() == nil {
			continue
		}
		for _, by := range []*big.Rat{big.NewRat(-1, 1), big.NewRat(-1, 2), big.NewRat(0, 1), big.NewRat(1, 2), big.NewRat(1, 1)} {
			if n, ok := number(by.Add(by, b.Exact())); ok {
				c.add(n)
			}
		}
	}
}

// literals adds the values that a schema names, at any keyword.
func (c *candidates) literals(v *openapi.View, n document.Node, depth int) {
	if depth < 0 {
		return
	}
	for keyword, value := range n.Members() {
		if hasHugeNumber(value, "enum") {
			continue
		}
		switch keyword {
		case "enum", "examples":
			for _, item := range value.Items() {
				c.add(literal(item))
			}
		case "const", "default", "example":
			c.add(literal(value))
		case "properties", "required", "patternProperties", "$defs":
		case "oneOf", "anyOf", "allOf":
			for _, branch := range value.Items() {
				c.literals(v, v.Canonical(branch), depth-1)
			}
		default:
			if value.Kind() == document.Object {
				c.literals(v, value, depth-1)
			}
		}
	}
}

func clone(o object) object {
	out := make(object, len(o)+1)
	for k, v := range o {
		out[k] = v
	}
	return out
}

func with(o object, name string, v any) object {
	out := clone(o)
	out[name] = v
	return out
}

func without(o object, name string) object {
	out := clone(o)
	delete(out, name)
	return out
}

// prepend adds a step in front of others.
func prepend(step string, rest []string) []string { return slices.Insert(slices.Clone(rest), 0, step) }
