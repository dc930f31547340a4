package witness

import (
	"encoding/json"
	"math/big"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// maker makes small values of schemas. What it makes is checked by a validator, so that it
// may leave out what few schemas say.
type maker struct {
	view *openapi.View
	dir  contracts.Direction
	left int // how many schemas it may still look at
	// given is a property that objects of the schema with that id get from elsewhere.
	given   string
	givenIn int32
}

const (
	maxDepth   = 16
	maxSchemas = 2000
)

// preferred is the order in which types are tried.
var preferred = []openapi.TypeSet{openapi.TypeObject, openapi.TypeArray, openapi.TypeString, openapi.TypeInteger, openapi.TypeNumber, openapi.TypeBoolean, openapi.TypeNull}

// value makes a small value of one of the wanted types.
func (m *maker) value(s *openapi.Schema, want openapi.TypeSet, depth int) (any, bool) {
	if depth <= 1 {
		m.left = maxSchemas
	}
	if m.left--; m.left < 0 || depth > maxDepth {
		return nil, false
	}
	s = m.view.Decode(s)
	types := s.Types & want
	if s.Never || types == 0 {
		return nil, false
	}
	if depth > 1 && types&openapi.TypeNull != 0 && !s.Untyped() {
		return nil, true // the smallest value
	}
	if s.HasEnum {
		for _, e := range s.Enum {
			if openapi.TypeOfValue(e.Node)&types != 0 {
				return literal(e.Node), true
			}
		}
		return nil, s.Nullable() && types&openapi.TypeNull != 0
	}
	if len(s.Groups) > 0 {
		for k := range s.Groups[0].Branches {
			if v, ok := m.branch(s, 0, k, types, depth); ok {
				return v, true
			}
		}
		return nil, types&openapi.TypeNull != 0
	}
	order := preferred
	if s.Untyped() {
		order = append([]openapi.TypeSet{s.Implied(), openapi.TypeString}, preferred...)
	}
	for _, t := range order {
		if types&t == 0 {
			continue
		}
		if v, ok := m.ofType(s, types&t, depth); ok {
			return v, true
		}
	}
	return nil, false
}

// branch makes a value of one branch of a union of a schema.
func (m *maker) branch(s *openapi.Schema, group, k int, want openapi.TypeSet, depth int) (any, bool) {
	g := &s.Groups[group]
	br := g.Branches[k]
	v, ok := m.value(m.view.WithBranch(s, g, br), want, depth+1)
	if ok {
		m.nameVariant(s, br.Node, v)
	}
	return v, ok
}

// nameVariant sets the discriminator's property of an object to what names a variant.
func (m *maker) nameVariant(s *openapi.Schema, variant document.Node, v any) {
	out, ok := v.(object)
	property := openapi.DiscriminatorProperty(s.Discriminator)
	if !ok || property == "" {
		return
	}
	target := m.view.Canonical(variant)
	for _, w := range m.view.Wires(s) {
		if w.Value != "" && w.Target.Valid() && m.view.Canonical(w.Target) == target {
			out[property] = w.Value
			return
		}
	}
}

func (m *maker) ofType(s *openapi.Schema, t openapi.TypeSet, depth int) (any, bool) {
	switch {
	case t&openapi.TypeObject != 0:
		return m.object(s, depth)
	case t&openapi.TypeArray != 0:
		n := 0
		if b, ok := s.Limit("minItems"); ok {
			n = int(min(b.Value, 50))
		}
		return m.array(s, n, depth)
	case t&openapi.TypeString != 0:
		return m.text(s), true
	case t&openapi.TypeNumber != 0:
		return m.number(s)
	case t&openapi.TypeBoolean != 0:
		return true, true
	}
	return nil, true // null
}

// object makes an object with what is required and no more.
func (m *maker) object(s *openapi.Schema, depth int) (any, bool) {
	out := object{}
	names := make([]string, 0, len(s.Required))
	for name := range s.Required {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if p, ok := s.Property(name); ok && isHidden(m.view, m.dir, p.Nodes...) || name == m.given && s.Known == m.givenIn {
			continue
		}
		v, ok := m.property(s, name, depth)
		if !ok {
			return nil, false
		}
		out[name] = v
	}
	if b, ok := s.Limit("minProperties"); ok {
		m.fill(s, out, int(min(b.Value, 50)), depth)
	}
	for _, only := range s.Sole {
		m.nameVariant(s, only.Node, out)
	}
	if s.Discriminator.Valid() && len(s.Subtypes) > 0 {
		if name := m.view.ComponentName(s.First()); name != "" && out[openapi.DiscriminatorProperty(s.Discriminator)] == "x" {
			out[openapi.DiscriminatorProperty(s.Discriminator)] = name
		}
	}
	return out, true
}

// property makes a value of a property, declared or not.
func (m *maker) property(s *openapi.Schema, name string, depth int) (any, bool) {
	var nodes []document.Node
	if p, ok := s.Property(name); ok {
		if p.Refused {
			return nil, false
		}
		nodes = p.Nodes
	} else {
		var refused bool
		if nodes, refused = m.view.Undeclared(s, name); refused {
			return nil, false
		}
	}
	if len(nodes) == 0 {
		return "x", true
	}
	return m.value(m.view.Schema(nodes...), openapi.TypeAny, depth+1)
}

// fill adds properties to an object until it has so many.
func (m *maker) fill(s *openapi.Schema, out object, count, depth int) {
	for i := range s.Properties {
		p := &s.Properties[i]
		if len(out) >= count {
			return
		}
		if _, there := out[p.Name]; there || isHidden(m.view, m.dir, p.Nodes...) {
			continue
		}
		if v, ok := m.property(s, p.Name, depth); ok {
			out[p.Name] = v
		}
	}
	for i := 0; len(out) < count && i < count; i++ {
		name := "key" + strings.Repeat("1", i)
		if v, ok := m.property(s, name, depth); ok {
			out[name] = v
		}
	}
}

// array makes an array of so many items.
func (m *maker) array(s *openapi.Schema, count, depth int) (any, bool) {
	out := []any{}
	for i := range count {
		nodes := s.Items
		if i < len(s.Prefix) {
			nodes = s.Prefix[i]
		}
		var v any = "x"
		if len(nodes) > 0 {
			var ok bool
			if v, ok = m.value(m.view.Schema(nodes...), openapi.TypeAny, depth+1); !ok {
				return nil, false
			}
		}
		if i > 0 && s.Keywords["uniqueItems"].Valid() {
			v = another(v, i)
		}
		out = append(out, v)
	}
	return out, true
}

// another makes a value of the same type that differs.
func another(v any, i int) any {
	switch v := v.(type) {
	case string:
		return v + strings.Repeat("x", i)
	case json.Number:
		if r, ok := rational(v); ok {
			if n, ok := number(r.Add(r, big.NewRat(int64(i), 1))); ok {
				return n
			}
		}
	case bool:
		return !v
	}
	return v
}

// text makes a text of the format and pattern that a schema demands.
func (m *maker) text(s *openapi.Schema) string {
	out := "x"
	if sample, ok := formats[s.Keywords["format"].Text()].(string); ok {
		out = sample
	}
	least, most := lengths(s)
	if len(s.Patterns) == 0 {
		if out = stretch(out, least); most >= 0 && len([]rune(out)) > most {
			out = string([]rune(out)[:most])
		}
		return out
	}
	texts := append([]string{stretch(out, least)}, textFor(s.Patterns[0].Text(), least)...)
	for _, text := range texts {
		n := len([]rune(text))
		is, known := m.view.Matches(s.Patterns[0].Text(), text)
		if is && known && n >= least && (most < 0 || n <= most) {
			return text
		}
	}
	return texts[len(texts)-1]
}

// lengths gives the least and the greatest length of a text; -1 without a greatest.
func lengths(s *openapi.Schema) (least, most int) {
	most = -1
	if b, ok := s.Limit("minLength"); ok && b.Value > 0 {
		least = int(min(b.Value, maxText))
	}
	if b, ok := s.Limit("maxLength"); ok && b.Value >= 0 {
		most = int(min(b.Value, maxText))
	}
	return least, most
}

// stretch makes a text so long.
func stretch(text string, length int) string {
	if missing := length - len([]rune(text)); missing > 0 {
		return text + strings.Repeat("x", missing)
	}
	return text
}

// number makes the number that is nearest to 1 and allowed.
func (m *maker) number(s *openapi.Schema) (any, bool) {
	step, r := big.NewRat(1, 1), big.NewRat(1, 1)
	if s.Types&openapi.TypeNumber != openapi.TypeInteger {
		step = big.NewRat(1, 2)
	}
	if b, ok := s.Limit("multipleOf"); ok && b.Exact() != nil && b.Exact().Sign() > 0 {
		step, r = b.Exact(), b.Exact()
	}
	if b, ok := s.Limit("minimum"); ok && b.Exact() != nil {
		if order := r.Cmp(b.Exact()); order < 0 || order == 0 && b.Exclusive() {
			r = multiple(b.Exact(), step, 1, b.Exclusive())
		}
	}
	if b, ok := s.Limit("maximum"); ok && b.Exact() != nil {
		if order := r.Cmp(b.Exact()); order > 0 || order == 0 && b.Exclusive() {
			r = multiple(b.Exact(), step, -1, b.Exclusive())
		}
	}
	return number(r)
}

// multiple gives the multiple of a step that is nearest to a bound, above (1) or below
// (-1) it; beyond leaves out the bound itself.
func multiple(bound, step *big.Rat, side int64, beyond bool) *big.Rat {
	count := new(big.Rat).Quo(bound, step)
	whole := new(big.Int).Div(count.Num(), count.Denom()) // rounds down
	if side > 0 && !count.IsInt() {
		whole.Add(whole, big.NewInt(1))
	}
	if beyond && count.IsInt() {
		whole.Add(whole, big.NewInt(side))
	}
	return new(big.Rat).Mul(new(big.Rat).SetInt(whole), step)
}
