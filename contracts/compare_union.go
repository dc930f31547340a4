package contracts

import (
	"slices"

	"plimsoll/contracts/document"
)

// unions compares oneOf and anyOf. True where the schemas are compared branch by
// branch and nothing else is left to compare.
func (w *schemaWork) unions() bool {
	w.discriminator()
	done := w.byBranch()
	w.nullOfUnion()
	return done
}

// byBranch pairs the unions of both versions, where that can be done.
func (w *schemaWork) byBranch() bool {
	b, h := w.b, w.h
	switch nb, nh := len(b.groups), len(h.groups); {
	case nb == 0 && nh == 0:
		return false
	case nb == nh:
		for i := range b.groups {
			w.group(&b.groups[i], &h.groups[i])
		}
		return false
	case nb == 0 && nh == 1:
		return w.wrapped(b, &h.groups[0], true)
	case nb == 1 && nh == 0:
		return w.wrapped(h, &b.groups[0], false)
	}
	w.regrouped(b.groups[0:min(1, len(b.groups))], h.groups[0:min(1, len(h.groups))])
	return false
}

func (w *schemaWork) regrouped(b, h []group) {
	var bn, hn document.Node
	from, to := "", ""
	if len(b) > 0 {
		bn, from = b[0].node, b[0].keyword
	}
	if len(h) > 0 {
		hn, to = h[0].node, h[0].keyword
	}
	w.report(w.rule("composition-changed"), bn, hn, from, to)
}

// group compares two unions branch by branch.
func (w *schemaWork) group(b, h *group) {
	narrowed := b.keyword == "anyOf" && h.keyword == "oneOf"
	widened := b.keyword == "oneOf" && h.keyword == "anyOf"
	if w.dir == Request && narrowed || w.dir == Response && widened {
		w.regrouped([]group{*b}, []group{*h})
	}
	pairs, gone, fresh := w.match(b.branches, h.branches)
	for _, p := range pairs {
		bb, hb := b.branches[p[0]], h.branches[p[1]]
		w.branchNullability([]document.Node{bb.node}, []document.Node{hb.node})
		to := w.c.schemaPair([]document.Node{bb.node}, []document.Node{hb.node}, w.dir)
		w.c.link(w.id, to, step{kind: stepBranch, name: bb.name, names: w.branchNames(w.c.base, w.b.discrim, bb)}, false)
		w.c.renamed(w.id, []document.Node{bb.node}, []document.Node{hb.node})
	}
	for _, i := range gone {
		w.branch("branch-removed", w.c.base, w.b, b, b.branches[i])
	}
	for _, i := range fresh {
		w.branch("branch-added", w.c.head, w.h, h, h.branches[i])
	}
}

// branchNullability says of the union what is said of its branch: null may come, or
// is refused, because the branch changed. In the branch's own words it is the same
// change, which so reaches those as well who use the union by another branch.
func (w *schemaWork) branchNullability(b, h []document.Node) {
	if !w.nullWaits {
		return
	}
	of := schemaWork{c: w.c, id: w.id, dir: w.dir, b: w.c.base.decoded(w.c.base.schema(b...)), h: w.c.head.decoded(w.c.head.schema(h...))}
	was, is := of.b.nullable(), of.h.nullable()
	if was != is && was == w.b.nullable() && !of.b.any() && !of.h.any() {
		of.nullability(was, is)
		w.nullSaid = true
	}
}

func (w *schemaWork) branch(rule string, v *view, s *schema, g *group, br branch) {
	ch := change{rule: w.rule(rule)}
	label := br.name
	if label == "" {
		label = v.outline(br.node).String()
	}
	ch.fact.names = w.branchNames(v, s.discrim, br)
	ch.fact.value = label
	if v == w.c.base {
		ch.b, ch.from, ch.hasFrom = br.node, label, true
	} else {
		ch.h, ch.to, ch.hasTo = br.node, label, true
	}
	ch.edge = func() Edge {
		owner := v.first(g.node)
		e := v.schemaEdge(owner)
		if e.Name != "" {
			e.Schema = joinEdge(e.Schema, e.Name)
		}
		return Edge{Schema: e.Schema, Name: label, Kind: KindBranch}
	}
	if ch.hasFrom {
		ch.step = step{kind: stepBranch, name: br.name, names: ch.fact.names}
	}
	w.c.report(w.id, ch)
}

