// Package extent knows which lines of a YAML file its nodes stand on. A tree of nodes
// has only where each begins: to put lines behind one, or in its place, it has to be
// known where it ends. The package must not know what the file is for.
package extent

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// File is a file with the nodes of one of its documents.
type File struct {
	lines []string
	// order are all nodes as they stand in the file, at their place in it.
	order []*yaml.Node
	at    map[*yaml.Node]int
}

// New takes a file and the tree of its only document. Lines end in LF or CR LF.
func New(data []byte, root *yaml.Node) *File {
	f := &File{lines: strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n"), at: map[*yaml.Node]int{}}
	var walk func(*yaml.Node)
	walk = func(n *yaml.Node) {
		f.at[n] = len(f.order)
		f.order = append(f.order, n)
		for _, child := range n.Content {
			walk(child)
		}
	}
	walk(root)
	return f
}

// behind are lines in front of a node that belong to it and not to the one before: the
// dash of its item, the ends of documents.
var behind = regexp.MustCompile(`^\s*-(\s+[&!]\S*)*\s*(#.*)?$|^---|^\.\.\.`)

// indicated is the head of a text that says how far it is indented.
var indicated = regexp.MustCompile(`[|>][-+]?[1-9]`)

// Last is the last line that a node stands on, counted from 1: behind it are empty
// lines, comments, the next node or the file's end.
func (f *File) Last(n *yaml.Node) int {
	for len(n.Content) > 0 {
		n = n.Content[len(n.Content)-1]
	}
	end := len(f.lines)
	if i, known := f.at[n]; known && i+1 < len(f.order) {
		end = f.order[i+1].Line - 1
	}
	text := -1 // where the lines of a text begin: further left there are comments only
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		if indicated.MatchString(f.lines[n.Line-1]) {
			text = 1 // or further right: a comment is taken for text rather than text for a comment
		}
		for i := n.Line; i < end && text < 0; i++ {
			if strings.TrimSpace(f.lines[i]) != "" {
				text = indentation(f.lines[i])
			}
		}
	}
	for ; end > n.Line; end-- {
		line := f.lines[end-1]
		comment := strings.HasPrefix(strings.TrimSpace(line), "#") && (text < 0 || indentation(line) < text)
		if strings.TrimSpace(line) != "" && !comment && !behind.MatchString(line) {
			break
		}
	}
	return min(max(end, n.Line), len(f.lines)) // an empty value at the end of a file has its position behind the last line
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// nothingUnder is a line of a key alone, with nothing under it, and its comment.
var nothingUnder = regexp.MustCompile(`^ *(?:[\w.-]+|"[\w.-]+"|'[\w.-]+'): *(?:\{ *\})? *(#.*)?$`)

// EmptyKey tells whether a key stands on a line of its own with nothing under it, so
// that the line can be written anew, and what comment it has.
func (f *File) EmptyKey(key, value *yaml.Node) (comment string, ok bool) {
	if key.Line < 1 || key.Line > len(f.lines) || len(value.Content) > 0 {
		return "", false
	}
	found := nothingUnder.FindStringSubmatch(f.lines[key.Line-1])
	if found == nil {
		return "", false
	}
	return found[1], true
}
