package containment

import (
	"math/big"
	"strings"

	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// keyword is one row of the table: for which types a keyword of the wider schema says
// anything, and how it is proved that the narrower schema satisfies it.
type keyword struct {
	types openapi.TypeSet
	// prove is nil for keywords that say nothing about values, and for those that are proved
	// together with others (objects, arrays, unions).
	prove            func(q *question, part openapi.Part, value document.Node) bool
	ignoredByReaders bool // package diff reports it at level info: docs/impact.md
}

// table has every keyword of OpenAPI 3.0 and JSON Schema 2020-12 that is no annotation. A
// keyword that is not in it has to be repeated word for word.
var table map[string]keyword

func init() {
	const numbers, texts, arrays, objects, all = openapi.TypeNumber, openapi.TypeString, openapi.TypeArray, openapi.TypeObject, openapi.TypeAny
	repeated := func(name string) func(*question, openapi.Part, document.Node) bool {
		return func(q *question, part openapi.Part, value document.Node) bool { return q.repeated(part, name, value) }
	}
	bound := func(name string) func(*question, openapi.Part, document.Node) bool {
		return func(q *question, _ openapi.Part, _ document.Node) bool { return q.bound(name) }
	}
	table = map[string]keyword{
		// every value
		"type":  {types: all, prove: (*question).hasType},
		"enum":  {types: all, prove: (*question).inEnum},
		"const": {types: all, prove: (*question).isConst},
		"not":   {types: all, prove: (*question).isNot},
		"if":    {types: all, prove: (*question).conditional},
		"$ref":  {}, "allOf": {}, "oneOf": {}, "anyOf": {}, // parts and unions
		"then": {}, "else": {}, // beside if, else without effect
		"$dynamicRef": {types: all, prove: repeated("$dynamicRef")}, "$recursiveRef": {types: all, prove: repeated("$recursiveRef")},
		"$dynamicAnchor": {}, "$recursiveAnchor": {}, "definitions": {},

		// numbers
		"minimum": {numbers, bound("minimum"), true}, "exclusiveMinimum": {numbers, bound("minimum"), true},
		"maximum": {numbers, bound("maximum"), true}, "exclusiveMaximum": {numbers, bound("maximum"), true},
		"multipleOf": {numbers, bound("multipleOf"), true},

		// text
		"minLength": {texts, bound("minLength"), true}, "maxLength": {texts, bound("maxLength"), true},
		"pattern": {texts, (*question).matches, true},
		"format":  {types: all, prove: sameText("format")}, "contentEncoding": {types: texts, prove: sameText("contentEncoding")},
		"contentMediaType": {types: texts, prove: sameText("contentMediaType")}, "contentSchema": {types: texts, prove: repeated("contentSchema")},

		// arrays
		"items": {}, "prefixItems": {}, // arrays
		"minItems": {arrays, bound("minItems"), true}, "maxItems": {arrays, bound("maxItems"), true},
		"uniqueItems": {arrays, (*question).unique, true},
		"contains":    {types: arrays, prove: (*question).hasItem}, "minContains": {}, "maxContains": {}, // beside contains
		"additionalItems":  {types: arrays, prove: repeated("additionalItems")},
		"unevaluatedItems": {types: arrays, prove: (*question).unevaluatedItems},

		// objects
		"properties": {}, "required": {}, "additionalProperties": {}, "patternProperties": {}, // objects
		"minProperties": {objects, bound("minProperties"), true}, "maxProperties": {objects, bound("maxProperties"), true},
		"propertyNames":         {types: objects, prove: repeated("propertyNames")},
		"dependentRequired":     {types: objects, prove: (*question).dependentNames},
		"dependentSchemas":      {types: objects, prove: (*question).dependentSchemas},
		"dependencies":          {types: objects, prove: repeated("dependencies")},
		"unevaluatedProperties": {types: objects, prove: (*question).unevaluatedProperties},

		// no constraint, or compared by rules of their own
		"nullable": {}, "default": {}, "deprecated": {}, "readOnly": {}, "writeOnly": {}, "discriminator": {}, "collectionFormat": {}, "allowEmptyValue": {},
	}
}

func (q *question) hasType(part openapi.Part, _ document.Node) bool {
	types, ok := q.wide.View.TypesOf(part)
	if part.OrNull {
		types |= openapi.TypeNull
	}
	// package openapi decides where "nullable" beside other parts counts
	return !ok || q.types&^(types|q.w.Types&openapi.TypeNull) == 0
}

// inEnum: the narrower schema has a list of values, and each is in the list.
func (q *question) inEnum(part openapi.Part, list document.Node) bool {
	allowed := map[string]bool{}
	for _, item := range list.Items() {
		allowed[openapi.LiteralKey(item)] = true
	}
	return q.valuesIn(part, allowed)
}

func (q *question) isConst(part openapi.Part, value document.Node) bool {
	return q.valuesIn(part, map[string]bool{openapi.LiteralKey(value): true})
}

func (q *question) valuesIn(part openapi.Part, allowed map[string]bool) bool {
	values, orNull, ok := valuesOf(q.narrow)
	if !ok || orNull && !part.OrNull && q.n.Nullable() {
		return false
	}
	for _, v := range values {
		if v.IsNull() && (part.OrNull || !q.n.Nullable()) {
			continue
		}
		if openapi.TypeOfValue(v)&q.types != 0 && !allowed[openapi.LiteralKey(v)] {
			return false
		}
	}
	return true
}

// valuesOf gives the values to which a schema is restricted, if it is. orNull tells whether
// null is allowed beside them.
func valuesOf(s Side) (values []document.Node, orNull, ok bool) {
	for _, part := range s.View.Parts(s.Schema) {
		if c := part.Node.Get("const"); c.Valid() {
			return []document.Node{c}, part.OrNull, true
		}
		if list := part.Node.Get("enum"); list.Kind() == document.Array {
			for _, item := range list.Items() {
				values = append(values, item)
			}
			return values, part.OrNull, true
		}
		for _, u := range part.Unions {
			if values, ok := valuesOfUnion(s, u); ok {
				return values, part.OrNull, true
			}
		}
	}
	return nil, false, false
}

func valuesOfUnion(s Side, u openapi.Union) ([]document.Node, bool) {
	var all []document.Node
	for _, branch := range u.Branches {
		n := s.View.Canonical(branch)
		list := n.Get("enum")
		switch c := n.Get("const"); {
		case c.Valid():
			all = append(all, c)
		case list.Kind() == document.Array:
			for _, item := range list.Items() {
				all = append(all, item)
			}
		default:
			return nil, false
		}
	}
	return all, true
}

// bound: the narrower schema has a limit that is at least as strict.
func (q *question) bound(name string) bool {
	w, ok := q.w.Limit(name)
	if !ok {
		return true // a limit of 0, or the boolean form of 3.0 without a limit beside it
	}
	n, ok := q.n.Limit(name)
	if !ok {
		return name == "multipleOf" && q.types&openapi.TypeNumber == openapi.TypeInteger && isOne(w)
	}
	return n.Same(w) || openapi.Tighter(name, n, w)
}

func isOne(b openapi.Bound) bool {
	r, ok := b.Node.Exact()
	return ok && r.Cmp(big.NewRat(1, 1)) == 0
}

func (q *question) matches(_ openapi.Part, pattern document.Node) bool {
	if q.wide.View.MatchesAnyText(pattern.Text()) {
		return true
	}
	for _, other := range q.n.Patterns {
		if other.Text() == pattern.Text() {
			return true
		}
	}
	return false
}

// sameText proves keywords whose effect depends on who reads them, as format.
func sameText(name string) func(*question, openapi.Part, document.Node) bool {
	return func(q *question, _ openapi.Part, value document.Node) bool {
		n, w := strings.TrimSpace(q.n.Keywords[name].Text()), strings.TrimSpace(value.Text())
		return w == "" || n == w || openapi.FormatHolds(w, n)
	}
}

func (q *question) unique(_ openapi.Part, value document.Node) bool {
	most, ok := q.n.Limit("maxItems")
	return !value.True() || q.n.Keywords["uniqueItems"].Valid() || ok && most.Value <= 1
}

// trivial tells whether a schema allows every value.
func (q *question) trivial(n document.Node) bool {
	return !n.Valid() || q.wide.View.Unconstrained(n)
}

// usable tells whether what a part of the narrower schema says helps to prove what a part
// of the wider one says. It does not if only the former lets null pass.
func (q *question) usable(narrow, wide openapi.Part) bool {
	return !narrow.OrNull || wide.OrNull || !q.n.Nullable()
}

// beside tells whether some part of the narrower schema has all the keywords with the same
// values as a part of the wider one: they mean something together only.
func (q *question) beside(part openapi.Part, keywords ...string) bool {
	for _, other := range q.narrow.View.Parts(q.narrow.Schema) {
		same := q.usable(other, part)
		for _, keyword := range keywords {
			n, w := other.Node.Get(keyword), part.Node.Get(keyword)
			q.p.looked++
			same = same && q.p.looked <= maxLooked && n.Valid() == w.Valid() && (!n.Valid() || q.equal(keyword, n, w))
		}
		if same {
			return true
		}
	}
	return false
}

func (q *question) conditional(part openapi.Part, _ document.Node) bool {
	then, otherwise := part.Node.Get("then"), part.Node.Get("else")
	return q.beside(part, "if", "then", "else") ||
		(q.trivial(then) || q.below(q.narrow, q.wide.of(then), "")) && (q.trivial(otherwise) || q.below(q.narrow, q.wide.of(otherwise), ""))
}

// isNot: no value of the narrower schema can be one of the schema that is refused.
func (q *question) isNot(part openapi.Part, value document.Node) bool {
	return q.repeated(part, "not", value) || q.p.Disjoint(q.narrow, q.wide.of(value))
}

func (q *question) hasItem(part openapi.Part, _ document.Node) bool {
	least, most := part.Node.Get("minContains"), part.Node.Get("maxContains")
	if f, ok := least.Float(); ok && f == 0 && !most.Valid() {
		return true
	}
	return q.beside(part, "contains", "minContains", "maxContains")
}

func (q *question) dependentNames(_ openapi.Part, value document.Node) bool {
	for name, names := range value.Members() {
		if q.absent(name) {
			continue
		}
		for _, also := range names.Items() {
			if !q.n.Required[also.Text()].Valid() && !q.depends(name, also.Text()) {
				return false
			}
		}
	}
	return true
}

// depends tells whether a name demands another in the narrower schema.
func (q *question) depends(name, also string) bool {
	for _, part := range q.narrow.View.Parts(q.narrow.Schema) {
		if part.OrNull {
			continue
		}
		for _, item := range part.Node.Get("dependentRequired").Get(name).Items() {
			if item.Text() == also {
				return true
			}
		}
	}
	return false
}

// absent tells whether no value of the narrower schema has a property.
func (q *question) absent(name string) bool {
	if p, ok := q.n.Property(name); ok {
		return p.Refused
	}
	_, refused := q.narrow.View.Undeclared(q.n, name)
	return refused
}

func (q *question) dependentSchemas(_ openapi.Part, value document.Node) bool {
	for name, schema := range value.Members() {
		if !q.absent(name) && !q.trivial(schema) && !q.dependsOn(name, schema) && !q.below(q.narrow, q.wide.of(schema), "") {
			return false
		}
	}
	return true
}

func (q *question) dependsOn(name string, schema document.Node) bool {
	for _, part := range q.narrow.View.Parts(q.narrow.Schema) {
		if other := part.Node.Get("dependentSchemas").Get(name); other.Valid() && !part.OrNull && q.below(q.narrow.of(other), q.wide.of(schema), "") {
			return true
		}
	}
	return false
}
