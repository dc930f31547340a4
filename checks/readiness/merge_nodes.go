package readiness

import (
	"slices"

	"go.yaml.in/yaml/v3"
)

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
