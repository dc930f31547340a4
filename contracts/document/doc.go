// Package document reads JSON and YAML into one flat tape of nodes that keep
// their place in the text.
//
// A [Doc] is one file: its text and, in document order, one fixed-size entry
// for every key and value, each knowing where its subtree ends. Nothing is
// decoded before somebody asks for it, equal text is found by comparing bytes,
// and every node knows its line and column. The package must not know OpenAPI: it only
// collects the members of JSON Schema that refer to a place or name one ("$ref", "$id", …).
package document

import (
	"bytes"
	"fmt"
	"iter"
	"sync"
)

// Kind is the JSON kind of a value.
type Kind uint8

// The kinds; Invalid is the kind of the zero Node.
const (
	Invalid Kind = iota
	Null
	Bool
	Number
	String
	Object
	Array
)

var kindNames = [...]string{"nothing", "null", "a boolean", "a number", "a string", "an object", "an array"}

// String gives the kind with its article, for error texts.
func (k Kind) String() string { return kindNames[k] }

// style says how the text of a scalar stands in the file.
type style uint8

const (
	styleRaw     style = iota // the text itself is the value (JSON literals, YAML plain scalars on one line)
	styleJSON                 // quoted with ", no escapes
	styleEscaped              // quoted with ", with escapes or line breaks
	styleSingle               // quoted with ', perhaps with '' or line breaks
	styleBlock                // YAML | and >
	styleFold                 // YAML plain scalar over several lines
	styleText                 // the value is Doc.text[start]
)

// entry is one node on the tape. An object's children alternate key and value.
type entry struct {
	start, end uint32 // bytes of the text; of an index into text for styleText
	next       int32  // the first entry behind this subtree
	kind       Kind
	style      style
}

// Doc is one file.
type Doc struct {
	// File is the path that the file was read from.
	File string
	src  string
	tape []entry
	text []string
	at   []lineColumn // set where positions can't be computed from start
	// sources, if set, are the documents that this one was made from, where its positions
	// are; from says for each node in which, if there are several.
	sources []*Doc
	from    []uint16
	refs    []int32 // the values of all members "$ref" and "$dynamicRef" that are strings, ascending
	// names are the values of all members "$id", "$anchor" and "$dynamicAnchor" that are
	// strings, ascending.
	names []int32
	yaml  bool
	line  lineTable
	// large are the values of large objects and arrays whose parts were looked for.
	large sync.Map // of []int32 by int32
	// depth is the limit that was kept, of JSON.
	depth int
}

type lineColumn struct{ line, column uint32 }

// Node is one value of a Doc. The zero Node is "not there": every method works
// on it and gives nothing. Nodes of the same Doc are equal when they are the
// same place.
type Node struct {
	d *Doc
	i int32
}

// Root gives the document's value.
func (d *Doc) Root() Node {
	if len(d.tape) == 0 {
		return Node{}
	}
	return Node{d, 0}
}

// Size gives the length of the text in bytes.
func (d *Doc) Size() int { return len(d.src) }

// Weight estimates the memory held, in bytes.
func (d *Doc) Weight() int {
	weight := 0
	for _, source := range d.sources {
		weight += source.Weight()
	}
	return weight + len(d.src) + 16*len(d.tape) + 8*len(d.at) + 4*len(d.refs) + 4*len(d.names)
}

// Source gives the text as it was read.
func (d *Doc) Source() string { return d.src }

// Holds tells whether the document was made of these bytes.
func (d *Doc) Holds(data []byte) bool {
	return string(bytes.TrimPrefix(data, []byte(byteOrderMark))) == d.src
}

// Valid tells whether the node exists.
func (n Node) Valid() bool { return n.d != nil }

// Doc gives the document that holds the node; nil for the zero Node.
func (n Node) Doc() *Doc { return n.d }

// Index is the node's place on its document's tape.
func (n Node) Index() int { return int(n.i) }

// End is the index behind the node's subtree: nodes below n have an index in
// [Index, End).
func (n Node) End() int {
	if n.d == nil {
		return 0
	}
	return int(n.d.tape[n.i].next)
}

// At gives the node with that index.
func (d *Doc) At(i int) Node { return Node{d, int32(i)} }

// Kind gives the value's kind.
func (n Node) Kind() Kind {
	if n.d == nil {
		return Invalid
	}
	return n.d.tape[n.i].kind
}

// IsNull tells whether the value is null.
func (n Node) IsNull() bool { return n.Kind() == Null }

// Get gives the member of an object; the zero Node where there is none.
func (n Node) Get(key string) Node {
	if n.Kind() != Object {
		return Node{}
	}
	t := n.d.tape
	for i, end := n.i+1, t[n.i].next; i < end; {
		v := t[i].next
		if n.d.keyIs(i, key) {
			return Node{n.d, v}
		}
		i = t[v].next
	}
	return Node{}
}

