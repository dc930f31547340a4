package diff

import (
	"slices"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// schemaWork is the comparison of one pair of schemas in one direction.
type schemaWork struct {
	c    *comparer
	id   int32
	dir  contracts.Direction
	b, h *openapi.Schema
	// nullWaits is set where a branch makes a union admit null in one version alone;
	// nullSaid once that branch is found and has said so.
	nullWaits, nullSaid bool
	// twins are the branches of unions that are compared with each other, resolved.
	twins map[document.Node]document.Node
	// byPlace are the reported changes by the place that they are about.
	byPlace map[string][]reportedChange
	// leads are the pairs below this one.
	leads map[lead]bool
}

// compareSchemas compares two schemas, each with its allOf merged.
func (c *comparer) compareSchemas(id int32) {
	p := c.pairs[id]
	w := schemaWork{c: c, id: id, dir: p.dir, b: c.base.Decode(p.bs), h: c.head.Decode(p.hs)}
	c.reported = c.reported[:0]
	if !w.types() {
		return
	}
	if w.unions() {
		w.proveRest(true)
		return
	}
	w.enums()
	w.boundsAndPatterns()
	w.defaults()
	w.object()
	w.array()
	w.opaque()
	w.deprecated()
	w.proveRest(false)
}

// rule gives the name of the rule for this side.
func (w *schemaWork) rule(suffix string) string { return string(w.dir) + "-" + suffix }

// pick takes the request's or the response's word.
func (w *schemaWork) pick(request, response string) string {
	if w.dir == contracts.Request {
		return w.rule(request)
	}
	return w.rule(response)
}

// edge names the edge whose value the schema describes, by the keyword that
// changed where the base has it.
func (w *schemaWork) edge(keyword document.Node) func() contracts.Edge {
	return func() contracts.Edge {
		if w.c.base.ComponentName(w.b.First()) != "" && w.c.head.ComponentName(w.h.First()) == "" {
			return w.c.head.SchemaEdge(w.h.First()) // the shared schema is as it was: this use of it changed
		}
		if keyword.Valid() && keyword.Doc() != nil {
			if line := keyword.Ancestors(); len(line) > 0 {
				return w.c.base.SchemaEdge(line[len(line)-1])
			}
		}
		return w.c.base.SchemaEdge(w.b.First())
	}
}

// report reports a change of the schema as a value.
func (w *schemaWork) report(rule string, b, h document.Node, from, to string, more ...func(*change)) {
	ch := change{rule: rule, edge: w.edge(b), b: b, h: h, from: from, to: to, hasFrom: from != "", hasTo: to != ""}
	if !b.Valid() {
		if ch.b = w.c.facing(h, w.h.First(), w.c.base, w.b.First()); ch.b != w.b.First() {
			part := ch.b // a part that several schemas share: one edge, however many use it
			ch.edge = func() contracts.Edge { return w.c.base.SchemaEdge(part) }
		}
	}
	if !h.Valid() {
		ch.h = w.c.facing(b, w.b.First(), w.c.head, w.h.First())
	}
	for _, m := range more {
		m(&ch)
	}
	w.c.report(w.id, ch)
}

// facing finds in the other version the part of a schema in which a keyword
// stands; what is said in the schema itself faces the other schema itself.
func (c *comparer) facing(keyword, schema document.Node, other *openapi.View, otherSchema document.Node) document.Node {
	if !keyword.Valid() || within(keyword, schema) {
		return otherSchema
	}
	line := keyword.Ancestors()
	if len(line) == 0 {
		return otherSchema
	}
	want := line[len(line)-1]
	if part := c.partLike(other, otherSchema, want, map[document.Node]bool{}); part.Valid() {
		return part
	}
	return otherSchema
}

// partLike looks among a schema's $refs and branches for the part that stands in the
// same file at the same place as a node of the other version.
func (c *comparer) partLike(v *openapi.View, n, want document.Node, seen map[document.Node]bool) document.Node {
	if c.dirty.SameFile(n, want) && slices.Equal(n.Path(), want.Path()) {
		return n
	}
	if seen[n] {
		return document.Node{}
	}
	seen[n] = true
	if target, ok := v.Contract.Follow(n); ok && target.Valid() {
		if part := c.partLike(v, target, want, seen); part.Valid() {
			return part
		}
	}
	for _, keyword := range []string{"allOf", "oneOf", "anyOf"} { // one branch beside null is a part as well
		for _, branch := range n.Get(keyword).Items() {
			if part := c.partLike(v, branch, want, seen); part.Valid() {
				return part
			}
		}
	}
	return document.Node{}
}

func atLevel(l contracts.Level) func(*change) { return func(ch *change) { ch.level = l } }

// opaque compares the keywords whose effect is not worked out.
func (w *schemaWork) opaque() {
	for keyword := range openapi.OpaqueKeywords {
		b, h := w.b.Opaque[keyword], w.h.Opaque[keyword]
		if len(b) == 0 && len(h) == 0 {
			continue
		}
		same := len(b) == len(h)
		for i := 0; same && i < len(b); i++ {
			same = w.c.sameKeyword(keyword, b[i], h[i])
		}
		if same {
			continue
		}
		from, to := "", ""
		var bn, hn document.Node
		if len(b) > 0 {
			from, bn = keyword, b[0]
		}
		if len(h) > 0 {
			to, hn = keyword, h[0]
		}
		w.report(w.rule("constraint-changed"), bn, hn, from, to, func(ch *change) {
			ch.detail = keyword
			ch.edge = w.edge(document.Node{})
		})
	}
}

func (w *schemaWork) deprecated() {
	if w.h.Deprecated.Valid() && !w.b.Deprecated.Valid() {
		w.report(w.rule("property-deprecated"), document.Node{}, w.h.Deprecated, "", "deprecated")
	}
}
