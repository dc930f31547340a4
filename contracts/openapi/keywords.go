package openapi

import (
	"cmp"
	"math/big"
	"path"
	"strconv"
	"strings"

	"plimsoll/contracts/document"
)

// Bound is a numeric limit, the tightest where several parts give one.
type Bound struct {
	Value     float64 // rounded
	exclusive bool
	Node      document.Node
	rat       *big.Rat // of several that were merged
}

// OpaqueKeywords are keywords that are not evaluated: a change below them cannot be
// proved safe.
var OpaqueKeywords = map[string]bool{"not": true, "if": true, "then": true, "else": true, "unevaluatedProperties": true,
	"unevaluatedItems": true, "dependentSchemas": true, "dependentRequired": true, "dependencies": true, "propertyNames": true,
	"contains": true, "minContains": true, "maxContains": true, "$recursiveRef": true, "contentSchema": true}

// AppliesTo gives the types of which a limit says anything.
func AppliesTo(keyword string) TypeSet {
	switch keyword {
	case "minLength", "maxLength", "pattern":
		return TypeString
	case "minItems", "maxItems", "uniqueItems":
		return TypeArray
	case "minProperties", "maxProperties":
		return TypeObject
	case "minimum", "maximum", "multipleOf":
		return TypeNumber
	}
	return TypeAny
}

// keyword merges one keyword of part n.
func (f *flattener) keyword(n document.Node, keyword string, value document.Node) {
	s := f.s
	switch keyword {
	case "properties":
		for name, prop := range value.Members() {
			f.property(n, value, name, prop)
		}
	case "required":
		for _, item := range value.Items() {
			if name := item.Text(); !s.Required[name].Valid() {
				s.Required[name] = item
			}
		}
	case "additionalProperties":
		f.additional(n, value)
	case "patternProperties":
		f.maps(n)
		for pattern, prop := range value.Members() {
			s.Mapped = append(s.Mapped, Property{Name: pattern, Nodes: []document.Node{prop}, Key: value.Key(pattern), Part: n})
		}
	case "items":
		f.itemsKeyword(value)
		f.tuples(n)
	case "prefixItems":
		f.prefixItems(value)
		f.tuples(n)
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems", "maxItems",
		"minProperties", "maxProperties", "multipleOf":
		f.bound(n, keyword, value)
	case "uniqueItems":
		if value.True() {
			f.keepKeyword(keyword, value)
		}
	case "pattern":
		if f.v.MatchesAnyText(value.Text()) {
			return
		}
		if len(s.Patterns) == 0 || !document.Equal(s.Patterns[0], value) {
			s.Patterns = append(s.Patterns, value)
		}
	case "readOnly":
		s.ReadOnly = s.ReadOnly || value.True()
	case "writeOnly":
		s.WriteOnly = s.WriteOnly || value.True()
	case "deprecated":
		if value.True() {
			f.keep(&s.Deprecated, value)
		}
	case "discriminator":
		f.keep(&s.Discriminator, value)
	case "format", "default", "contentEncoding", "contentMediaType", "x-sunset":
		f.keepKeyword(keyword, value)
	case "x-extensible-enum":
		s.Extensible = true
		if value.Kind() == document.Array && !s.HasEnum {
			f.enum(value)
		}
	default:
		if OpaqueKeywords[keyword] {
			if s.Opaque == nil {
				s.Opaque = map[string][]document.Node{}
			}
			s.Opaque[keyword] = append(s.Opaque[keyword], value)
		}
	}
}

func (f *flattener) keepKeyword(keyword string, value document.Node) {
	if _, ok := f.s.Keywords[keyword]; !ok {
		f.s.Keywords[keyword] = value
	}
}

func (f *flattener) property(part, all document.Node, name string, prop document.Node) {
	if i, ok := f.s.propAt[name]; ok {
		f.s.Properties[i].Nodes = append(f.s.Properties[i].Nodes, prop)
		return
	}
	f.s.propAt[name] = len(f.s.Properties)
	f.s.Properties = append(f.s.Properties, Property{Name: name, Nodes: []document.Node{prop}, Key: prop.KeyNode(), Part: part})
}

func (f *flattener) additional(n, value document.Node) {
	switch {
	case value.False():
		f.keep(&f.s.Closed, value)
		f.maps(n)
		f.keep(&f.s.ExtraNode, value)
	case value.Kind() == document.Object && value.Len() > 0:
		f.s.Extra = append(f.s.Extra, value)
		f.maps(n)
		f.keep(&f.s.ExtraNode, value)
	}
}

// maps notes that a part says something of properties that it does not declare.
func (f *flattener) maps(part document.Node) {
	if m := f.s.mappers; len(m) == 0 || m[len(m)-1] != part {
		f.s.mappers = append(m, part)
	}
}

func (f *flattener) itemsKeyword(value document.Node) {
	switch value.Kind() {
	case document.Array: // the form of earlier JSON Schema drafts
		f.prefixItems(value)
	case document.Bool:
		if value.False() {
			f.keep(&f.s.NoMore, value)
		}
	default:
		f.s.Items = append(f.s.Items, value)
		f.keep(&f.s.ItemsNode, value)
	}
}

// tuples notes that a part says something of the places of an array.
func (f *flattener) tuples(part document.Node) {
	if t := f.s.tuples; len(t) == 0 || t[len(t)-1] != part {
		f.s.tuples = append(t, part)
	}
}

