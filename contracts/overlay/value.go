package overlay

import (
	"slices"

	"github.com/theory/jsonpath/spec"

	"plimsoll/contracts/document"
)

// value is one node of the document that is changed. It keeps the node that it came from.
type value struct {
	origin  document.Node
	kind    document.Kind
	parent  *value
	key     string
	keyNode document.Node
	keys    []string // of an object, in order
	members map[string]*value
	items   []*value
	data    any // what JSONPath selects from; nil where it has to be made anew
}

// tree builds values and counts them.
type tree struct{ nodes, depth int }

func (t *tree) of(n document.Node, depth int) *value {
	t.nodes++
	t.depth = max(t.depth, depth)
	v := &value{origin: n, kind: n.Kind()}
	if t.nodes > maxNodes || depth > maxDepth {
		return v // which is refused
	}
	for name, child := range n.Members() {
		v.set(name, child.KeyNode(), t.of(child, depth+1))
	}
	for _, child := range n.Items() {
		v.append(t.of(child, depth+1))
	}
	return v
}

// clone copies a value with all below it, for a place at that depth.
func (t *tree) clone(v *value, depth int) *value {
	t.nodes++
	t.depth = max(t.depth, depth)
	out := &value{origin: v.origin, kind: v.kind}
	if t.nodes > maxNodes || depth > maxDepth {
		return out // which is refused
	}
	for _, name := range v.keys {
		out.set(name, v.members[name].keyNode, t.clone(v.members[name], depth+1))
	}
	for _, item := range v.items {
		out.append(t.clone(item, depth+1))
	}
	return out
}

func (v *value) depth() int {
	depth := 0
	for at := v.parent; at != nil; at = at.parent {
		depth++
	}
	return depth
}

func (v *value) changed() {
	for at := v; at != nil; at = at.parent {
		at.data = nil
	}
}

func (v *value) set(name string, keyNode document.Node, child *value) {
	if v.members == nil {
		v.members = map[string]*value{}
	}
	if v.members[name] == nil {
		v.keys = append(v.keys, name)
	}
	child.parent, child.key, child.keyNode = v, name, keyNode
	v.members[name] = child
}

func (v *value) append(child *value) {
	child.parent = v
	v.items = append(v.items, child)
}

// remove takes the value out of what holds it.
func (v *value) remove() {
	p := v.parent
	if p.kind == document.Array {
		p.items = slices.DeleteFunc(p.items, func(item *value) bool { return item == v })
	} else if p.members[v.key] == v {
		delete(p.members, v.key)
		p.keys = slices.DeleteFunc(p.keys, func(name string) bool { return name == v.key })
	}
	p.changed()
}

// plain gives the value as JSONPath expressions need it.
func (v *value) plain() any {
	if v.data != nil {
		return v.data
	}
	switch v.kind {
	case document.Object:
		data := make(map[string]any, len(v.keys))
		for _, name := range v.keys {
			data[name] = v.members[name].plain()
		}
		v.data = data
	case document.Array:
		data := make([]any, 0, len(v.items))
		for _, item := range v.items {
			data = append(data, item.plain())
		}
		v.data = data
	case document.String:
		v.data = v.origin.Text()
	case document.Bool:
		v.data = v.origin.True()
	case document.Number:
		f, _ := v.origin.Float()
		v.data = f
	}
	return v.data
}

// at follows a normalized path.
func (v *value) at(path spec.NormalizedPath) *value {
	for _, step := range path {
		switch s := step.(type) {
		case spec.Name:
			v = v.members[string(s)]
		case spec.Index:
			v = v.items[int(s)]
		}
	}
	return v
}

// isPrimitive tells whether a value is no object and no array.
func (v *value) isPrimitive() bool { return v.kind != document.Object && v.kind != document.Array }

// write writes the value.
func (v *value) write(b *document.Builder) {
	switch v.kind {
	case document.Object:
		b.Object(v.origin, func() {
			for _, name := range v.keys {
				b.Key(name, v.members[name].keyNode)
				v.members[name].write(b)
			}
		})
	case document.Array:
		b.Array(v.origin, func() {
			for _, item := range v.items {
				item.write(b)
			}
		})
	default:
		b.Copy(v.origin)
	}
}
