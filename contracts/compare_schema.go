package contracts

import "plimsoll/contracts/document"

// schemaWork is the comparison of one pair of schemas in one direction.
type schemaWork struct {
	c    *comparer
	id   int32
	dir  Direction
	b, h *schema
}

// compareSchemas compares two schemas, each with its allOf merged.
func (c *comparer) compareSchemas(id int32) {
	p := c.pairs[id]
	w := schemaWork{c: c, id: id, dir: p.dir, b: c.base.decoded(p.bs), h: c.head.decoded(p.hs)}
	if !w.types() {
		return
	}
	if w.unions() {
		return
	}
	w.enums()
	w.boundsAndPatterns()
	w.defaults()
	w.object()
	w.array()
	w.opaque()
	w.deprecated()
}

// rule gives the name of the rule for this side.
func (w *schemaWork) rule(suffix string) string { return string(w.dir) + "-" + suffix }

// pick takes the request's or the response's word.
func (w *schemaWork) pick(request, response string) string {
	if w.dir == Request {
		return w.rule(request)
	}
	return w.rule(response)
}

// or gives the first node that exists.
func or(nodes ...document.Node) document.Node {
	for _, n := range nodes {
		if n.Valid() {
			return n
		}
	}
	return document.Node{}
}

// edge names the edge whose value the schema describes, by the keyword that
// changed where the base has it.
func (w *schemaWork) edge(keyword document.Node) func() Edge {
	return func() Edge {
		if w.c.base.componentName(w.b.first()) != "" && w.c.head.componentName(w.h.first()) == "" {
			return w.c.head.schemaEdge(w.h.first()) // the shared schema is as it was: this use of it changed
		}
		if keyword.Valid() && keyword.Doc() != nil {
			if line := keyword.Ancestors(); len(line) > 0 {
				return w.c.base.schemaEdge(line[len(line)-1])
			}
		}
		return w.c.base.schemaEdge(w.b.first())
	}
}

// report reports a change of the schema as a value.
func (w *schemaWork) report(rule string, b, h document.Node, from, to string, more ...func(*change)) {
	ch := change{rule: rule, edge: w.edge(b), b: or(b, w.b.first()), h: or(h, w.h.first()),
		from: from, to: to, hasFrom: from != "", hasTo: to != ""}
	for _, m := range more {
		m(&ch)
	}
	w.c.report(w.id, ch)
}

func atLevel(l Level) func(*change) { return func(ch *change) { ch.level = l } }

// opaque compares the keywords whose effect is not worked out.
func (w *schemaWork) opaque() {
	for keyword := range opaqueKeywords {
		b, h := w.b.opaque[keyword], w.h.opaque[keyword]
		if len(b) == 0 && len(h) == 0 {
			continue
		}
		same := len(b) == len(h)
		for i := 0; same && i < len(b); i++ {
			same = w.c.sameMeaning(b[i], h[i])
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
	if w.h.deprecated.Valid() && !w.b.deprecated.Valid() {
		w.report(w.rule("property-deprecated"), document.Node{}, w.h.deprecated, "", "deprecated")
	}
}
