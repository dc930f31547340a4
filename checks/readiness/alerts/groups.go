package alerts

import (
	"fmt"
	"strconv"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// foreignFields are fields of groups that other rulers read and Prometheus refuses.
var foreignFields = map[string]string{
	"partial_response_strategy":         "Thanos",
	"source_tenants":                    "Mimir",
	"evaluation_delay":                  "Mimir",
	"align_evaluation_time_on_interval": "Mimir",
	"ensure_no_unknown_source_tenants":  "Mimir",
	"remote_write":                      "Loki",
	"concurrency":                       "VictoriaMetrics",
	"eval_offset":                       "VictoriaMetrics",
	"eval_delay":                        "VictoriaMetrics",
	"tenant":                            "VictoriaMetrics",
	"extra_filter_labels":               "VictoriaMetrics",
	"params":                            "VictoriaMetrics",
	"headers":                           "VictoriaMetrics",
	"notifier_headers":                  "VictoriaMetrics",
	"debug":                             "VictoriaMetrics",
	"update_entries_limit":              "VictoriaMetrics",
}

// operatorFields are those of them that the Prometheus operator knows.
var operatorFields = map[string]bool{"partial_response_strategy": true}

// groups reads the top of a plain file or the spec of a resource.
func (r *reader) groups(n *yaml.Node) {
	if n = root(n); n.Kind != yaml.MappingNode {
		r.fault(Broken, n, shape(n)+", expected groups", "begin the file with groups:")
		return
	}
	if hasKey(n, "tests") && !hasKey(n, "groups") && !r.resource {
		r.rulesFound = true // promtool's own tests of rules, which often lie beside them
		return
	}
	r.file.Resource = r.file.Resource || r.resource
	for _, e := range entries(n) {
		switch e.key.Value {
		case "groups":
			r.rulesFound = true
			for _, group := range r.list(e, "groups") {
				r.group(group)
			}
		default:
			r.unknownField(e, "groups")
		}
	}
}

func (r *reader) unknownField(e entry, expected string) {
	name := e.key.Value
	ruler, foreign := foreignFields[name]
	if name == "namespace" && expected == "groups" { // mimirtool's, at the top of a file
		ruler, foreign = "Mimir", true
	}
	switch {
	case foreign && r.resource && operatorFields[name]:
	case foreign:
		if !r.reported[name] {
			r.reported[name] = true
			r.fault(Foreign, e.key, fmt.Sprintf("the field %s is %s's: Prometheus refuses a file with it, expected %s", quote(name), ruler, expected),
				"keep it if "+ruler+" loads this file, remove it if Prometheus does")
		}
	default:
		r.fault(Broken, e.key, fmt.Sprintf("the field %s is unknown, expected %s", quote(name), expected), "remove it, or move it to where it belongs")
	}
}

func (r *reader) group(n *yaml.Node) {
	g := Group{Position: position(r.file.Path, n)}
	var rules []*yaml.Node
	for _, e := range entries(n) {
		switch e.key.Value {
		case "name":
			g.Name = r.text(e, true)
			r.noTemplate(e)
		case "interval", "query_offset":
			r.duration(e)
		case "limit":
			if _, err := strconv.Atoi(e.value.Value); (e.value.Kind != yaml.ScalarNode || err != nil) && e.value.Tag != "!!null" {
				r.fault(Broken, e.value, fmt.Sprintf("limit: %s, expected a whole number", quote(e.value.Value)), "")
			}
		case "labels":
			g.Labels = r.pairs(e)
			r.labelNames(g.Labels)
		case "rules":
			rules = r.list(e, "rules")
		default:
			r.unknownField(e, "name, interval, query_offset, limit, labels or rules")
		}
	}
	switch {
	case g.Name.Value == "":
		r.fault(Broken, n, "the group has no name", "add name: above its rules")
	case r.names[g.Name.Value]:
		r.faults.add(Broken, g.Name.Position, fmt.Sprintf("the group %s is defined twice", quote(g.Name.Value)), "give it another name, or merge the groups")
	}
	r.names[g.Name.Value] = true
	for _, rule := range rules {
		if r.rules++; r.rules == maxRules+1 {
			r.fault(Broken, rule, fmt.Sprintf("more than %d rules in one file", maxRules), "split the file")
		}
		if r.rules > maxRules {
			break
		}
		g.Rules = append(g.Rules, r.rule(rule, g))
	}
	r.file.Groups = append(r.file.Groups, g)
}

func (r *reader) rule(n *yaml.Node, g Group) Rule {
	rule := Rule{Position: position(r.file.Path, n), Group: g.Name.Value, node: n}
	var forbidden []entry // in a recording rule
	var expr entry
	for _, e := range entries(n) {
		switch e.key.Value {
		case "alert":
			rule.Alert = r.text(e, true)
			r.noTemplate(e)
		case "record":
			rule.Record = r.text(e, true)
			r.noTemplate(e)
		case "expr":
			rule.Expr, expr = r.text(e, false), e
		case "for":
			rule.For = r.duration(e)
			forbidden = append(forbidden, e)
		case "keep_firing_for":
			rule.KeepFiringFor = r.duration(e)
			forbidden = append(forbidden, e)
		case "labels":
			rule.Labels = r.pairs(e)
			r.labelNames(rule.Labels)
		case "annotations":
			rule.Annotations = r.pairs(e)
			r.annotationNames(rule.Annotations)
			forbidden = append(forbidden, e)
		default:
			r.unknownField(e, "alert, record, expr, for, keep_firing_for, labels or annotations")
		}
	}
	r.ruleNames(n, rule, forbidden)
	r.expression(n, expr, &rule)
	if rule.Alert.Value != "" {
		r.templates(rule)
	}
	for _, label := range g.Labels {
		if _, ok := value(rule.Labels, label.Key); !ok {
			rule.Labels = append(rule.Labels, label)
		}
	}
	return rule
}

// duration reads a duration as Prometheus writes it; the zero Text where it is none.
func (r *reader) duration(e entry) Text {
	text := r.text(e, true)
	if text.Value == "" {
		if e.value.Kind == yaml.ScalarNode && e.value.Tag != "!!null" {
			r.fault(Broken, e.value, fmt.Sprintf("%s: empty, expected a duration", e.key.Value), "write 5m, or leave it out")
		}
		return Text{}
	}
	if r.noTemplate(e) {
		return text
	}
	if _, err := model.ParseDuration(text.Value); err != nil {
		r.fault(Broken, e.value, fmt.Sprintf("%s: %s is no duration", e.key.Value, quote(text.Value)), "write it like 30s, 5m or 1h30m")
		return Text{}
	}
	return text
}

// value gives the value of a key.
func value(pairs []Pair, key string) (Text, bool) {
	for _, p := range pairs {
		if p.Key == key {
			return p.Value, true
		}
	}
	return Text{}, false
}
