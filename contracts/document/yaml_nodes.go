package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v3"

	"plimsoll/config"
)

// parseYAMLNodes reads any YAML through the full parser: slower than the block
// scanner, and it knows anchors, aliases, tags and merge keys.
func parseYAMLNodes(d *Doc, limits Limits) error {
	text := []byte(d.src)
	if at, _ := yamlDirective(d.src); at >= 0 {
		text[at] = '#' // the parser takes %YAML 1.1 only
	}
	var root, next yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	syntax := func(err error) error {
		fault := config.SyntaxError("", text, err)
		return &Error{Line: fault.Line, Column: fault.Column, Message: fault.Message, Hint: fault.Hint}
	}
	switch err := decoder.Decode(&root); {
	case errors.Is(err, io.EOF):
		return &Error{Line: 1, Column: 1, Message: "the file is empty"}
	case err != nil:
		return syntax(err)
	}
	if root.Kind != yaml.DocumentNode || len(root.Content) == 0 {
		return &Error{Line: 1, Column: 1, Message: "the file is empty"}
	}
	switch err := decoder.Decode(&next); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return syntax(err)
	case len(next.Content) > 0 && next.Content[0].ShortTag() != "!!null":
		return &Error{Line: next.Content[0].Line, Column: next.Content[0].Column, Message: "a second YAML document; expected one in a file",
			Hint: "put it into a file of its own"}
	}
	d.tape, d.text, d.refs, d.names = nil, nil, nil, nil
	w := &nodeWriter{d: d, limits: limits, open: map[*yaml.Node]bool{}}
	return w.write(root.Content[0], 0)
}

var errNotScalarKey = errors.New("a key that is not a plain name")

// nodeWriter puts yaml nodes on the tape, following aliases within bounds.
type nodeWriter struct {
	d       *Doc
	limits  Limits
	open    map[*yaml.Node]bool // anchors being expanded, to see cycles
	aliased int                 // nodes written below aliases
	inAlias int
}

func (w *nodeWriter) fault(n *yaml.Node, format string, args ...any) error {
	return &Error{Line: n.Line, Column: n.Column, Message: fmt.Sprintf(format, args...)}
}

func (w *nodeWriter) push(n *yaml.Node, kind Kind, text string) int {
	w.d.tape = append(w.d.tape, entry{start: uint32(len(w.d.text)), kind: kind, style: styleText, next: int32(len(w.d.tape) + 1)})
	w.d.text = append(w.d.text, text)
	w.d.at = append(w.d.at, lineColumn{uint32(n.Line), uint32(n.Column)})
	return len(w.d.tape) - 1
}

func (w *nodeWriter) write(n *yaml.Node, depth int) error {
	if depth > w.limits.Depth {
		return w.fault(n, "nested deeper than %d levels", w.limits.Depth)
	}
	if w.inAlias > 0 {
		if w.aliased++; w.aliased > w.limits.Aliases {
			return w.fault(n, "aliases add more than %d values", w.limits.Aliases)
		}
	}
	switch n.Kind {
	case yaml.AliasNode:
		if w.open[n.Alias] {
			return w.fault(n, "the alias *%s refers to a value that contains it", n.Value)
		}
		w.open[n.Alias] = true
		w.inAlias++
		err := w.write(n.Alias, depth+1)
		w.inAlias--
		delete(w.open, n.Alias)
		return err
	case yaml.MappingNode:
		at := w.push(n, Object, "")
		if err := w.members(n, depth, map[string]*yaml.Node{}, nil); err != nil {
			return err
		}
		w.d.tape[at].next = int32(len(w.d.tape))
	case yaml.SequenceNode:
		at := w.push(n, Array, "")
		for _, item := range n.Content {
			if err := w.write(item, depth+1); err != nil {
				return err
			}
		}
		w.d.tape[at].next = int32(len(w.d.tape))
	case yaml.ScalarNode:
		w.push(n, scalarKind(n.ShortTag()), n.Value)
	default:
		return w.fault(n, "expected a value")
	}
	return nil
}

// members writes a mapping's members by their keys; what a merge key brings comes last
// and only where the mapping itself does not say it. own are the keys of this mapping,
// said those of the mappings that it is merged into.
func (w *nodeWriter) members(n *yaml.Node, depth int, own, said map[string]*yaml.Node) error {
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.ShortTag() == "!!merge" {
			merges = append(merges, value)
			continue
		}
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return w.fault(key, "%v", errNotScalarKey)
		}
		if first := own[key.Value]; first != nil {
			return duplicateKey(key.Value, n.Content[i].Line, n.Content[i].Column, first.Line, first.Column)
		}
		own[key.Value] = n.Content[i]
		if said[key.Value] != nil {
			continue
		}
		w.push(key, String, key.Value)
		if scalarIsString(value) {
			w.d.note(key.Value, int32(len(w.d.tape)))
		}
		if err := w.write(value, depth+1); err != nil {
			return err
		}
	}
	if len(merges) == 0 {
		return nil
	}
	all := maps.Clone(own)
	maps.Copy(all, said)
	for _, merge := range merges {
		if err := w.merge(merge, depth, all); err != nil {
			return err
		}
	}
	return nil
}

// merge writes what a merge key brings and adds its keys to those that are said.
func (w *nodeWriter) merge(n *yaml.Node, depth int, said map[string]*yaml.Node) error {
	if depth > w.limits.Depth {
		return w.fault(n, "nested deeper than %d levels", w.limits.Depth)
	}
	switch n.Kind {
	case yaml.AliasNode:
		if w.open[n.Alias] {
			return w.fault(n, "the alias *%s refers to a value that contains it", n.Value)
		}
		w.open[n.Alias] = true
		w.inAlias++
		err := w.merge(n.Alias, depth+1, said)
		w.inAlias--
		delete(w.open, n.Alias)
		return err
	case yaml.SequenceNode:
		for _, item := range n.Content {
			if err := w.merge(item, depth+1, said); err != nil {
				return err
			}
		}
		return nil
	case yaml.MappingNode:
		own := map[string]*yaml.Node{}
		err := w.members(n, depth, own, said)
		maps.Copy(said, own)
		return err
	default:
		return w.fault(n, "a merge key takes a mapping")
	}
}

// yamlDirective finds the directive %YAML 1.x in front of a document: where it stands
// (-1: nowhere) and the end of its line.
func yamlDirective(src string) (at, end int) {
	for at < len(src) {
		line, _, _ := strings.Cut(src[at:], "\n")
		end = at + len(line)
		line = strings.TrimRight(line, " \t\r")
		if version, ok := strings.CutPrefix(line, "%YAML 1."); ok {
			if _, err := strconv.ParseUint(version, 10, 8); err == nil {
				return at, end
			}
		}
		if line != "" && line[0] != '#' {
			break
		}
		at = end + 1
	}
	return -1, 0
}

func scalarIsString(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n.Kind == yaml.ScalarNode && scalarKind(n.ShortTag()) == String
}

func scalarKind(tag string) Kind {
	switch tag {
	case "!!null":
		return Null
	case "!!bool":
		return Bool
	case "!!int", "!!float":
		return Number
	default:
		return String
	}
}