// wrapped compares a plain schema with a union, in either order.
func (w *schemaWork) wrapped(plain *schema, g *group, inHead bool) bool {
	union := w.h
	if !inHead {
		union = w.b
	}
	if len(union.props) > 0 || len(union.items) > 0 || len(plain.props) == 0 && len(plain.items) == 0 && plain.any() {
		// the union stands beside other keywords: a constraint was added or dropped
		if (w.dir == Request) == inHead {
			if inHead {
				w.regrouped(nil, []group{*g})
			} else {
				w.regrouped([]group{*g}, nil)
			}
		}
		return false
	}
	var self branch
	v := w.c.base
	if !inHead {
		v = w.c.head
	}
	self = branch{node: plain.first(), name: v.componentName(plain.first())}
	nodes := plain.nodes
	if len(plain.sole) > 0 {
		self = plain.sole[0]
		nodes = []document.Node{self.node}
	}
	var pairs [][2]int
	var gone, fresh []int
	if inHead {
		pairs, gone, fresh = w.match([]branch{self}, g.branches)
	} else {
		pairs, gone, fresh = w.match(g.branches, []branch{self})
	}
	if len(pairs) == 0 {
		if inHead {
			w.regrouped(nil, []group{*g})
		} else {
			w.regrouped([]group{*g}, nil)
		}
		return true
	}
	if inHead {
		other := g.branches[pairs[0][1]]
		w.branchNullability(nodes, []document.Node{other.node})
		var to int32
		if plain.saysMore() && len(plain.sole) > 0 || union.saysMore() {
			to = w.c.pairOf(plain, w.c.head.taking(union, g, other), w.dir)
		} else {
			to = w.c.schemaPair(nodes, []document.Node{other.node}, w.dir)
		}
		w.c.link(w.id, to, step{kind: stepStay}, true)
		for _, j := range fresh {
			w.branch("branch-added", w.c.head, w.h, g, g.branches[j])
		}
		return true
	}
	other := g.branches[pairs[0][0]]
	w.branchNullability([]document.Node{other.node}, nodes)
	var to int32
	if plain.saysMore() && len(plain.sole) > 0 || union.saysMore() {
		to = w.c.pairOf(w.c.base.taking(union, g, other), plain, w.dir)
	} else {
		to = w.c.schemaPair([]document.Node{other.node}, nodes, w.dir)
	}
	w.c.link(w.id, to, step{kind: stepBranch, name: other.name, names: w.branchNames(w.c.base, w.b.discrim, other)}, false)
	for _, i := range gone {
		w.branch("branch-removed", w.c.base, w.b, g, g.branches[i])
	}
	return true
}

// discriminator compares what tells the variants apart.
func (w *schemaWork) discriminator() {
	b, h := w.b.discrim, w.h.discrim
	switch {
	case !b.Valid() && !h.Valid():
		return
	case !b.Valid():
		w.report(w.rule("discriminator-added"), b, h, "", discriminatorName(h))
		return
	case !h.Valid():
		w.report(w.rule("discriminator-changed"), b, h, discriminatorName(b), "")
		return
	}
	if from, to := discriminatorName(b), discriminatorName(h); from != to {
		w.report(w.rule("discriminator-changed"), b, h, from, to)
		return
	}
	for value, ref := range b.Get("mapping").Members() {
		now := h.Get("mapping").Get(value)
		if now.Valid() && refName(now.Text()) == refName(ref.Text()) {
			continue
		}
		if !now.Valid() && !w.branchStays(refName(ref.Text())) {
			continue // the branch itself is gone, which is reported
		}
		if !now.Valid() && value == refName(ref.Text()) {
			continue // what is left is the implicit mapping, which says the same
		}
		from, to := value+" → "+refName(ref.Text()), ""
		if now.Valid() {
			to = value + " → " + refName(now.Text())
		}
		w.report(w.rule("discriminator-changed"), ref, now, from, to, func(ch *change) {
			ch.edge = w.edge(b)
			ch.detail = value
		})
	}
}

func (w *schemaWork) branchStays(name string) bool {
	left := slices.Clone(w.h.sole)
	for _, g := range w.h.groups {
		left = append(left, g.branches...)
	}
	return len(left) == 0 || slices.ContainsFunc(left, func(br branch) bool { return br.name == name })
}

// discriminatorName gives the property's name; in Swagger 2.0 the discriminator
// is the name itself.
func discriminatorName(n document.Node) string {
	if n.Kind() == document.String {
		return n.Text()
	}
	return n.Get("propertyName").Text()
}
