package diff

import (
	"encoding/json"
	"fmt"
	"slices"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// use is one consumer's use of one operation, with its patterns parsed and
// resolved in the base contract.
type use struct {
	via      string
	reads    side
	sends    side
	status   []string
	evidence contracts.Evidence
	// broken: a pattern of that side matches nothing, so that the list may be incomplete.
	broken map[contracts.Direction]bool
}

func (u *use) side(dir contracts.Direction) *side {
	if dir == contracts.Request {
		return &u.sends
	}
	return &u.reads
}

// useKey identifies what a use declares, so that equal uses are judged once.
func useKey(via string, o *contracts.OperationUse) string {
	if o == nil {
		return "via " + via
	}
	key, err := json.Marshal([]any{via, texts(o.Reads), texts(o.Sends), o.Status})
	if err != nil {
		return fmt.Sprintf("%v", o)
	}
	return string(key)
}

func texts(list *[]contracts.Pattern) any {
	if list == nil {
		return nil
	}
	out := make([]any, 0, len(*list))
	for _, p := range *list {
		out = append(out, []any{p.Text, p.Values})
	}
	return out
}

// newUse parses and resolves what a consumer lists for one operation.
func (j *judge) newUse(via string, o *contracts.OperationUse, op *openapi.Operation) (*use, []fault) {
	u := &use{via: via, broken: map[contracts.Direction]bool{}}
	if o == nil {
		return u, nil
	}
	u.status, u.evidence = o.Status, o.Evidence
	var faults []fault
	for _, dir := range []contracts.Direction{contracts.Request, contracts.Response} {
		list, s := o.Sends, &u.sends
		if dir == contracts.Response {
			list, s = o.Reads, &u.reads
		}
		if list == nil {
			continue
		}
		s.listed = true
		for _, source := range *list {
			p, err := usage.Parse(source.Text)
			if err != nil {
				faults = append(faults, fault{at: source.Position, near: usage.UnquotedIn(j.c.baseView, op, dir, source.Text),
					message: fmt.Sprintf("pattern %q: %v", source.Text, err)})
				u.broken[dir] = true
				continue
			}
			r := j.resolve(op, p, dir)
			if len(r.Slots) == 0 {
				what := "reads"
				if dir == contracts.Request {
					what = "sends"
				}
				faults = append(faults, fault{at: source.Position, near: r.Nearest,
					message: fmt.Sprintf("%s: %q matches nothing in %s", what, source.Text, op.Name())})
				u.broken[dir] = true
			}
			s.patterns = append(s.patterns, p)
			s.sources = append(s.sources, source)
			s.resolved = append(s.resolved, r)
		}
		if dir == contracts.Request {
			j.sendPath(op, s)
		}
	}
	return u, faults
}

// sendPath adds the path parameters to what is sent: every call sends them, listed or not.
func (j *judge) sendPath(op *openapi.Operation, s *side) {
	if op.Provider {
		return
	}
	for _, param := range j.c.base.Parameters(op) {
		st := usage.Step{Kind: usage.StepParam, Name: param.Name, Names: []string{param.In}}
		if !st.IsPath() || slices.ContainsFunc(s.patterns, func(p *usage.Pattern) bool { return len(p.Next(0, st, nil)) > 0 }) {
			continue
		}
		p := &usage.Pattern{Text: "{" + param.Name + "}", Segments: []usage.Segment{{Kind: usage.SegName, Name: param.Name}}, Path: true}
		s.patterns = append(s.patterns, p)
		s.sources = append(s.sources, contracts.Pattern{Text: param.Name})
		s.resolved = append(s.resolved, j.resolve(op, p, contracts.Request))
	}
}

// fault is something that a consumer declares and the contract does not contain.
type fault struct {
	at      contracts.Position
	message string
	near    []string
}

type resolveKey struct {
	op   *openapi.Operation
	text string
	dir  contracts.Direction
}

func (j *judge) resolve(op *openapi.Operation, p *usage.Pattern, dir contracts.Direction) *usage.Resolution {
	key := resolveKey{op, p.Text, dir}
	r := j.c.resolutions[key]
	if r == nil {
		shared := usage.ExplorerKey{Text: p.Text, Dir: dir}
		e := j.c.explorers[shared]
		if e == nil {
			e = usage.NewExplorer(j.c.baseView, p, dir)
			j.c.explorers[shared] = e
		}
		r = e.Resolve(op)
		j.c.resolutions[key] = r
	}
	return r
}

// trace is the part of the graph that one use of one operation meets.
type trace struct {
	// pairs are all pairs below the operation that the use may concern, in the order in which
	// they were met.
	pairs []int32
	// surely are the pairs that every caller passes through, listed or not.
	surely map[int32]bool
	// at are the positions of each pattern at a pair.
	at map[int32][]touch
	// parents are the pairs from which a pair was met.
	parents map[int32][]int32
}

// touch is a pattern at a position.
type touch struct {
	pattern int
	pos     int
	// node: the pattern ends here, but the value may be this variant, which matters to
	// consumers that read or send it.
	node bool
	// guess: the pattern ends above a schema to which a discriminator alone leads.
	guess bool
}

// side is what a use lists for one direction. If nothing is listed, everything counts as
// used.
type side struct {
	listed   bool
	patterns []*usage.Pattern
	sources  []contracts.Pattern
	resolved []*usage.Resolution
}

// walk follows one use through the graph, from the operation down.
func (c *Comparison) walk(op *opPair, u *use) *trace {
	t := &trace{surely: map[int32]bool{}, at: map[int32][]touch{}, parents: map[int32][]int32{}}
	w := walker{c: c, op: op, u: u, t: t, met: map[int32]bool{}, seen: map[visit]bool{}}
	if whole := c.assumed[op.pair]; whole != nil && len(u.status) == 0 {
		t.pairs, t.surely, t.parents = whole.pairs, whole.surely, whole.parents
	} else {
		w.assume(op.pair)
		w.certain(op.pair)
		if len(u.status) == 0 {
			c.assumed[op.pair] = t
		}
	}
	for _, dir := range []contracts.Direction{contracts.Request, contracts.Response} {
		s := u.side(dir)
		for i := range s.patterns {
			w.follow(dir, s, i)
		}
	}
	return t
}

type visit struct {
	pair int32
	dir  contracts.Direction
	touch
}

type walker struct {
	c    *Comparison
	op   *opPair
	u    *use
	t    *trace
	met  map[int32]bool
	seen map[visit]bool
}

// enters tells whether the use concerns a part of the operation.
func (w *walker) enters(l *link) bool {
	return l.step.Kind != usage.StepStatus || usage.HandlesStatus(w.u.status, w.op.base, l.step.Name)
}

// assume meets every pair below the operation, as if all of it were used.
func (w *walker) assume(from int32) {
	w.met[from] = true
	w.t.pairs = append(w.t.pairs, from)
	for i := 0; i < len(w.t.pairs); i++ {
		at := w.t.pairs[i]
		for k := range w.c.pairs[at].links {
			l := &w.c.pairs[at].links[k]
			if !w.enters(l) {
				continue
			}
			w.t.parents[l.to] = append(w.t.parents[l.to], at)
			if !w.met[l.to] {
				w.met[l.to] = true
				w.t.pairs = append(w.t.pairs, l.to)
			}
		}
	}
}

// certain follows what every caller must send.
func (w *walker) certain(from int32) {
	stack := []int32{from}
	w.t.surely[from] = true
	for len(stack) > 0 {
		at := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for k := range w.c.pairs[at].links {
			l := &w.c.pairs[at].links[k]
			if l.must && !w.t.surely[l.to] {
				w.t.surely[l.to] = true
				stack = append(stack, l.to)
			}
		}
	}
}

// follow follows one pattern through the pairs.
func (w *walker) follow(dir contracts.Direction, s *side, i int) {
	p, r := s.patterns[i], s.resolved[i]
	stack := []visit{{w.op.pair, dir, touch{pattern: i}}}
	for len(stack) > 0 {
		v := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if w.seen[v] {
			continue
		}
		w.seen[v] = true
		at := &w.c.pairs[v.pair]
		if v.pair != w.op.pair {
			w.t.at[v.pair] = append(w.t.at[v.pair], v.touch)
		}
		for k := range at.links {
			l := &at.links[k]
			if !w.goes(dir, l, r) {
				continue
			}
			for _, pos := range p.Through(v.pos, l.step, at.bs) {
				next := touch{pattern: i, pos: pos, node: v.node || !w.alive(p, r, l.to, pos),
					guess: v.guess || l.guess && pos >= len(p.Segments) && len(p.At(pos).Variants) == 0}
				if next.node && l.step.Kind != usage.StepBranch && l.step.Kind != usage.StepStay {
					continue
				}
				stack = append(stack, visit{l.to, dir, next})
			}
		}
	}
}

// goes tells whether a link belongs to the direction of the pattern, and whether the
// pattern leads into that part of the operation.
func (w *walker) goes(dir contracts.Direction, l *link, r *usage.Resolution) bool {
	provider := w.op.base.Provider
	switch l.step.Kind {
	case usage.StepBody:
		return (dir == contracts.Request) != provider && r.Slots["body"]
	case usage.StepParam:
		return (dir == contracts.Request) != provider
	case usage.StepStatus:
		return (dir == contracts.Response) != provider && w.enters(l) && r.Slots["status "+l.step.Name]
	}
	return w.c.pairs[l.to].dir == dir
}

// alive tells whether the pattern can still reach its node from a pair.
func (w *walker) alive(p *usage.Pattern, r *usage.Resolution, to int32, pos int) bool {
	if pos >= len(p.Segments) {
		return true
	}
	s := w.c.pairs[to].bs
	return s == nil || r.Alive[usage.Spot{Schema: s.Known, Pos: pos}]
}
