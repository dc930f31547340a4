package config

import "go.yaml.in/yaml/v3"

// pairs gives the keys and values of a mapping, merge keys (<<) expanded: what
// is written beats what is merged, earlier merges beat later ones.
func (d *decoder) pairs(n *yaml.Node, path string) func(yield func(key, value *yaml.Node) bool) {
	var flat []*yaml.Node
	have := map[string]bool{}
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if isMerge(key) {
			merges = append(merges, value)
			continue
		}
		if key.Kind == yaml.ScalarNode && !have[key.Value] {
			have[key.Value] = true
			flat = append(flat, key, value)
		}
	}
	var merge func(n *yaml.Node, nested bool)
	merge = func(n *yaml.Node, nested bool) {
		source := n
		if n.Kind == yaml.AliasNode {
			source = n.Alias
		}
		switch {
		case source.Kind == yaml.MappingNode:
			for key, value := range d.pairs(source, path) {
				if !have[key.Value] {
					have[key.Value] = true
					flat = append(flat, key, value)
				}
			}
		case source.Kind == yaml.SequenceNode && !nested:
			for _, each := range source.Content {
				merge(each, true)
			}
		default:
			d.fault(n, join(path, "<<"), "<< takes an alias of a mapping, found "+found(source), "write <<: *name")
		}
	}
	for _, each := range merges {
		merge(each, false)
	}
	return func(yield func(key, value *yaml.Node) bool) {
		for i := 0; i < len(flat); i += 2 {
			if !yield(flat[i], flat[i+1]) {
				return
			}
		}
	}
}
