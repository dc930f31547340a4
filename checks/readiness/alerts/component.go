package alerts

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/prometheus/prometheus/model/labels"

	"plimsoll/deploy/promql"
)

// Component is what an alert may name.
type Component struct {
	Name string
	// Labels are those by which the component's series are known, where it declares
	// them: a matcher that equals one names it.
	Labels map[string]string
}

// identity are labels that say whose series it is: scrape configurations, Kubernetes
// and its exporters, service meshes, OpenTelemetry.
var identity = func() map[string]bool {
	names := map[string]bool{}
	for name := range strings.FieldsSeq(`service app application job component container container_name deployment
		statefulset daemonset cronjob job_name namespace workload name ingress release instance system
		service_name serviceName exported_service exported_job exported_app exported_namespace exported_container
		app_kubernetes_io_name app_kubernetes_io_instance app_kubernetes_io_component k8s_app app_name
		label_app label_app_kubernetes_io_name label_app_kubernetes_io_instance label_app_kubernetes_io_component
		kubernetes_name kubernetes_namespace kube_namespace kube_deployment kube_service
		k8s_deployment_name k8s_container_name k8s_namespace_name
		destination_service destination_service_name destination_workload destination_app destination_canonical_service
		source_workload source_app source_canonical_service
		horizontalpodautoscaler persistentvolumeclaim target sloth_service`) {
		names[name] = true
	}
	return names
}()

// Names tells whether the alert names the component, and how, in words such as
// `by job="orders" in its expression`. It does by one of these, and by nothing else
// (no substring, no comment, no metric's name):
//
//  1. A matcher of its expression, on a label that says whose series it is (service,
//     app, job, component, container, deployment, namespace and the like) and whose
//     value equals the name, whatever the case; or a regular expression on such a
//     label that matches the whole name ("orders|cart"), but not one that matches any
//     name (".+"). A label pod counts by a pattern that matches the pods of a workload
//     so called ("orders-.*"). Negative matchers never name anything. In a value with
//     slashes or of the form NAME.NAMESPACE.svc… the component is the last part, or
//     the first: prod/orders, orders.prod.svc.cluster.local.
//  2. A matcher that equals one of the labels that the component declares as its own.
//  3. A label set by the rule or its group, with a name as in 1 and such a value.
//  4. The name of the alert or its group, word by word: OrdersHighErrorRate and
//     orders_down name orders; OrderLost and ReordersLost don't. A name of several
//     words must stand there as a whole (order-service: OrderServiceDown).
func (r Rule) Names(c Component) (how string, ok bool) {
	if c.Name == "" {
		return "", false
	}
	if r.parsed != nil {
		for _, m := range r.parsed.matchers {
			if c.matches(m) {
				return fmt.Sprintf("by %s in its expression", promql.Shorten(m.String())), true
			}
		}
	}
	for _, l := range r.Labels {
		if declared, ok := c.Labels[l.Key]; identity[l.Key] && c.called(l.Value.Value) || ok && declared != "" && declared == l.Value.Value {
			return fmt.Sprintf("by its label %s: %s", l.Key, l.Value.Value), true
		}
	}
	if spells(r.Alert.Value, c.Name) {
		return "by its name", true
	}
	if spells(r.Group, c.Name) {
		return "by the name of its group", true
	}
	return "", false
}

// otherNames are names that a pattern meant for one component does not match.
var otherNames = []string{"", "qzx7", "some-other-thing", "qzx7-7d9f8b6c5-x2x4z", "qzx7-0"}

func (c Component) matches(m *labels.Matcher) bool {
	declared, isDeclared := c.Labels[m.Name]
	switch m.Type {
	case labels.MatchEqual:
		return isDeclared && declared != "" && m.Value == declared || identity[m.Name] && c.called(m.Value)
	case labels.MatchRegexp:
		candidates := []string{}
		if isDeclared && declared != "" {
			candidates = append(candidates, declared)
		}
		if identity[m.Name] {
			candidates = append(candidates, c.Name, strings.ToLower(c.Name))
		}
		if m.Name == "pod" || m.Name == "pod_name" || m.Name == "exported_pod" {
			candidates = append(candidates, c.Name+"-7d9f8b6c5-x2x4z", c.Name+"-0")
		}
		return matchesOne(m, candidates) && !matchesOne(m, otherNames)
	}
	return false
}

func matchesOne(m *labels.Matcher, candidates []string) bool {
	for _, candidate := range candidates {
		if m.Matches(candidate) {
			return true
		}
	}
	return false
}

// called tells whether a label's value is the component's name, by itself or with its
// namespace.
func (c Component) called(value string) bool {
	if strings.EqualFold(value, c.Name) {
		return true
	}
	if i := strings.LastIndexByte(value, '/'); i >= 0 {
		return strings.EqualFold(value[i+1:], c.Name)
	}
	if first, rest, ok := strings.Cut(value, "."); ok && (strings.Contains("."+rest+".", ".svc.")) {
		return strings.EqualFold(first, c.Name)
	}
	return false
}

// maxName is how much of an alert's or group's name is looked at, in bytes.
const maxName = 1000

// spells tells whether a text has the name among its words, as whole words in a row.
func spells(text, name string) bool {
	text = text[:min(len(text), maxName)]
	wanted := strings.Join(words(name), "")
	if wanted == "" {
		return false
	}
	all := words(text)
	for i := range all {
		joined := ""
		for _, word := range all[i:] {
			if joined += word; len(joined) >= len(wanted) {
				break
			}
		}
		if joined == wanted {
			return true
		}
	}
	return false
}

// words splits a name at everything that is no letter or digit, and where a capital
// begins a word: HTTPOrdersDown is http, orders, down. Small letters.
func words(text string) []string {
	var all []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			all = append(all, strings.ToLower(string(word)))
			word = nil
		}
	}
	runes := []rune(text)
	for i, r := range runes {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			continue
		case unicode.IsUpper(r) && i > 0 && (!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])):
			end()
		}
		word = append(word, r)
	}
	end()
	return all
}
