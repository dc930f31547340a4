package impact

import (
	"strconv"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// deprecatedWalk follows one pattern through the schemas of an operation, to the nodes that
// it names and everything below them.
type deprecatedWalk struct {
	*deprecations
	op     *openapi.Operation
	o      *contracts.OperationUse // nil: the usage lists no operations
	dir    contracts.Direction
	p      *usage.Pattern
	source *contracts.Pattern // nil: nothing is listed on this side
	e      *usage.Explorer
	seen   map[usage.Spot]bool
	queue  []deprecatedSpot
}

type deprecatedSpot struct {
	s   *openapi.Schema
	pos int
}

// leads tells whether a pattern at a schema leads to a used node.
func (w *deprecatedWalk) leads(s *openapi.Schema, pos int) bool {
	return pos >= len(w.p.Segments) || w.e.Alive[usage.Spot{Schema: s.ID, Pos: pos}]
}

func (w *deprecatedWalk) push(s *openapi.Schema, pos int) {
	at := usage.Spot{Schema: s.ID, Pos: pos}
	if w.leads(s, pos) && !w.seen[at] && len(w.seen) <= usage.MaxSpots {
		w.seen[at] = true
		w.queue = append(w.queue, deprecatedSpot{s, pos})
	}
}

func (w *deprecatedWalk) found(kind contracts.EdgeKind, name string) Deprecation {
	found := Deprecation{Kind: kind, Name: name, Operation: w.op.Name(), Assumed: w.source == nil, Evidence: w.evidence(w.o, w.source)}
	if w.source != nil {
		found.Pattern = strings.TrimSpace(w.source.Text)
	}
	return found
}

// enter starts with the parts of the messages of the operation.
func (w *deprecatedWalk) enter() {
	reads := w.dir == contracts.Response
	if reads == w.op.Provider {
		for _, param := range w.v.Contract.Parameters(w.op) {
			st := usage.Step{Kind: usage.StepParam, Name: param.Name, Names: []string{param.In}}
			_, schema := w.v.Contract.ContentOf(param.Node)
			if !st.IsPath() { // no call is made without those of the path
				w.part(st, contracts.KindParameter, param.Node, param.Edge, schema)
			}
		}
		w.bodies(w.v.Contract.Deref(w.op.Node.Get("requestBody")))
		return
	}
	var statuses []string
	if w.o != nil {
		statuses = w.o.Status
	}
	for status, value := range w.op.Node.Get("responses").Members() {
		if !usage.HandlesStatus(statuses, w.op, status) {
			continue
		}
		response := w.v.Contract.Deref(value)
		headers := response.Get("headers")
		for name, item := range headers.Members() {
			header := w.v.Contract.Deref(item)
			_, schema := w.v.Contract.ContentOf(header)
			w.part(usage.Step{Kind: usage.StepHeader, Name: name}, contracts.KindHeader, header, headers.Key(name), schema)
		}
		w.bodies(response)
	}
}

// part handles a parameter or a header. key is its position.
func (w *deprecatedWalk) part(st usage.Step, kind contracts.EdgeKind, node, key, schema document.Node) {
	for _, pos := range w.p.Next(0, st, nil) {
		if !schema.Valid() {
			if pos >= len(w.p.Segments) {
				w.meet(node, key, node.Get("deprecated"), node.Get("x-sunset"), w.found(kind, st.Name))
			}
			continue
		}
		s := w.v.Schema(schema)
		if w.leads(s, pos) {
			w.meet(node, key, node.Get("deprecated"), node.Get("x-sunset"), w.found(kind, st.Name))
		}
		w.push(s, pos)
	}
}

func (w *deprecatedWalk) bodies(message document.Node) {
	for _, item := range message.Get("content").Members() {
		media := w.v.Contract.Deref(item)
		if schema := media.Get("schema"); schema.Valid() {
			w.push(w.v.Schema(schema), 0)
		}
		if schema := media.Get("itemSchema"); schema.Valid() {
			for _, pos := range w.p.Next(0, usage.Step{Kind: usage.StepItem}, nil) {
				w.push(w.v.Schema(schema), pos)
			}
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
		w.expand(w.v.Decode(at.s), at.pos)
	}
	return nil
}

func (w *deprecatedWalk) expand(s *openapi.Schema, pos int) {
	for i := range s.Properties {
		prop := &s.Properties[i]
		to := w.p.Next(pos, usage.Step{Kind: usage.StepProperty, Name: prop.Name}, nil)
		if len(to) == 0 {
			continue
		}
		child := w.v.Decode(w.v.Schema(prop.Nodes...))
		if w.dir == contracts.Request && child.ReadOnly || w.dir == contracts.Response && child.WriteOnly {
			continue
		}
		for _, pos := range to {
			if w.leads(child, pos) {
				w.meet(prop.Key, prop.Key, child.Deprecated, child.Keywords["x-sunset"], w.found(contracts.KindProperty, prop.Name))
			}
			w.push(child, pos)
		}
	}
	lead := func(st usage.Step, nodes []document.Node) {
		for _, to := range w.p.Next(pos, st, nil) {
			w.push(w.v.Schema(nodes...), to)
		}
	}
	if len(s.Items) > 0 {
		lead(usage.Step{Kind: usage.StepItem}, s.Items)
	}
	for i, nodes := range s.Prefix {
		lead(usage.Step{Kind: usage.StepItem, Name: strconv.Itoa(i)}, nodes)
	}
	named := false // a name is a key of a map only where it is no property
	if pos < len(w.p.Segments) && w.p.Segments[pos].Kind == usage.SegName {
		_, named = s.Property(w.p.Segments[pos].Name)
	}
	if len(s.Extra) > 0 && !named {
		lead(usage.Step{Kind: usage.StepMap}, s.Extra)
	}
	for _, m := range s.Mapped {
		if !named {
			lead(usage.Step{Kind: usage.StepMap}, m.Nodes)
		}
	}
	for _, g := range s.Groups {
		for _, b := range g.Branches {
			lead(usage.Step{Kind: usage.StepBranch, Name: b.Name, Names: w.v.BranchNames(s.Discriminator, b)}, []document.Node{b.Node})
		}
	}
}
