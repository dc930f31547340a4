package contracts

import (
	"strconv"

	"plimsoll/contracts/document"
)

// object compares properties, required and what no property names.
func (w *schemaWork) object() {
	for i := range w.b.props {
		b := &w.b.props[i]
		if h, ok := w.h.property(b.name); ok {
			w.property(b, h)
		} else if w.visible(w.c.base, b.nodes) {
			w.removed(b, document.Node{}, "")
		}
	}
	for i := range w.h.props {
		h := &w.h.props[i]
		if _, ok := w.b.property(h.name); !ok && w.visible(w.c.head, h.nodes) {
			w.added(h, document.Node{})
			if len(w.b.extra) > 0 { // until now the name was a key of the map
				w.c.link(w.id, w.c.schemaPair(w.b.extra, h.nodes, w.dir), step{kind: stepMap}, false)
			}
		}
	}
	w.requiredAlone()
	w.additional()
	w.mapped()
}

// visible tells whether a property takes part in this direction: readOnly takes
// it out of requests, writeOnly out of responses.
func (w *schemaWork) visible(v *view, nodes []document.Node) bool {
	s := v.decoded(v.schema(nodes...))
	if w.dir == Request {
		return !s.readOnly
	}
	return !s.writeOnly
}

// property compares a property that both versions have.
func (w *schemaWork) property(b, h *property) {
	wasRequired, isRequired := w.b.required[b.name], w.h.required[h.name]
	if w.dir == Request && w.h.shuts(h.name) && !w.b.shuts(b.name) && w.visible(w.c.base, b.nodes) {
		w.removed(b, h.key, "refused by a closed branch of allOf")
		return
	}
	same := w.c.dirty.sameAll(b.nodes, h.nodes)
	if same && wasRequired.Valid() == isRequired.Valid() {
		return
	}
	was, is := w.visible(w.c.base, b.nodes), w.visible(w.c.head, h.nodes)
	switch {
	case !was && !is:
		return
	case was && !is:
		w.removed(b, h.key, map[Direction]string{Request: "readOnly", Response: "writeOnly"}[w.dir])
		return
	case !was && is:
		w.added(h, b.key)
		return
	}
	if wasRequired.Valid() != isRequired.Valid() {
		rule, from, to := "property-became-required", "optional", "required"
		if wasRequired.Valid() {
			rule, from, to = "property-became-optional", "required", "optional"
		}
		w.c.report(w.id, change{rule: w.rule(rule), edge: w.propertyEdge(w.c.base, b), b: b.key, h: h.key,
			from: from, to: to, hasFrom: true, hasTo: true, step: step{kind: stepProperty, name: b.name}})
	}
	if !same {
		to := w.c.schemaPair(b.nodes, h.nodes, w.dir)
		w.c.link(w.id, to, step{kind: stepProperty, name: b.name}, wasRequired.Valid())
		w.c.renamed(w.id, b.nodes, h.nodes)
	}
}

func (w *schemaWork) propertyEdge(v *view, p *property) func() Edge {
	return func() Edge { return Edge{Schema: v.ownerName(p.part), Name: p.name, Kind: KindProperty} }
}

func (w *schemaWork) removed(b *property, now document.Node, to string) {
	ch := change{rule: w.rule("property-removed"), edge: w.propertyEdge(w.c.base, b), b: b.key, h: now,
		from: w.c.base.typeText(b.nodes), hasFrom: true, to: to, hasTo: to != "",
		step: step{kind: stepProperty, name: b.name}}
	if w.dir == Request && (w.h.closed.Valid() || to != "") {
		ch.fact.closed = w.h.closed.Valid()
		if ch.fact.closed {
			ch.level = Breaking
		}
	}
	ch.fact.required = w.b.required[b.name].Valid()
	w.c.report(w.id, ch)
}

func (w *schemaWork) added(h *property, was document.Node) {
	rule := "property-added"
	if w.dir == Request {
		rule = "property-added-optional"
		if w.h.required[h.name].Valid() {
			rule = "property-added-required"
		}
	}
	w.c.report(w.id, change{rule: w.rule(rule), edge: w.propertyEdge(w.c.head, h), b: was, h: h.key,
		to: w.c.head.typeText(h.nodes), hasTo: true, step: step{kind: stepProperty, name: h.name}})
}

// requiredAlone compares names that are required without being described.
func (w *schemaWork) requiredAlone() {
	for name, node := range w.h.required {
		if _, described := w.h.property(name); described || w.b.required[name].Valid() {
			continue
		}
		rule := w.pick("property-added-required", "property-became-required")
		if _, known := w.b.property(name); known {
			continue // its removal is reported, and it can't be sent as it was
		}
		w.bare(rule, name, document.Node{}, node)
	}
	for name, node := range w.b.required {
		if _, described := w.b.property(name); described || w.h.required[name].Valid() {
			continue
		}
		if h, known := w.h.property(name); known && !w.visible(w.c.head, h.nodes) {
			continue
		}
		w.bare(w.rule("property-became-optional"), name, node, document.Node{})
	}
}

func (w *schemaWork) bare(rule, name string, b, h document.Node) {
	edge := func() Edge {
		n, v := b, w.c.base
		if !n.Valid() {
			n, v = h, w.c.head
		}
		line := n.Ancestors()
		if len(line) < 2 {
			return Edge{Name: name, Kind: KindProperty}
		}
		return Edge{Schema: v.ownerName(line[len(line)-2]), Name: name, Kind: KindProperty}
	}
	w.c.report(w.id, change{rule: rule, edge: edge, b: b, h: h, step: step{kind: stepProperty, name: name}})
}

