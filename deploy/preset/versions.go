package preset

import (
	"fmt"
	"math/bits"
	"regexp"
	"slices"
	"strings"
	"time"

	"plimsoll/config"
)

// Version is the label of the answers to the queries of ByVersion.
const Version = "plimsoll_version"

// WarmUp is how long an instance must have been there to count for its version: what starts is
// slower and fails more often.
const WarmUp = 5 * time.Minute

// Versions says which labels distinguish the versions and the instances of a service.
type Versions struct {
	// Label has the version, as its name and where it is found.
	Label string
	// label holds it in what pattern captures; instance has a value for each instance.
	label, pattern, instance string
	// part matches the instances of about a half of the service.
	part string
}

// versionLabels are those in which Argo Rollouts, Kubernetes and Istio write versions.
var versionLabels = []string{"rollouts_pod_template_hash", "pod_template_hash", "destination_revision", "destination_version"}

// podLabels have the name of a pod, instanceLabels a value for each instance.
var (
	podLabels      = []string{"pod", "kubernetes_pod_name", "k8s_pod_name", "pod_name"}
	instanceLabels = append(slices.Clone(podLabels), "instance")
)

// podOfVersion is the name of a pod that a ReplicaSet has made: NAME-HASH-RANDOM, in the letters that
// Kubernetes uses for both. https://github.com/kubernetes/apimachinery/blob/master/pkg/util/rand/rand.go
const podOfVersion = `.+-([bcdfghjklmnpqrstvwxz2456789]{6,10})-[bcdfghjklmnpqrstvwxz2456789]{5}`

var podName = regexp.MustCompile(`^(?:` + podOfVersion + `)$`)

// unknownVersions are values of Istio's labels that name no version.
var unknownVersions = []string{"", "unknown"}

// apart are the counters that stand in front of services or beside them: their instances are not the
// service's.
var apart = []string{
	"traces_span_metrics_calls_total", "calls_total", "traces_spanmetrics_calls_total", "nginx_ingress_controller_requests", "traefik_service_requests_total",
	"envoy_cluster_upstream_rq", "envoy_cluster_upstream_rq_xx", "envoy_http_downstream_rq_xx", "haproxy_backend_http_responses_total", "haproxy_frontend_http_responses_total", "kong_http_requests_total",
}

// Instances returns the query for the labels that may distinguish versions and instances; declared is
// the label that the repository names, or empty. It is empty where they can't be the service's.
func (s Source) Instances(declared string) string {
	if s.recorded != nil || slices.Contains(apart, s.Requests) || slices.ContainsFunc(s.match, func(m matcher) bool { return m.label == "reporter" && m.value != "destination" }) {
		return ""
	}
	labels := append(slices.Clone(versionLabels), instanceLabels...)
	if declared != "" && !labelName.MatchString(declared) {
		return ""
	}
	if declared != "" && !slices.Contains(labels, declared) {
		labels = append(labels, declared)
	}
	return "group by (" + strings.Join(labels, ", ") + ") (" + s.requests().lately() + ")"
}

// Versions returns which labels of the series that Instances' query found distinguish versions. The error
// says why none does.
func (s Source) Versions(declared string, found []map[string]string) (Versions, error) {
	var v Versions
	candidates := versionLabels
	if declared != "" {
		candidates = []string{declared}
	}
	known := func(label string) bool {
		return slices.ContainsFunc(found, func(series map[string]string) bool { return !slices.Contains(unknownVersions, series[label]) })
	}
	choose := func(label, pattern string) {
		if v.label == "" {
			v.Label, v.label, v.pattern = label, label, pattern
		}
	}
	for i, label := range candidates {
		if i == 2 || len(candidates) == 1 { // Kubernetes' own names of pods come before Istio's labels
			s.podVersions(declared, found, choose)
		}
		if known(label) {
			choose(label, `(.+)`)
		}
	}
	if v.label == "" {
		return v, fmt.Errorf("no label has the version")
	}
	for _, label := range instanceLabels {
		if v.instance == "" && !slices.ContainsFunc(found, func(series map[string]string) bool { return series[label] == "" }) {
			v.instance = label
		}
	}
	if v.instance == "" {
		return v, fmt.Errorf("no label distinguishes instances (expected pod or instance)")
	}
	v.part = part(v.instance, found)
	return v, nil
}

