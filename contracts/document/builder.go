package document

import (
	"fmt"
	"slices"
)

// Builder writes a document that is made from another one. Each value and key keeps the
// position of the node that it was made from.
type Builder struct {
	text  []byte
	at    []lineColumn
	from  []uint16 // by node: the source of its position
	docs  []*Doc
	comma bool
	limit int
}

// NewBuilder gives an empty Builder. The text may have that many bytes; 0 sets no limit.
func NewBuilder(limit int) *Builder { return &Builder{limit: limit} }

// Full tells whether the text is longer than allowed. What is written then has no effect.
func (b *Builder) Full() bool { return b.limit > 0 && len(b.text) > b.limit }

// value begins a value, which is placed at a node.
func (b *Builder) value(origin Node) {
	if b.comma {
		b.text = append(b.text, ',')
	}
	b.comma = true
	b.place(origin)
}

func (b *Builder) place(origin Node) {
	line, column := origin.Position()
	b.at = append(b.at, lineColumn{uint32(line), uint32(column)})
	source := origin.source()
	k := slices.Index(b.docs, source)
	if k < 0 {
		k = len(b.docs)
		b.docs = append(b.docs, source)
	}
	b.from = append(b.from, uint16(k))
}

// Object writes an object; the function writes its members.
func (b *Builder) Object(origin Node, members func()) { b.nest(origin, '{', '}', members) }

// Array writes an array; the function writes its items.
func (b *Builder) Array(origin Node, items func()) { b.nest(origin, '[', ']', items) }

func (b *Builder) nest(origin Node, open, end byte, inside func()) {
	if b.Full() {
		return
	}
	b.value(origin)
	b.text = append(b.text, open)
	b.comma = false
	inside()
	b.text = append(b.text, end)
	b.comma = true
}

// Key writes the key of a member. Its value must be written next.
func (b *Builder) Key(name string, origin Node) {
	if b.Full() {
		return
	}
	b.value(origin)
	b.text = append(appendString(b.text, name), ':')
	b.comma = false
}

// String writes a string.
func (b *Builder) String(text string, origin Node) {
	if b.Full() {
		return
	}
	b.value(origin)
	b.text = appendString(b.text, text)
}

// Bool writes a boolean.
func (b *Builder) Bool(v bool, origin Node) {
	if b.Full() {
		return
	}
	b.value(origin)
	b.text = fmt.Appendf(b.text, "%t", v)
}

// Copy writes a node with all that is below it.
func (b *Builder) Copy(n Node) {
	switch {
	case b.Full():
	case n.Kind() == Object:
		b.Object(n, func() {
			for name, child := range n.Members() {
				b.Member(name, child)
			}
		})
	case n.Kind() == Array:
		b.Array(n, func() {
			for _, item := range n.Items() {
				b.Copy(item)
			}
		})
	default:
		b.value(n)
		b.text = n.AppendJSON(b.text)
	}
}

// Member writes a member with a value that another object has.
func (b *Builder) Member(name string, value Node) {
	b.Key(name, value.KeyNode())
	b.Copy(value)
}

// Doc gives the document.
func (b *Builder) Doc(file string, limits Limits) (*Doc, error) {
	d, err := Parse(file, b.text, limits)
	if err != nil {
		return nil, err
	}
	if len(d.tape) != len(b.at) {
		return nil, fmt.Errorf("built %d nodes, read %d", len(b.at), len(d.tape))
	}
	d.at = b.at
	if d.sources = b.docs; len(b.docs) > 1 {
		d.from = b.from
	}
	return d, nil
}
