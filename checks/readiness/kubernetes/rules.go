package kubernetes

import (
	"go.yaml.in/yaml/v3"

	"plimsoll/config"
)

// RuleResource is a PrometheusRule resource of the Prometheus operator.
type RuleResource struct {
	Name     string
	Position config.Position
	// Node is its spec, which has the form of a Prometheus rule file, with the lines
	// of the file and without aliases.
	Node *yaml.Node
}

// ruleResource gives the rules of a manifest; ok is false for any other.
func (m manifest) ruleResource() (rule RuleResource, ok bool) {
	if m.group != "monitoring.coreos.com" || m.kind != "PrometheusRule" {
		return RuleResource{}, false
	}
	spec := value(m.node, "spec")
	if spec == nil || spec.Kind != yaml.MappingNode {
		return RuleResource{}, false
	}
	return RuleResource{Name: m.name(), Position: m.position(m.node), Node: spec}, true
}