// podVersions chooses the names of pods if they have the hash of a ReplicaSet.
func (s Source) podVersions(declared string, found []map[string]string, choose func(label, pattern string)) {
	for _, label := range podLabels {
		if declared == "" && slices.ContainsFunc(found, func(series map[string]string) bool { return podName.MatchString(series[label]) }) {
			choose(label, podOfVersion)
		}
	}
}

// endings are the last characters of the names of instances.
const endings = "0123456789abcdefghijklmnopqrstuvwxyz"

// part returns the pattern that matches the instances nearest to a half, by the last character of
// their names: chance decides which it is, in every week alike.
func part(label string, found []map[string]string) string {
	names := map[string]bool{}
	for _, series := range found {
		name := series[label]
		if host, port, ok := strings.Cut(name, ":"); ok && !strings.Contains(port, ":") {
			name = host
		}
		names[name] = true
	}
	best, off := "", len(names)+1
	for bit := range bits.Len(uint(len(endings) - 1)) {
		var class strings.Builder
		for i, c := range endings {
			if i>>bit&1 == 1 {
				class.WriteRune(c)
			}
		}
		in := 0
		for name := range names {
			if name != "" && strings.ContainsRune(class.String(), rune(name[len(name)-1])) {
				in++
			}
		}
		if distance := max(2*in-len(names), len(names)-2*in); distance < off {
			best, off = class.String(), distance
		}
	}
	return `[^:]*[` + best + `](:[0-9]+)?`
}

// ByVersion returns the proportions of the whole service with a series for each version, under the
// label Version: what instances count that have run for WarmUp. bound and scrape are those of HTTP.
func (s Source) ByVersion(v Versions, bound float64, scrape time.Duration) []Signal {
	s.pace = paceOf(scrape)
	by := grouping{v, s.requests()}
	requests := s.requests()
	total := by.sum(s.pace.grown(requests) + s.pace.shrunk(requests))
	var all []Signal
	for _, class := range s.classesOf() {
		bad := by.sum(s.pace.firstOf(requests.with(matcher{s.Status, "=~", class.pattern})) + " or " + s.pace.grown(requests.with(matcher{s.Status, "=~", class.pattern})) + s.pace.shrunk(requests))
		all = append(all, proportionOf(class.name, bad, total))
	}
	if s.Histogram && bound > 0 {
		all = append(all, s.slow(s.buckets(), bound, func(each string) string { return by.sum(each + s.pace.shrunk(s.buckets())) }))
	}
	return all
}

// Part returns the proportions of about a half of the service's instances.
func (s Source) Part(v Versions, bound float64, scrape time.Duration) []Signal {
	some := matcher{v.instance, "=~", v.part}
	s.pace, s.any = paceOf(scrape), s.requests()
	all := s.signals(scope{s.requests().with(some), s.buckets().with(some)}, bound)
	return slices.DeleteFunc(all, func(one Signal) bool { return one.Kind != Proportion })
}

// grouping sums what the instances of each version count.
type grouping struct {
	Versions
	requests selector
}

func (g grouping) sum(each string) string {
	there := " and on (" + g.instance + ") group by (" + g.instance + ") (" + g.requests.String() + " offset " + promDuration(WarmUp) + ")"
	return "sum by (" + Version + `) (label_replace((` + each + ")" + there + `, "` + Version + `", "$1", "` + g.label + `", ` + quoted(g.pattern) + "))"
}

// proportionOf writes how many were bad, 0 if none has been, of how many; never more than all.
func proportionOf(name, bad, total string) Signal {
	return Signal{Name: name, Kind: Proportion, Better: config.Down, Bad: bad + " or 0 * " + total, Total: total + " >= " + bad + " or " + bad + " or " + total}
}
