package evidence

import (
	"iter"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
	"plimsoll/contracts"
)

// node is a place in a file that has been read; the zero node is "not there",
// and everything below it as well.
type node struct {
	file string
	*yaml.Node
}

// Bounds of files that tools write, which are larger than what people write:
// JSON, and YAML.
var (
	jsonBounds = config.Bounds{Bytes: MaxEvidenceFile, Depth: 256, AliasNodes: 10_000, Nodes: 600_000, Documents: 1}
	yamlBounds = config.Bounds{Bytes: 1 << 20, Depth: 64, AliasNodes: 10_000, Nodes: 600_000, Documents: 200}
)

// parse reads JSON or YAML that a tool wrote, one node for each document. A
// byte order mark is passed over: some of the tools write one.
func parse(file string, data []byte) ([]node, error) {
	if len(data) >= 3 && string(data[:3]) == "\xef\xbb\xbf" {
		data = data[3:]
	}
	bounds := yamlBounds
	if strings.HasSuffix(file, ".json") {
		bounds = jsonBounds
	}
	trees, err := config.ParseTree(file, data, bounds)
	if err != nil {
		return nil, err
	}
	nodes := make([]node, len(trees))
	for i, tree := range trees {
		nodes[i] = node{file, tree}.follow()
	}
	return nodes, nil
}

// parseOne reads a file of one document; the zero node where it is empty.
func parseOne(file string, data []byte) (node, error) {
	nodes, err := parse(file, data)
	if err != nil || len(nodes) == 0 {
		return node{}, err
	}
	return nodes[0], nil
}

func (n node) there() bool { return n.Node != nil && n.Tag != "!!null" }

func (n node) follow() node {
	if n.Node != nil && n.Kind == yaml.AliasNode {
		return node{n.file, n.Alias}
	}
	return n
}

// get gives the value below a way of keys.
func (n node) get(keys ...string) node {
	for _, key := range keys {
		next := node{}
		for k, value := range n.fields() {
			if k.Value == key {
				next = value
				break
			}
		}
		n = next
	}
	return n
}

// first gives the value of the first key that is there.
func (n node) first(keys ...string) node {
	for _, key := range keys {
		if value := n.get(key); value.there() {
			return value
		}
	}
	return node{}
}

// fields gives keys and values of a mapping, in the order of the file.
func (n node) fields() iter.Seq2[node, node] {
	return func(yield func(node, node) bool) {
		if n.Node == nil || n.Kind != yaml.MappingNode {
			return
		}
		for i := 0; i+1 < len(n.Content); i += 2 {
			if !yield(node{n.file, n.Content[i]}, node{n.file, n.Content[i+1]}.follow()) {
				return
			}
		}
	}
}

// items gives the entries of a list.
func (n node) items() iter.Seq[node] {
	return func(yield func(node) bool) {
		if !n.isList() {
			return
		}
		for _, child := range n.Content {
			if !yield((node{n.file, child}).follow()) {
				return
			}
		}
	}
}

func (n node) isMap() bool  { return n.Node != nil && n.Kind == yaml.MappingNode }
func (n node) isList() bool { return n.Node != nil && n.Kind == yaml.SequenceNode }

// isText says whether it is a string, not a number or the like.
func (n node) isText() bool {
	return n.Node != nil && n.Kind == yaml.ScalarNode && n.Tag == "!!str"
}

// text gives the text of a scalar that is there, else "".
func (n node) text() string {
	if !n.there() || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// texts gives the texts of a list.
func (n node) texts() []string {
	var all []string
	for item := range n.items() {
		all = append(all, item.text())
	}
	return all
}

func (n node) position() contracts.Position {
	if n.Node == nil {
		return contracts.Position{File: n.file}
	}
	return contracts.Position{File: n.file, Line: n.Line, Column: n.Column}
}

func (n node) evidence(kind contracts.EvidenceKind) contracts.Evidence {
	return contracts.Evidence{Kind: kind, Position: n.position()}
}

// isMethod says whether a text is an HTTP method, and gives it in capitals.
func isMethod(text string) (string, bool) {
	upper := strings.ToUpper(strings.TrimSpace(text))
	return upper, slices.Contains(config.Methods, upper)
}
