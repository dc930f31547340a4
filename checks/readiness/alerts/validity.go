package alerts

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ruleNames checks what a rule must have and must not have.
func (r *reader) ruleNames(n *yaml.Node, rule Rule, forbidden []entry) {
	alert, record := rule.Alert.Value != "", rule.Record.Value != ""
	switch {
	case alert && record:
		r.faults.add(Broken, rule.Record.Position, "the rule has both alert and record", "make two rules of it")
	case !alert && !record:
		r.fault(Broken, n, "the rule has neither alert nor record", "add alert: with its name, or record: with the new metric's")
	case record:
		for _, e := range forbidden {
			if e.value.Kind == yaml.MappingNode && len(e.value.Content) == 0 || e.value.Tag == "!!null" || e.value.Value == "0" || e.value.Value == "0s" {
				continue
			}
			r.fault(Broken, e.key, e.key.Value+" in a recording rule: only alerts have it", "remove it")
		}
		if strings.ContainsAny(rule.Record.Value, "{}") && !strings.Contains(rule.Record.Value, "{{") {
			r.faults.add(Broken, rule.Record.Position, fmt.Sprintf("record: %s holds braces, expected a metric's name", quote(rule.Record.Value)), "put labels below labels:, the query below expr:")
		}
	}
}

func (r *reader) labelNames(labels []Pair) {
	for _, l := range labels {
		if l.Key == "" || l.Key == "__name__" {
			r.faults.add(Broken, l.Position, fmt.Sprintf("%s can't be the name of a label", quote(l.Key)), "give it another name")
		}
	}
}

func (r *reader) annotationNames(annotations []Pair) {
	for _, a := range annotations {
		if a.Key == "" {
			r.faults.add(Broken, a.Position, "the annotation has no name", "give it one")
		}
	}
}

// helm matches template actions that Prometheus does not have: objects and functions
// of Helm, and Ansible's or Jinja's blocks.
var helm = regexp.MustCompile(`\{\{[^}]*(\.(Values|Release|Chart|Capabilities|Template|Files)\b|\b(include|tpl|toYaml|nindent|indent|default)\b)|\{%`)

func isHelm(text string) bool { return helm.MatchString(text) }

// noTemplate tells of a template action where Prometheus expands none.
func (r *reader) noTemplate(e entry) (templated bool) {
	if e.value.Kind != yaml.ScalarNode || !isHelm(e.value.Value) {
		return false
	}
	r.templated(e.value)
	return true
}

// templated says once that the file is a template.
func (r *reader) templated(n *yaml.Node) {
	if !r.reported[templatedMessage] {
		r.reported[templatedMessage] = true
		r.fault(Templated, n, templatedMessage, templatedHint)
	}
}
