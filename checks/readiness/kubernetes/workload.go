package kubernetes

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"

	"plimsoll/config"
)

// manifest is one resource of a file: a flat mapping with apiVersion and kind.
type manifest struct {
	file        string
	group, kind string
	node        *yaml.Node
}

// asManifest gives the resource that a flat tree holds; ok is false for anything
// that is none.
func asManifest(file string, n *yaml.Node) (m manifest, ok bool) {
	version, kind := text(value(n, "apiVersion")), text(value(n, "kind"))
	if version == "" || kind == "" {
		return manifest{}, false
	}
	group, _, grouped := strings.Cut(version, "/")
	if !grouped {
		group = ""
	}
	return manifest{file: file, group: group, kind: kind, node: n}, true
}

func (m manifest) name() string {
	if name := text(value(m.node, "metadata", "name")); name != "" {
		return name
	}
	return text(value(m.node, "metadata", "generateName"))
}

func (m manifest) position(n *yaml.Node) config.Position {
	return config.Position{File: m.file, Line: n.Line, Column: n.Column}
}

// podTemplates says where the pod template of each kind stands.
var podTemplates = map[string]struct {
	kind Kind
	way  []string
}{
	"apps/Deployment":                    {Deployment, []string{"spec", "template"}},
	"extensions/Deployment":              {Deployment, []string{"spec", "template"}},
	"apps/StatefulSet":                   {StatefulSet, []string{"spec", "template"}},
	"apps/DaemonSet":                     {DaemonSet, []string{"spec", "template"}},
	"extensions/DaemonSet":               {DaemonSet, []string{"spec", "template"}},
	"apps/ReplicaSet":                    {ReplicaSet, []string{"spec", "template"}},
	"extensions/ReplicaSet":              {ReplicaSet, []string{"spec", "template"}},
	"/ReplicationController":             {ReplicationController, []string{"spec", "template"}},
	"batch/Job":                          {Job, []string{"spec", "template"}},
	"batch/CronJob":                      {CronJob, []string{"spec", "jobTemplate", "spec", "template"}},
	"/Pod":                               {Pod, nil},
	"argoproj.io/Rollout":                {Rollout, []string{"spec", "template"}},
	"apps.openshift.io/DeploymentConfig": {DeploymentConfig, []string{"spec", "template"}},
	"/DeploymentConfig":                  {DeploymentConfig, []string{"spec", "template"}},
	"serving.knative.dev/Service":        {KnativeService, []string{"spec", "template"}},
}

// runsPods tells whether a manifest is a workload.
func (m manifest) runsPods() bool {
	_, ok := podTemplates[m.group+"/"+m.kind]
	return ok
}

// workloadReader reads the workload of one manifest and notes what it can't read.
type workloadReader struct {
	manifest
	unread []Unread
}

func (r *workloadReader) cannot(at *yaml.Node, format string, args ...any) {
	if at == nil {
		at = r.node
	}
	r.unread = append(r.unread, Unread{Position: r.position(at), Message: fmt.Sprintf(format, args...),
		Hint: "fix it; kubectl apply --dry-run=server -f " + r.file + " says the same"})
}

// workload gives the workload of a manifest that runsPods.
func (m manifest) workload() (Workload, []Unread) {
	r := &workloadReader{manifest: m}
	at := podTemplates[m.group+"/"+m.kind]
	w := Workload{Kind: at.kind, Name: m.name(), Namespace: text(value(m.node, "metadata", "namespace")), Position: m.position(m.node)}
	template := value(m.node, at.way...)
	switch restart := text(value(template, "spec", "restartPolicy")); {
	case at.kind == Job, at.kind == CronJob, at.kind == Pod && (restart == "Never" || restart == "OnFailure"):
		w.Ends = true
	}
	w.Labels = texts(value(template, "metadata", "labels"))
	if w.Labels == nil {
		w.Labels = texts(value(m.node, "metadata", "labels"))
	}
	spec := value(template, "spec")
	if spec == nil || spec.Kind != yaml.MappingNode {
		if at.kind != Rollout || value(m.node, "spec", "workloadRef") == nil {
			r.cannot(template, "%s %s has no pod: %s expected", m.kind, quote(w.Name), strings.Join(append(at.way, "spec"), "."))
		}
		return w, r.unread
	}
	w.Containers = append(r.containers(spec, "containers"), r.containers(spec, "initContainers")...)
	if len(w.Containers) == 0 && len(r.unread) == 0 {
		r.cannot(spec, "%s %s has no containers", m.kind, quote(w.Name))
	}
	return w, r.unread
}

func (r *workloadReader) containers(spec *yaml.Node, field string) []Container {
	key, list := pair(spec, field)
	if absent(list) {
		return nil
	}
	if list.Kind != yaml.SequenceNode {
		r.cannot(key, "%s: a list expected", field)
		return nil
	}
	var containers []Container
	for _, item := range list.Content {
		if item.Kind != yaml.MappingNode {
			r.cannot(item, "%s: a mapping with name and image expected", field)
			continue
		}
		c := Container{Name: text(value(item, "name")), Image: text(value(item, "image")), Position: r.position(item)}
		c.Init = field == "initContainers"
		c.Sidecar = c.Init && text(value(item, "restartPolicy")) == "Always"
		if lines(item) {
			if key, name := pair(item, "name"); ownLine(key, name) {
				c.NamePosition = r.position(key)
			}
			if key, ports := pair(item, "ports"); key != nil && lines(ports) && ports.Line > key.Line {
				c.PortsPosition = config.Position{File: r.file, Line: key.Line, Column: ports.Column}
			}
		}
		c.Ports = r.ports(item)
		c.Readiness, c.Liveness, c.Startup = r.probe(item, "readinessProbe"), r.probe(item, "livenessProbe"), r.probe(item, "startupProbe")
		containers = append(containers, c)
	}
	return containers
}

func (r *workloadReader) ports(container *yaml.Node) []Port {
	key, list := pair(container, "ports")
	if absent(list) {
		return nil
	}
	if list.Kind != yaml.SequenceNode {
		r.cannot(key, "ports: a list expected")
		return nil
	}
	var ports []Port
	for _, item := range list.Content {
		p := Port{Name: text(value(item, "name")), Protocol: text(value(item, "protocol")), Position: r.position(item)}
		if p.Protocol == "" {
			p.Protocol = "TCP"
		}
		at := value(item, "containerPort")
		i, ok := number(at)
		switch {
		case ok && i >= 1 && i <= 65535:
			p.Number = i
		case at == nil || !placeholder(at.Value):
			r.cannot(item, "containerPort: a port from 1 to 65535 expected, found %s", found(at))
			continue
		}
		ports = append(ports, p)
	}
	return ports
}

// lines tells that a node is written over lines, not in braces.
func lines(n *yaml.Node) bool {
	return n != nil && n.Style&yaml.FlowStyle == 0
}

// ownLine tells that a key and its value stand on one line, and end there.
func ownLine(key, value *yaml.Node) bool {
	return key != nil && value.Kind == yaml.ScalarNode && key.Line == value.Line &&
		value.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && !strings.Contains(value.Value, "\n")
}

func found(n *yaml.Node) string {
	switch {
	case absent(n):
		return "nothing"
	case n.Kind == yaml.MappingNode:
		return "a mapping"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	}
	return quote(n.Value)
}
