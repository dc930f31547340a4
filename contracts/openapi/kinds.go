package openapi

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
)

// kinds checks that the keywords of schemas have values of the right kind: a list where an
// object is expected says nothing to the comparison, which would be silent about it.
type kinds struct {
	c        *Contract
	followed map[followed]bool
	err      error
}

// followed is the target of a $ref, as a schema or as something else.
type followed struct {
	target   document.Node
	isSchema bool
}

func (l *loader) checkKinds() error {
	k := &kinds{c: l.c, followed: map[followed]bool{}}
	k.object(l.c.Root(), false)
	return k.err
}

// follow gives the target of a $ref, once. What the contract's own components hold is checked
// without it.
func (k *kinds) follow(n document.Node, isSchema bool, components string) (document.Node, bool) {
	target, ok := k.c.Follow(n)
	at := followed{target, isSchema}
	if !ok || !target.Valid() || k.followed[at] || n.Doc() == k.c.root && strings.HasPrefix(n.Get("$ref").Text(), components) {
		return document.Node{}, false
	}
	k.followed[at] = true
	return target, true
}

// cursor goes over the members of an object, or the items of an array. A large contract has so
// many objects that the closures of an iterator would count.
type cursor struct {
	doc     *document.Doc
	at, end int
	keys    bool
}

func cursorOver(n document.Node) cursor {
	kind := n.Kind()
	if kind != document.Object && kind != document.Array {
		return cursor{}
	}
	return cursor{doc: n.Doc(), at: n.Index() + 1, end: n.End(), keys: kind == document.Object}
}

// next gives the next member or item; items have no name.
func (c *cursor) next() (name string, value document.Node, ok bool) {
	if c.at >= c.end {
		return "", document.Node{}, false
	}
	if c.keys {
		key := c.doc.At(c.at)
		name, c.at = key.Text(), key.End()
	}
	value = c.doc.At(c.at)
	c.at = value.End()
	return name, value, true
}

// named are the members of OpenAPI objects that hold values by name.
var named = map[string]bool{"parameters": true, "responses": true, "requestBodies": true, "headers": true, "securitySchemes": true,
	"callbacks": true, "pathItems": true, "mediaTypes": true, "paths": true, "webhooks": true, "content": true, "encoding": true, "schemas": true}

// object looks for schemas below something that is no schema. names tells that its members
// have names of the user.
func (k *kinds) object(n document.Node, names bool) {
	if k.err != nil {
		return
	}
	if target, ok := k.follow(n, false, "#/components/"); ok {
		k.object(target, names)
	}
	inComponents := n.KeyNode().Text() == "components"
	c := cursorOver(n)
	for name, value, ok := c.next(); ok; name, value, ok = c.next() {
		kind := value.Kind()
		if kind != document.Object && kind != document.Array {
			continue
		}
		switch {
		case names, !c.keys:
			k.object(value, false)
		case name == "schema", name == "itemSchema":
			k.schema(value)
		case name == "schemas" && inComponents && kind == document.Object:
			k.schemas(value)
		case name == "example", name == "examples", name == "variables", name == "links", strings.HasPrefix(name, "x-"):
		default:
			k.object(value, named[name])
		}
	}
}

func (k *kinds) wrong(n document.Node, expected string) {
	if k.err == nil {
		k.err = &contracts.Problem{Position: PositionOf(n), Path: strings.Join(n.Path(), "."), Message: fmt.Sprintf("expected %s, found %s", expected, n.Kind())}
	}
}

// gap notes what some real contracts write and what has no meaning in OpenAPI.
func (k *kinds) gap(n document.Node, what string) {
	k.c.gaps = append(k.c.gaps, Gap{Node: n, What: what, Local: true})
}

// is tells whether a value has one of the kinds. A value that is missing in YAML is null.
func is(n document.Node, allowed ...document.Kind) bool {
	kind := n.Kind()
	for _, a := range allowed {
		if kind == a {
			return true
		}
	}
	return kind == document.Null
}

func (k *kinds) schema(n document.Node) {
	if k.err != nil {
		return
	}
	if n.Kind() != document.Object {
		if !is(n, document.Bool) {
			k.wrong(n, "a schema")
		}
		return
	}
	c := cursorOver(n)
	for name, value, ok := c.next(); ok; name, value, ok = c.next() {
		k.keyword(n, name, value)
	}
}

// schemas checks each schema of a list, or of an object.
func (k *kinds) schemas(n document.Node) {
	c := cursorOver(n)
	for _, child, ok := c.next(); ok; _, child, ok = c.next() {
		k.schema(child)
	}
}

