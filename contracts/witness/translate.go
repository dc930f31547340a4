package witness

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// reading says how a schema is read; without any of these, every keyword counts.
type reading uint8

const (
	// lenient is a reader who copes with more than is promised, as docs/impact.md says:
	// limits and patterns, unknown properties, a value that fits two variants.
	lenient reading = 1 << iota
	// sent: nothing is there that the contract does not describe, since a sender knows no
	// more than the contract says.
	sent
	// anyVariant: a value may fit several branches of a oneOf, as is common in contracts whose
	// branches are open objects with optional properties.
	anyVariant
)

// object is a JSON object.
type object = map[string]any

// unreadable is a schema of which nothing is known: a value that it is asked about proves
// nothing.
func unreadable() object { return object{"format": formatUnreadable} }

// limits are the keywords that a lenient reader does not rely on. What is not worked out
// (openapi.OpaqueKeywords) is left out for such a reader as well: a looser schema below
// "not" would be a stricter one.
var limits = map[string]bool{"minimum": true, "maximum": true, "exclusiveMinimum": true, "exclusiveMaximum": true, "minLength": true, "maxLength": true,
	"pattern": true, "minItems": true, "maxItems": true, "uniqueItems": true, "minProperties": true, "maxProperties": true, "multipleOf": true}

// translator writes the schemas of one version of a contract, in one direction, as JSON
// Schemas. It is the loader of a compiler: each schema is one resource.
type translator struct {
	view  *openapi.View
	dir   contracts.Direction
	how   reading
	known map[target]int
	list  []target
	roots [][]document.Node
	// later makes a format that checks a value by the schema with that number.
	later func(number int)
}

// target is a schema with a resource of its own. whole: it describes a value, in contrast
// to a branch of a composition.
type target struct {
	node  document.Node
	whole bool
}

const scheme = "witness:///"

// root gives the address of the schema of values that satisfy all nodes.
func (t *translator) root(nodes []document.Node) string {
	t.roots = append(t.roots, nodes)
	return scheme + "root/" + strconv.Itoa(len(t.roots)-1)
}

// Load translates the schema at an address.
func (t *translator) Load(url string) (any, error) {
	path, ok := strings.CutPrefix(url, scheme)
	if !ok {
		return nil, fmt.Errorf("%s is not a schema of the contract", url)
	}
	if number, ok := strings.CutPrefix(path, "root/"); ok {
		i, err := strconv.Atoi(number)
		if err != nil || i >= len(t.roots) {
			return nil, fmt.Errorf("%s is not a schema of the contract", url)
		}
		return t.all(t.roots[i]), nil
	}
	i, err := strconv.Atoi(path)
	if err != nil || i >= len(t.list) {
		return nil, fmt.Errorf("%s is not a schema of the contract", url)
	}
	return t.inline(t.list[i].node, t.list[i].whole), nil
}

// all translates the conjunction of several schemas.
func (t *translator) all(nodes []document.Node) any {
	if len(nodes) == 1 {
		return t.schema(nodes[0], true)
	}
	var parts []any
	for _, n := range nodes {
		parts = append(parts, t.schema(n, false))
	}
	return t.closed(object{"allOf": parts})
}

// closed keeps a sender to what the contract describes.
func (t *translator) closed(s any) any {
	if m, ok := s.(object); ok && t.how&sent != 0 && m["unevaluatedProperties"] == nil {
		return object{"allOf": []any{m}, "unevaluatedProperties": false}
	}
	return s
}

// schema translates a schema. A value of its own that is described by a shared schema gets
// a format that asks for that schema when there is such a value: a contract is large, and
// an example is small.
func (t *translator) schema(n document.Node, whole bool) any {
	switch shared := t.view.Canonical(n); {
	case shared == n:
		return t.inline(n, whole)
	case whole:
		i := t.number(target{shared, true})
		t.later(i)
		return object{"format": formatLater + strconv.Itoa(i)}
	default:
		return t.reference(shared)
	}
}

