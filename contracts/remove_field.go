package contracts

import (
	"strconv"

	"plimsoll/contracts/document"
)

// fieldFinder walks the product of an operation's schemas and a pattern, and
// collects the nodes that declare the field which the pattern ends at.
type fieldFinder struct {
	v     *view
	p     *pattern
	dir   Direction
	gone  map[document.Node]bool
	seen  map[spot]bool
	queue []fieldSpot
}

type fieldSpot struct {
	s   *schema
	pos int
}

// operation collects the field in all messages of one operation.
func (f *fieldFinder) operation(op *Operation) {
	for _, slot := range slotsOf(f.v, op, f.dir) {
		for _, pos := range f.p.next(0, slot.step, nil) {
			switch {
			case pos == len(f.p.segs) && slot.step.kind == stepParam:
				f.parameter(op, slot.step)
			case pos == len(f.p.segs) && slot.step.kind == stepHeader:
				f.header(op, slot.step.name)
			case pos < len(f.p.segs) && len(slot.schema) > 0:
				f.enter(f.v.schema(slot.schema...), pos)
			}
		}
	}
	for len(f.queue) > 0 {
		at := f.queue[len(f.queue)-1]
		f.queue = f.queue[:len(f.queue)-1]
		f.expand(at)
	}
}

// parameter takes out the entries of the lists that the operation has it from.
func (f *fieldFinder) parameter(op *Operation, s step) {
	for _, from := range []document.Node{op.Item.Get("parameters"), op.Node.Get("parameters")} {
		for _, item := range from.Items() {
			node := f.v.contract.deref(item)
			if node.Get("name").Text() == s.name && (len(s.names) == 0 || node.Get("in").Text() == s.names[0]) {
				f.gone[item] = true
			}
		}
	}
}

func (f *fieldFinder) header(op *Operation, name string) {
	for _, value := range op.Node.Get("responses").Members() {
		if header := f.v.contract.deref(value).Get("headers").Get(name); header.Valid() {
			f.gone[header] = true
		}
	}
}

func (f *fieldFinder) enter(s *schema, pos int) {
	at := spot{schema: s.id, pos: pos}
	if !f.seen[at] && len(f.seen) < maxSpots {
		f.seen[at] = true
		f.queue = append(f.queue, fieldSpot{s, pos})
	}
}

func (f *fieldFinder) expand(at fieldSpot) {
	s := f.v.decoded(at.s)
	lead := func(st step, nodes []document.Node) {
		for _, pos := range f.p.next(at.pos, st, nil) {
			if pos < len(f.p.segs) {
				f.enter(f.v.schema(nodes...), pos)
			}
		}
	}
	for i := range s.props {
		prop := &s.props[i]
		st := step{kind: stepProperty, name: prop.name}
		next := f.p.next(at.pos, st, nil)
		if len(next) == 0 {
			continue
		}
		child := f.v.decoded(f.v.schema(prop.nodes...))
		if f.dir == Request && child.readOnly || f.dir == Response && child.writeOnly {
			continue
		}
		for _, pos := range next {
			if pos == len(f.p.segs) {
				f.property(at.s, prop.name)
			}
		}
		lead(st, prop.nodes)
	}
	named := f.p.segs[at.pos].kind == segName
	if _, ok := s.property(f.p.segs[at.pos].name); !named || !ok {
		for _, nodes := range append([][]document.Node{s.extra}, mappedNodes(s)...) {
			if len(nodes) > 0 {
				lead(step{kind: stepMap}, nodes)
			}
		}
	}
	if len(s.items) > 0 {
		lead(step{kind: stepItem}, s.items)
	}
	for i, nodes := range s.prefix {
		lead(step{kind: stepItem, name: strconv.Itoa(i)}, nodes)
	}
	for _, g := range s.groups {
		for _, b := range g.branches {
			lead(step{kind: stepBranch, name: b.name, names: f.v.branchNames(s.discrim, b)}, []document.Node{b.node})
		}
	}
}

func mappedNodes(s *schema) [][]document.Node {
	var all [][]document.Node
	for _, m := range s.mapped {
		all = append(all, m.nodes)
	}
	return all
}

// property takes a property out of every part of a schema that declares it or
// requires it.
func (f *fieldFinder) property(s *schema, name string) {
	seen := map[document.Node]bool{}
	var part func(n document.Node)
	part = func(n document.Node) {
		n = f.v.canonical(n)
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
		if target, ok := f.v.contract.follow(n); ok && target.Valid() {
			part(target)
		}
		for _, branch := range n.Get("allOf").Items() {
			part(branch)
		}
		for _, only := range f.v.decoded(s).sole { // a union with one branch left, merged into the rest
			part(only.node)
		}
	}
	for _, n := range s.nodes {
		part(n)
	}
}
