package openapi

import (
	"context"
	"path/filepath"

	"plimsoll/contracts/document"
)

// Unchanged knows which parts of two versions cannot differ: their text is equal, and none
// of their $refs leads to a part that differs. It is computed once per comparison, by
// following the $refs backwards from what differs.
type Unchanged struct {
	// off: equal text proves nothing, since the versions of OpenAPI differ.
	off   bool
	base  map[*document.Doc]string // path relative to the contract's folder
	head  map[*document.Doc]string
	count map[*document.Doc][]int32 // number of dirty $refs before the k-th
	apart map[document.Node]bool    // of the base: schemas of which a subtype differs
}

// unit is the target of a $ref of one file, in both versions.
type unit struct {
	b, h  document.Node
	dirty bool
	users []int32 // units whose text holds a $ref to this one
}

// FindUnchanged compares the texts of two versions.
func FindUnchanged(ctx context.Context, base, head *Contract) (*Unchanged, error) {
	d := &Unchanged{base: relatives(base), head: relatives(head), count: map[*document.Doc][]int32{}}
	if base.version.jsonSchema() != head.version.jsonSchema() || base.version.swagger != head.version.swagger {
		d.off = true
		return d, nil
	}
	headDocs := map[string]*document.Doc{}
	for doc, name := range d.head {
		headDocs[name] = doc
	}
	var units []unit
	unitOf := map[*document.Doc][]int32{} // by $ref; -1 for data that looks like a $ref
	for doc, name := range d.base {
		t := base.targets[doc]
		other := head.targets[headDocs[name]]
		first := int32(len(units))
		for range t.nodes {
			units = append(units, unit{dirty: true})
		}
		for text, id := range t.text {
			u := &units[first+id]
			u.b = t.nodes[id]
			if other != nil {
				if h, ok := other.text[text]; ok {
					u.h = other.nodes[h]
				}
			}
			u.dirty = !d.sameText(u.b, u.h)
		}
		ids := make([]int32, len(t.of))
		for k, id := range t.of {
			if ids[k] = -1; id >= 0 {
				ids[k] = first + id
			}
		}
		unitOf[doc] = ids
	}
	if err := spread(ctx, units, unitOf); err != nil {
		return nil, err
	}
	if err := d.spreadToBases(ctx, base, head, units, unitOf); err != nil {
		return nil, err
	}
	for doc, ids := range unitOf {
		counts := make([]int32, len(ids)+1)
		for k, id := range ids {
			counts[k+1] = counts[k]
			if id < 0 || units[id].dirty {
				counts[k+1]++
			}
		}
		d.count[doc] = counts
	}
	return d, nil
}

// spreadToBases marks the schemas dirty of which a subtype differs: their own text does not
// refer to it.
func (d *Unchanged) spreadToBases(ctx context.Context, base, head *Contract, units []unit, unitOf map[*document.Doc][]int32) error {
	old, now := subtypes(base), subtypes(head)
	if len(old) == 0 && len(now) == 0 {
		return nil
	}
	d.apart = map[document.Node]bool{}
	dirty := func(n document.Node) bool { // as it stands now
		from, to := n.RefsIn()
		for k := from; k < to; k++ {
			if id := unitOf[n.Doc()][k]; id < 0 || units[id].dirty {
				return true
			}
		}
		return false
	}
	for changed := true; changed; {
		changed = false
		for id := range units {
			u := &units[id]
			if u.dirty || len(old[u.b]) == 0 && len(now[u.h]) == 0 {
				continue
			}
			differs := len(old[u.b]) != len(now[u.h])
			for i := 0; i < len(old[u.b]) && !differs; i++ {
				b, h := old[u.b][i], now[u.h][i]
				differs = b.Name != h.Name || !d.sameText(b.Node, h.Node) || dirty(b.Node)
			}
			if differs {
				u.dirty, changed = true, true
				d.apart[u.b] = true
			}
		}
		if changed {
			if err := spread(ctx, units, unitOf); err != nil {
				return err
			}
		}
	}
	return nil
}

// spread marks every unit dirty that refers to a dirty one.
func spread(ctx context.Context, units []unit, unitOf map[*document.Doc][]int32) error {
	var queue []int32
	for id := range units {
		u := &units[id]
		if u.dirty {
			queue = append(queue, int32(id))
			continue
		}
		if id%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		from, to := u.b.RefsIn()
		ids := unitOf[u.b.Doc()]
		for k := from; k < to; k++ {
			if ids[k] < 0 {
				u.dirty = true
				continue
			}
			used := &units[ids[k]]
			used.users = append(used.users, int32(id))
		}
		if u.dirty {
			queue = append(queue, int32(id))
		}
	}
	for len(queue) > 0 {
		id := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, user := range units[id].users {
			if !units[user].dirty {
				units[user].dirty = true
				queue = append(queue, user)
			}
		}
	}
	return nil
}

// relatives gives the path of each file relative to the folder of the contract's first
// file. The first file is "." whatever its name.
func relatives(c *Contract) map[*document.Doc]string {
	names := make(map[*document.Doc]string, len(c.docs))
	dir := filepath.Dir(c.path)
	for file, doc := range c.docs {
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			rel = file
		}
		names[doc] = rel
	}
	names[c.root] = "."
	return names
}

// SameFile tells whether two nodes, of either version, are in the same file of the
// contract. The first file may have a different name in each version.
func (d *Unchanged) SameFile(a, b document.Node) bool { return d.file(a.Doc()) == d.file(b.Doc()) }

func (d *Unchanged) file(doc *document.Doc) string {
	if name, ok := d.base[doc]; ok {
		return name
	}
	return d.head[doc]
}

func (d *Unchanged) sameText(b, h document.Node) bool {
	return b.Valid() && h.Valid() && d.base[b.Doc()] == d.head[h.Doc()] && document.SameText(b, h)
}

// Same is true if a base node and a head node cannot differ, including everything that
// they refer to. False proves nothing.
func (d *Unchanged) Same(b, h document.Node) bool {
	if !b.Valid() || !h.Valid() {
		return !b.Valid() && !h.Valid()
	}
	if d.off || !d.sameText(b, h) || d.apart[b] {
		return false
	}
	from, to := b.RefsIn()
	counts := d.count[b.Doc()]
	return from >= to || counts[to] == counts[from]
}

// SameAll is Same for lists of nodes.
func (d *Unchanged) SameAll(b, h []document.Node) bool {
	if len(b) != len(h) {
		return false
	}
	for i := range b {
		if !d.Same(b[i], h[i]) {
			return false
		}
	}
	return true
}
