package impact

import (
	"strconv"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// fieldFinder follows a pattern through the schemas of an operation and collects the nodes
// that declare the field at its end.
type fieldFinder struct {
	v     *openapi.View
	p     *usage.Pattern
	dir   contracts.Direction
	gone  map[document.Node]bool
	seen  map[usage.Spot]bool
	queue []fieldSpot
}

type fieldSpot struct {
	s   *openapi.Schema
	pos int
}

// operation collects the field in all messages of one operation.
func (f *fieldFinder) operation(op *openapi.Operation) {
	for _, slot := range usage.SlotsOf(f.v, op, f.dir) {
		for _, pos := range f.p.Next(0, slot.Step, nil) {
			switch {
			case pos == len(f.p.Segments) && slot.Step.Kind == usage.StepParam:
				f.parameter(op, slot.Step)
			case pos == len(f.p.Segments) && slot.Step.Kind == usage.StepHeader:
				f.header(op, slot.Step.Name)
			case pos < len(f.p.Segments) && len(slot.Schema) > 0:
				f.enter(f.v.Schema(slot.Schema...), pos)
			}
		}
	}
	for len(f.queue) > 0 {
		at := f.queue[len(f.queue)-1]
		f.queue = f.queue[:len(f.queue)-1]
		f.expand(at)
	}
}

// parameter removes the entries of the lists that declare the parameter.
func (f *fieldFinder) parameter(op *openapi.Operation, s usage.Step) {
	for _, from := range []document.Node{op.Item.Get("parameters"), op.Node.Get("parameters")} {
		for _, item := range from.Items() {
			node := f.v.Contract.Deref(item)
			if node.Get("name").Text() == s.Name && (len(s.Names) == 0 || node.Get("in").Text() == s.Names[0]) {
				f.gone[item] = true
			}
		}
	}
}

func (f *fieldFinder) header(op *openapi.Operation, name string) {
	for _, value := range op.Node.Get("responses").Members() {
		if header := f.v.Contract.Deref(value).Get("headers").Get(name); header.Valid() {
			f.gone[header] = true
		}
	}
}

func (f *fieldFinder) enter(s *openapi.Schema, pos int) {
	at := usage.Spot{Schema: s.ID, Pos: pos}
	if !f.seen[at] && len(f.seen) < usage.MaxSpots {
		f.seen[at] = true
		f.queue = append(f.queue, fieldSpot{s, pos})
	}
}

func (f *fieldFinder) expand(at fieldSpot) {
	s := f.v.Decode(at.s)
	lead := func(st usage.Step, nodes []document.Node) {
		for _, pos := range f.p.Next(at.pos, st, nil) {
			if pos < len(f.p.Segments) {
				f.enter(f.v.Schema(nodes...), pos)
			}
		}
	}
	for i := range s.Properties {
		prop := &s.Properties[i]
		st := usage.Step{Kind: usage.StepProperty, Name: prop.Name}
		next := f.p.Next(at.pos, st, nil)
		if len(next) == 0 {
			continue
		}
		child := f.v.Decode(f.v.Schema(prop.Nodes...))
		if f.dir == contracts.Request && child.ReadOnly || f.dir == contracts.Response && child.WriteOnly {
			continue
		}
		for _, pos := range next {
			if pos == len(f.p.Segments) {
				f.property(at.s, prop.Name)
			}
		}
		lead(st, prop.Nodes)
	}
	named := f.p.Segments[at.pos].Kind == usage.SegName
	if _, ok := s.Property(f.p.Segments[at.pos].Name); !named || !ok {
		for _, nodes := range append([][]document.Node{s.Extra}, mappedNodes(s)...) {
			if len(nodes) > 0 {
				lead(usage.Step{Kind: usage.StepMap}, nodes)
			}
		}
	}
	if len(s.Items) > 0 {
		lead(usage.Step{Kind: usage.StepItem}, s.Items)
	}
	for i, nodes := range s.Prefix {
		lead(usage.Step{Kind: usage.StepItem, Name: strconv.Itoa(i)}, nodes)
	}
	for _, g := range s.Groups {
		for _, b := range g.Branches {
			lead(usage.Step{Kind: usage.StepBranch, Name: b.Name, Names: f.v.BranchNames(s.Discriminator, b)}, []document.Node{b.Node})
		}
	}
}

func mappedNodes(s *openapi.Schema) [][]document.Node {
	var all [][]document.Node
	for _, m := range s.Mapped {
		all = append(all, m.Nodes)
	}
	return all
}

// property removes a property from every part of a schema that declares or requires it.
func (f *fieldFinder) property(s *openapi.Schema, name string) {
	seen := map[document.Node]bool{}
	var part func(n document.Node)
	part = func(n document.Node) {
		n = f.v.Canonical(n)
		if seen[n] || n.Kind() != document.Object {
			return
		}
		seen[n] = true
		if declared := n.Get("properties").Get(name); declared.Valid() {
			f.gone[declared] = true
		}
		for _, item := range n.Get("required").Items() {
			if item.Str() == name {
				f.gone[item] = true
			}
		}
		if target, ok := f.v.Contract.Follow(n); ok && target.Valid() {
			part(target)
		}
		for _, branch := range n.Get("allOf").Items() {
			part(branch)
		}
		for _, only := range f.v.Decode(s).Sole { // a union with one branch left, merged into the rest
			part(only.Node)
		}
	}
	for _, n := range s.Nodes {
		part(n)
	}
}
