package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Bounds limit what is read from a file that an outsider may have written.
type Bounds struct {
	// Bytes of the file.
	Bytes int
	// Depth of nesting, aliases expanded.
	Depth int
	// AliasNodes counts the nodes that aliases stand for, in all.
	AliasNodes int
	// Nodes that JSON may have, keys and values; 0: as many as the bytes hold.
	Nodes int
	// Documents in one file (between --- lines).
	Documents int
}

// RepositoryBounds are those of the repository file.
var RepositoryBounds = Bounds{Bytes: 512 << 10, Depth: 64, AliasNodes: 10_000, Documents: 1}

// ParseTree reads YAML or JSON into trees of nodes with lines and columns, one
// for each document that is not empty. Within the bounds it promises: valid
// UTF-8 without NUL, no key twice in one mapping, only scalar keys, no alias
// that holds itself. The error is [Errors].
func ParseTree(file string, data []byte, bounds Bounds) ([]*yaml.Node, error) {
	if fault := checkText(file, data, bounds.Bytes); fault != nil {
		return nil, Errors{fault}
	}
	documents, fault := parseDocuments(file, data, bounds)
	if fault != nil {
		return nil, Errors{fault}
	}
	w := treeWalk{file: file, bounds: bounds, open: map[*yaml.Node]bool{}, sizes: map[*yaml.Node]int{}, heights: map[*yaml.Node]int{}}
	for _, document := range documents {
		w.node(document, 1)
	}
	if w.stopped {
		documents = nil
	}
	return documents, w.errs.result()
}

// looksJSON is what JSON begins with and hand-written YAML seldom does.
var looksJSON = newShape(`^\s*(\{\s*"|\[\s*[{"\[])`)

func parseDocuments(file string, data []byte, bounds Bounds) ([]*yaml.Node, *Error) {
	if trimmed := bytes.TrimLeft(data, " \t\r\n"); len(trimmed) > 0 && (trimmed[0] == '{' || trimmed[0] == '[') || strings.HasSuffix(file, ".json") {
		root, fault := parseJSON(file, data, bounds)
		if fault == nil {
			return []*yaml.Node{root}, nil
		}
		if strings.HasSuffix(file, ".json") || json.Valid(data) {
			return nil, fault
		}
		documents, yamlFault := parseYAML(file, data, bounds)
		if yamlFault != nil && looksJSON.MatchString(string(data)) {
			yamlFault = fault
		}
		return documents, yamlFault
	}
	return parseYAML(file, data, bounds)
}

func parseYAML(file string, data []byte, bounds Bounds) ([]*yaml.Node, *Error) {
	if i := oddBreak(data); i >= 0 {
		line, column := lineColumn(data, i)
		r, _ := utf8.DecodeRune(data[i:])
		return nil, &Error{File: file, Line: line, Column: column, Message: fmt.Sprintf("a line break that is not LF or CR LF: %U", r), Hint: "save the file with LF or CR LF at the ends of lines"}
	}
	var documents []*yaml.Node
	for decoder := yaml.NewDecoder(bytes.NewReader(data)); ; {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return nil, SyntaxError(file, data, err)
		}
		if len(document.Content) == 0 || isNull(document.Content[0]) && document.Content[0].Value == "" {
			continue
		}
		if len(documents) == bounds.Documents {
			node := document.Content[0]
			return nil, &Error{File: file, Line: node.Line, Column: node.Column,
				Message: fmt.Sprintf("another document begins here, the limit is %d", bounds.Documents),
				Hint:    "remove the --- line and what follows it"}
		}
		documents = append(documents, document.Content[0])
	}
}

// treeWalk checks a tree: depth, aliases, keys.
type treeWalk struct {
	file   string
	bounds Bounds
	errs   Errors
	open   map[*yaml.Node]bool // nodes that we are inside of
	sizes  map[*yaml.Node]int  // nodes below a finished node, aliases expanded
	// heights is the depth below a finished node, aliases expanded.
	heights map[*yaml.Node]int
	expands int
	stopped bool
}

func (w *treeWalk) fault(n *yaml.Node, message, hint string) {
	w.errs = append(w.errs, &Error{File: w.file, Line: n.Line, Column: n.Column, Message: message, Hint: hint})
}

// stop ends the walk: going on would cost what the bounds are there to save.
func (w *treeWalk) stop(n *yaml.Node, message, hint string) {
	if !w.stopped {
		w.fault(n, message, hint)
	}
	w.stopped = true
}

