package document

import (
	"iter"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Path gives the way from the root to the node: names of members, numbers of
// items.
func (n Node) Path() []string {
	var path []string
	if n.d == nil {
		return nil
	}
	at := n.d.Root()
	for at.i != n.i {
		next, step := at.childHolding(n.i)
		if !next.Valid() {
			return path
		}
		path = append(path, step)
		at = next
	}
	return path
}

// Ancestors gives every node from the root down to the node's parent.
func (n Node) Ancestors() []Node {
	var nodes []Node
	if n.d == nil {
		return nil
	}
	for at := n.d.Root(); at.Valid() && at.i != n.i; at, _ = at.childHolding(n.i) {
		nodes = append(nodes, at)
	}
	return nodes
}

// childHolding gives the child whose subtree holds the index.
func (n Node) childHolding(index int32) (Node, string) {
	t := n.d.tape
	if t[n.i].kind != Object && t[n.i].kind != Array {
		return Node{}, ""
	}
	if t[n.i].next-n.i >= largeObject {
		children := n.d.childrenOf(n.i)
		at := sort.Search(len(children), func(k int) bool { return index < t[children[k]].next })
		if at == len(children) {
			return Node{}, ""
		}
		return n.d.child(n.i, children[at], at)
	}
	at := 0
	for v := range n.d.children(n.i) {
		if index < t[v].next {
			return n.d.child(n.i, v, at)
		}
		at++
	}
	return Node{}, ""
}

// child gives a value with its step from the parent.
func (d *Doc) child(parent, value int32, at int) (Node, string) {
	if d.tape[parent].kind == Object {
		return Node{d, value}, d.value(value - 1)
	}
	return Node{d, value}, strconv.Itoa(at)
}

// children goes over the values of an object or array.
func (d *Doc) children(parent int32) iter.Seq[int32] {
	return func(yield func(int32) bool) {
		t := d.tape
		for i, end := parent+1, t[parent].next; i < end; {
			v := i
			if t[parent].kind == Object {
				v = t[i].next
			}
			if !yield(v) {
				return
			}
			i = t[v].next
		}
	}
}

// childrenOf gives the values of a large object or array; it remembers them.
func (d *Doc) childrenOf(parent int32) []int32 {
	if known, ok := d.large.Load(parent); ok {
		return known.([]int32)
	}
	children := slices.Collect(d.children(parent))
	d.large.Store(parent, children)
	return children
}

// Below tells whether the node stands in the subtree of another (or is it).
func (n Node) Below(other Node) bool {
	return n.d != nil && n.d == other.d && n.i >= other.i && n.i < other.d.tape[other.i].next
}

// Finder resolves JSON pointers in one document; it remembers the members of
// large objects.
type Finder struct {
	doc   *Doc
	large map[int32]map[string]int32
}

// NewFinder gives a Finder for a document.
func NewFinder(d *Doc) *Finder { return &Finder{doc: d, large: map[int32]map[string]int32{}} }

// largeObject is from how many tape entries on an object's members are indexed.
const largeObject = 256

// Find follows an RFC 6901 pointer ("" or "/a/b") from a node of the document. It gives the
// zero Node where that leads nowhere.
func (f *Finder) Find(n Node, pointer string) Node {
	if pointer == "" {
		return n
	}
	if pointer[0] != '/' {
		return Node{}
	}
	for step := range strings.SplitSeq(pointer[1:], "/") {
		if strings.IndexByte(step, '~') >= 0 {
			step = strings.ReplaceAll(strings.ReplaceAll(step, "~1", "/"), "~0", "~")
		}
		n = f.step(n, step)
		if !n.Valid() {
			return n
		}
	}
	return n
}

func (f *Finder) step(n Node, step string) Node {
	switch n.Kind() {
	case Object:
		t := f.doc.tape
		if t[n.i].next-n.i < largeObject {
			return n.Get(step)
		}
		names, ok := f.large[n.i]
		if !ok {
			names = map[string]int32{}
			for i, end := n.i+1, t[n.i].next; i < end; {
				v := t[i].next
				if name := f.doc.value(i); names[name] == 0 {
					names[name] = v
				}
				i = t[v].next
			}
			f.large[n.i] = names
		}
		if v := names[step]; v != 0 {
			return Node{f.doc, v}
		}
	case Array:
		at, err := strconv.Atoi(step)
		if err != nil {
			return Node{}
		}
		for i, item := range n.Items() {
			if i == at {
				return item
			}
		}
	}
	return Node{}
}
