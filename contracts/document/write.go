package document

import "encoding/json"

// JSON writes the document as JSON.
func (d *Doc) JSON() []byte { return d.Root().AppendJSON(make([]byte, 0, len(d.src))) }

// AppendJSON writes a value as JSON, members in the order of the file. Numbers
// that JSON can't hold are written as strings.
func (n Node) AppendJSON(b []byte) []byte { return n.AppendJSONWithout(b, nil) }

// AppendJSONWithout is AppendJSON without the members and items for whose values
// skip gives true; a nil skip leaves out nothing.
func (n Node) AppendJSONWithout(b []byte, skip func(Node) bool) []byte {
	switch n.Kind() {
	case Object:
		b = append(b, '{')
		first := true
		for name, value := range n.Members() {
			if skip != nil && skip(value) {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = appendString(b, name)
			b = append(b, ':')
			b = value.AppendJSONWithout(b, skip)
		}
		return append(b, '}')
	case Array:
		b = append(b, '[')
		first := true
		for _, value := range n.Items() {
			if skip != nil && skip(value) {
				continue
			}
			if !first {
				b = append(b, ',')
			}
			first = false
			b = value.AppendJSONWithout(b, skip)
		}
		return append(b, ']')
	case Bool:
		if n.True() {
			return append(b, "true"...)
		}
		return append(b, "false"...)
	case Number:
		text := n.Text()
		if isJSONNumber(text) {
			return append(b, text...)
		}
		if f, ok := n.Float(); ok {
			if out, err := json.Marshal(f); err == nil {
				return append(b, out...)
			}
		}
		return appendString(b, text)
	case String:
		return appendString(b, n.Text())
	default:
		return append(b, "null"...)
	}
}

func appendString(b []byte, s string) []byte {
	out, err := json.Marshal(s)
	if err != nil {
		return append(b, '"', '"')
	}
	return append(b, out...)
}

// Positions collects positions for a document that was made from another.
type Positions []lineColumn

// Positions gives room for the positions of the document's nodes.
func (d *Doc) Positions() Positions { return make(Positions, len(d.tape)) }

// Put gives one node the position of another, and leaves what is below it.
func (p Positions) Put(n, origin Node) {
	line, column := origin.Position()
	p[n.i] = lineColumn{uint32(line), uint32(column)}
}

// PutKey gives the key of a member's value the position of another node.
func (p Positions) PutKey(value, origin Node) {
	if value.i == 0 || !origin.Valid() {
		return
	}
	line, column := origin.Position()
	p[value.i-1] = lineColumn{uint32(line), uint32(column)}
}

// Set makes the collected positions the document's own.
func (p Positions) Set(d *Doc) { d.at = p }
