package document

import (
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
	end := t[n.i].next
	switch t[n.i].kind {
	case Object:
		for i := n.i + 1; i < end; {
			v := t[i].next
			if index < t[v].next {
				return Node{n.d, v}, n.d.value(i)
			}
			i = t[v].next
		}
	case Array:
		at := 0
		for i := n.i + 1; i < end; i = t[i].next {
			if index < t[i].next {
				return Node{n.d, i}, strconv.Itoa(at)
			}
			at++
		}
	}
	return Node{}, ""
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

// Find follows an RFC 6901 pointer ("" or "/a/b") from the root. The zero Node
// where it leads nowhere.
func (f *Finder) Find(pointer string) Node {
	n := f.doc.Root()
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
