package alerts

import (
	"errors"
	"strings"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
	"plimsoll/contracts"
)

// Parse reads a rule file: one plain document with `groups`, or any number of
// Kubernetes resources of which those of kind PrometheusRule count (also inside a
// List). It gives what could be read and everything that is wrong, at most 100 faults
// and a last one that counts the others. An empty file is a file without rules, as
// Prometheus takes it.
func Parse(file string, data []byte) (File, []Fault) {
	r := newReader(file, data)
	documents, err := config.ParseTree(file, data, bounds)
	if err != nil {
		r.unreadable(data, err)
		return r.file, r.faults.result(file)
	}
	for i, document := range documents {
		r.document(root(document), i)
	}
	if len(documents) > 0 && !r.rulesFound && len(r.faults.all) == 0 {
		r.faults.add(Broken, position(file, root(documents[0])), "no rules here: expected groups, or a resource of kind PrometheusRule",
			"name rule files only")
	}
	return r.file, r.faults.result(file)
}

// reader reads one file.
type reader struct {
	file   File
	faults faults
	lines  *lines
	// resource: in a Kubernetes resource values have types, which plain files' don't.
	resource   bool
	rulesFound bool
	names      map[string]bool // of groups
	rules      int
	budget     budget
	reported   map[string]bool // foreign fields that were told already
	parsed     map[string]parsedBefore
}

func newReader(file string, data []byte) *reader {
	return &reader{file: File{Path: file}, lines: newLines(data), names: map[string]bool{}, budget: fullBudget, reported: map[string]bool{}, parsed: map[string]parsedBefore{}}
}

func (r *reader) fault(kind Kind, n *yaml.Node, message, hint string) {
	r.faults.add(kind, position(r.file.Path, n), message, hint)
}

// unreadable tells why a file is no YAML: because it is a template, or what is wrong.
func (r *reader) unreadable(data []byte, err error) {
	errs, _ := errors.AsType[config.Errors](err)
	if at, ok := templateAt(data, errs); ok {
		r.faults.add(Templated, contracts.Position{File: r.file.Path, Line: at}, templatedMessage, templatedHint)
		return
	}
	for _, each := range errs {
		r.faults.add(Broken, contracts.Position{File: r.file.Path, Line: each.Line, Column: each.Column}, each.Message, each.Hint)
	}
}

// document reads the i-th document of the file.
func (r *reader) document(n *yaml.Node, i int) {
	kind, isResource := field(n, "kind")
	if !isResource {
		r.resource = false
		if i > 0 {
			r.fault(Broken, n, "another document begins here; Prometheus reads the first one only", "put the groups into one document")
			return
		}
		r.groups(n)
		return
	}
	r.resource = true
	switch kind.Value {
	case "PrometheusRule", "Rules", "ClusterRules", "GlobalRules": // the latter: Google's managed Prometheus
		r.names = map[string]bool{}
		spec, ok := field(n, "spec")
		if !ok {
			r.fault(Broken, n, "the "+kind.Value+" has no spec", "put the groups below spec")
			return
		}
		r.groups(spec)
	case "VMRule":
		r.rulesFound = true
		r.fault(Foreign, kind, "a VMRule holds MetricsQL, expected a PrometheusRule with PromQL", "it is not checked; if Prometheus loads them, add the rules as PrometheusRule")
	case "List", "PrometheusRuleList":
		if items, ok := field(n, "items"); ok && items.Kind == yaml.SequenceNode {
			for _, item := range items.Content {
				if item = root(item); item.Kind == yaml.MappingNode && hasKey(item, "kind") {
					r.document(item, i)
				}
			}
		}
	}
}

const (
	templatedMessage = "this is a template, not yet a rule file: only the rendered file can be checked"
	templatedHint    = "name the rendered file (helm template, jsonnet, …) under health.alerts"
)

// templateAt finds the line of the template action for which a file is no YAML: an
// action ({{ … }} or {% … %}) outside of texts and comments beside an error, or one
// that only Helm has (.Values, include) anywhere.
func templateAt(data []byte, errs config.Errors) (line int, ok bool) {
	if len(data) > maxBytes {
		return 0, false
	}
	all := strings.Split(string(data), "\n")
	suspect := map[int]bool{}
	for _, e := range errs {
		for n := e.Line - 1; n <= e.Line+1; n++ {
			suspect[n] = true
		}
	}
	for i, text := range all {
		bare := strings.TrimSpace(text)
		if strings.HasPrefix(bare, "#") || !strings.Contains(bare, "{{") && !strings.Contains(bare, "{%") {
			continue
		}
		if isHelm(bare) || strings.HasPrefix(bare, "{{-") || strings.HasPrefix(bare, "{%") ||
			suspect[i+1] && outsideText(bare) {
			return i + 1, true
		}
	}
	return 0, false
}

// outsideText tells whether a line has a template action outside of quotes.
func outsideText(line string) bool {
	var quote byte
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote != 0:
			if c == '\\' && quote == '"' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '{' && i+1 < len(line) && (line[i+1] == '{' || line[i+1] == '%'):
			return true
		}
	}
	return false
}

// root is a document's content, aliases followed.
func root(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode || n.Kind == yaml.DocumentNode && len(n.Content) == 1 {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		} else {
			n = n.Content[0]
		}
	}
	return n
}
