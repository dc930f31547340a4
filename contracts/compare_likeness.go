package contracts

import (
	"cmp"
	"slices"
)

// How alike the properties of two branches must be to be taken for the same one:
// the share of names that both have. Names that differ ask for more.
const (
	leastLikeness      = 0.4
	leastLikenessNamed = 0.7
)

// matchLikeness pairs the objects that are left of two unions with those that
// resemble them most. Any pairing is sound, since what differs within a pair is
// reported; a good one says it briefly.
func (w *schemaWork) matchLikeness(b, h []branch, usedB, usedH []bool, take func(i, j int)) {
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
			if b[i].name != "" && h[j].name != "" {
				least = leastLikenessNamed
			}
			x, y := w.c.base.decoded(w.c.base.schema(b[i].node)), w.c.head.decoded(w.c.head.schema(h[j].node))
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
func likeness(x, y *schema) float64 {
	common := 0
	for i := range x.props {
		other, ok := y.property(x.props[i].name)
		if !ok {
			continue
		}
		common++
		if a, b := soleValue(x.props[i]), soleValue(*other); a != b && a != "" && b != "" {
			return 0
		}
	}
	all := len(x.props) + len(y.props) - common
	if all == 0 {
		return 0
	}
	return float64(common) / float64(all)
}

// soleValue gives the one value that a property may have; "" where there are more.
func soleValue(p property) string {
	for _, n := range p.nodes {
		if c := n.Get("const"); c.Valid() {
			return literalKey(c)
		}
		if e := n.Get("enum"); e.Len() == 1 {
			for _, item := range e.Items() {
				return literalKey(item)
			}
		}
	}
	return ""
}
