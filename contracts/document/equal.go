package document

import "strings"

// SameText tells whether both nodes stand as the same bytes, which for values
// of the same format means that they are equal. False says nothing.
func SameText(a, b Node) bool {
	if a.d == nil || b.d == nil || a.d.text != nil || b.d.text != nil || a.d.yaml != b.d.yaml {
		return false
	}
	x, y := &a.d.tape[a.i], &b.d.tape[b.i]
	if x.kind != y.kind || x.next-a.i != y.next-b.i || x.style != y.style || x.end-x.start != y.end-y.start {
		return false
	}
	return a.d.src[x.start:x.end] == b.d.src[y.start:y.end] && (!a.d.yaml || x.kind < Object || a.column() == b.column())
}

// column gives the offset of the node in its line. The same YAML lines mean
// something else where their first key stands in another column.
func (n Node) column() int {
	start := int(n.d.tape[n.i].start)
	return start - strings.LastIndexByte(n.d.src[:start], '\n')
}

// Equal tells whether two values are the same: the order of members, spelling
// and comments do not matter. Numbers are compared by value.
func Equal(a, b Node) bool {
	if a.d == nil || b.d == nil {
		return a.d == nil && b.d == nil
	}
	if a == b || SameText(a, b) {
		return true
	}
	x, y := &a.d.tape[a.i], &b.d.tape[b.i]
	if x.kind != y.kind {
		return false
	}
	switch x.kind {
	case Object:
		if x.next-a.i != y.next-b.i {
			return false
		}
		return equalMembers(a, b)
	case Array:
		if x.next-a.i != y.next-b.i {
			return false
		}
		i, j := a.i+1, b.i+1
		for i < x.next && j < y.next {
			if !Equal(Node{a.d, i}, Node{b.d, j}) {
				return false
			}
			i, j = a.d.tape[i].next, b.d.tape[j].next
		}
		return i == x.next && j == y.next
	case Null:
		return true
	case Bool:
		return isTrue(a.d.value(a.i)) == isTrue(b.d.value(b.i))
	case Number:
		s, t := a.d.value(a.i), b.d.value(b.i)
		if s == t {
			return true
		}
		order, ok := compareNumbers(s, t)
		return ok && order == 0
	default:
		return a.d.value(a.i) == b.d.value(b.i)
	}
}

func equalMembers(a, b Node) bool {
	// most often the order is the same: look at the same place first
	t, u := a.d.tape, b.d.tape
	j, endB := b.i+1, u[b.i].next
	count := 0
	for i, end := a.i+1, t[a.i].next; i < end; {
		v := t[i].next
		name := a.d.value(i)
		var other Node
		if j < endB && b.d.keyIs(j, name) {
			other = Node{b.d, u[j].next}
		} else {
			other = b.Get(name)
		}
		if !other.Valid() || !Equal(Node{a.d, v}, other) {
			return false
		}
		j = u[other.i].next
		i = t[v].next
		count++
	}
	return count == b.Len()
}
