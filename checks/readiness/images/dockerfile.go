package images

import (
	"slices"

	"plimsoll/contracts"
)

// Dockerfile is what a Dockerfile says, stage by stage.
type Dockerfile struct {
	File string
	// Stages in the order of the file; at least one.
	Stages []Stage
}

// Stage is one FROM and what follows it.
type Stage struct {
	// At is its FROM.
	At contracts.Position
	// Name behind AS, in lower case; "" without one.
	Name string
	// From is the image or the stage that it begins with, as it is written.
	From string
	// Base is the index of the earlier stage that it begins with; -1 for an image.
	Base int
	// Unresolved: From holds a variable without a value in the file, so that
	// the builder may put the name of another stage there.
	Unresolved bool
	// Health is the stage's own last HEALTHCHECK.
	Health Health
	// Ports are the stage's own EXPOSEs.
	Ports []Port
	// Start is the line of its first CMD or ENTRYPOINT, 0 without one; Ready is the
	// last line of what comes before it, or of the stage.
	Start, Ready int
	// End is the last line of its last instruction.
	End int

	values map[string]string // ARG and ENV
}

// Port is one that a stage exposes.
type Port struct {
	At contracts.Position
	// Number; the first one of a range.
	Number int
	// Protocol is tcp, udp or sctp.
	Protocol string
}

// Final is the stage that is built where none is asked for: the last one.
//
// https://docs.docker.com/build/building/multi-stage/
func (d *Dockerfile) Final() *Stage { return &d.Stages[len(d.Stages)-1] }

// lineage gives a stage and the stages that it begins with, itself first.
func (d *Dockerfile) lineage(s *Stage) func(yield func(*Stage) bool) {
	return func(yield func(*Stage) bool) {
		for yield(s) && s.Base >= 0 {
			s = &d.Stages[s.Base]
		}
	}
}

// value gives what ARG and ENV say in a stage and in those that it begins with.
func (d *Dockerfile) value(s *Stage) func(name string) (string, bool) {
	return func(name string) (string, bool) {
		for each := range d.lineage(s) {
			if value, ok := each.values[name]; ok {
				return value, true
			}
		}
		return "", false
	}
}

// Health gives the health check of a stage's image: its own HEALTHCHECK, or else
// that of the nearest stage that it begins with, which it inherits. Unset means
// that no stage says anything; the image below them all may still.
//
// known is false where a variable decides which stage it begins with, and one of
// the stages before it declares a health check: then it is unknown.
//
// https://docs.docker.com/reference/dockerfile/#healthcheck
func (d *Dockerfile) Health(s *Stage) (health Health, known bool) {
	for each := range d.lineage(s) {
		if each.Health.State != Unset {
			return each.Health, true
		}
		if each.Unresolved {
			before := d.Stages[:slices.IndexFunc(d.Stages, func(one Stage) bool { return one.At == each.At })]
			return Health{}, !slices.ContainsFunc(before, func(one Stage) bool { return one.Health.State == Declared })
		}
	}
	return Health{}, true
}

// Ports gives what a stage's image exposes, inherited ports last, each once.
func (d *Dockerfile) Ports(s *Stage) []Port {
	type key struct {
		number   int
		protocol string
	}
	var all []Port
	have := map[key]bool{}
	for each := range d.lineage(s) {
		for _, port := range each.Ports {
			if k := (key{port.Number, port.Protocol}); !have[k] {
				have[k] = true
				all = append(all, port)
			}
		}
	}
	return all
}

// Image is the image that a stage begins with in the end, as it is written.
func (d *Dockerfile) Image(s *Stage) string {
	image := s.From
	for each := range d.lineage(s) {
		image = each.From
	}
	return image
}