// Key gives the key node of a member, for its position.
func (n Node) Key(key string) Node {
	if v := n.Get(key); v.Valid() {
		return Node{n.d, v.i - 1}
	}
	return Node{}
}

// Members goes over an object's members in the order of the file.
func (n Node) Members() iter.Seq2[string, Node] {
	return func(yield func(string, Node) bool) {
		if n.Kind() != Object {
			return
		}
		t := n.d.tape
		for i, end := n.i+1, t[n.i].next; i < end; {
			v := t[i].next
			if !yield(n.d.value(i), Node{n.d, v}) {
				return
			}
			i = t[v].next
		}
	}
}

// Items goes over an array's items.
func (n Node) Items() iter.Seq2[int, Node] {
	return func(yield func(int, Node) bool) {
		if n.Kind() != Array {
			return
		}
		t := n.d.tape
		at := 0
		for i, end := n.i+1, t[n.i].next; i < end; i = t[i].next {
			if !yield(at, Node{n.d, i}) {
				return
			}
			at++
		}
	}
}

// Len counts members or items; it walks them.
func (n Node) Len() int {
	count := 0
	switch n.Kind() {
	case Object:
		for range n.Members() {
			count++
		}
	case Array:
		for range n.Items() {
			count++
		}
	}
	return count
}

// Text gives a scalar's value as text: a string decoded, anything else as it is
// written. "" for objects, arrays and the zero Node.
func (n Node) Text() string {
	switch n.Kind() {
	case Invalid, Object, Array:
		return ""
	}
	return n.d.value(n.i)
}

// Str gives the value of a string; "" for anything else.
func (n Node) Str() string {
	if n.Kind() != String {
		return ""
	}
	return n.d.value(n.i)
}

// True tells whether the value is the boolean true.
func (n Node) True() bool { return n.Kind() == Bool && isTrue(n.d.value(n.i)) }

// False tells whether the value is the boolean false.
func (n Node) False() bool { return n.Kind() == Bool && !isTrue(n.d.value(n.i)) }

func isTrue(s string) bool { return s == "true" || s == "True" || s == "TRUE" }

// Ref is one member "$ref" or "$dynamicRef" of a document.
type Ref struct {
	Target string // as written
	Value  Node   // the string
}

// Dynamic tells whether the member is "$dynamicRef".
func (r Ref) Dynamic() bool { return r.Value.d.keyIs(r.Value.i-1, dynamicRef) }

// Refs counts the members "$ref" and "$dynamicRef" that hold strings.
func (d *Doc) Refs() int { return len(d.refs) }

// Ref gives the k-th of them.
func (d *Doc) Ref(k int) Ref {
	n := Node{d, d.refs[k]}
	return Ref{Target: n.Str(), Value: n}
}

// Names goes over the values of the members "$id", "$anchor" and "$dynamicAnchor" that
// are strings.
func (d *Doc) Names() iter.Seq2[string, Node] {
	return func(yield func(string, Node) bool) {
		for _, i := range d.names {
			if !yield(d.value(i-1), Node{d, i}) {
				return
			}
		}
	}
}

const dynamicRef = "$dynamicRef"

// note keeps the value that comes next if its key refers to a place or names one.
func (d *Doc) note(key string, value int32) {
	switch key {
	case "$ref", dynamicRef:
		d.refs = append(d.refs, value)
	case "$id", "$anchor", "$dynamicAnchor":
		d.names = append(d.names, value)
	}
}

// RefsIn gives the range [from, to) of the refs that stand below the node.
func (n Node) RefsIn() (from, to int) {
	if n.d == nil {
		return 0, 0
	}
	return search(n.d.refs, n.i), search(n.d.refs, n.d.tape[n.i].next)
}

// search gives the first index whose value is at least x.
func search(s []int32, x int32) int {
	lo, hi := 0, len(s)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if s[mid] < x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// Error is a fault of the text, with its place.
type Error struct {
	Line, Column int
	Message      string
	// Hint says what to do; it may be empty.
	Hint string
}

// Error gives "line:column: message".
func (e *Error) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message) }

// KeyNode gives the key that the value of an object's member stands behind. It
// must not be called for items or for the root.
func (n Node) KeyNode() Node {
	if n.d == nil || n.i == 0 {
		return n
	}
	return Node{n.d, n.i - 1}
}

// FirstValid gives the first node that exists; the zero Node where none does.
func FirstValid(nodes ...Node) Node {
	for _, n := range nodes {
		if n.Valid() {
			return n
		}
	}
	return Node{}
}
