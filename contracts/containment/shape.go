package containment

import (
	"slices"

	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// objects asks for properties: first those that either side declares, by their effective
// schemas, then what holds for all other names.
func (q *question) objects() {
	for i := range q.w.Properties {
		w := &q.w.Properties[i]
		n, ok := q.n.Property(w.Name)
		if ok && !w.Refused && q.p.sameNodes(q.narrow, n.Nodes, q.wide, w.Nodes) || q.p.Hidden(q.wide.View, w.Nodes) {
			continue // most often nothing changed, and nothing has to be decoded
		}
		if ok {
			q.property(n.Nodes, n.Refused, w)
		} else if schemas, refused := q.narrow.View.Undeclared(q.n, w.Name); refused || len(schemas) > 0 {
			q.property(schemas, refused, w)
		} else if !q.wideTrivial(w.Nodes) || w.Refused {
			q.gap("properties", w.Name, w.Nodes[0])
		}
		if q.done() {
			return
		}
	}
	for i := range q.n.Properties {
		n := &q.n.Properties[i]
		if _, ok := q.w.Property(n.Name); ok || n.Refused || q.p.Hidden(q.narrow.View, n.Nodes) {
			continue
		}
		schemas, refused := q.wide.View.Undeclared(q.w, n.Name)
		if refused && !q.p.Reader {
			q.gap("additionalProperties", n.Name, q.w.ExtraNode)
		} else if len(schemas) > 0 && !q.below(q.narrow.of(n.Nodes...), q.wide.of(schemas...)) {
			q.gap("additionalProperties", n.Name, schemas[0])
		}
		if q.done() {
			return
		}
	}
	q.required()
	q.others()
}

// property asks whether what the narrower side sends as a property is what the wider one
// allows.
func (q *question) property(nodes []document.Node, refused bool, w *openapi.Property) {
	switch {
	case refused || q.p.Hidden(q.narrow.View, nodes):
	case w.Refused && !q.p.Reader:
		q.gap("properties", w.Name, w.Nodes[0])
	case !q.below(q.narrow.of(nodes...), q.wide.of(w.Nodes...)):
		q.gap("properties", w.Name, w.Nodes[0])
	}
}

func (q *question) wideTrivial(nodes []document.Node) bool {
	return !slices.ContainsFunc(nodes, func(n document.Node) bool { return !q.wide.View.Unconstrained(n) })
}

func (q *question) required() {
	for name, node := range q.w.Required {
		if q.n.Required[name].Valid() {
			continue
		}
		if w, ok := q.w.Property(name); ok && q.p.Hidden(q.wide.View, w.Nodes) {
			continue
		}
		q.gap("required", name, node)
	}
}

// others asks for the names that neither side declares.
func (q *question) others() {
	closed := q.n.Closed.Valid() && len(q.n.Mapped) == 0
	if closed {
		return
	}
	for i := range q.w.Mapped {
		w := &q.w.Mapped[i]
		if n := mapped(q.n, w.Name); !q.wideTrivial(w.Nodes) && !q.others1(n, w.Nodes) {
			q.gap("patternProperties", "{}", w.Nodes[0])
		}
	}
	switch {
	case q.w.Closed.Valid() && !q.p.Reader:
		if !q.n.Closed.Valid() {
			q.gap("additionalProperties", "{}", q.w.Closed)
			return
		}
		for i := range q.n.Mapped {
			if mapped(q.w, q.n.Mapped[i].Name) == nil {
				q.gap("additionalProperties", "{}", q.w.Closed)
			}
		}
	case len(q.w.Extra) > 0 && !q.n.Closed.Valid():
		if !q.others1(nil, q.w.Extra) {
			q.gap("additionalProperties", "{}", q.w.Extra[0])
		}
	}
	if len(q.w.Extra) > 0 { // names that a pattern of the narrower side matches, and none of the wider
		for i := range q.n.Mapped {
			n := &q.n.Mapped[i]
			if mapped(q.w, n.Name) == nil && !q.below(q.narrow.of(n.Nodes...), q.wide.of(q.w.Extra...)) {
				q.gap("additionalProperties", "{}", q.w.Extra[0])
			}
		}
	}
}

// others1 asks whether values of undeclared names, restricted by one pattern or by what
// holds for all, are what the wider side allows.
func (q *question) others1(n *openapi.Property, wide []document.Node) bool {
	if n != nil && q.below(q.narrow.of(n.Nodes...), q.wide.of(wide...)) {
		return true
	}
	// a name may match a pattern of its own part, which takes it out of additionalProperties
	return len(q.n.Extra) > 0 && len(q.n.Mapped) == 0 && q.below(q.narrow.of(q.n.Extra...), q.wide.of(wide...))
}

func mapped(s *openapi.Schema, pattern string) *openapi.Property {
	for i := range s.Mapped {
		if s.Mapped[i].Name == pattern {
			return &s.Mapped[i]
		}
	}
	return nil
}

// arrays asks for the places of a tuple and for the items behind them.
func (q *question) arrays() {
	count := max(len(q.n.Prefix), len(q.w.Prefix))
	for i := range count {
		q.place(placeAt(q.n, i), placeAt(q.w, i), q.noMore(q.n, i), q.noMore(q.w, i), "prefixItems")
		if q.done() {
			return
		}
	}
	q.place(q.n.Items, q.w.Items, q.noMore(q.n, count), q.noMore(q.w, count), "items")
}

// noMore tells whether a schema allows no item at a place.
func (q *question) noMore(s *openapi.Schema, i int) bool {
	most, ok := s.Limit("maxItems")
	return s.NoMore.Valid() && i >= len(s.Prefix) || ok && most.Value <= float64(i) && s == q.n
}

func (q *question) place(n, w []document.Node, noneNarrow, noneWide bool, keyword string) {
	switch {
	case noneNarrow:
	case noneWide:
		q.gap(keyword, "", q.w.NoMore)
	case len(w) == 0 || q.wideTrivial(w):
	case len(n) == 0 || !q.below(q.narrow.of(n...), q.wide.of(w...)):
		q.gap(keyword, "", w[0])
	}
}

func placeAt(s *openapi.Schema, i int) []document.Node {
	if i < len(s.Prefix) {
		return s.Prefix[i]
	}
	return s.Items
}
