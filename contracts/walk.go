package contracts

// trace is what one use of one operation touches of the comparison's graph.
type trace struct {
	// pairs are all pairs below the operation that the use may concern, in the
	// order in which they were met.
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
	// node: the pattern leads no further here, but the value at this place may be
	// this variant, which concerns who reads or sends the place.
	node bool
}

// side is what a use lists of one direction: nil patterns mean that nothing is
// listed and everything is assumed.
type side struct {
	listed   bool
	patterns []*pattern
	sources  []Pattern
	resolved []*resolution
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
	for _, dir := range []Direction{Request, Response} {
		s := u.side(dir)
		for i := range s.patterns {
			w.follow(dir, s, i)
		}
	}
	return t
}

type visit struct {
	pair int32
	dir  Direction
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

// enters tells whether the use has to do with a part of the operation at all.
func (w *walker) enters(l *link) bool {
	return l.step.kind != stepStatus || w.u.handles(w.op.base, l.step.name)
}

// assume meets every pair that a whole use of the operation reaches.
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

// certain follows what must be sent by everybody.
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

// follow walks the product of pairs and one pattern's positions.
func (w *walker) follow(dir Direction, s *side, i int) {
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
			for _, pos := range p.through(v.pos, l.step, at.bs) {
				next := touch{pattern: i, pos: pos, node: v.node || !w.alive(p, r, l.to, pos)}
				if next.node && l.step.kind != stepBranch && l.step.kind != stepStay {
					continue
				}
				stack = append(stack, visit{l.to, dir, next})
			}
		}
	}
}

// goes tells whether a link belongs to the pattern's side of the operation, and
// whether the pattern leads into that part at all.
func (w *walker) goes(dir Direction, l *link, r *resolution) bool {
	provider := w.op.base.provider
	switch l.step.kind {
	case stepBody:
		return (dir == Request) != provider && r.slots["body"]
	case stepParam:
		return (dir == Request) != provider
	case stepStatus:
		return (dir == Response) != provider && w.enters(l) && r.slots["status "+l.step.name]
	}
	return w.c.pairs[l.to].dir == dir
}

// alive tells whether the pattern can still reach its node from a pair.
func (w *walker) alive(p *pattern, r *resolution, to int32, pos int) bool {
	if pos >= len(p.segs) {
		return true
	}
	s := w.c.pairs[to].bs
	return s == nil || r.alive[spot{s.known, pos}]
}
