package contracts

import (
	"strconv"
	"strings"

	"plimsoll/contracts/document"
)

// deprecatedWalk goes over the product of schemas and one pattern's positions, as
// far as the pattern leads to something that exists, and below what it names.
type deprecatedWalk struct {
	*deprecations
	op     *Operation
	o      *OperationUse // nil: the usage lists no operations
	dir    Direction
	p      *pattern
	source *Pattern // nil: nothing is listed on this side
	e      *explorer
	seen   map[spot]bool
	queue  []deprecatedSpot
}

type deprecatedSpot struct {
	s   *schema
	pos int
}

// leads tells whether a pattern that has come to a schema leads on to a used node.
func (w *deprecatedWalk) leads(s *schema, pos int) bool {
	return pos >= len(w.p.segs) || w.e.alive[spot{schema: s.id, pos: pos}]
}

func (w *deprecatedWalk) push(s *schema, pos int) {
	at := spot{schema: s.id, pos: pos}
	if w.leads(s, pos) && !w.seen[at] && len(w.seen) <= maxSpots {
		w.seen[at] = true
		w.queue = append(w.queue, deprecatedSpot{s, pos})
	}
}

func (w *deprecatedWalk) found(kind EdgeKind, name string) Deprecation {
	found := Deprecation{Kind: kind, Name: name, Operation: w.op.Name(), Assumed: w.source == nil, Evidence: w.evidence(w.o, w.source)}
	if w.source != nil {
		found.Pattern = strings.TrimSpace(w.source.Text)
	}
	return found
}

// enter begins at the parts of the operation's messages.
func (w *deprecatedWalk) enter() {
	reads := w.dir == Response
	if reads == w.op.Provider {
		for _, param := range w.v.contract.parameters(w.op) {
			st := step{kind: stepParam, name: param.name, names: []string{param.in}}
			_, schema := contentOf(param.node)
			if !st.isPath() { // no call is made without those of the path
				w.part(st, KindParameter, param.node, param.edge, schema)
			}
		}
		w.bodies(w.v.contract.deref(w.op.Node.Get("requestBody")))
		return
	}
	var statuses []string
	if w.o != nil {
		statuses = w.o.Status
	}
	for status, value := range w.op.Node.Get("responses").Members() {
		if !handlesStatus(statuses, w.op, status) {
			continue
		}
		response := w.v.contract.deref(value)
		headers := response.Get("headers")
		for name, item := range headers.Members() {
			header := w.v.contract.deref(item)
			_, schema := contentOf(header)
			w.part(step{kind: stepHeader, name: name}, KindHeader, header, headers.Key(name), schema)
		}
		w.bodies(response)
	}
}

// part is a parameter or a header; key is where it stands.
func (w *deprecatedWalk) part(st step, kind EdgeKind, node, key, schema document.Node) {
	for _, pos := range w.p.next(0, st, nil) {
		if !schema.Valid() {
			if pos >= len(w.p.segs) {
				w.meet(node, key, node.Get("deprecated"), node.Get("x-sunset"), w.found(kind, st.name))
			}
			continue
		}
		s := w.v.schema(schema)
		if w.leads(s, pos) {
			w.meet(node, key, node.Get("deprecated"), node.Get("x-sunset"), w.found(kind, st.name))
		}
		w.push(s, pos)
	}
}

func (w *deprecatedWalk) bodies(message document.Node) {
	for _, media := range message.Get("content").Members() {
		if schema := media.Get("schema"); schema.Valid() {
			w.push(w.v.schema(schema), 0)
		}
	}
}

func (w *deprecatedWalk) run() error {
	for n := 0; len(w.queue) > 0; n++ {
		if n%1024 == 0 && w.ctx.Err() != nil {
			return w.ctx.Err()
		}
		at := w.queue[len(w.queue)-1]
		w.queue = w.queue[:len(w.queue)-1]
		w.expand(w.v.decoded(at.s), at.pos)
	}
	return nil
}

func (w *deprecatedWalk) expand(s *schema, pos int) {
	for i := range s.props {
		prop := &s.props[i]
		to := w.p.next(pos, step{kind: stepProperty, name: prop.name}, nil)
		if len(to) == 0 {
			continue
		}
		child := w.v.decoded(w.v.schema(prop.nodes...))
		if w.dir == Request && child.readOnly || w.dir == Response && child.writeOnly {
			continue
		}
		for _, pos := range to {
			if w.leads(child, pos) {
				w.meet(prop.key, prop.key, child.deprecated, child.keywords["x-sunset"], w.found(KindProperty, prop.name))
			}
			w.push(child, pos)
		}
	}
	lead := func(st step, nodes []document.Node) {
		for _, to := range w.p.next(pos, st, nil) {
			w.push(w.v.schema(nodes...), to)
		}
	}
	if len(s.items) > 0 {
		lead(step{kind: stepItem}, s.items)
	}
	for i, nodes := range s.prefix {
		lead(step{kind: stepItem, name: strconv.Itoa(i)}, nodes)
	}
	named := false // a name is a key of a map only where it is no property
	if pos < len(w.p.segs) && w.p.segs[pos].kind == segName {
		_, named = s.property(w.p.segs[pos].name)
	}
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
			lead(step{kind: stepBranch, name: b.name, names: w.v.branchNames(s.discrim, b)}, []document.Node{b.node})
		}
	}
}
