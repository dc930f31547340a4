package usage

import (
	"strconv"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/document"
	"plimsoll/contracts/openapi"
)

// Spot is a schema together with a position in a pattern.
type Spot struct {
	Schema int32
	Pos    int
}

// Resolution says where a pattern leads in one operation of the base contract.
type Resolution struct {
	// Alive are the spots from which the pattern reaches an existing node.
	Alive map[Spot]bool
	// Slots are the keys of the slots in which it does.
	Slots map[string]bool
	// Nearest are existing names near the point where the pattern stopped matching.
	Nearest []string
}

// Slot is one part of the messages of an operation: a body, a parameter or a header.
type Slot struct {
	key    string // "body", "status 200", "param limit"
	Step   Step   // the step into it; StepStay if there is none
	Schema []document.Node
}

// SlotsOf gives the parts of what a consumer sends to an operation or reads from it.
func SlotsOf(v *openapi.View, op *openapi.Operation, dir contracts.Direction) []Slot {
	var list []Slot
	if (dir == contracts.Response) == op.Provider { // what goes with the request
		for _, p := range v.Contract.Parameters(op) {
			_, schema := v.Contract.ContentOf(p.Node)
			s := Slot{key: "param " + p.Name, Step: Step{Kind: StepParam, Name: p.Name, Names: []string{p.In}}}
			if schema.Valid() {
				s.Schema = []document.Node{schema}
			}
			list = append(list, s)
		}
		for _, media := range v.Contract.Deref(op.Node.Get("requestBody")).Get("content").Members() {
			list = appendBody(list, "body", v.Contract.Deref(media))
		}
		return list
	}
	for status, value := range op.Node.Get("responses").Members() {
		response := v.Contract.Deref(value)
		for name, header := range response.Get("headers").Members() {
			_, schema := v.Contract.ContentOf(v.Contract.Deref(header))
			s := Slot{key: "status " + status, Step: Step{Kind: StepHeader, Name: name}}
			if schema.Valid() {
				s.Schema = []document.Node{schema}
			}
			list = append(list, s)
		}
		for _, media := range response.Get("content").Members() {
			list = appendBody(list, "status "+status, v.Contract.Deref(media))
		}
	}
	return list
}

// appendBody adds the body in one media type: as a whole, and the items of a sequence.
func appendBody(list []Slot, key string, media document.Node) []Slot {
	if schema := media.Get("schema"); schema.Valid() {
		list = append(list, Slot{key: key, Schema: []document.Node{schema}})
	}
	if schema := media.Get("itemSchema"); schema.Valid() {
		list = append(list, Slot{key: key, Step: Step{Kind: StepItem}, Schema: []document.Node{schema}})
	}
	return list
}

// MaxSpots bounds the number of spots that are visited for one pattern.
const MaxSpots = 200_000

// Resolve finds where the pattern leads in an operation. Spots that were visited for other
// operations are not visited again.
func (e *Explorer) Resolve(op *openapi.Operation) *Resolution {
	r := &Resolution{Alive: e.Alive, Slots: map[string]bool{}}
	p := e.p
	type entry struct {
		slot  string
		at    Spot
		final bool
	}
	var entries []entry
	slots := SlotsOf(e.v, op, e.dir)
	for _, s := range slots {
		for _, pos := range p.Next(0, s.Step, nil) {
			en := entry{slot: s.key, final: pos >= len(p.Segments)}
			if len(s.Schema) > 0 {
				en.at = e.enter(e.v.Schema(s.Schema...), pos)
			}
			entries = append(entries, en)
		}
	}
	e.run()
	for _, en := range entries {
		if en.final || e.Alive[en.at] {
			r.Slots[en.slot] = true
		}
	}
	if len(r.Slots) == 0 {
		r.Nearest = e.nearestNames(slots)
	}
	return r
}

// nearestNames follows a pattern that matches nothing again, to see which names exist
// where it stopped matching.
func (e *Explorer) nearestNames(slots []Slot) []string {
	again := NewExplorer(e.v, e.p, e.dir)
	for _, s := range slots {
		for _, pos := range e.p.Next(0, s.Step, nil) {
			if len(s.Schema) > 0 {
				again.enter(e.v.Schema(s.Schema...), pos)
			}
		}
		if s.Step.Name != "" {
			again.names[s.Step.Name] = false
		}
	}
	again.run()
	return again.nearest()
}

// Explorer follows one pattern through the schemas of a contract. It visits each spot once
// and knows from which spots the pattern reaches an existing node.
type Explorer struct {
	v       *openapi.View
	p       *Pattern
	dir     contracts.Direction
	ups     map[Spot][]Spot
	seen    map[Spot]*openapi.Schema
	Alive   map[Spot]bool
	queue   []Spot
	deepest int
	names   map[string]bool // names that exist at the deepest position reached; true if the name is a whole pattern
}

// NewExplorer gives an explorer of one pattern in one direction.
func NewExplorer(v *openapi.View, p *Pattern, dir contracts.Direction) *Explorer {
	return &Explorer{v: v, p: p, dir: dir, ups: map[Spot][]Spot{}, seen: map[Spot]*openapi.Schema{}, Alive: map[Spot]bool{}, names: map[string]bool{}}
}

