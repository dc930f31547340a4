package kubernetes

import (
	"reflect"
	"slices"

	"plimsoll/config"
)

// moved gives a workload that a kustomization made with the places of the resource
// as written: each container, port and probe is where the file has it, and what the
// kustomization added where the next larger thing is.
func (w Workload) moved(written Workload) Workload {
	w.Place = written.Place
	if written.Name != "" {
		w.Name = written.Name
	}
	containers := slices.Clone(w.Containers)
	for i := range containers {
		c := &containers[i]
		at := slices.IndexFunc(written.Containers, func(o Container) bool { return o.Name == c.Name && o.Init == c.Init })
		from := Container{Place: written.Place}
		if at >= 0 {
			from = written.Containers[at]
		}
		c.Place, c.NamePlace, c.PortsPlace = from.Place, from.NamePlace, from.PortsPlace
		if from.Readiness != nil && c.Readiness == nil || from.Liveness != nil && c.Liveness == nil {
			c.NamePlace = config.Position{} // what is put there is taken out again
		}
		if !slices.EqualFunc(c.Ports, from.Ports, func(a, b Port) bool { return a.Name == b.Name && a.Number == b.Number }) {
			c.PortsPlace = config.Position{}
		}
		ports := slices.Clone(c.Ports)
		for j := range ports {
			ports[j].Place = from.Place
			same := slices.IndexFunc(from.Ports, func(o Port) bool { return o.Name == ports[j].Name && o.Number == ports[j].Number })
			if same >= 0 {
				ports[j].Place = from.Ports[same].Place
			}
		}
		c.Ports = ports
		c.Readiness = c.Readiness.moved(from.Readiness, from.Place)
		c.Liveness = c.Liveness.moved(from.Liveness, from.Place)
		c.Startup = c.Startup.moved(from.Startup, from.Place)
	}
	w.Containers = containers
	return w
}

// moved gives a probe with the places of the one that is written, as far as both say
// the same; without one, it is where its container is.
func (p *Probe) moved(written *Probe, container config.Position) *Probe {
	if p == nil {
		return nil
	}
	moved := *p
	moved.Place = container
	moved.Port.Place, moved.TimeoutPlace, moved.PeriodPlace, moved.PathPlace = config.Position{}, config.Position{}, config.Position{}, config.Position{}
	if written == nil {
		return &moved
	}
	moved.Place = written.Place
	if p.Port.Name == written.Port.Name && p.Port.Number == written.Port.Number {
		moved.Port.Place = written.Port.Place
	}
	if p.Path == written.Path {
		moved.PathPlace = written.PathPlace
	}
	if p.Timeout == written.Timeout {
		moved.TimeoutPlace = written.TimeoutPlace
	}
	if p.Period == written.Period {
		moved.PeriodPlace = written.PeriodPlace
	}
	return &moved
}

// merge finds, among workloads, one that another overlay made of the same resource
// with the same containers, ports and probes, and adds the overlays of w to it. The
// first gives the namespace, the labels and the images.
func (w Workload) merge(workloads []Workload, same []int) bool {
	for _, i := range same {
		if into := &workloads[i]; len(w.Overlays) > 0 && len(into.Overlays) > 0 && sameFacts(*into, w) {
			into.Overlays = slices.Compact(slices.Sorted(slices.Values(append(into.Overlays, w.Overlays...))))
			return true
		}
	}
	return false
}

func sameFacts(a, b Workload) bool {
	if a.Kind != b.Kind || a.Ends != b.Ends || len(a.Containers) != len(b.Containers) {
		return false
	}
	for i := range a.Containers {
		x, y := a.Containers[i], b.Containers[i]
		x.Image, y.Image = "", ""
		if !reflect.DeepEqual(x, y) {
			return false
		}
	}
	return true
}
