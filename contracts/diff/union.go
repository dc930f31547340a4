package diff

import (
	"cmp"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/containment"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// unions compares oneOf and anyOf. True where the schemas are compared branch by
// branch and nothing else is left to compare.
func (w *schemaWork) unions() bool {
	done := w.byBranch()
	w.discriminator()
	w.nullOfUnion()
	return done
}

// byBranch pairs the unions of both versions, where that can be done.
func (w *schemaWork) byBranch() bool {
	b, h := w.b, w.h
	switch nb, nh := len(b.Groups), len(h.Groups); {
	case nb == 0 && nh == 0:
		return false
	case nb == nh:
		for i := range b.Groups {
			w.group(&b.Groups[i], &h.Groups[i])
		}
		return false
	case nb == 0 && nh == 1:
		return w.wrapped(b, &h.Groups[0], true)
	case nb == 1 && nh == 0:
		return w.wrapped(h, &b.Groups[0], false)
	}
	w.regrouped(b.Groups[0:min(1, len(b.Groups))], h.Groups[0:min(1, len(h.Groups))])
	return false
}

func (w *schemaWork) regrouped(b, h []openapi.Group) {
	var bn, hn document.Node
	from, to := "", ""
	if len(b) > 0 {
		bn, from = b[0].Node, b[0].Keyword
	}
	if len(h) > 0 {
		hn, to = h[0].Node, h[0].Keyword
	}
	w.report(w.rule("composition-changed"), bn, hn, from, to)
}

// group compares two unions branch by branch.
func (w *schemaWork) group(b, h *openapi.Group) {
	narrowed := b.Keyword == "anyOf" && h.Keyword == "oneOf"
	widened := b.Keyword == "oneOf" && h.Keyword == "anyOf"
	if w.dir == contracts.Request && narrowed || w.dir == contracts.Response && widened {
		w.regrouped([]openapi.Group{*b}, []openapi.Group{*h})
	}
	pairs, gone, fresh := w.match(b.Branches, h.Branches)
	for _, p := range pairs {
		w.paired(b.Branches[p[0]].Node, h.Branches[p[1]].Node)
		bb, hb := b.Branches[p[0]], h.Branches[p[1]]
		if w.inAnother(b, h, p) {
			continue
		}
		w.branchNullability([]document.Node{bb.Node}, []document.Node{hb.Node})
		to := w.c.schemaPair([]document.Node{bb.Node}, []document.Node{hb.Node}, w.dir)
		w.c.link(w.id, to, usage.Step{Kind: usage.StepBranch, Name: bb.Name, Names: w.branchNames(w.c.base, w.b.Discriminator, bb)}, false)
		w.c.renamed(w.id, []document.Node{bb.Node}, []document.Node{hb.Node})
	}
	for _, i := range gone {
		w.branch("branch-removed", w.c.base, w.b, b, b.Branches[i])
	}
	for _, i := range fresh {
		w.branch("branch-added", w.c.head, w.h, h, h.Branches[i])
	}
}

// inAnother tells whether all that a changed branch allows is allowed by another branch
// anyhow, as an enum beside a free text.
func (w *schemaWork) inAnother(b, h *openapi.Group, p [2]int) bool {
	narrow, wide, at := w.side(false, b.Branches[p[0]].Node), h, p[1]
	if w.dir == contracts.Response {
		narrow, wide, at = w.side(true, h.Branches[p[1]].Node), b, p[0]
	} else if h.Keyword == "oneOf" {
		return false // which refuses what two branches allow
	}
	if w.c.dirty.Same(b.Branches[p[0]].Node, h.Branches[p[1]].Node) || narrow.View.Outline(narrow.Schema.First())&(openapi.TypeObject|openapi.TypeArray) != 0 {
		return false
	}
	prover := w.c.prover(w.dir)
	if prover.Holds(narrow, w.side(!narrow.Head, wide.Branches[at].Node)) {
		return false // a harmless change, which is reported
	}
	for k := range wide.Branches {
		if k != at && prover.Holds(narrow, w.side(!narrow.Head, wide.Branches[k].Node)) {
			return true
		}
	}
	return false
}

// side gives a schema of one version.
func (w *schemaWork) side(head bool, n document.Node) containment.Side {
	v := w.c.base
	if head {
		v = w.c.head
	}
	return containment.Side{View: v, Schema: v.Schema(n), Head: head}
}

// branchNullability says of the union what is said of its branch: null may come, or
// is refused, because the branch changed. In the branch's own words it is the same
// change, which so reaches those as well who use the union by another branch.
func (w *schemaWork) branchNullability(b, h []document.Node) {
	if !w.nullWaits {
		return
	}
	of := schemaWork{c: w.c, id: w.id, dir: w.dir, b: w.c.base.Decode(w.c.base.Schema(b...)), h: w.c.head.Decode(w.c.head.Schema(h...))}
	was, is := of.b.Nullable(), of.h.Nullable()
	if was != is && was == w.b.Nullable() && !of.b.Untyped() && !of.h.Untyped() {
		of.nullability(was, is)
		w.nullSaid = true
	}
}

func (w *schemaWork) branch(rule string, v *openapi.View, s *openapi.Schema, g *openapi.Group, br openapi.Branch) {
	ch := change{rule: w.rule(rule)}
	label := br.Name
	if label == "" {
		label = v.Outline(br.Node).String()
	}
	ch.fact.names = w.branchNames(v, s.Discriminator, br)
	ch.fact.value = label
	if v == w.c.base {
		ch.b, ch.from, ch.hasFrom = br.Node, label, true
	} else {
		ch.h, ch.to, ch.hasTo = br.Node, label, true
	}
	ch.edge = func() contracts.Edge {
		owner := v.KeywordOwner(g.Node)
		e := v.SchemaEdge(owner)
		if e.Name != "" {
			e.Schema = joinEdge(e.Schema, e.Name)
		}
		return contracts.Edge{Schema: e.Schema, Name: label, Kind: contracts.KindBranch}
	}
	if ch.hasFrom {
		ch.step = usage.Step{Kind: usage.StepBranch, Name: br.Name, Names: ch.fact.names}
	}
	w.c.report(w.id, ch)
}

// wrapped compares a plain schema with a union, in either order.
func (w *schemaWork) wrapped(plain *openapi.Schema, g *openapi.Group, inHead bool) bool {
	union := w.h
	if !inHead {
		union = w.b
	}
	if len(union.Properties) > 0 || len(union.Items) > 0 || len(plain.Properties) == 0 && len(plain.Items) == 0 && plain.Untyped() {
		// the union stands beside other keywords: a constraint was added or dropped
		if (w.dir == contracts.Request) == inHead {
			if inHead {
				w.regrouped(nil, []openapi.Group{*g})
			} else {
				w.regrouped([]openapi.Group{*g}, nil)
			}
		}
		return false
	}
	var self openapi.Branch
	v := w.c.base
	if !inHead {
		v = w.c.head
	}
	self = openapi.Branch{Node: plain.First(), Name: v.ComponentName(plain.First())}
	nodes := plain.Nodes
	if len(plain.Sole) > 0 {
		self = plain.Sole[0]
		nodes = []document.Node{self.Node}
	}
	var pairs [][2]int
	var gone, fresh []int
	if inHead {
		pairs, gone, fresh = w.match([]openapi.Branch{self}, g.Branches)
	} else {
		pairs, gone, fresh = w.match(g.Branches, []openapi.Branch{self})
	}
	if len(pairs) == 0 {
		if inHead {
			w.regrouped(nil, []openapi.Group{*g})
		} else {
			w.regrouped([]openapi.Group{*g}, nil)
		}
		return true
	}
	if inHead {
		other := g.Branches[pairs[0][1]]
		w.branchNullability(nodes, []document.Node{other.Node})
		var to int32
		if plain.SaysMore() && len(plain.Sole) > 0 || union.SaysMore() {
			to = w.c.pairOf(plain, w.c.head.WithBranch(union, g, other), w.dir)
		} else {
			to = w.c.schemaPair(nodes, []document.Node{other.Node}, w.dir)
		}
		w.c.link(w.id, to, usage.Step{Kind: usage.StepStay}, true)
		for _, j := range fresh {
			w.branch("branch-added", w.c.head, w.h, g, g.Branches[j])
		}
		return true
	}
	other := g.Branches[pairs[0][0]]
	w.branchNullability([]document.Node{other.Node}, nodes)
	var to int32
	if plain.SaysMore() && len(plain.Sole) > 0 || union.SaysMore() {
		to = w.c.pairOf(w.c.base.WithBranch(union, g, other), plain, w.dir)
	} else {
		to = w.c.schemaPair([]document.Node{other.Node}, nodes, w.dir)
	}
	w.c.link(w.id, to, usage.Step{Kind: usage.StepBranch, Name: other.Name, Names: w.branchNames(w.c.base, w.b.Discriminator, other)}, false)
	for _, i := range gone {
		w.branch("branch-removed", w.c.base, w.b, g, g.Branches[i])
	}
	return true
}

// discriminator compares what tells the variants apart.
func (w *schemaWork) discriminator() {
	b, h := w.b.Discriminator, w.h.Discriminator
	switch {
	case !b.Valid() && !h.Valid():
		return
	case !b.Valid():
		w.report(w.rule("discriminator-added"), b, h, "", openapi.DiscriminatorProperty(h))
		return
	case !h.Valid():
		w.report(w.rule("discriminator-changed"), b, h, openapi.DiscriminatorProperty(b), "")
		return
	}
	if from, to := openapi.DiscriminatorProperty(b), openapi.DiscriminatorProperty(h); from != to {
		w.report(w.rule("discriminator-changed"), b, h, from, to)
		return
	}
	w.wires()
}

// paired notes which branch of the head a branch of the base is compared with.
func (w *schemaWork) paired(b, h document.Node) {
	if w.twins == nil {
		w.twins = map[document.Node]document.Node{}
	}
	w.twins[w.c.base.Canonical(b)] = w.c.head.Canonical(h)
}

// wires compares what the values of the discriminator's property lead to.
func (w *schemaWork) wires() {
	old, now := w.c.base.Wires(w.b), w.c.head.Wires(w.h)
	inUnion := map[document.Node]bool{}
	for _, g := range w.b.Groups {
		for _, br := range g.Branches {
			inUnion[w.c.base.Canonical(br.Node)] = true
		}
	}
	for _, g := range w.h.Groups {
		for _, br := range g.Branches {
			inUnion[w.c.head.Canonical(br.Node)] = true
		}
	}
	for _, wire := range old {
		w.wire(wire, now, inUnion)
	}
	if slices.ContainsFunc(w.c.reported, func(s reportedChange) bool { return s.rule == w.rule("discriminator-changed") }) {
		return
	}
	for _, wire := range now {
		if !slices.ContainsFunc(old, func(o openapi.Wire) bool { return o.Same(wire) }) {
			w.newWire(wire, old, now, inUnion)
		}
	}
}

// wire looks at a value that the base has.
func (w *schemaWork) wire(wire openapi.Wire, now []openapi.Wire, inUnion map[document.Node]bool) {
	twin, compared := w.twins[wire.Target]
	if inUnion[wire.Target] && !compared {
		return // the branch is gone, which is reported
	}
	i := slices.IndexFunc(now, func(n openapi.Wire) bool { return n.Same(wire) && compared && n.Target == twin })
	if i < 0 { // several schemas may have the value
		i = slices.IndexFunc(now, func(n openapi.Wire) bool { return n.Same(wire) })
	}
	switch {
	case i < 0 && compared: // the branch is there, under another value
		if w.dir == contracts.Request {
			w.wireChanged(wire, openapi.Wire{}, w.valuesOf(now, twin))
		}
	case i < 0:
		w.subtype("branch-removed", wire)
	case compared && now[i].Target != twin, !compared && inUnion[now[i].Target]:
		w.wireChanged(wire, now[i], "")
	case !compared && wire.Target.Valid() && now[i].Target.Valid():
		w.c.guess(w.id, w.c.schemaPair([]document.Node{wire.Target}, []document.Node{now[i].Target}, w.dir),
			usage.Step{Kind: usage.StepBranch, Name: wire.Name, Names: wire.Names()})
	}
}

// newWire looks at a value that only the head has.
func (w *schemaWork) newWire(wire openapi.Wire, old, now []openapi.Wire, inUnion map[document.Node]bool) {
	for b, h := range w.twins {
		if h != wire.Target {
			continue
		}
		if w.dir == contracts.Response { // the branch is there, under another value
			w.wireChanged(w.lost(old, now, b), wire, "")
		}
		return
	}
	if !inUnion[wire.Target] {
		w.subtype("branch-added", wire)
	}
}

// lost gives a value that led to a schema and is gone.
func (w *schemaWork) lost(old, now []openapi.Wire, target document.Node) openapi.Wire {
	for _, o := range old {
		if o.Target == target && !slices.ContainsFunc(now, func(n openapi.Wire) bool { return n.Same(o) }) {
			return o
		}
	}
	return openapi.Wire{}
}

// valuesOf lists the values that lead to a schema.
func (w *schemaWork) valuesOf(wires []openapi.Wire, target document.Node) string {
	var values []string
	for _, wire := range wires {
		if wire.Target == target {
			values = append(values, wire.String())
		}
	}
	return strings.Join(values, ", ")
}

// wireChanged reports a value that leads elsewhere, or that stands for another.
func (w *schemaWork) wireChanged(b, h openapi.Wire, to string) {
	w.report(w.rule("discriminator-changed"), b.Node, h.Node, b.String(), cmp.Or(h.String(), to), func(ch *change) {
		ch.edge = w.edge(w.b.Discriminator)
		ch.detail = cmp.Or(b.Value, h.Value)
	})
}

// subtype reports a value that leads to a schema that only the discriminator names.
func (w *schemaWork) subtype(rule string, wire openapi.Wire) {
	ch := change{rule: w.rule(rule), fact: fact{value: wire.Name, names: wire.Names()}}
	v := w.c.head
	if rule == "branch-removed" {
		v, ch.b, ch.from, ch.hasFrom = w.c.base, wire.Node, wire.Name, true
		ch.step = usage.Step{Kind: usage.StepBranch, Name: wire.Name, Names: ch.fact.names}
	} else {
		ch.h, ch.to, ch.hasTo = wire.Node, wire.Name, true
	}
	ch.edge = func() contracts.Edge {
		s := w.b.First()
		if v == w.c.head {
			s = w.h.First()
		}
		return contracts.Edge{Schema: v.OwnerName(s), Name: wire.Name, Kind: contracts.KindBranch}
	}
	w.c.report(w.id, ch)
}
