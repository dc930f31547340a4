package contracts

import (
	"strconv"
	"strings"

	"plimsoll/contracts/document"
)

// spot is a place in the product of a contract's schemas and a pattern.
type spot struct {
	schema int32
	pos    int
}

// resolution says where a pattern leads in one operation of the base contract.
type resolution struct {
	// alive are the spots from which the pattern reaches a node that exists.
	alive map[spot]bool
	// slots are the parts of the message in which it does: "body", a status, or
	// a parameter's name.
	slots map[string]bool
	// nearest are names that exist where the pattern got lost.
	nearest []string
}

// slot is one part of an operation's messages that a pattern may lead into.
type slot struct {
	key    string // "body", "status 200", "param limit"
	step   step   // consumed on the way in; stepStay where none
	schema []document.Node
}

// slotsOf lists the parts of what a consumer sends to, or reads from, an operation.
func slotsOf(v *view, op *Operation, dir Direction) []slot {
	var list []slot
	if (dir == Response) == op.Provider { // what goes with the request
		for _, p := range v.contract.parameters(op) {
			_, schema := contentOf(p.node)
			s := slot{key: "param " + p.name, step: step{kind: stepParam, name: p.name, names: []string{p.in}}}
			if schema.Valid() {
				s.schema = []document.Node{schema}
			}
			list = append(list, s)
		}
		for _, media := range v.contract.deref(op.Node.Get("requestBody")).Get("content").Members() {
			if schema := media.Get("schema"); schema.Valid() {
				list = append(list, slot{key: "body", schema: []document.Node{schema}})
			}
		}
		return list
	}
	for status, value := range op.Node.Get("responses").Members() {
		response := v.contract.deref(value)
		for name, header := range response.Get("headers").Members() {
			_, schema := contentOf(v.contract.deref(header))
			s := slot{key: "status " + status, step: step{kind: stepHeader, name: name}}
			if schema.Valid() {
				s.schema = []document.Node{schema}
			}
			list = append(list, s)
		}
		for _, media := range response.Get("content").Members() {
			if schema := media.Get("schema"); schema.Valid() {
				list = append(list, slot{key: "status " + status, schema: []document.Node{schema}})
			}
		}
	}
	return list
}

// maxSpots bounds how far one pattern is followed.
const maxSpots = 200_000

// resolve finds where the pattern leads in an operation. What the explorer has found
// out for other operations is not looked at again.
func (e *explorer) resolve(op *Operation) *resolution {
	r := &resolution{alive: e.alive, slots: map[string]bool{}}
	p := e.p
	type entry struct {
		slot  string
		at    spot
		final bool
	}
	var entries []entry
	slots := slotsOf(e.v, op, e.dir)
	for _, s := range slots {
		for _, pos := range p.next(0, s.step, nil) {
			en := entry{slot: s.key, final: pos >= len(p.segs)}
			if len(s.schema) > 0 {
				en.at = e.enter(e.v.schema(s.schema...), pos)
			}
			entries = append(entries, en)
		}
	}
	e.run()
	for _, en := range entries {
		if en.final || e.alive[en.at] {
			r.slots[en.slot] = true
		}
	}
	if len(r.slots) == 0 {
		r.nearest = e.nearestNames(slots)
	}
	return r
}

// nearestNames follows a pattern that leads nowhere once more, to see which names
// exist where it got lost.
func (e *explorer) nearestNames(slots []slot) []string {
	again := newExplorer(e.v, e.p, e.dir)
	for _, s := range slots {
		for _, pos := range e.p.next(0, s.step, nil) {
			if len(s.schema) > 0 {
				again.enter(e.v.schema(s.schema...), pos)
			}
		}
		if s.step.kind != stepStay {
			again.names[s.step.name] = false
		}
	}
	again.run()
	return again.nearest()
}

// explorer walks the product of schemas and the positions of one pattern, once per
// spot, and knows from which spots the pattern reaches a node that exists.
type explorer struct {
	v       *view
	p       *pattern
	dir     Direction
	ups     map[spot][]spot
	seen    map[spot]*schema
	alive   map[spot]bool
	queue   []spot
	deepest int
	names   map[string]bool // names that exist at the deepest position reached; true for what is a whole pattern
}

func newExplorer(v *view, p *pattern, dir Direction) *explorer {
	return &explorer{v: v, p: p, dir: dir, ups: map[spot][]spot{}, seen: map[spot]*schema{}, alive: map[spot]bool{}, names: map[string]bool{}}
}

