package alerts

import (
	"fmt"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// entry is a key of a mapping with its value, aliases followed.
type entry struct {
	key, value *yaml.Node
}

// entries are a mapping's entries, those merged in by << behind its own; an own key
// beats a merged one, an earlier merge a later one. ParseTree bounded what aliases
// stand for, so that this ends.
func entries(n *yaml.Node) []entry {
	var all []entry
	seen := map[string]bool{}
	collect(n, seen, &all)
	return all
}

func collect(n *yaml.Node, seen map[string]bool, all *[]entry) {
	if n = root(n); n.Kind != yaml.MappingNode {
		return
	}
	var merged []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], root(n.Content[i+1])
		key = root(key)
		if key.Tag == "!!merge" {
			if value.Kind == yaml.SequenceNode {
				merged = append(merged, value.Content...)
			} else {
				merged = append(merged, value)
			}
			continue
		}
		if !seen[key.Value] {
			seen[key.Value] = true
			*all = append(*all, entry{key, value})
		}
	}
	for _, m := range merged {
		collect(m, seen, all)
	}
}

func field(n *yaml.Node, name string) (*yaml.Node, bool) {
	for _, e := range entries(n) {
		if e.key.Value == name {
			return e.value, true
		}
	}
	return nil, false
}

func hasKey(n *yaml.Node, name string) bool {
	_, ok := field(n, name)
	return ok
}

// text reads a scalar. In a plain file every scalar is a text (as Prometheus reads
// it); in a resource a number is none, and the cluster refuses it.
func (r *reader) text(e entry, strict bool) Text {
	n := e.value
	switch {
	case n.Kind != yaml.ScalarNode:
		r.fault(Broken, n, fmt.Sprintf("%s: %s, expected text", quote(e.key.Value), shape(n)), "write it as text, in quotes where it holds { or [")
		return Text{}
	case n.Tag == "!!null":
		return Text{}
	case strict && r.resource && n.Tag != "!!str":
		r.fault(Broken, n, fmt.Sprintf("%s: %s is %s, expected text", quote(e.key.Value), quote(n.Value), shape(n)), "put it into quotes: the cluster refuses it")
	}
	return Text{position(r.file.Path, n), n.Value}
}

// pairs reads labels or annotations.
func (r *reader) pairs(e entry) []Pair {
	if e.value.Kind == yaml.ScalarNode && e.value.Tag == "!!null" {
		return nil
	}
	if e.value.Kind != yaml.MappingNode {
		r.fault(Broken, e.value, fmt.Sprintf("%s: %s, expected names with texts", quote(e.key.Value), shape(e.value)), "write name: text below it")
		return nil
	}
	var all []Pair
	for _, each := range entries(e.value) {
		all = append(all, Pair{position(r.file.Path, each.key), each.key.Value, r.text(each, true)})
	}
	return all
}

// list reads a sequence of mappings.
func (r *reader) list(e entry, of string) []*yaml.Node {
	if e.value.Kind == yaml.ScalarNode && e.value.Tag == "!!null" {
		return nil
	}
	if e.value.Kind != yaml.SequenceNode {
		r.fault(Broken, e.value, fmt.Sprintf("%s: %s, expected a list of %s", quote(e.key.Value), shape(e.value), of), "begin each with a dash")
		return nil
	}
	var all []*yaml.Node
	for _, n := range e.value.Content {
		if target := root(n); target.Kind == yaml.MappingNode {
			all = append(all, target)
		} else {
			r.fault(Broken, n, fmt.Sprintf("%s where one of the %s was expected", shape(target), of), "")
		}
	}
	return all
}

// shape names what a node is.
func shape(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case "!!int", "!!float":
		return "a number"
	case "!!bool":
		return "a truth value"
	case "!!null":
		return "nothing"
	case "!!timestamp":
		return "a date"
	}
	return "text"
}

// quote shows a piece of an outsider's file: in quotes, escaped, shortened.
func quote(text string) string {
	const most = 60
	if utf8.RuneCountInString(text) > most {
		text = string([]rune(text)[:most]) + "…"
	}
	return strconv.Quote(text)
}
