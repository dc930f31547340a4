package diff

import (
	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// Nearest gives, by fingerprint, the position in the head that is nearest to a change
// without one: the neighbour before the removed element, or else its parent. A change whose
// parent was removed too has no entry.
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

// neighbour finds where the removed edge would be in the parent's new text.
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
