package diff

import (
	"cmp"
	"slices"

	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// branchNames gives the names by which a pattern may speak of a branch: the
// schema's name or title, and the values that the discriminator gives it.
func (w *schemaWork) branchNames(v *openapi.View, discriminator document.Node, br openapi.Branch) []string {
	return v.BranchNames(discriminator, br)
}

// match pairs the branches of two unions: by discriminator value, by name, by
// structure, and what is left by type where that is unambiguous.
func (w *schemaWork) match(b, h []openapi.Branch) (pairs [][2]int, gone, fresh []int) {
	usedB, usedH := make([]bool, len(b)), make([]bool, len(h))
	take := func(i, j int) {
		usedB[i], usedH[j] = true, true
		pairs = append(pairs, [2]int{i, j})
	}
	byKey := func(key func(v *openapi.View, s *openapi.Schema, br openapi.Branch) string) {
		index := map[string]int{}
		for j := len(h) - 1; j >= 0; j-- {
			if k := key(w.c.head, w.h, h[j]); k != "" && !usedH[j] {
				index[k] = j
			}
		}
		for i := range b {
			if usedB[i] {
				continue
			}
			if k := key(w.c.base, w.b, b[i]); k != "" {
				if j, ok := index[k]; ok && !usedH[j] {
					take(i, j)
				}
			}
		}
	}
	w.matchWires(b, h, usedB, usedH, take)
	byKey(func(_ *openapi.View, _ *openapi.Schema, br openapi.Branch) string { return br.Name })
	w.matchStructure(b, h, usedB, usedH, take)
	byKey(func(v *openapi.View, _ *openapi.Schema, br openapi.Branch) string {
		return w.soleType(v, br, b, h, usedB, usedH)
	})
	w.matchLikeness(b, h, usedB, usedH, take)
	for i := range b {
		if !usedB[i] {
			gone = append(gone, i)
		}
	}
	for j := range h {
		if !usedH[j] {
			fresh = append(fresh, j)
		}
	}
	return pairs, gone, fresh
}

// matchWires pairs branches to which the same value of the discriminator leads. A value that
// leads to several branches says nothing of which is which.
func (w *schemaWork) matchWires(b, h []openapi.Branch, usedB, usedH []bool, take func(i, j int)) {
	index := map[document.Node]int{}
	for j := len(h) - 1; j >= 0; j-- {
		index[w.c.head.Canonical(h[j].Node)] = j
	}
	old, now := w.c.base.Wires(w.b), w.c.head.Wires(w.h)
	several := map[string]bool{}
	for _, wires := range [][]openapi.Wire{old, now} {
		first := map[string]document.Node{}
		for _, wire := range wires {
			if target, seen := first[wire.Value]; seen && target != wire.Target {
				several[wire.Value] = true
			}
			first[wire.Value] = wire.Target
		}
	}
	at := map[string]int{}
	for _, wire := range now {
		if j, ok := index[wire.Target]; ok && !several[wire.Value] {
			at[wire.Value] = j
		}
	}
	for i := range b {
		target := w.c.base.Canonical(b[i].Node)
		for _, wire := range old {
			if j, ok := at[wire.Value]; ok && wire.Target == target && !usedB[i] && !usedH[j] {
				take(i, j)
			}
		}
	}
}

// maxStructureMatches bounds how many pairs of branches are compared by
// structure in one union.
const maxStructureMatches = 4096

func (w *schemaWork) matchStructure(b, h []openapi.Branch, usedB, usedH []bool, take func(i, j int)) {
	tries := 0
	for i := range b {
		for j := range h {
			if usedB[i] {
				break
			}
			if usedH[j] {
				continue
			}
			if tries++; tries > maxStructureMatches {
				return
			}
			if w.c.sameMeaning(b[i].Node, h[j].Node) {
				take(i, j)
			}
		}
	}
}

// soleType gives a branch's types where no other branch that is left has them.
func (w *schemaWork) soleType(v *openapi.View, br openapi.Branch, b, h []openapi.Branch, usedB, usedH []bool) string {
	types := v.Outline(br.Node) &^ openapi.TypeNull
	if types&openapi.TypeObject != 0 && br.Name != "" {
		return "" // shared schemas go by their names, or by what they resemble
	}
	count := 0
	for i := range b {
		if !usedB[i] && w.c.base.Outline(b[i].Node)&^openapi.TypeNull == types {
			count++
		}
	}
	for j := range h {
		if !usedH[j] && w.c.head.Outline(h[j].Node)&^openapi.TypeNull == types {
			count++
		}
	}
	if count != 2 {
		return ""
	}
	return types.String()
}

// How alike the properties of two branches must be to be taken for the same one:
// the share of names that both have. Names that differ ask for more.
const (
	leastLikeness      = 0.4
	leastLikenessNamed = 0.7
)

// matchLikeness pairs the objects that are left of two unions with those that
// resemble them most. Any pairing is sound, since what differs within a pair is
// reported; a good one says it briefly.
func (w *schemaWork) matchLikeness(b, h []openapi.Branch, usedB, usedH []bool, take func(i, j int)) {
	type candidate struct {
		i, j  int
		share float64
	}
	var list []candidate
	if len(b)*len(h) > maxStructureMatches {
		return
	}
	for i := range b {
		for j := range h {
			if usedB[i] || usedH[j] {
				continue
			}
			least := leastLikeness
			if b[i].Name != "" && h[j].Name != "" {
				least = leastLikenessNamed
			}
			x, y := w.c.base.Decode(w.c.base.Schema(b[i].Node)), w.c.head.Decode(w.c.head.Schema(h[j].Node))
			if share := likeness(x, y); share >= least {
				list = append(list, candidate{i, j, share})
			}
		}
	}
	slices.SortStableFunc(list, func(x, y candidate) int { return cmp.Compare(y.share, x.share) })
	for _, c := range list {
		if !usedB[c.i] && !usedH[c.j] {
			take(c.i, c.j)
		}
	}
}

// likeness is the share of property names that two objects have in common; a
// property that must have another single value tells them apart for good.
func likeness(x, y *openapi.Schema) float64 {
	common := 0
	for i := range x.Properties {
		other, ok := y.Property(x.Properties[i].Name)
		if !ok {
			continue
		}
		common++
		if a, b := soleValue(x.Properties[i]), soleValue(*other); a != b && a != "" && b != "" {
			return 0
		}
	}
	all := len(x.Properties) + len(y.Properties) - common
	if all == 0 {
		return 0
	}
	return float64(common) / float64(all)
}

// soleValue gives the one value that a property may have; "" where there are more.
func soleValue(p openapi.Property) string {
	for _, n := range p.Nodes {
		if c := n.Get("const"); c.Valid() {
			return openapi.LiteralKey(c)
		}
		if e := n.Get("enum"); e.Len() == 1 {
			for _, item := range e.Items() {
				return openapi.LiteralKey(item)
			}
		}
	}
	return ""
}