func (f *flattener) prefixItems(value document.Node) {
	for i, item := range value.Items() {
		if i < len(f.s.Prefix) {
			f.s.Prefix[i] = append(f.s.Prefix[i], item)
		} else {
			f.s.Prefix = append(f.s.Prefix, []document.Node{item})
		}
	}
}

// bound merges a numeric limit. The boolean exclusive bounds of 3.0 apply to the limit
// beside them.
func (f *flattener) bound(n document.Node, keyword string, value document.Node) {
	b := Bound{Node: value}
	switch keyword {
	case "exclusiveMinimum", "exclusiveMaximum":
		if value.Kind() == document.Bool {
			return // read beside minimum or maximum
		}
		b.exclusive = true
		keyword = "m" + keyword[len("exclusiveM"):]
	case "minimum":
		b.exclusive = n.Get("exclusiveMinimum").True()
	case "maximum":
		b.exclusive = n.Get("exclusiveMaximum").True()
	}
	v, ok := value.Float()
	if !ok {
		return
	}
	b.Value = v
	if keyword == "multipleOf" {
		f.multiple(b)
		return
	}
	if f.s.bounds == nil {
		f.s.bounds = map[string]Bound{}
	}
	if have, ok := f.s.bounds[keyword]; !ok || Tighter(keyword, b, have) {
		f.s.bounds[keyword] = b
	}
}

// multiple merges a multipleOf: what is a multiple of two numbers is a multiple of their
// least common multiple.
func (f *flattener) multiple(b Bound) {
	if b.Value == 0 {
		return
	}
	if f.s.bounds == nil {
		f.s.bounds = map[string]Bound{}
	}
	if have, ok := f.s.bounds["multipleOf"]; ok {
		x, y := have.exact(), b.exact()
		if x == nil || y == nil {
			return
		}
		// lcm(p/q, r/s) = lcm(p·s, r·q) / (q·s)
		ps, rq := new(big.Int).Mul(x.Num(), y.Denom()), new(big.Int).Mul(y.Num(), x.Denom())
		lcm := new(big.Int).Mul(ps, new(big.Int).Div(rq, new(big.Int).GCD(nil, nil, ps, rq)))
		common := new(big.Rat).SetFrac(lcm, new(big.Int).Mul(x.Denom(), y.Denom()))
		value, _ := common.Float64()
		node := have.Node
		if common.Cmp(y) == 0 {
			node = b.Node
		}
		b = Bound{Value: value, rat: common, Node: node}
	}
	f.s.bounds["multipleOf"] = b
}

// exact gives the bound without rounding; nil where it is beyond what is computed.
func (b Bound) exact() *big.Rat {
	if b.rat != nil {
		return b.rat
	}
	r, ok := b.Node.Exact()
	if !ok || r.Sign() <= 0 && b.Value > 0 {
		return nil
	}
	return r
}

// Exclusive tells whether the bound itself is not allowed.
func (b Bound) Exclusive() bool { return b.exclusive }

// Exact gives the bound without rounding; nil where it is beyond what is computed.
func (b Bound) Exact() *big.Rat { return b.exact() }

// order compares two bounds by their exact values.
func (b Bound) order(other Bound) int {
	if b.Value != other.Value {
		return cmp.Compare(b.Value, other.Value)
	}
	x, y := b.exact(), other.exact()
	if x == nil || y == nil {
		return 0
	}
	return x.Cmp(y)
}

// Same tells whether two bounds allow the same.
func (b Bound) Same(other Bound) bool { return b.exclusive == other.exclusive && b.order(other) == 0 }

// Tighter tells whether a allows strictly less than b.
func Tighter(keyword string, a, b Bound) bool {
	if keyword == "multipleOf" {
		x, y := a.exact(), b.exact()
		return x != nil && y != nil && y.Sign() != 0 && x.Cmp(y) != 0 && new(big.Rat).Quo(x, y).IsInt()
	}
	switch order := a.order(b); {
	case order == 0:
		return a.exclusive && !b.exclusive
	case strings.HasPrefix(keyword, "min"):
		return order > 0
	default:
		return order < 0
	}
}

// String gives the bound as users read it.
func (b Bound) String() string {
	text := trimFloat(b.Value)
	short, ok := new(big.Rat).SetString(text)
	if r := b.exact(); ok && r != nil && r.Cmp(short) != 0 { // more digits than a float64 has
		switch {
		case r.IsInt():
			text = r.Num().String()
		case b.rat == nil:
			text = b.Node.Text()
		}
	}
	if b.exclusive {
		return "exclusive " + text
	}
	return text
}

func trimFloat(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// RefName gives the last step of a $ref: the name of a schema or a file.
func RefName(ref string) string {
	file, pointer, _ := strings.Cut(ref, "#")
	if i := strings.LastIndexByte(pointer, '/'); i >= 0 {
		return strings.ReplaceAll(strings.ReplaceAll(unescape(pointer[i+1:]), "~1", "/"), "~0", "~")
	}
	base := path.Base(file)
	return strings.TrimSuffix(base, path.Ext(base))
}

// Limit gives a bound that has an effect: a minimum length of 0 has none.
func (s *Schema) Limit(keyword string) (Bound, bool) {
	b, ok := s.bounds[keyword]
	if ok && b.Value == 0 && strings.HasPrefix(keyword, "min") && keyword != "minimum" {
		return Bound{}, false
	}
	return b, ok
}
