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
		if ok && !w.Refused && n.Unreadable == w.Unreadable && q.p.sameNodes(q.narrow, n.Nodes, q.wide, w.Nodes) || q.p.Hidden(q.wide.View, w.Nodes) {
			continue // most often nothing changed, and nothing has to be decoded
		}
		if ok {
			q.property(n.Nodes, n.Refused, w, place(w.Name))
		} else if schemas, refused := q.narrow.View.Undeclared(q.n, w.Name); refused || len(schemas) > 0 {
			before := len(q.gaps)
			q.property(schemas, refused, w, q.undeclared(!q.p.Reader, w.Name))
			for i := range q.gaps[before:] {
				q.gaps[before+i].Described = true
			}
		} else if !q.wideTrivial(w.Nodes) || w.Refused {
			q.gap("properties", place(w.Name), w.Nodes[0])
			q.gaps[len(q.gaps)-1].Described = q.describes(w.Name)
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
			q.gap("additionalProperties", place(n.Name), q.w.ExtraNode)
		} else if len(schemas) > 0 && !q.below(q.narrow.of(n.Nodes...), q.wide.of(schemas...), q.undeclared(q.p.Reader, n.Name)) {
			q.gap("additionalProperties", place(n.Name), schemas[0])
		}
		if q.done() {
			return
		}
	}
	q.required()
	q.others()
}

// undeclared names the place of a property: that of all map values where the base, whose
// names consumers use, does not declare it.
func (q *question) undeclared(inBase bool, name string) string {
	if inBase {
		return "{}"
	}
	return place(name)
}

// place names the place of a property, which may be called "{}".
func place(name string) string { return "." + name }

// property asks whether what the narrower side sends as a property is what the wider one
// allows.
func (q *question) property(nodes []document.Node, refused bool, w *openapi.Property, at string) {
	switch {
	case refused || q.p.Hidden(q.narrow.View, nodes):
	case w.Unreadable != "" && !q.sameUnreadable(w):
		q.gap("patternProperties", place(w.Name), w.Nodes[0])
	case w.Refused && !q.p.Reader:
		q.gap("properties", place(w.Name), w.Nodes[0])
	case !q.below(q.narrow.of(nodes...), q.wide.of(w.Nodes...), at):
		q.gap("properties", place(w.Name), w.Nodes[0])
	}
}

// sameUnreadable tells whether the same patterns that cannot be read stand beside a
// property on both sides.
func (q *question) sameUnreadable(w *openapi.Property) bool {
	n, ok := q.n.Property(w.Name)
	return ok && n.Unreadable == w.Unreadable
}

// describes tells whether the narrower side speaks of a name in any branch.
func (q *question) describes(name string) bool {
	if q.names == nil {
		names := namesOf(q.narrow.View, q.narrow.Schema.Nodes, document.Node{})
		q.names = &names
	}
	return q.names.has[name]
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
		q.gap("required", place(name), node)
	}
}

// others asks for the names that neither side declares: those that match a pattern, and the
// rest.
func (q *question) others() {
	for i := range q.w.Mapped {
		w := &q.w.Mapped[i]
		if q.wideTrivial(w.Nodes) {
			continue
		}
		if n := mapped(q.n, w.Name); n != nil && q.below(q.narrow.of(n.Nodes...), q.wide.of(w.Nodes...), "{}") {
			continue
		}
		if !q.coversUndeclared(nil, w.Nodes) {
			q.gap("patternProperties", "{}", w.Nodes[0])
		}
	}
	for _, part := range q.wide.View.Parts(q.wide.Schema) {
		extra := part.Node.Get("additionalProperties")
		patterns := part.Node.Get("patternProperties")
		switch {
		case !extra.Valid(), q.wide.View.Unconstrained(extra), extra.False() && q.p.Reader:
		case extra.False() && !q.refusesUndeclared(patterns), !extra.False() && !q.coversUndeclared(&patterns, []document.Node{extra}):
			q.gap("additionalProperties", "{}", extra)
		}
		if q.done() {
			return
		}
	}
}

// coversUndeclared tells whether all values of undeclared names are what the wider side
// allows. Names that match the given patterns are not asked for.
func (q *question) coversUndeclared(except *document.Node, wide []document.Node) bool {
	for i := range q.n.Mapped {
		n := &q.n.Mapped[i]
		if except != nil && except.Get(n.Name).Valid() {
			continue
		}
		if !q.below(q.narrow.of(n.Nodes...), q.wide.of(wide...), "{}") {
			return false
		}
	}
	return q.n.Closed.Valid() || len(q.n.Extra) > 0 && q.below(q.narrow.of(q.n.Extra...), q.wide.of(wide...), "{}")
}

// refusesUndeclared tells whether the narrower side has no undeclared names but those that
// match the given patterns.
func (q *question) refusesUndeclared(except document.Node) bool {
	for i := range q.n.Mapped {
		if !except.Get(q.n.Mapped[i].Name).Valid() {
			return false
		}
	}
	return q.n.Closed.Valid()
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
		q.items(placeAt(q.n, i), placeAt(q.w, i), q.noMore(q.n, i), q.noMore(q.w, i), "prefixItems")
		if q.done() {
			return
		}
	}
	q.items(q.n.Items, q.w.Items, q.noMore(q.n, count), q.noMore(q.w, count), "items")
}

// noMore tells whether a schema allows no item at a place.
func (q *question) noMore(s *openapi.Schema, i int) bool {
	most, ok := s.Limit("maxItems")
	return s.NoMore.Valid() && i >= len(s.Prefix) || ok && most.Value <= float64(i) && s == q.n
}

func (q *question) items(n, w []document.Node, noneNarrow, noneWide bool, keyword string) {
	switch {
	case noneNarrow:
	case noneWide:
		q.gap(keyword, "[]", q.w.NoMore)
	case len(w) == 0 || q.wideTrivial(w):
	case len(n) == 0 || !q.below(q.narrow.of(n...), q.wide.of(w...), "[]"):
		q.gap(keyword, "[]", w[0])
	}
}

func placeAt(s *openapi.Schema, i int) []document.Node {
	if i < len(s.Prefix) {
		return s.Prefix[i]
	}
	return s.Items
}