// reference refers to a shared schema that holds for the value itself.
func (t *translator) reference(n document.Node) object {
	return object{"$ref": scheme + strconv.Itoa(t.number(target{n, false}))}
}

func (t *translator) number(key target) int {
	i, ok := t.known[key]
	if !ok {
		i = len(t.list)
		t.known[key] = i
		t.list = append(t.list, key)
	}
	return i
}

func (t *translator) inline(n document.Node, whole bool) any {
	switch {
	case n.Kind() == document.Bool:
		return n.True()
	case n.Kind() != document.Object:
		return unreadable()
	}
	out := object{}
	for keyword, value := range n.Members() {
		if t.how&lenient != 0 && (limits[keyword] || openapi.OpaqueKeywords[keyword]) {
			continue
		}
		if hasHugeNumber(value, keyword) {
			t.and(out, unreadable())
			continue
		}
		t.keyword(out, n, keyword, value)
	}
	t.discriminator(out, n)
	if !whole {
		return out
	}
	s := t.closed(out)
	if n.Get("nullable").True() && !n.Get("type").Valid() && (n.Get("allOf").Valid() || n.Get("oneOf").Valid() || n.Get("anyOf").Valid()) {
		return object{"anyOf": []any{s, object{"type": "null"}}} // meant for the whole: docs/impact.md
	}
	return s
}

// keyword translates one keyword of a schema.
func (t *translator) keyword(out object, n document.Node, keyword string, value document.Node) {
	switch keyword {
	case "$ref", "$dynamicRef":
		follow := t.view.Contract.Follow
		if keyword == "$dynamicRef" {
			follow = t.view.Contract.FollowDynamic
		}
		if next, ok := follow(n); ok && next.Valid() {
			t.and(out, t.reference(t.view.Canonical(next)))
		} else {
			t.and(out, unreadable())
		}
	case "properties":
		props := object{}
		for name, p := range value.Members() {
			props[name] = true
			if !t.hidden(p) {
				props[name] = t.schema(p, true)
			}
		}
		out[keyword] = props
	case "required":
		if names := t.required(n, value); len(names) > 0 {
			out[keyword] = names
		}
	case "patternProperties", "dependentSchemas":
		out[keyword] = t.named(value, keyword == "patternProperties")
	case "dependencies":
		t.dependencies(out, value)
	case "prefixItems", "allOf", "anyOf", "oneOf":
		t.listed(out, keyword, value)
	case "additionalProperties", "unevaluatedProperties":
		if t.how&lenient != 0 && value.False() || t.how&sent != 0 && t.view.Unconstrained(value) {
			return
		}
		out[keyword] = t.schema(value, true)
	case "items", "unevaluatedItems", "propertyNames", "contains":
		if value.Kind() == document.Array { // the tuple of earlier drafts
			t.and(out, unreadable())
			return
		}
		out[keyword] = t.schema(value, keyword == "items")
	case "not", "if", "then", "else":
		out[keyword] = t.schema(value, false)
	case "type":
		t.types(out, n, value)
	case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum":
		t.limit(out, n, keyword, value)
	case "format":
		if _, known := formats[value.Text()]; known {
			out[keyword] = value.Text()
		}
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "multipleOf", "minContains", "maxContains":
		if value.Kind() == document.Number {
			out[keyword] = literal(value)
		}
	case "pattern":
		out[keyword] = value.Text()
	case "uniqueItems":
		out[keyword] = value.True()
	case "enum", "const", "dependentRequired":
		out[keyword] = literal(value)
	}
}

// and adds a schema that must hold as well.
func (t *translator) and(out object, more any) {
	list, _ := out["allOf"].([]any)
	out["allOf"] = append(list, more)
}

