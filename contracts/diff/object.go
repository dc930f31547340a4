package diff

import (
	"strconv"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// object compares properties, required and what no property names.
func (w *schemaWork) object() {
	for i := range w.b.Properties {
		b := &w.b.Properties[i]
		if h, ok := w.h.Property(b.Name); ok {
			w.property(b, h)
		} else if w.visible(w.c.base, b.Nodes) {
			w.removed(b, document.Node{}, "")
		}
	}
	for i := range w.h.Properties {
		h := &w.h.Properties[i]
		if _, ok := w.b.Property(h.Name); !ok && w.visible(w.c.head, h.Nodes) {
			w.added(h, document.Node{})
			if len(w.b.Extra) > 0 { // until now the name was a key of the map
				w.c.link(w.id, w.c.schemaPair(w.b.Extra, h.Nodes, w.dir), usage.Step{Kind: usage.StepMap}, false)
			}
		}
	}
	w.requiredAlone()
	w.additional()
	w.mapped()
}

// visible tells whether a property takes part in this direction: readOnly takes
// it out of requests, writeOnly out of responses.
func (w *schemaWork) visible(v *openapi.View, nodes []document.Node) bool {
	s := v.Decode(v.Schema(nodes...))
	if w.dir == contracts.Request {
		return !s.ReadOnly
	}
	return !s.WriteOnly
}

// property compares a property that both versions have.
func (w *schemaWork) property(b, h *openapi.Property) {
	wasRequired, isRequired := w.b.Required[b.Name], w.h.Required[h.Name]
	if w.dir == contracts.Request && w.h.Refuses(h.Name) && !w.b.Refuses(b.Name) && w.visible(w.c.base, b.Nodes) {
		w.removed(b, h.Key, "refused by a closed branch of allOf")
		return
	}
	same := w.c.dirty.SameAll(b.Nodes, h.Nodes)
	if same && wasRequired.Valid() == isRequired.Valid() {
		return
	}
	was, is := w.visible(w.c.base, b.Nodes), w.visible(w.c.head, h.Nodes)
	switch {
	case !was && !is:
		return
	case was && !is:
		w.removed(b, h.Key, map[contracts.Direction]string{contracts.Request: "readOnly", contracts.Response: "writeOnly"}[w.dir])
		return
	case !was && is:
		w.added(h, b.Key)
		return
	}
	if wasRequired.Valid() != isRequired.Valid() {
		rule, from, to := "property-became-required", "optional", "required"
		if wasRequired.Valid() {
			rule, from, to = "property-became-optional", "required", "optional"
		}
		w.c.report(w.id, change{rule: w.rule(rule), edge: w.propertyEdge(w.c.base, b), b: b.Key, h: h.Key,
			from: from, to: to, hasFrom: true, hasTo: true, step: usage.Step{Kind: usage.StepProperty, Name: b.Name}})
	}
	if !same {
		to := w.c.schemaPair(b.Nodes, h.Nodes, w.dir)
		w.c.link(w.id, to, usage.Step{Kind: usage.StepProperty, Name: b.Name}, wasRequired.Valid())
		w.c.renamed(w.id, b.Nodes, h.Nodes)
	}
}

func (w *schemaWork) propertyEdge(v *openapi.View, p *openapi.Property) func() contracts.Edge {
	return func() contracts.Edge {
		return contracts.Edge{Schema: v.OwnerName(p.Part), Name: p.Name, Kind: contracts.KindProperty}
	}
}

func (w *schemaWork) removed(b *openapi.Property, now document.Node, to string) {
	ch := change{rule: w.rule("property-removed"), edge: w.propertyEdge(w.c.base, b), b: b.Key, h: now,
		from: w.c.base.TypeText(b.Nodes), hasFrom: true, to: to, hasTo: to != "",
		step: usage.Step{Kind: usage.StepProperty, Name: b.Name}}
	if w.dir == contracts.Request && (w.h.Closed.Valid() || to != "") {
		ch.fact.closed = w.h.Closed.Valid()
		if ch.fact.closed {
			ch.level = contracts.Breaking
		}
	}
	ch.fact.required = w.b.Required[b.Name].Valid()
	w.c.report(w.id, ch)
}

func (w *schemaWork) added(h *openapi.Property, was document.Node) {
	rule := "property-added"
	if w.dir == contracts.Request {
		rule = "property-added-optional"
		if w.h.Required[h.Name].Valid() {
			rule = "property-added-required"
		}
	}
	w.c.report(w.id, change{rule: w.rule(rule), edge: w.propertyEdge(w.c.head, h), b: was, h: h.Key,
		to: w.c.head.TypeText(h.Nodes), hasTo: true, step: usage.Step{Kind: usage.StepProperty, Name: h.Name}})
}

// requiredAlone compares names that are required without being described.
func (w *schemaWork) requiredAlone() {
	for name, node := range w.h.Required {
		if _, described := w.h.Property(name); described || w.b.Required[name].Valid() {
			continue
		}
		rule := w.pick("property-added-required", "property-became-required")
		if b, known := w.b.Property(name); known {
			if !w.visible(w.c.base, b.Nodes) {
				continue
			}
			rule = w.rule("property-became-required") // no longer described, and demanded
		}
		w.bare(rule, name, document.Node{}, node)
	}
	for name, node := range w.b.Required {
		if _, described := w.b.Property(name); described || w.h.Required[name].Valid() {
			continue
		}
		if h, known := w.h.Property(name); known && !w.visible(w.c.head, h.Nodes) {
			continue
		}
		w.bare(w.rule("property-became-optional"), name, node, document.Node{})
	}
}

func (w *schemaWork) bare(rule, name string, b, h document.Node) {
	edge := func() contracts.Edge {
		n, v := b, w.c.base
		if !n.Valid() {
			n, v = h, w.c.head
		}
		line := n.Ancestors()
		if len(line) < 2 {
			return contracts.Edge{Name: name, Kind: contracts.KindProperty}
		}
		return contracts.Edge{Schema: v.OwnerName(line[len(line)-2]), Name: name, Kind: contracts.KindProperty}
	}
	w.c.report(w.id, change{rule: rule, edge: edge, b: b, h: h, step: usage.Step{Kind: usage.StepProperty, Name: name}})
}

// additional compares what holds for properties that are not named.
func (w *schemaWork) additional() {
	b, h := w.b, w.h
	if (b.Types|h.Types)&openapi.TypeObject == 0 {
		return
	}
	state := func(s *openapi.Schema) string {
		switch {
		case s.Closed.Valid():
			return "closed"
		case len(s.Extra) > 0:
			return "schema"
		}
		return "open"
	}
	from, to := state(b), state(h)
	if from == "schema" && to == "schema" {
		w.c.link(w.id, w.c.schemaPair(b.Extra, h.Extra, w.dir), usage.Step{Kind: usage.StepMap}, false)
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
		if w.dir == contracts.Response {
			rule = "loosened"
		}
	}
	if rule == "opened" && len(h.Opaque["unevaluatedProperties"]) > 0 {
		return // what is not evaluated any more is looked at there
	}
	words := map[string]string{"open": "true", "closed": "false", "schema": "a schema"}
	if rule == "opened" && len(h.Mapped) > 0 { // in another part of an allOf
		words["open"] = "true, by pattern"
	}
	bn, hn, owner := b.ExtraNode, h.ExtraNode, b.First()
	if bn.Valid() {
		if line := bn.Ancestors(); len(line) > 0 {
			owner = line[len(line)-1]
		}
	} else {
		owner = w.c.facing(hn, h.First(), w.c.base, b.First())
		bn = owner
	}
	if !hn.Valid() {
		hn = w.c.facing(b.ExtraNode, b.First(), w.c.head, h.First())
	}
	w.c.report(w.id, change{rule: w.rule("additional-properties-" + rule), b: bn, h: hn,
		edge: func() contracts.Edge {
			return contracts.Edge{Schema: w.c.base.OwnerName(owner), Name: "{}", Kind: contracts.KindMapValue}
		},
		from: words[from], to: words[to], hasFrom: true, hasTo: true, step: usage.Step{Kind: usage.StepMap}})
}

// mapped compares patternProperties, pattern by pattern.
func (w *schemaWork) mapped() {
	find := func(s *openapi.Schema, pattern string) *openapi.Property {
		for i := range s.Mapped {
			if s.Mapped[i].Name == pattern {
				return &s.Mapped[i]
			}
		}
		return nil
	}
	at := usage.Step{Kind: usage.StepMap}
	for i := range w.b.Mapped {
		b := &w.b.Mapped[i]
		if h := find(w.h, b.Name); h != nil {
			w.c.link(w.id, w.c.schemaPair(b.Nodes, h.Nodes, w.dir), at, false)
			continue
		}
		w.c.report(w.id, change{rule: w.rule("property-removed"), b: b.Key, step: at, edge: w.mapEdge(w.c.base, b),
			from: w.c.base.TypeText(b.Nodes), hasFrom: true, fact: fact{closed: w.h.Closed.Valid()}})
	}
	for i := range w.h.Mapped {
		h := &w.h.Mapped[i]
		if find(w.b, h.Name) == nil {
			w.c.report(w.id, change{rule: w.pick("additional-properties-constrained", "property-added"), h: h.Key, step: at,
				edge: w.mapEdge(w.c.head, h), to: w.c.head.TypeText(h.Nodes), hasTo: true})
		}
	}
}

func (w *schemaWork) mapEdge(v *openapi.View, p *openapi.Property) func() contracts.Edge {
	return func() contracts.Edge {
		return contracts.Edge{Schema: v.OwnerName(p.Part), Name: p.Name, Kind: contracts.KindMapValue}
	}
}

// array compares items and the places of a tuple.
func (w *schemaWork) array() {
	b, h := w.b, w.h
	if b.Types&h.Types&openapi.TypeArray == 0 {
		return
	}
	at := usage.Step{Kind: usage.StepItem}
	must := false
	if min, ok := b.Limit("minItems"); ok && min.Value >= 1 {
		must = true
	}
	switch {
	case len(b.Items) > 0 && len(h.Items) > 0:
		w.c.link(w.id, w.c.schemaPair(b.Items, h.Items, w.dir), at, must)
		w.c.renamed(w.id, b.Items, h.Items)
	case len(b.Items) > 0 && w.dir == contracts.Response && !h.Untyped() && !h.NoMore.Valid():
		w.report(w.rule("constraint-changed"), b.ItemsNode, document.Node{}, "items", "", func(ch *change) { ch.step = at })
	case len(h.Items) > 0 && w.dir == contracts.Request && !b.NoMore.Valid():
		w.report(w.rule("constraint-changed"), document.Node{}, h.ItemsNode, "", "items", func(ch *change) { ch.step = at })
	}
	w.tuple()
	if b.NoMore.Valid() != h.NoMore.Valid() {
		bad := (w.dir == contracts.Request) == h.NoMore.Valid()
		if bad {
			w.report(w.rule("constraint-changed"), b.NoMore, h.NoMore, "", "", func(ch *change) { ch.step = at })
		}
	}
}

// tuple compares places one by one; behind the last, what "items" says holds.
func (w *schemaWork) tuple() {
	b, h := w.b, w.h
	for i := range max(len(b.Prefix), len(h.Prefix)) {
		old, now := placeAt(b, i), placeAt(h, i)
		at := usage.Step{Kind: usage.StepItem, Name: strconv.Itoa(i)}
		if len(old) > 0 && len(now) > 0 {
			w.c.link(w.id, w.c.schemaPair(old, now, w.dir), at, false)
			continue
		}
		w.report(w.rule("tuple-changed"), document.FirstValid(firstOf(b.Prefix)), document.FirstValid(firstOf(h.Prefix)), countText(b.Prefix), countText(h.Prefix),
			func(ch *change) {
				ch.step = usage.Step{Kind: usage.StepItem}
				ch.edge = func() contracts.Edge {
					return contracts.Edge{Schema: w.c.base.OwnerName(b.First()), Name: "[]", Kind: contracts.KindItem}
				}
			})
		return
	}
}

func placeAt(s *openapi.Schema, i int) []document.Node {
	if i < len(s.Prefix) {
		return s.Prefix[i]
	}
	return s.Items
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
