package kubernetes

import (
	"math"

	"go.yaml.in/yaml/v3"
)

// flatten gives a tree without aliases, anchors, merge keys and comments. Each node
// keeps the line and column at which it is written, which is its anchor's for what
// an alias repeats. What is written beats what is merged (<<), and earlier merges
// beat later ones, as in kubectl. The tree comes from config.ParseTree, which bounds
// what aliases stand for.
func flatten(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	flat := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style, Line: n.Line, Column: n.Column}
	switch n.Kind {
	case yaml.MappingNode:
		flat.Content = flatPairs(n)
	case yaml.SequenceNode:
		for _, item := range n.Content {
			flat.Content = append(flat.Content, flatten(item))
		}
	}
	return flat
}

// flatPairs gives the keys and values of a mapping, merges carried out.
func flatPairs(n *yaml.Node) []*yaml.Node {
	var pairs, merges []*yaml.Node
	have := make(map[string]bool, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		switch {
		case key.Kind == yaml.ScalarNode && key.Tag == "!!merge":
			merges = append(merges, value)
		case !have[key.Value]:
			have[key.Value] = true
			pairs = append(pairs, flatten(key), flatten(value))
		}
	}
	for _, merge := range merges {
		if merge.Kind == yaml.AliasNode {
			merge = merge.Alias
		}
		sources := []*yaml.Node{merge}
		if merge.Kind == yaml.SequenceNode {
			sources = merge.Content
		}
		for _, source := range sources {
			if source.Kind == yaml.AliasNode {
				source = source.Alias
			}
			if source.Kind != yaml.MappingNode {
				continue
			}
			merged := flatPairs(source)
			for i := 0; i < len(merged); i += 2 {
				if key := merged[i].Value; !have[key] {
					have[key] = true
					pairs = append(pairs, merged[i], merged[i+1])
				}
			}
		}
	}
	return pairs
}

// plain gives a flat tree as the values of encoding/json. What JSON has no word for
// (a date, infinity) is the text as written.
func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.MappingNode:
		object := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			object[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return object
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = plain(item)
		}
		return list
	}
	var v any
	if n.Tag == "!!str" || n.Decode(&v) != nil {
		return n.Value
	}
	switch v := v.(type) {
	case nil, bool, int, int64, uint64:
		return v
	case float64:
		if !math.IsInf(v, 0) && !math.IsNaN(v) {
			return v
		}
	}
	return n.Value
}
