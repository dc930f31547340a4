package containment

import (
	"slices"

	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// maxBranches bounds the pairs of branches that are looked at in one question.
const maxBranches = 4096

// union: every value of the narrower schema is one of some branch and, where the union is
// a oneOf and counts as such, of one only.
func (q *question) union(part openapi.Part, u openapi.Union) {
	if q.sameUnion(part, u) {
		return
	}
	if !q.someBranch(part, u) {
		q.gap(u.Keyword, "", u.Node)
	}
	if u.Keyword == "oneOf" && !q.p.Reader && !q.done() && !q.oneBranch(u) {
		q.gaps = append(q.gaps, Gap{Keyword: u.Keyword, Node: u.Node, Ambiguous: true})
	}
}

// sameUnion tells whether the narrower schema has a union whose branches cannot differ from
// these.
func (q *question) sameUnion(part openapi.Part, u openapi.Union) bool {
	for _, narrow := range q.narrow.View.Parts(q.narrow.Schema) {
		if !q.usable(narrow, part) {
			continue
		}
		for _, old := range narrow.Unions {
			if old.Keyword == u.Keyword && q.p.sameNodes(q.narrow, old.Branches, q.wide, u.Branches) {
				return true
			}
		}
	}
	return false
}

// alternatives gives the narrower schema case by case: the branches of each of its unions.
func (q *question) alternatives(wide openapi.Part) [][]Side {
	var all [][]Side
	for _, part := range q.narrow.View.Parts(q.narrow.Schema) {
		if !q.usable(part, wide) {
			continue
		}
		for _, u := range part.Unions {
			var sides []Side
			for _, branch := range u.Branches {
				sides = append(sides, q.narrow.of(branch))
			}
			all = append(all, sides)
		}
	}
	return all
}

func (q *question) someBranch(part openapi.Part, u openapi.Union) bool {
	for _, branch := range u.Branches {
		if q.below(q.narrow, q.wide.of(branch), "") {
			return true
		}
	}
	for _, sides := range q.alternatives(part) {
		if len(sides)*len(u.Branches) > maxBranches {
			continue
		}
		if q.eachIn(sides, u.Branches) {
			return true
		}
	}
	return q.byValue(part, u)
}

// eachIn tells whether each case lies in some branch.
func (q *question) eachIn(sides []Side, branches []document.Node) bool {
	for i, side := range sides {
		if i < len(branches) && q.below(side, q.wide.of(branches[i]), "") {
			continue // most often the order is the same
		}
		found := false
		for _, branch := range branches {
			if found = q.below(side, q.wide.of(branch), ""); found {
				break
			}
		}
		if !found {
			return false
		}
	}
	return true
}

// byValue: the narrower schema lists its values, and each is listed by some branch.
func (q *question) byValue(part openapi.Part, u openapi.Union) bool {
	for _, branch := range u.Branches {
		if !q.listsOnly(q.wide.View.Canonical(branch)) {
			return false
		}
	}
	listed, ok := valuesOfUnion(q.wide, u)
	if !ok {
		return false
	}
	allowed := map[string]bool{}
	for _, v := range listed {
		allowed[openapi.LiteralKey(v)] = true
	}
	return q.valuesIn(part, allowed)
}

// listsOnly tells whether a branch says nothing but which values it has.
func (q *question) listsOnly(branch document.Node) bool {
	for keyword := range branch.Members() {
		if !openapi.IsAnnotation(keyword) && keyword != "const" && keyword != "enum" && keyword != "type" {
			return false
		}
	}
	values := []document.Node{branch.Get("const")}
	if !values[0].Valid() {
		values = values[:0]
		for _, item := range branch.Get("enum").Items() {
			values = append(values, item)
		}
	} else if branch.Get("enum").Valid() {
		return false
	}
	types, typed := q.wide.View.TypesOf(openapi.Part{Node: branch})
	return !typed || !slices.ContainsFunc(values, func(v document.Node) bool { return openapi.TypeOfValue(v)&types == 0 })
}

// oneBranch: a value of the narrower schema lies in no second branch.
func (q *question) oneBranch(u openapi.Union) bool {
	if q.named(u) {
		return true
	}
	parts := q.narrow.View.Parts(q.narrow.Schema)
	for i := range parts {
		for _, old := range parts[i].Unions {
			if old.Keyword == "oneOf" && !parts[i].OrNull && len(old.Branches)*len(u.Branches) <= maxBranches && q.staysDisjoint(old, u) {
				return true
			}
		}
	}
	if values, ok := valuesOfUnion(q.wide, u); ok {
		return distinct(values)
	}
	if len(u.Branches)*len(u.Branches) > maxBranches {
		return false
	}
	names := namesOf(q.narrow.View, q.narrow.Schema.Nodes, document.Node{})
	for i, a := range u.Branches {
		for _, b := range u.Branches[i+1:] {
			x, y := q.wide.of(a), q.wide.of(b)
			if !q.p.Disjoint(x, y) && !q.sharesNothing(q.narrow, names, x) && !q.sharesNothing(q.narrow, names, y) {
				return false
			}
		}
	}
	return true
}

// named tells whether a discriminator names the branch of each value: every branch demands
// its property, and no value of it stands for two branches.
func (q *question) named(u openapi.Union) bool {
	d := q.w.Discriminator
	if !d.Valid() {
		return false
	}
	of := map[document.Node]bool{}
	values := map[string]bool{}
	for _, wire := range q.wide.View.Wires(q.w) {
		if values[wire.Value] {
			return false
		}
		values[wire.Value], of[wire.Target] = true, true
	}
	for _, branch := range u.Branches {
		if !of[q.wide.View.Canonical(branch)] || !q.wide.of(branch).decoded().Required[openapi.DiscriminatorProperty(d)].Valid() {
			return false
		}
	}
	return true
}

func distinct(values []document.Node) bool {
	seen := map[string]bool{}
	for _, v := range values {
		seen[openapi.LiteralKey(v)] = true
	}
	return len(seen) == len(values)
}

// sharesNothing tells whether nothing that is sent as the narrower side lies in a branch. names
// are all that a sender knows of: see docs/impact.md.
func (q *question) sharesNothing(narrow Side, names evaluated, branch Side) bool {
	if q.p.Disjoint(narrow, branch) {
		return true
	}
	for name := range branch.decoded().Required {
		if !names.more && !names.has[name] && !q.p.hides(branch, name) && narrow.decoded().Types&branch.decoded().Types == openapi.TypeObject {
			return true
		}
	}
	return false
}

// staysDisjoint: the narrower schema has a oneOf, so that its values lie in one branch there.
// A branch of the wider one takes no other values if it is a part of the branch that it
// stands for, or disjoint from all the others.
func (q *question) staysDisjoint(old, u openapi.Union) bool {
	used := make([]bool, len(old.Branches))
	stands := make([]int, len(u.Branches))
	find := func(is func(w, n Side) bool) {
		for i, branch := range u.Branches {
			if stands[i] > 0 {
				continue
			}
			w := q.wide.of(branch)
			for k := range old.Branches {
				j := (i + k) % len(old.Branches)
				if !used[j] && is(w, q.narrow.of(old.Branches[j])) {
					used[j], stands[i] = true, j+1
					break
				}
			}
		}
	}
	find(func(w, n Side) bool { return q.p.holds(w, n) })
	parts := slices.Clone(stands) // these need not be disjoint
	find(func(w, n Side) bool { return q.below(n, w, "") })
	for i, branch := range u.Branches {
		if parts[i] > 0 {
			continue
		}
		for j, other := range old.Branches {
			if j+1 == stands[i] {
				continue
			}
			names := namesOf(q.narrow.View, append(slices.Clone(q.narrow.Schema.Nodes), other), old.Node)
			if !q.sharesNothing(q.narrow.of(other), names, q.wide.of(branch)) {
				return false
			}
		}
	}
	return true
}

// Disjoint tells whether two schemas are proved to have no value in common.
func (p *Prover) Disjoint(a, b Side) bool { return p.disjoint(a, b, 3) }

func (p *Prover) disjoint(a, b Side, depth int) bool {
	x, y := a.decoded(), b.decoded()
	both := x.Types & y.Types
	if both == 0 {
		return true
	}
	if depth == 0 || both&openapi.TypeNull != 0 {
		return false
	}
	k := disjointKey{a.Schema.ID, b.Schema.ID, a.Head, b.Head, depth}
	if known, ok := p.disjoints[k]; ok {
		return known
	}
	if !p.spend() {
		return false
	}
	is := p.compareDisjoint(a, b, both, depth)
	p.disjoints[k] = is
	return is
}

func (p *Prover) compareDisjoint(a, b Side, both openapi.TypeSet, depth int) bool {
	if valuesDisjoint(a, b) {
		return true
	}
	if p.unionDisjoint(a, b, depth) || p.unionDisjoint(b, a, depth) {
		return true
	}
	return both == openapi.TypeObject && (p.objectsDisjoint(a, b, depth) || p.refusesRequired(a, b) || p.refusesRequired(b, a))
}

// valuesDisjoint: both list their values and share none.
func valuesDisjoint(a, b Side) bool {
	x, _, okX := valuesOf(a)
	y, _, okY := valuesOf(b)
	if !okX || !okY { // disjoint has excluded null already
		return false
	}
	seen := map[string]bool{}
	for _, v := range x {
		seen[openapi.LiteralKey(v)] = true
	}
	for _, v := range y {
		if seen[openapi.LiteralKey(v)] {
			return false
		}
	}
	return true
}

// unionDisjoint: every branch of a union is disjoint from the other schema.
func (p *Prover) unionDisjoint(a, b Side, depth int) bool {
	for _, part := range a.View.Parts(a.Schema) {
		if part.OrNull {
			continue
		}
		for _, u := range part.Unions {
			all := true
			for _, branch := range u.Branches {
				if all = p.disjoint(a.of(branch), b, depth-1); !all {
					break
				}
			}
			if all {
				return true
			}
		}
	}
	return false
}

// objectsDisjoint: a property that one of the two demands has no value in common.
func (p *Prover) objectsDisjoint(a, b Side, depth int) bool {
	x, y := a.decoded(), b.decoded()
	for i := range x.Properties {
		m := &x.Properties[i]
		if !x.Required[m.Name].Valid() && !y.Required[m.Name].Valid() {
			continue
		}
		if n, ok := y.Property(m.Name); ok && !p.Hidden(a.View, m.Nodes) && !p.Hidden(b.View, n.Nodes) && p.disjoint(a.of(m.Nodes...), b.of(n.Nodes...), depth-1) {
			return true
		}
	}
	return false
}

// refusesRequired: one demands a property that the other is closed to.
func (p *Prover) refusesRequired(a, demands Side) bool {
	s := a.decoded()
	for name := range demands.decoded().Required {
		if p.hides(demands, name) {
			continue
		}
		if prop, ok := s.Property(name); ok {
			if prop.Refused {
				return true
			}
		} else if _, refused := a.View.Undeclared(s, name); refused {
			return true
		}
	}
	return false
}

// hides tells whether a property that is demanded is left out in the direction.
func (p *Prover) hides(s Side, name string) bool {
	prop, ok := s.decoded().Property(name)
	return ok && p.Hidden(s.View, prop.Nodes)
}
