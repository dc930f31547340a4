package diff

import (
	"slices"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
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
		bb, hb := b.Branches[p[0]], h.Branches[p[1]]
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
		if now.Valid() && openapi.RefName(now.Text()) == openapi.RefName(ref.Text()) {
			continue
		}
		if !now.Valid() && !w.branchStays(openapi.RefName(ref.Text())) {
			continue // the branch itself is gone, which is reported
		}
		if !now.Valid() && value == openapi.RefName(ref.Text()) {
			continue // what is left is the implicit mapping, which says the same
		}
		from, to := value+" → "+openapi.RefName(ref.Text()), ""
		if now.Valid() {
			to = value + " → " + openapi.RefName(now.Text())
		}
		w.report(w.rule("discriminator-changed"), ref, now, from, to, func(ch *change) {
			ch.edge = w.edge(b)
			ch.detail = value
		})
	}
}

func (w *schemaWork) branchStays(name string) bool {
	left := slices.Clone(w.h.Sole)
	for _, g := range w.h.Groups {
		left = append(left, g.Branches...)
	}
	return len(left) == 0 || slices.ContainsFunc(left, func(br openapi.Branch) bool { return br.Name == name })
}

// discriminatorName gives the property's name; in Swagger 2.0 the discriminator
// is the name itself.
func discriminatorName(n document.Node) string {
	if n.Kind() == document.String {
		return n.Text()
	}
	return n.Get("propertyName").Text()
}