func (k *kinds) keyword(schema document.Node, name string, value document.Node) {
	switch name {
	case "$ref", "$dynamicRef":
		k.reference(schema, value)
	case "properties", "patternProperties", "dependentSchemas", "$defs":
		if !is(value, document.Object) {
			k.wrong(value, "an object with schemas")
		}
		c := cursorOver(value)
		for key, child, ok := c.next(); ok; key, child, ok = c.next() {
			if key == "$ref" && child.Kind() == document.String { // some tools put the members there
				k.gap(child, "a $ref in place of the members of "+name)
				continue
			}
			k.schema(child)
		}
	case "allOf", "oneOf", "anyOf", "prefixItems":
		if !is(value, document.Array) {
			k.wrong(value, "a list of schemas")
		}
		k.schemas(value)
	case "items":
		if value.Kind() == document.Array { // the form of earlier drafts
			k.schemas(value)
			return
		}
		k.schema(value)
	case "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems", "unevaluatedProperties", "additionalItems", "contentSchema":
		k.schema(value)
	case "required":
		if value.Kind() == document.Bool { // JSON Schema draft 3
			k.gap(value, "required as a boolean in a schema")
		} else if !is(value, document.Array) {
			k.wrong(value, "a list of names")
		}
	case "enum":
		if !is(value, document.Array) {
			k.wrong(value, "a list")
		}
	case "type":
		if !is(value, document.String, document.Array) {
			k.wrong(value, "the name of a type")
		}
	case "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties", "multipleOf", "minContains", "maxContains":
		if !is(value, document.Number) {
			k.wrong(value, "a number")
		}
	case "exclusiveMinimum", "exclusiveMaximum":
		if !is(value, document.Number, document.Bool) {
			k.wrong(value, "a number or a boolean")
		}
	case "pattern", "format":
		if !is(value, document.String) {
			k.wrong(value, "a string")
		}
	case "nullable", "readOnly", "writeOnly", "deprecated", "uniqueItems":
		if !is(value, document.Bool) {
			k.wrong(value, "a boolean")
		}
	case "discriminator":
		if !is(value, document.Object, document.String) {
			k.wrong(value, "an object")
		}
		for _, entry := range value.Get("mapping").Members() {
			k.c.mappings = append(k.c.mappings, entry)
		}
		if other := value.Get("defaultMapping"); other.Valid() {
			k.c.mappings = append(k.c.mappings, other)
		}
	case "dependentRequired", "dependencies":
		if !is(value, document.Object) {
			k.wrong(value, "an object")
		}
	}
}

// reference checks the target of a schema's $ref.
func (k *kinds) reference(schema, ref document.Node) {
	if !is(ref, document.String) {
		k.wrong(ref, "a string")
		return
	}
	if target, ok := k.follow(schema, true, "#/components/schemas/"); ok {
		k.schema(target)
	}
}

// Gap is a construct whose meaning is not known, so that what it applies to cannot be
// compared.
type Gap struct {
	Node document.Node
	What string
	// Local tells that it applies to what reaches Node only, and not to the whole contract.
	Local bool
}

// Gaps are the constructs that are not compared.
func (c *Contract) Gaps() []Gap { return c.gaps }

// Reaching finds what reaches one of some places: by its text, by $refs, and by discriminators.
func (c *Contract) Reaching(places []document.Node) func(document.Node) bool {
	r := &reaching{c: c, places: slices.Clone(places), users: map[document.Node][]document.Node{}, reached: map[document.Node]bool{}}
	for _, t := range c.targets {
		r.all = append(r.all, t.nodes...)
	}
	for base, branches := range subtypes(c) {
		for _, br := range branches {
			r.all = append(r.all, br.Node)
			r.users[br.Node] = append(r.users[br.Node], base)
		}
	}
	for _, n := range r.all {
		for target := range r.targets(n) {
			r.users[target] = append(r.users[target], n)
		}
	}
	for more := true; more; {
		r.climb()
		more = false
		for _, entry := range c.mappings {
			if !slices.Contains(r.places, entry) && r.from(c.mapped(entry)) {
				r.places = append(r.places, entry)
				more = true
			}
		}
	}
	return r.from
}

type reaching struct {
	c       *Contract
	places  []document.Node
	all     []document.Node                   // what $refs and discriminators lead to
	users   map[document.Node][]document.Node // by such a node, those that lead to it
	reached map[document.Node]bool            // those that reach a place
}

// targets gives what the $refs below a node lead to.
func (r *reaching) targets(n document.Node) map[document.Node]bool {
	found := map[document.Node]bool{}
	t := r.c.targets[n.Doc()]
	for k, to := n.RefsIn(); k < to; k++ {
		if id := t.of[k]; id >= 0 {
			found[t.nodes[id]] = true
		}
	}
	return found
}

// climb finds the nodes that reach a place.
func (r *reaching) climb() {
	var queue []document.Node
	add := func(n document.Node) {
		if !r.reached[n] {
			r.reached[n] = true
			queue = append(queue, n)
		}
	}
	for _, n := range r.all {
		if r.holds(n) {
			add(n)
		}
	}
	for ; len(queue) > 0; queue = queue[1:] {
		for _, user := range r.users[queue[0]] {
			add(user)
		}
	}
}

// holds tells whether a place stands in the text of a node.
func (r *reaching) holds(n document.Node) bool {
	return slices.ContainsFunc(r.places, func(place document.Node) bool {
		return place.Doc() == n.Doc() && n.Index() <= place.Index() && place.Index() < n.End()
	})
}

func (r *reaching) from(n document.Node) bool {
	if !n.Valid() {
		return false
	}
	if r.holds(n) {
		return true
	}
	for target := range r.targets(n) {
		if r.reached[target] {
			return true
		}
	}
	return false
}

// mapped gives the shared schema that an entry of a mapping names, if it is known.
func (c *Contract) mapped(entry document.Node) document.Node {
	text := entry.Text()
	if name := RefName(text); text == name || strings.HasPrefix(text, "#/components/schemas/") {
		return entry.Doc().Root().Get("components").Get("schemas").Get(name)
	}
	return document.Node{}
}