func (t *translator) listed(out object, keyword string, value document.Node) {
	if value.Kind() != document.Array || value.Len() == 0 {
		return
	}
	var list []any
	for _, item := range value.Items() {
		list = append(list, t.schema(item, keyword == "prefixItems"))
	}
	switch {
	case keyword == "allOf":
		for _, each := range list {
			t.and(out, each)
		}
	case keyword == "oneOf" && t.how&(lenient|anyVariant) != 0:
		t.and(out, object{"anyOf": list})
	default:
		out[keyword] = list
	}
}

func (t *translator) named(value document.Node, whole bool) object {
	out := object{}
	for name, each := range value.Members() {
		out[name] = t.schema(each, whole)
	}
	return out
}

// dependencies translates the keyword of earlier drafts.
func (t *translator) dependencies(out object, value document.Node) {
	required, schemas := object{}, object{}
	for name, each := range value.Members() {
		if each.Kind() == document.Array {
			required[name] = literal(each)
		} else {
			schemas[name] = t.schema(each, false)
		}
	}
	t.and(out, object{"dependentRequired": required, "dependentSchemas": schemas})
}

var jsonTypes = []string{"null", "boolean", "object", "array", "number", "string", "integer"}

func (t *translator) types(out object, n, value document.Node) {
	var types []any
	add := func(each document.Node) {
		name := each.Text()
		if each.IsNull() {
			name = "null"
		}
		if slices.Contains(jsonTypes, name) && !slices.Contains(types, any(name)) {
			types = append(types, name)
		}
	}
	if value.Kind() == document.Array {
		for _, item := range value.Items() {
			add(item)
		}
	} else {
		add(value)
	}
	if n.Get("nullable").True() && !slices.Contains(types, any("null")) && len(types) > 0 {
		types = append(types, "null")
	}
	if len(types) > 0 {
		out["type"] = types
	}
}

// limit writes the boolean exclusive bounds of 3.0 as numbers.
func (t *translator) limit(out object, n document.Node, keyword string, value document.Node) {
	if value.Kind() != document.Number {
		return
	}
	if n.Get("exclusiveM" + strings.TrimPrefix(keyword, "m")).True() {
		keyword = "exclusiveM" + strings.TrimPrefix(keyword, "m")
	}
	out[keyword] = literal(value)
}

// discriminator demands of a value the variant that its discriminator names.
func (t *translator) discriminator(out object, n document.Node) {
	d := n.Get("discriminator")
	property := openapi.DiscriminatorProperty(d)
	if property == "" || !n.Get("oneOf").Valid() && !n.Get("anyOf").Valid() {
		return
	}
	isObject := object{"type": "object"}
	t.and(out, object{"if": isObject, "then": object{"required": []any{property}}})
	var values []any
	complete := true
	for _, w := range t.view.Wires(t.view.Decode(t.view.Schema(n))) {
		if w.Value == "" || !w.Target.Valid() {
			complete = false
			continue
		}
		values = append(values, w.Value)
		t.and(out, object{"if": object{"required": []any{property}, "properties": object{property: object{"const": w.Value}}}, "then": t.reference(w.Target)})
	}
	if complete && len(values) > 0 {
		t.and(out, object{"if": object{"required": []any{property}}, "then": object{"properties": object{property: object{"enum": values}}}})
	}
}

func (t *translator) required(n, value document.Node) []any {
	var names []any
	for _, item := range value.Items() {
		name := item.Text()
		if p := n.Get("properties").Get(name); (!p.Valid() || !t.hidden(p)) && !slices.Contains(names, any(name)) {
			names = append(names, name)
		}
	}
	return names
}

// hidden tells whether a property is left out in the direction.
func (t *translator) hidden(p document.Node) bool { return isHidden(t.view, t.dir, p) }

func isHidden(v *openapi.View, dir contracts.Direction, nodes ...document.Node) bool {
	s := v.Decode(v.Schema(nodes...))
	if dir == contracts.Request {
		return s.ReadOnly
	}
	return s.WriteOnly
}