// node checks n at a depth and gives how many nodes it stands for and how deep
// it goes, aliases expanded. Each node is visited once: an alias uses what is
// known of its anchor.
func (w *treeWalk) node(n *yaml.Node, depth int) (size, height int) {
	if w.stopped {
		return 0, 0
	}
	if depth > w.bounds.Depth {
		w.stop(n, fmt.Sprintf("nested deeper than %d levels", w.bounds.Depth), "use fewer levels")
		return 0, 0
	}
	if n.Kind == yaml.AliasNode {
		return w.alias(n, depth)
	}
	w.open[n] = true
	defer delete(w.open, n)
	size, height = 1, 1
	if n.Kind == yaml.MappingNode {
		w.keys(n)
	}
	for _, child := range n.Content {
		childSize, childHeight := w.node(child, depth+1)
		size, height = size+childSize, max(height, childHeight+1)
	}
	if n.Anchor != "" {
		w.sizes[n], w.heights[n] = size, height
	}
	return size, height
}

func (w *treeWalk) alias(n *yaml.Node, depth int) (size, height int) {
	target := n.Alias
	if w.open[target] {
		w.stop(n, "the alias *"+n.Value+" refers to a value that contains it", "write the value out")
		return 0, 0
	}
	size, height = w.sizes[target], w.heights[target]
	w.expands += size
	if w.expands > w.bounds.AliasNodes {
		w.stop(n, fmt.Sprintf("the aliases of this file stand for more than %d values", w.bounds.AliasNodes), "use fewer aliases, or none inside of others")
	}
	if depth+height-1 > w.bounds.Depth {
		w.stop(n, fmt.Sprintf("nested deeper than %d levels", w.bounds.Depth), "use fewer levels")
	}
	return size, height
}

// keys refuses keys that are not scalars and keys that stand there twice.
func (w *treeWalk) keys(n *yaml.Node) {
	first := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			w.fault(key, "expected plain text as a key, found a mapping or list", `put a template into quotes: "{{deployment.sha}}"`)
		case isMerge(key):
		case first[key.Value] != nil:
			w.fault(key, fmt.Sprintf("duplicate key %s", quote(key.Value)), fmt.Sprintf("it is set on line %d already; remove one of them", first[key.Value].Line))
		default:
			first[key.Value] = key
		}
	}
}

func isMerge(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!merge"
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

// quote shows a piece of an outsider's file: in quotes, escaped, shortened.
func quote(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return strconv.Quote(text)
}

// checkText refuses bytes that are not plain text.
func checkText(file string, data []byte, limit int) *Error {
	at := func(offset int, message, hint string) *Error {
		line, column := lineColumn(data, offset)
		return &Error{File: file, Line: line, Column: column, Message: message, Hint: hint}
	}
	if len(data) > limit {
		return &Error{File: file, Message: fmt.Sprintf("the file has %d bytes, the limit is %d", len(data), limit), Hint: "split it, or remove generated content"}
	}
	if bytes.HasPrefix(data, []byte("\xef\xbb\xbf")) {
		return at(0, "the file begins with a byte order mark", "save it as UTF-8 without a byte order mark")
	}
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return at(0, "the file is UTF-16, expected UTF-8", "save it as UTF-8 without a byte order mark")
	}
	if i := bytes.IndexByte(data, 0); i >= 0 {
		return at(i, "a NUL byte: this is not a text file", "save it as UTF-8 text")
	}
	for i := 0; i < len(data); {
		if data[i] < utf8.RuneSelf {
			i++
			continue
		}
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return at(i, fmt.Sprintf("the byte 0x%02x is not valid UTF-8", data[i]), "save the file as UTF-8")
		}
		i += size
	}
	return nil
}

// lineColumn gives the place of an offset, the column in characters.
func lineColumn(data []byte, offset int) (line, column int) {
	offset = min(max(offset, 0), len(data))
	head := data[:offset]
	start := bytes.LastIndexByte(head, '\n') + 1
	return bytes.Count(head, []byte("\n")) + 1, utf8.RuneCount(head[start:]) + 1
}

// oddBreak finds a character at which YAML begins a new line and editors do not
// (a CR alone, NEL, LS, PS): behind it no line number would be right. -1: none.
func oddBreak(data []byte) int {
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '\r':
			if i+1 == len(data) || data[i+1] != '\n' {
				return i
			}
		case 0xc2:
			if bytes.HasPrefix(data[i:], []byte("\u0085")) {
				return i
			}
		case 0xe2:
			if bytes.HasPrefix(data[i:], []byte("\u2028")) || bytes.HasPrefix(data[i:], []byte("\u2029")) {
				return i
			}
		}
	}
	return -1
}

var errorLine = newShape(`line (\d+):\s*(.*)`)
