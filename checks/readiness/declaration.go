package readiness

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
)

// Where things stand, or belong, in the repository's own file.

// position is where a part of the component stands in the repository's file: the deepest
// one of the way that is there.
func (c *component) position(way ...string) config.Position {
	at := config.Position{File: c.repo.File.File}
	node := c.node()
	if node == nil {
		return at
	}
	at.Line, at.Column = node.Line, node.Column
	for _, key := range way {
		name, value := entry(node, key)
		if name == nil {
			break
		}
		at.Line, at.Column = name.Line, name.Column
		node = value
	}
	return at
}

// declare gives the edit of the repository's file that puts text below a part of the
// component, which is added where it is missing. Text is a mapping's lines without
// indentation; each step of the way is a key.
func (c *component) declare(text string, way ...string) Snippet {
	s := Snippet{File: c.repo.File.File}
	node := c.node()
	for node != nil && len(way) > 0 {
		_, value := entry(node, way[0])
		if value == nil || value.Kind != yaml.MappingNode || len(value.Content) == 0 {
			break
		}
		node, way = value, way[1:]
	}
	for i := len(way) - 1; i >= 0; i-- {
		text = way[i] + ":\n" + indented(text, 2)
	}
	if node == nil || node.Style&yaml.FlowStyle != 0 || len(way) > 0 && mergedIn(node, way[0]) {
		return s.byHand(text)
	}
	if len(way) > 0 {
		if key, value := entry(node, way[0]); key != nil {
			// The key is there with nothing under it: it is written anew.
			comment, ok := c.repo.extent.EmptyKey(key, value)
			if !ok {
				return s.byHand(text)
			}
			if comment != "" {
				text = strings.Replace(text, ":\n", ": "+comment+"\n", 1)
			}
			s.After, s.Replaces, s.Text = key.Line-1, 1, indented(text, key.Column-1)
			return s
		}
	}
	first := node.Content[0]
	s.After, s.Text = c.repo.extent.Last(node.Content[1]), indented(text, first.Column-1)
	return s
}

// byHand gives a snippet as one that lines can't be put into the file for.
func (s Snippet) byHand(text string) Snippet {
	s.Loose, s.Text = true, indented(text, 0)
	return s
}

// declareItem is declare for one item of a list, text beginning with "- ". Where the
// list is inherited from defaults it is written nowhere near, and the edit is loose: a
// list of the component's own would take its place.
func (c *component) declareItem(text string, way ...string) Snippet {
	node, left := c.node(), way
	for node != nil && len(left) > 0 {
		_, value := entry(node, left[0])
		if value == nil {
			break
		}
		node, left = value, left[1:]
	}
	switch {
	case node == nil || len(left) > 0 && !c.inherits(way):
		last := len(way) - 1
		return c.declare(way[last]+":\n"+indented(text, 2), way[:last]...)
	case len(left) > 0 || node.Kind != yaml.SequenceNode || node.Style&yaml.FlowStyle != 0 || len(node.Content) == 0:
		return Snippet{File: c.repo.File.File, Text: indented(text, 0), Loose: true}
	}
	return Snippet{File: c.repo.File.File, After: c.repo.extent.Last(node), Text: indented(text, node.Column-1)}
}

// inherits tells whether a list of a verification comes from defaults.
func (c *component) inherits(way []string) bool {
	if len(way) != 4 {
		return false
	}
	v := c.Environments[config.Name(way[1])].Verify
	return v != nil && (way[3] == "probes" && len(v.Probes) > 0 || way[3] == "signals" && len(v.Signals) > 0)
}

// node is the component in the repository's file; nil where it can't be found.
func (c *component) node() *yaml.Node {
	if c.repo.declared == nil {
		return nil
	}
	_, components := entry(c.repo.declared, "components")
	if components == nil || components.Kind != yaml.SequenceNode || c.at >= len(components.Content) {
		return nil
	}
	node := components.Content[c.at]
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	if node.Kind != yaml.MappingNode || len(node.Content) == 0 {
		return nil
	}
	if _, name := entry(node, "name"); name != nil && name.Value != string(c.Name) {
		return nil // the file has another component there: this one was put back
	}
	return node
}

// entry finds a key of a mapping and its value; nil, nil without it.
func entry(node *yaml.Node, key string) (name, value *yaml.Node) {
	if node == nil || node.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return node.Content[i], node.Content[i+1]
		}
	}
	return nil, nil
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

// environmentWay is the way to a key of an environment.
func environmentWay(name config.Name, keys ...string) []string {
	return append([]string{"environments", string(name)}, keys...)
}

// inEnvironment names an environment in a sentence.
func inEnvironment(name config.Name) string { return fmt.Sprintf("environment %s", name) }
