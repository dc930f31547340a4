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
	w.Position = written.Position
	if written.Name != "" {
		w.Name = written.Name
	}
	containers := slices.Clone(w.Containers)
	for i := range containers {
		c := &containers[i]
		at := slices.IndexFunc(written.Containers, func(o Container) bool { return o.Name == c.Name && o.Init == c.Init })
		from := Container{Position: written.Position}
		if at >= 0 {
			from = written.Containers[at]
		}
		c.Position, c.NamePosition, c.PortsPosition = from.Position, from.NamePosition, from.PortsPosition
		if from.Readiness != nil && c.Readiness == nil || from.Liveness != nil && c.Liveness == nil {
			c.NamePosition = config.Position{} // what is put there is taken out again
		}
		if !slices.EqualFunc(c.Ports, from.Ports, func(a, b Port) bool { return a.Name == b.Name && a.Number == b.Number }) {
			c.PortsPosition = config.Position{}
		}
		ports := slices.Clone(c.Ports)
		for j := range ports {
			ports[j].Position = from.Position
			same := slices.IndexFunc(from.Ports, func(o Port) bool { return o.Name == ports[j].Name && o.Number == ports[j].Number })
			if same >= 0 {
				ports[j].Position = from.Ports[same].Position
			}
		}
		c.Ports = ports
		c.Readiness = c.Readiness.moved(from.Readiness, from.Position)
		c.Liveness = c.Liveness.moved(from.Liveness, from.Position)
		c.Startup = c.Startup.moved(from.Startup, from.Position)
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
	moved.Position = container
	moved.Port.Position, moved.TimeoutPosition, moved.PeriodPosition, moved.PathPosition = config.Position{}, config.Position{}, config.Position{}, config.Position{}
	if written == nil {
		return &moved
	}
	moved.Position = written.Position
	if p.Port.Name == written.Port.Name && p.Port.Number == written.Port.Number {
		moved.Port.Position = written.Port.Position
	}
	if p.Path == written.Path {
		moved.PathPosition = written.PathPosition
	}
	if p.Timeout == written.Timeout {
		moved.TimeoutPosition = written.TimeoutPosition
	}
	if p.Period == written.Period {
		moved.PeriodPosition = written.PeriodPosition
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
