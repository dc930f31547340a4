package readiness

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
)

// block is a YAML mapping or list of which each entry has lines of its own. Its text is
// kept as it was written: only what two blocks both have is put together.
type block struct {
	// column is how many blanks stand before it.
	column   int
	list     bool
	elements []*element
}

// element is an entry of a mapping or an item of a list.
type element struct {
	// key of an entry; nil for an item.
	key *yaml.Node
	// lines are its text without the block's blanks; of one with something below, those
	// that stand above that.
	lines []string
	// below is the block that it holds, if it holds one: for an item, its mapping, of
	// which the first line shares its own with the dash.
	below *block
	// value as a tree, whatever its form.
	value *yaml.Node
}

// parseBlock reads whole lines as a block; nil where they are none.
func parseBlock(text string) *block {
	documents, err := config.ParseTree("snippet.yaml", []byte(text), config.RepositoryBounds)
	if err != nil || len(documents) != 1 {
		return nil
	}
	root := documents[0]
	if root.Kind == yaml.DocumentNode && len(root.Content) == 1 {
		root = root.Content[0]
	}
	if !isBlock(root) {
		return nil
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return newBlock(lines, root, 1, len(lines))
}

func isBlock(n *yaml.Node) bool {
	return (n.Kind == yaml.MappingNode || n.Kind == yaml.SequenceNode) && n.Style&yaml.FlowStyle == 0 && len(n.Content) > 0 && n.Anchor == ""
}

// newBlock takes lines apart, from one to another, counted from 1, that a node stands on.
func newBlock(lines []string, n *yaml.Node, from, to int) *block {
	b := &block{column: n.Column - 1, list: n.Kind == yaml.SequenceNode}
	step := 2
	if b.list {
		step = 1
	}
	for i := 0; i < len(n.Content); i += step {
		end := to
		if i+step < len(n.Content) {
			end = n.Content[i+step].Line - 1
			for end > n.Content[i].Line && strings.HasPrefix(strings.TrimSpace(lines[end-1]), "#") {
				end-- // a comment belongs to what stands below it
			}
		}
		b.elements = append(b.elements, b.newElement(lines, n.Content[i:i+step], from, end))
		from = end + 1
	}
	return b
}

func (b *block) newElement(lines []string, nodes []*yaml.Node, from, to int) *element {
	e := &element{value: nodes[len(nodes)-1]}
	head := to // the last line that is the element's own
	switch first := nodes[0]; {
	case b.list && isBlock(e.value) && e.value.Kind == yaml.MappingNode && first.Line <= to:
		head = first.Line - 1
		behind := slices.Clone(lines)
		behind[head] = strings.Replace(behind[head], "-", " ", 1)
		e.below = newBlock(behind, e.value, first.Line, to)
	case !b.list:
		e.key = first
		if isBlock(e.value) && e.value.Line > first.Line {
			head = first.Line
			e.below = newBlock(lines, e.value, head+1, to)
			e.below.column -= b.column
		}
	}
	if b.list && e.below != nil {
		e.below.column -= b.column
	}
	for _, line := range lines[from-1 : head] {
		e.lines = append(e.lines, strings.TrimPrefix(line, strings.Repeat(" ", min(b.column, len(line)-len(strings.TrimLeft(line, " "))))))
	}
	return e
}

// write gives the block's text, in a column.
func (b *block) write(out *strings.Builder, column int) {
	for _, e := range b.elements {
		for _, line := range e.lines {
			if strings.TrimSpace(line) != "" {
				out.WriteString(strings.Repeat(" ", column))
			}
			out.WriteString(line + "\n")
		}
		switch {
		case e.below == nil:
		case !b.list:
			e.below.write(out, column+e.below.column)
		default:
			var item strings.Builder
			e.below.write(&item, column+e.below.column)
			text := item.String()
			out.WriteString(text[:column] + "-" + text[column+1:])
		}
	}
}

// merge puts another block's elements into this one, which is of the same kind. Where
// both have a key, what it holds is merged if it is a mapping or a list, else it stays
// as it is; the order is that of the one that has more. An item that says no more than
// another one is not put in a second time.
func (b *block) merge(o *block) {
	if b.list {
		for _, item := range o.elements {
			if i := slices.IndexFunc(b.elements, func(e *element) bool { return sameThing(e.value, item.value) }); i >= 0 {
				b.elements[i].merge(item)
			} else {
				b.elements = append(b.elements, item)
			}
		}
		return
	}
	var all []*element
	first, second := b, o
	if len(o.elements) > len(b.elements) {
		first, second = o, b
	}
	for _, e := range first.elements {
		if other := second.entry(e.key.Value); other != nil {
			if first == o { // what stood there before counts
				e, other = other, e
			}
			e.merge(other)
		}
		all = append(all, e)
	}
	for _, e := range second.elements {
		if first.entry(e.key.Value) == nil {
			all = append(all, e)
		}
	}
	b.elements = all
}

func (b *block) entry(key string) *element {
	for _, e := range b.elements {
		if e.key.Value == key {
			return e
		}
	}
	return nil
}

// merge puts what another element holds into this one.
func (e *element) merge(o *element) {
	value := mergeNodes(e.value, o.value)
	switch {
	case e.below != nil && o.below != nil && e.below.list == o.below.list:
		e.below.merge(o.below)
	case sameNodes(value, e.value):
		return
	case sameNodes(value, o.value):
		e.lines, e.below = o.lines, o.below
	default:
		e.lines, e.below = e.written(value), nil
	}
	e.value = value
}

// written gives the element's lines with another value, all on one line.
func (e *element) written(value *yaml.Node) []string {
	inBraces := *value
	inBraces.Style |= yaml.FlowStyle
	inBraces.HeadComment, inBraces.LineComment, inBraces.FootComment = "", "", ""
	text, err := yaml.Marshal(&inBraces)
	if err != nil { // of nodes that were read from a text
		return e.lines
	}
	line := strings.TrimSpace(string(text))
	if e.key == nil {
		return []string{"- " + line}
	}
	key := *e.key
	key.HeadComment, key.LineComment, key.FootComment = "", "", ""
	name, err := yaml.Marshal(&key)
	if err != nil {
		return e.lines
	}
	return []string{fmt.Sprintf("%s: %s", strings.TrimSpace(string(name)), line)}
}

// mergeNodes gives two values as one: mappings key by key, lists without what is there
// already, of anything else the first, unless that is empty. Neither is changed.
func mergeNodes(a, b *yaml.Node) *yaml.Node {
	switch {
	case a.Kind == yaml.ScalarNode && a.Tag == "!!null":
		return b
	case a.Kind != b.Kind:
		return a
	case a.Kind == yaml.MappingNode:
		merged := *a
		merged.Content = slices.Clone(a.Content)
		for i := 0; i+1 < len(b.Content); i += 2 {
			if j := keyIndex(&merged, b.Content[i].Value); j >= 0 {
				merged.Content[j+1] = mergeNodes(merged.Content[j+1], b.Content[i+1])
			} else {
				merged.Content = append(merged.Content, b.Content[i], b.Content[i+1])
			}
		}
		return &merged
	case a.Kind == yaml.SequenceNode:
		merged := *a
		merged.Content = slices.Clone(a.Content)
		for _, item := range b.Content {
			if i := slices.IndexFunc(merged.Content, func(n *yaml.Node) bool { return sameThing(n, item) }); i >= 0 {
				merged.Content[i] = mergeNodes(merged.Content[i], item)
			} else {
				merged.Content = append(merged.Content, item)
			}
		}
		return &merged
	}
	return a
}

// sameThing tells whether two items of a list are about the same thing: they are equal,
// or mappings that agree in a plain value (the path of a probe, the number of a port)
// and contradict each other in none.
func sameThing(a, b *yaml.Node) bool {
	if sameNodes(a, b) {
		return true
	}
	if a.Kind != yaml.MappingNode || b.Kind != yaml.MappingNode {
		return false
	}
	agree := false
	for i := 0; i+1 < len(a.Content); i += 2 {
		j := keyIndex(b, a.Content[i].Value)
		if j < 0 {
			continue
		}
		if !compatible(a.Content[i+1], b.Content[j+1]) {
			return false
		}
		agree = agree || a.Content[i+1].Kind == yaml.ScalarNode
	}
	return agree
}

// compatible tells whether two values contradict each other nowhere; lists are joined,
// and never do.
func compatible(a, b *yaml.Node) bool {
	switch {
	case a.Kind != b.Kind:
		return false
	case a.Kind == yaml.ScalarNode:
		return a.Value == b.Value && a.Tag == b.Tag
	case a.Kind != yaml.MappingNode:
		return true
	}
	for i := 0; i+1 < len(a.Content); i += 2 {
		if j := keyIndex(b, a.Content[i].Value); j >= 0 && !compatible(a.Content[i+1], b.Content[j+1]) {
			return false
		}
	}
	return true
}

// sameNodes tells whether two values are equal, whatever their form and the order of
// their keys.
func sameNodes(a, b *yaml.Node) bool {
	if a.Kind != b.Kind || len(a.Content) != len(b.Content) || a.Kind == yaml.ScalarNode && (a.Value != b.Value || a.Tag != b.Tag) {
		return false
	}
	if a.Kind != yaml.MappingNode {
		return slices.EqualFunc(a.Content, b.Content, sameNodes)
	}
	for i := 0; i+1 < len(a.Content); i += 2 {
		if j := keyIndex(b, a.Content[i].Value); j < 0 || !sameNodes(a.Content[i+1], b.Content[j+1]) {
			return false
		}
	}
	return true
}

// keyIndex is where a key stands among a mapping's nodes; -1 where it does not.
func keyIndex(n *yaml.Node, key string) int {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return i
		}
	}
	return -1
}
