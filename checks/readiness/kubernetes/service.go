package kubernetes

import "fmt"

// maxServices is how many Services are looked at.
const maxServices = 2000

// service is a Service that sends requests to pods.
type service struct {
	namespace string
	selector  map[string]string
}

// service gives the Service of a manifest; ok is false for any other, and for a
// Service that selects no pods.
func (m manifest) service() (s service, ok bool) {
	if m.group != "" || m.kind != "Service" {
		return service{}, false
	}
	s = service{namespace: text(value(m.node, "metadata", "namespace")), selector: texts(value(m.node, "spec", "selector"))}
	return s, len(s.selector) > 0
}

// selects tells whether the Service sends requests to a workload's pods. A namespace
// that is not written may be any: it is often given when the manifests are applied.
func (s service) selects(w Workload) bool {
	if len(s.selector) == 0 {
		return false
	}
	if s.namespace != "" && w.Namespace != "" && s.namespace != w.Namespace {
		return false
	}
	for label, value := range s.selector {
		if got, ok := w.Labels[label]; !ok || got != value {
			return false
		}
	}
	return true
}

// serve keeps a Service that a manifest holds.
func (r *reading) serve(s service, m manifest) {
	switch len(r.services) {
	case maxServices:
		r.found.Unread = append(r.found.Unread, Unread{Position: m.position(m.node),
			Message: fmt.Sprintf("there are more than %d Services; this one and those behind it are not read", maxServices), Hint: "give each component a path of its own"})
		r.services = append(r.services, service{})
	case maxServices + 1:
	default:
		r.services = append(r.services, s)
	}
}
