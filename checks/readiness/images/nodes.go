package images

import "go.yaml.in/yaml/v3"

// target gives what an alias stands for, and any other node itself.
func target(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// pairs gives the keys and values of a mapping, aliases followed and merge keys
// (<<) expanded: what is written beats what is merged, and of several merged
// mappings the earlier one. Any other node gives nothing. It relies on what
// config.ParseTree promises: no alias holds itself, and what aliases stand for is
// bounded.
//
// https://yaml.org/type/merge.html
func pairs(n *yaml.Node) func(yield func(key, value *yaml.Node) bool) {
	return func(yield func(key, value *yaml.Node) bool) {
		walk(target(n), map[string]bool{}, yield)
	}
}

func walk(n *yaml.Node, have map[string]bool, yield func(key, value *yaml.Node) bool) bool {
	if n.Kind != yaml.MappingNode {
		return true
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if key := n.Content[i]; key.Tag != "!!merge" && !have[key.Value] {
			have[key.Value] = true
			if !yield(key, target(n.Content[i+1])) {
				return false
			}
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Tag != "!!merge" {
			continue
		}
		merged := []*yaml.Node{n.Content[i+1]}
		if source := target(merged[0]); source.Kind == yaml.SequenceNode {
			merged = source.Content
		}
		for _, each := range merged {
			if !walk(target(each), have, yield) {
				return false
			}
		}
	}
	return true
}

// text is the value of a key, "" where it is not there or not plain text.
func text(n *yaml.Node, name string) string {
	for key, value := range pairs(n) {
		if key.Value == name && value.Kind == yaml.ScalarNode && value.Tag != "!!null" {
			return value.Value
		}
	}
	return ""
}