// additional compares what holds for properties that are not named.
func (w *schemaWork) additional() {
	b, h := w.b, w.h
	if (b.types|h.types)&typeObject == 0 {
		return
	}
	state := func(s *schema) string {
		switch {
		case s.closed.Valid():
			return "closed"
		case len(s.extra) > 0:
			return "schema"
		}
		return "open"
	}
	from, to := state(b), state(h)
	if from == "schema" && to == "schema" {
		w.c.link(w.id, w.c.schemaPair(b.extra, h.extra, w.dir), step{kind: stepMap}, false)
		return
	}
	if from == to {
		return
	}
	rule := map[string]string{
		"open closed": "closed", "schema closed": "closed",
		"closed open": "opened", "closed schema": "opened",
		"open schema": "constrained",
	}[from+" "+to]
	if from+" "+to == "schema open" {
		rule = "opened"
		if w.dir == Response {
			rule = "loosened"
		}
	}
	words := map[string]string{"open": "true", "closed": "false", "schema": "a schema"}
	bn, hn, owner := b.extraNode, h.extraNode, b.first()
	if bn.Valid() {
		if line := bn.Ancestors(); len(line) > 0 {
			owner = line[len(line)-1]
		}
	} else {
		owner = w.c.facing(hn, h.first(), w.c.base, b.first())
		bn = owner
	}
	if !hn.Valid() {
		hn = w.c.facing(b.extraNode, b.first(), w.c.head, h.first())
	}
	w.c.report(w.id, change{rule: w.rule("additional-properties-" + rule), b: bn, h: hn,
		edge: func() Edge { return Edge{Schema: w.c.base.ownerName(owner), Name: "{}", Kind: KindMapValue} },
		from: words[from], to: words[to], hasFrom: true, hasTo: true, step: step{kind: stepMap}})
}

// mapped compares patternProperties, pattern by pattern.
func (w *schemaWork) mapped() {
	find := func(s *schema, pattern string) *property {
		for i := range s.mapped {
			if s.mapped[i].name == pattern {
				return &s.mapped[i]
			}
		}
		return nil
	}
	at := step{kind: stepMap}
	for i := range w.b.mapped {
		b := &w.b.mapped[i]
		if h := find(w.h, b.name); h != nil {
			w.c.link(w.id, w.c.schemaPair(b.nodes, h.nodes, w.dir), at, false)
			continue
		}
		w.c.report(w.id, change{rule: w.rule("property-removed"), b: b.key, step: at, edge: w.mapEdge(w.c.base, b),
			from: w.c.base.typeText(b.nodes), hasFrom: true, fact: fact{closed: w.h.closed.Valid()}})
	}
	for i := range w.h.mapped {
		h := &w.h.mapped[i]
		if find(w.b, h.name) == nil {
			w.c.report(w.id, change{rule: w.pick("additional-properties-constrained", "property-added"), h: h.key, step: at,
				edge: w.mapEdge(w.c.head, h), to: w.c.head.typeText(h.nodes), hasTo: true})
		}
	}
}

func (w *schemaWork) mapEdge(v *view, p *property) func() Edge {
	return func() Edge { return Edge{Schema: v.ownerName(p.part), Name: p.name, Kind: KindMapValue} }
}

// array compares items and the places of a tuple.
func (w *schemaWork) array() {
	b, h := w.b, w.h
	if b.types&h.types&typeArray == 0 {
		return
	}
	at := step{kind: stepItem}
	must := false
	if min, ok := b.limit("minItems"); ok && min.value >= 1 {
		must = true
	}
	switch {
	case len(b.items) > 0 && len(h.items) > 0:
		w.c.link(w.id, w.c.schemaPair(b.items, h.items, w.dir), at, must)
		w.c.renamed(w.id, b.items, h.items)
	case len(b.items) > 0 && w.dir == Response && !h.any() && !h.noMore.Valid():
		w.report(w.rule("constraint-changed"), b.itemsNode, document.Node{}, "items", "", func(ch *change) { ch.step = at })
	case len(h.items) > 0 && w.dir == Request && !b.noMore.Valid():
		w.report(w.rule("constraint-changed"), document.Node{}, h.itemsNode, "", "items", func(ch *change) { ch.step = at })
	}
	w.tuple()
	if b.noMore.Valid() != h.noMore.Valid() {
		bad := (w.dir == Request) == h.noMore.Valid()
		if bad {
			w.report(w.rule("constraint-changed"), b.noMore, h.noMore, "", "", func(ch *change) { ch.step = at })
		}
	}
}

// tuple compares places one by one; behind the last, what "items" says holds.
func (w *schemaWork) tuple() {
	b, h := w.b, w.h
	for i := range max(len(b.prefix), len(h.prefix)) {
		old, now := placeAt(b, i), placeAt(h, i)
		at := step{kind: stepItem, name: strconv.Itoa(i)}
		if len(old) > 0 && len(now) > 0 {
			w.c.link(w.id, w.c.schemaPair(old, now, w.dir), at, false)
			continue
		}
		w.report(w.rule("tuple-changed"), document.FirstValid(firstOf(b.prefix)), document.FirstValid(firstOf(h.prefix)), countText(b.prefix), countText(h.prefix),
			func(ch *change) {
				ch.step = step{kind: stepItem}
				ch.edge = func() Edge { return Edge{Schema: w.c.base.ownerName(b.first()), Name: "[]", Kind: KindItem} }
			})
		return
	}
}

func placeAt(s *schema, i int) []document.Node {
	if i < len(s.prefix) {
		return s.prefix[i]
	}
	return s.items
}

func firstOf(lists [][]document.Node) document.Node {
	if len(lists) == 0 {
		return document.Node{}
	}
	return lists[0][0]
}

func countText(lists [][]document.Node) string {
	if len(lists) == 1 {
		return "1 place"
	}
	return strconv.Itoa(len(lists)) + " places"
}