func (e *explorer) enter(s *schema, pos int) spot {
	at := spot{schema: s.id, pos: pos}
	if e.seen[at] == nil {
		e.seen[at] = s
		e.queue = append(e.queue, at)
	}
	return at
}

func (e *explorer) run() {
	for len(e.queue) > 0 {
		at := e.queue[len(e.queue)-1]
		e.queue = e.queue[:len(e.queue)-1]
		if at.pos == len(e.p.segs) && !e.hasVariant(at) {
			continue
		}
		if at.pos >= len(e.p.segs) || len(e.seen) > maxSpots {
			// a used node; and what the budget leaves open may lead somewhere
			e.revive(at)
			continue
		}
		e.expand(at)
	}
}

// hasVariant tells whether the used node has one of the variants that the pattern
// names. What is no union has the one variant that it is.
func (e *explorer) hasVariant(at spot) bool {
	seg := e.p.at(at.pos)
	if len(seg.variants) == 0 {
		return true
	}
	s := e.v.decoded(e.seen[at])
	if len(s.groups) == 0 {
		return true
	}
	written := strings.TrimSpace(e.p.text)
	for _, g := range s.groups {
		for _, b := range g.branches {
			st := step{kind: stepBranch, name: b.name, names: e.v.branchNames(s.discrim, b)}
			if namesMeet(seg.variants, st) {
				return true
			}
			for _, name := range st.names {
				whole := strings.Replace(written, "<"+seg.variants[0], "<"+name, 1)
				e.names[whole] = true
			}
		}
	}
	e.deepest = at.pos
	return false
}

// revive marks a spot alive, and all spots that lead there.
func (e *explorer) revive(at spot) {
	if e.alive[at] {
		return
	}
	e.alive[at] = true
	stack := []spot{at}
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, up := range e.ups[at] {
			if !e.alive[up] {
				e.alive[up] = true
				stack = append(stack, up)
			}
		}
	}
}

func (e *explorer) expand(at spot) {
	s := e.v.decoded(e.seen[at])
	if at.pos > e.deepest {
		e.deepest = at.pos
		e.names = map[string]bool{}
	}
	lead := func(st step, nodes []document.Node) {
		for _, pos := range e.p.next(at.pos, st, nil) {
			to := e.enter(e.v.schema(nodes...), pos)
			e.ups[to] = append(e.ups[to], at)
			if e.alive[to] {
				e.revive(at)
			}
		}
	}
	for i := range s.props {
		prop := &s.props[i]
		if at.pos == e.deepest {
			e.names[prop.name] = false
		}
		st := step{kind: stepProperty, name: prop.name}
		if len(e.p.next(at.pos, st, nil)) == 0 {
			continue
		}
		child := e.v.decoded(e.v.schema(prop.nodes...))
		if e.dir == Request && child.readOnly || e.dir == Response && child.writeOnly {
			continue
		}
		lead(st, prop.nodes)
	}
	if len(s.items) > 0 {
		lead(step{kind: stepItem}, s.items)
	}
	for i, nodes := range s.prefix {
		lead(step{kind: stepItem, name: strconv.Itoa(i)}, nodes)
	}
	named := e.p.segs[at.pos].kind == segName && e.hasProperty(s, e.p.segs[at.pos].name)
	if len(s.extra) > 0 && !named {
		lead(step{kind: stepMap}, s.extra)
	}
	for _, m := range s.mapped {
		if !named {
			lead(step{kind: stepMap}, m.nodes)
		}
	}
	for _, g := range s.groups {
		for _, b := range g.branches {
			lead(step{kind: stepBranch, name: b.name, names: e.v.branchNames(s.discrim, b)}, []document.Node{b.node})
		}
	}
	if e.p.segs[at.pos].kind == segMap && !s.closed.Valid() && len(s.extra) == 0 && s.types&typeObject != 0 {
		e.revive(at) // an open object takes keys that it does not name
	}
	// what the contract leaves open may hold anything that is asked for
	if e.free(s) && e.p.at(at.pos).variants == nil {
		e.revive(at)
	}
}

func (e *explorer) hasProperty(s *schema, name string) bool {
	_, ok := s.property(name)
	return ok
}

// free tells a schema of which the contract says nothing: a free-form object or
// no type at all. Any pattern may lead into it.
func (e *explorer) free(s *schema) bool {
	return len(s.props) == 0 && len(s.items) == 0 && len(s.prefix) == 0 && len(s.extra) == 0 && len(s.mapped) == 0 && len(s.groups) == 0 &&
		!s.closed.Valid() && !s.hasEnum && s.types&(typeObject|typeArray) != 0
}

type explorerKey struct {
	text string
	dir  Direction
}
