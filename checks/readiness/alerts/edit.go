package alerts

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Edit puts lines into a rule file: Text behind the line After (counted from 1), in
// the place of as many lines as Replaces says.
type Edit struct {
	After, Replaces int
	Text            string
}

// Lacks is what an alert is given by [Rule.Add]; what is empty is not.
type Lacks struct{ For, Severity, Runbook string }

// Add gives the edits after which the alert has what it lacks; ok is false where it is
// written in a form that lines can't be put into (in braces, by an alias or merged).
func (r Rule) Add(lacks Lacks) (edits []Edit, ok bool) {
	n := r.node
	if n == nil || n.Style&yaml.FlowStyle != 0 || len(n.Content) < 2 {
		return nil, false
	}
	name, value := own(n, "alert")
	if name == nil || value.Line != name.Line || value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || value.Kind != yaml.ScalarNode || strings.Contains(value.Value, "\n") {
		return nil, false
	}
	var behindName strings.Builder
	if lacks.For != "" {
		if key, _ := own(n, "for"); key != nil || merged(n) {
			return nil, false
		}
		fmt.Fprintf(&behindName, "%sfor: %s\n", blanks(name), lacks.For)
	}
	for _, each := range []struct{ below, text string }{
		{"labels", text("severity", lacks.Severity)},
		{"annotations", text("runbook_url", lacks.Runbook)},
	} {
		if each.text == "" {
			continue
		}
		key, below := own(n, each.below)
		switch {
		case key == nil && merged(n):
			return nil, false
		case key == nil:
			fmt.Fprintf(&behindName, "%s%s:\n%s  %s\n", blanks(name), each.below, blanks(name), each.text)
		case below.Kind == yaml.MappingNode && below.Style&yaml.FlowStyle == 0 && len(below.Content) > 0 && below.Anchor == "":
			first := below.Content[0]
			edits = append(edits, Edit{After: first.Line - 1, Text: blanks(first) + each.text + "\n"})
		case below.Tag == "!!null" && below.Value == "":
			edits = append(edits, Edit{After: key.Line, Text: blanks(key) + "  " + each.text + "\n"})
		default:
			return nil, false
		}
	}
	if behindName.Len() > 0 {
		edits = append(edits, Edit{After: name.Line, Text: behindName.String()})
	}
	return edits, true
}

// Replace gives the edit that writes another text as the value of one of the alert's
// annotations; ok is false where it takes more than its line, or shares it.
func (r Rule) Replace(annotation Pair, value string) (edit Edit, ok bool) {
	_, below := own(r.node, "annotations")
	if below == nil || below.Kind != yaml.MappingNode || below.Style&yaml.FlowStyle != 0 {
		return Edit{}, false
	}
	key, old := own(below, annotation.Key)
	if key == nil || old.Kind != yaml.ScalarNode || old.Line != key.Line || old.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 || old.Anchor != "" ||
		strings.ContainsAny(key.Value, ":#\"'{}[] ") {
		return Edit{}, false
	}
	for i := 0; i+1 < len(below.Content); i++ { // a plain text of several lines ends where the next key begins
		if below.Content[i] == old && below.Content[i+1].Line != old.Line+1 {
			return Edit{}, false
		}
	}
	return Edit{After: key.Line - 1, Replaces: 1, Text: blanks(key) + text(key.Value, value) + "\n"}, true
}

// AppendGroup gives the edit that puts a group (lines without indentation, beginning
// with "- ") behind the groups of a plain rule file; ok is false where it has none to
// be put behind, or lines can't be put there.
func (f File) AppendGroup(data []byte, group string) (edit Edit, ok bool) {
	if len(f.Groups) == 0 || f.Resource {
		return Edit{}, false
	}
	lines := strings.Split(strings.TrimRight(string(data), " \t\r\n"), "\n")
	last := f.Groups[len(f.Groups)-1]
	if last.Line < 1 || last.Line > len(lines) || strings.HasPrefix(lines[len(lines)-1], "...") || strings.HasPrefix(lines[len(lines)-1], "---") {
		return Edit{}, false
	}
	before := []rune(lines[last.Line-1])
	if last.Column < 3 || last.Column-1 > len(before) || strings.TrimSpace(string(before[:last.Column-1])) != "-" {
		return Edit{}, false
	}
	indent := string(before[:strings.IndexByte(string(before), '-')])
	var text strings.Builder
	for line := range strings.Lines(group) {
		if strings.TrimSpace(line) != "" {
			text.WriteString(indent)
		}
		text.WriteString(line)
	}
	return Edit{After: len(lines), Text: text.String()}, true
}

// own finds a key that a mapping has itself, not through a merge.
func own(n *yaml.Node, name string) (key, value *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Kind == yaml.ScalarNode && n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

func merged(n *yaml.Node) bool {
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag == "!!merge" {
			return true
		}
	}
	return false
}

func blanks(n *yaml.Node) string { return strings.Repeat(" ", max(n.Column-1, 0)) }

// text is one entry; "" without a value.
func text(key, value string) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf("%s: %q", key, value)
}
