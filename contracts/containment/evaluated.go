package containment

import (
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// unevaluatedProperties depends on all that stands beside it. It is proved where the
// narrower schema has the same one and every name that it may evaluate, in whatever
// branch, is evaluated by the wider schema in any case.
func (q *question) unevaluatedProperties(part openapi.Part, value document.Node) bool {
	if value.True() || value.Kind() == document.Object && value.Len() == 0 {
		return true
	}
	if !part.Node.Get("$ref").Valid() && q.beside(part, "properties", "patternProperties", "additionalProperties", "unevaluatedProperties",
		"allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas") {
		return true
	}
	closed := len(q.n.Mapped) == 0 && q.n.Closed.Valid()
	if !closed && !q.repeated(part, "unevaluatedProperties", value) {
		return false
	}
	e := namesOf(q.narrow.View, q.narrow.Schema.Nodes, document.Node{})
	if e.more && !closed {
		return false
	}
	always := map[string]bool{}
	alwaysEvaluated(q.wide.View, part.Node, always, map[document.Node]bool{})
	for name := range e.has {
		if !always[name] {
			return false
		}
	}
	return true
}

// alwaysEvaluated collects the names that a schema object evaluates whatever the value is,
// as far as its own unevaluatedProperties knows of them.
func alwaysEvaluated(v *openapi.View, n document.Node, names map[string]bool, seen map[document.Node]bool) {
	if n = v.Canonical(n); seen[n] {
		return
	}
	seen[n] = true
	for name := range n.Get("properties").Members() {
		names[name] = true
	}
	if target, ok := v.Contract.Follow(n); ok && target.Valid() {
		alwaysEvaluated(v, target, names, seen)
	}
	for _, branch := range n.Get("allOf").Items() {
		alwaysEvaluated(v, branch, names, seen)
	}
}

// evaluated holds the names that a schema speaks of in place, in whatever branch.
type evaluated struct {
	v    *openapi.View
	skip document.Node // a union that is left out
	seen map[document.Node]bool
	has  map[string]bool
	more bool // others as well
}

func namesOf(v *openapi.View, nodes []document.Node, skip document.Node) evaluated {
	e := evaluated{v: v, skip: skip, seen: map[document.Node]bool{}, has: map[string]bool{}}
	for _, n := range nodes {
		e.add(n)
	}
	return e
}

func (e *evaluated) add(n document.Node) {
	n = e.v.Canonical(n)
	if e.seen[n] {
		return
	}
	e.seen[n] = true
	for keyword, value := range n.Members() {
		switch keyword {
		case "properties":
			for name := range value.Members() {
				e.has[name] = true
			}
		case "required":
			for _, name := range value.Items() {
				e.has[name.Text()] = true
			}
		case "dependentRequired":
			for _, names := range value.Members() {
				for _, name := range names.Items() {
					e.has[name.Text()] = true
				}
			}
		case "patternProperties", "$dynamicRef":
			e.more = true
		case "additionalProperties":
			e.more = e.more || !value.False()
		case "$ref":
			if target, ok := e.v.Contract.Follow(n); ok {
				e.add(target)
			}
		case "allOf", "anyOf", "oneOf":
			if value == e.skip {
				continue
			}
			for _, branch := range value.Items() {
				e.add(branch)
			}
		case "if", "then", "else", "not":
			e.add(value)
		case "dependentSchemas", "dependencies":
			for _, schema := range value.Members() {
				e.add(schema)
			}
		}
	}
}

// unevaluatedItems is proved where the narrower schema is one part that says the same of
// its items, and nothing that could evaluate more of them.
func (q *question) unevaluatedItems(part openapi.Part, value document.Node) bool {
	if value.True() || value.Kind() == document.Object && value.Len() == 0 {
		return true
	}
	parts := q.narrow.View.Parts(q.narrow.Schema)
	if len(parts) != 1 || len(parts[0].Unions) > 0 {
		return false
	}
	for _, keyword := range []string{"if", "dependentSchemas", "not"} {
		if parts[0].Node.Get(keyword).Valid() {
			return false
		}
	}
	return q.beside(part, "prefixItems", "items", "contains", "minContains", "maxContains", "unevaluatedItems")
}
