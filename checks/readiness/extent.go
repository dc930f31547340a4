package readiness

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// extent knows which lines of a file its nodes stand on. The tree has only where each
// begins.
type extent struct {
	lines []string
	// order are all nodes as they stand in the file, at their place in it.
	order []*yaml.Node
	at    map[*yaml.Node]int
}

func newExtent(data []byte, root *yaml.Node) *extent {
	e := &extent{lines: strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n"), at: map[*yaml.Node]int{}}
	var walk func(*yaml.Node)
	walk = func(n *yaml.Node) {
		e.at[n] = len(e.order)
		e.order = append(e.order, n)
		for _, child := range n.Content {
			walk(child)
		}
	}
	walk(root)
	return e
}

// behind are lines in front of a node that belong to it and not to the one before: the
// dash of its item, the ends of documents.
var behind = regexp.MustCompile(`^\s*-(\s+[&!]\S*)*\s*(#.*)?$|^---|^\.\.\.`)

// last is the last line that a node stands on, counted from 1: behind it are empty
// lines, comments, the next node or the file's end.
func (e *extent) last(n *yaml.Node) int {
	for len(n.Content) > 0 {
		n = n.Content[len(n.Content)-1]
	}
	end := len(e.lines)
	if i, known := e.at[n]; known && i+1 < len(e.order) {
		end = e.order[i+1].Line - 1
	}
	text := -1 // where the lines of a text begin: further left there are comments only
	if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		for i := n.Line; i < end && text < 0; i++ {
			if strings.TrimSpace(e.lines[i]) != "" {
				text = indentation(e.lines[i])
			}
		}
	}
	for ; end > n.Line; end-- {
		line := e.lines[end-1]
		comment := strings.HasPrefix(strings.TrimSpace(line), "#") && (text < 0 || indentation(line) < text)
		if strings.TrimSpace(line) != "" && !comment && !behind.MatchString(line) {
			break
		}
	}
	return max(end, n.Line)
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// nothingUnder is a line of a key alone, with nothing under it, and its comment.
var nothingUnder = regexp.MustCompile(`^ *(?:[\w.-]+|"[\w.-]+"|'[\w.-]+'): *(?:\{ *\})? *(#.*)?$`)

// emptyKey tells whether a key stands on a line of its own with nothing under it, so
// that the line can be written anew, and what comment it has.
func (e *extent) emptyKey(key, value *yaml.Node) (comment string, ok bool) {
	if key.Line < 1 || key.Line > len(e.lines) || len(value.Content) > 0 {
		return "", false
	}
	found := nothingUnder.FindStringSubmatch(e.lines[key.Line-1])
	if found == nil {
		return "", false
	}
	return found[1], true
}

// mergedIn tells whether a mapping gets a key from another one (<<), which a key of its
// own would hide.
func mergedIn(n *yaml.Node, key string) bool {
	_, sources := entry(n, "<<")
	if sources == nil {
		return false
	}
	all := []*yaml.Node{sources}
	if sources.Kind == yaml.SequenceNode {
		all = sources.Content
	}
	for _, source := range all {
		if source.Kind == yaml.AliasNode {
			source = source.Alias
		}
		if name, _ := entry(source, key); name != nil || mergedIn(source, key) {
			return true
		}
	}
	return false
}
