package kubernetes

import (
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// pair gives the key and the value of a field of a flat mapping; nil without it.
func pair(n *yaml.Node, field string) (key, value *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == field {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}

// value gives the value at a way of fields; nil where the way ends early.
func value(n *yaml.Node, fields ...string) *yaml.Node {
	for _, field := range fields {
		_, n = pair(n, field)
	}
	return n
}

// text gives a scalar's text; empty for null and for what is no scalar.
func text(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// texts gives a mapping whose values are scalars.
func texts(n *yaml.Node) map[string]string {
	if n == nil || n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		return nil
	}
	all := make(map[string]string, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i+1].Kind == yaml.ScalarNode {
			all[n.Content[i].Value] = n.Content[i+1].Value
		}
	}
	return all
}

// absent tells that a field is not given: not written, or null.
func absent(n *yaml.Node) bool {
	return n == nil || n.Kind == yaml.ScalarNode && n.Tag == "!!null"
}

// number gives a whole number, quoted or not.
func number(n *yaml.Node) (int, bool) {
	if n == nil || n.Kind != yaml.ScalarNode {
		return 0, false
	}
	base := 10
	if n.Tag == "!!int" {
		base = 0
	}
	i, err := strconv.ParseInt(n.Value, base, 32)
	return int(i), err == nil
}

// placeholder tells that a value is filled in by something else: a kustomize
// variable $(PORT), an OpenShift parameter ${PORT}, a template {{ .port }}.
func placeholder(value string) bool {
	return strings.Contains(value, "$(") || strings.Contains(value, "${") || strings.Contains(value, "{{")
}
