package diff

import (
	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// Nearest gives, by fingerprint, the place at the head that is nearest to a
// change which has none there: the neighbour before what was removed, else what
// held it. A change whose holder has gone as well has no entry.
func (c *Comparison) Nearest() map[string]contracts.Position {
	near := map[string]contracts.Position{}
	for _, f := range c.found {
		if f.Source.Head != nil {
			continue
		}
		for _, at := range f.pairs {
			if holder := c.pairs[at].h; holder.Valid() {
				near[f.Fingerprint] = openapi.PositionOf(neighbour(c.pairs[at].b, holder, f.Edge))
				break
			}
		}
	}
	return near
}

// neighbour finds where in the holder's new text the removed edge would stand.
func neighbour(old, holder document.Node, edge contracts.Edge) document.Node {
	switch edge.Kind {
	case contracts.KindProperty:
		before, now := old.Get("properties"), holder.Get("properties")
		last := holder.Key("properties")
		for name := range before.Members() {
			if name == edge.Name {
				break
			}
			if now.Get(name).Valid() {
				last = now.Key(name)
			}
		}
		if last.Valid() {
			return last
		}
	case contracts.KindParameter:
		if list := holder.Key("parameters"); list.Valid() {
			return list
		}
	}
	return holder
}