func (e *Explorer) enter(s *openapi.Schema, pos int) Spot {
	at := Spot{Schema: s.ID, Pos: pos}
	if e.seen[at] == nil {
		e.seen[at] = s
		e.queue = append(e.queue, at)
	}
	return at
}

func (e *Explorer) run() {
	for len(e.queue) > 0 {
		at := e.queue[len(e.queue)-1]
		e.queue = e.queue[:len(e.queue)-1]
		if at.Pos == len(e.p.Segments) && !e.hasVariant(at) {
			continue
		}
		if at.Pos >= len(e.p.Segments) || len(e.seen) > MaxSpots {
			// a used node; beyond MaxSpots the pattern counts as matching
			e.revive(at)
			continue
		}
		e.expand(at)
	}
}

// hasVariant tells whether the used node has one of the variants that the pattern names.
// A schema that is not a union has every variant.
func (e *Explorer) hasVariant(at Spot) bool {
	seg := e.p.At(at.Pos)
	if len(seg.Variants) == 0 {
		return true
	}
	s := e.v.Decode(e.seen[at])
	if len(s.Groups) == 0 {
		return true
	}
	written := strings.TrimSpace(e.p.Text)
	for _, g := range s.Groups {
		for _, b := range g.Branches {
			st := Step{Kind: StepBranch, Name: b.Name, Names: e.v.BranchNames(s.Discriminator, b)}
			if namesMeet(seg.Variants, st) {
				return true
			}
			for _, name := range st.Names {
				whole := strings.Replace(written, "<"+seg.Variants[0], "<"+name, 1)
				e.names[whole] = true
			}
		}
	}
	e.deepest = at.Pos
	return false
}

// revive marks a spot and all spots that lead to it as alive.
func (e *Explorer) revive(at Spot) {
	if e.Alive[at] {
		return
	}
	e.Alive[at] = true
	stack := []Spot{at}
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, up := range e.ups[at] {
			if !e.Alive[up] {
				e.Alive[up] = true
				stack = append(stack, up)
			}
		}
	}
}

func (e *Explorer) expand(at Spot) {
	s := e.v.Decode(e.seen[at])
	if at.Pos > e.deepest {
		e.deepest = at.Pos
		e.names = map[string]bool{}
	}
	lead := func(st Step, nodes []document.Node) {
		for _, pos := range e.p.Next(at.Pos, st, nil) {
			to := e.enter(e.v.Schema(nodes...), pos)
			e.ups[to] = append(e.ups[to], at)
			if e.Alive[to] {
				e.revive(at)
			}
		}
	}
	for i := range s.Properties {
		prop := &s.Properties[i]
		if at.Pos == e.deepest {
			e.names[prop.Name] = false
		}
		st := Step{Kind: StepProperty, Name: prop.Name}
		if len(e.p.Next(at.Pos, st, nil)) == 0 {
			continue
		}
		child := e.v.Decode(e.v.Schema(prop.Nodes...))
		if e.dir == contracts.Request && child.ReadOnly || e.dir == contracts.Response && child.WriteOnly {
			continue
		}
		lead(st, prop.Nodes)
	}
	if len(s.Items) > 0 {
		lead(Step{Kind: StepItem}, s.Items)
	}
	for i, nodes := range s.Prefix {
		lead(Step{Kind: StepItem, Name: strconv.Itoa(i)}, nodes)
	}
	named := e.p.Segments[at.Pos].Kind == SegName && e.hasProperty(s, e.p.Segments[at.Pos].Name)
	if len(s.Extra) > 0 && !named {
		lead(Step{Kind: StepMap}, s.Extra)
	}
	for _, m := range s.Mapped {
		if !named {
			lead(Step{Kind: StepMap}, m.Nodes)
		}
	}
	for _, g := range s.Groups {
		for _, b := range g.Branches {
			lead(Step{Kind: StepBranch, Name: b.Name, Names: e.v.BranchNames(s.Discriminator, b)}, []document.Node{b.Node})
		}
	}
	for _, b := range s.Subtypes {
		lead(Step{Kind: StepBranch, Name: b.Name, Names: e.v.BranchNames(s.Discriminator, b)}, []document.Node{b.Node})
	}
	if e.p.Segments[at.Pos].Kind == segMap && !s.Closed.Valid() && len(s.Extra) == 0 && s.Types&openapi.TypeObject != 0 {
		e.revive(at) // an open object accepts keys that it does not name
	}
	// a part that the contract does not describe may contain anything
	if e.free(s) && e.p.At(at.Pos).Variants == nil {
		e.revive(at)
	}
}

func (e *Explorer) hasProperty(s *openapi.Schema, name string) bool {
	_, ok := s.Property(name)
	return ok
}

// free tells whether the contract does not describe the content of a schema: a free-form
// object or array. Any pattern may lead into it.
func (e *Explorer) free(s *openapi.Schema) bool {
	return len(s.Properties) == 0 && len(s.Items) == 0 && len(s.Prefix) == 0 && len(s.Extra) == 0 && len(s.Mapped) == 0 && len(s.Groups) == 0 &&
		!s.Closed.Valid() && !s.HasEnum && s.Types&(openapi.TypeObject|openapi.TypeArray) != 0
}

// ExplorerKey identifies an explorer within a view.
type ExplorerKey struct {
	Text string
	Dir  contracts.Direction
}
