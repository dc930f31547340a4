package contracts

import "slices"

// hit is a pattern that passes through the edge of a change.
type hit struct {
	pattern int
	pos     int // after the edge's own step
	from    int // before it
}

// hits gives the patterns of a side that pass through the edge.
func (c *Comparison) hits(s *side, t *trace, at int32, m *mark, f *found) []hit {
	touches := t.at[at]
	if at == t.pairs[0] { // the operation itself: every pattern starts here
		touches = nil
		for i := range s.patterns {
			touches = append(touches, touch{pattern: i})
		}
	}
	var hits []hit
	for _, tc := range touches {
		p := s.patterns[tc.pattern]
		if m.step.kind == stepStay || m.step.kind == stepBranch && tc.node && len(p.at(tc.pos).variants) == 0 {
			hits = append(hits, hit{tc.pattern, tc.pos, tc.pos})
			continue
		}
		if tc.node {
			continue
		}
		for _, pos := range p.through(tc.pos, m.step, c.pairs[at].bs) {
			if c.stillAlive(s, tc, at, m, pos) {
				hits = append(hits, hit{tc.pattern, pos, tc.pos})
			}
		}
	}
	return hits
}

// stillAlive tells whether the pattern leads through the edge, where the base
// contract says what lies behind it.
func (c *Comparison) stillAlive(s *side, tc touch, at int32, m *mark, pos int) bool {
	p := s.patterns[tc.pattern]
	b := c.pairs[at].bs
	if pos >= len(p.segs) || b == nil {
		return true
	}
	b = c.baseView.decoded(b)
	var child *schema
	switch m.step.kind {
	case stepProperty:
		prop, ok := b.property(m.step.name)
		if !ok {
			return true
		}
		child = c.baseView.schema(prop.nodes...)
	case stepItem:
		if len(b.items) == 0 {
			return true
		}
		child = c.baseView.schema(b.items...)
	case stepMap:
		if len(b.extra) == 0 {
			return true
		}
		child = c.baseView.schema(b.extra...)
	default:
		return true
	}
	r := s.resolved[tc.pattern]
	return r.alive[spot{child.id, pos}]
}

// judgeHit judges a pattern that passes through the edge.
func (c *Comparison) judgeHit(u *use, s *side, h hit, f *found) judgement {
	p := s.patterns[h.pattern]
	source := &s.sources[h.pattern]
	exact := h.pos == len(p.segs)
	reads := ReasonReads
	if f.Direction == Request {
		reads = ReasonSends
	}
	with := func(v Verdict, code ReasonCode) judgement {
		j := judged(v, code, source.Text)
		j.pattern = source
		return j
	}
	if exact && p.presence && f.Direction == Response && !f.aboutPresence() {
		// Who sends a thing sends a value: on the request side presence alone proves nothing.
		return with(Unaffected, ReasonNotListed)
	}
	switch f.spec.harm {
	case harmIntolerant:
		if h.pos <= len(p.segs) && p.at(h.pos).tolerant {
			return with(Unaffected, ReasonTolerant)
		}
		return with(Breaks, reads)
	case harmReaders, harmSenders:
		return with(Breaks, reads)
	case harmReadersMay:
		switch {
		case exact && p.at(h.pos).exhaustive:
			return with(Breaks, ReasonExhaustive)
		case strictGenerators[u.via]:
			return with(Breaks, ReasonGenerated)
		}
		return with(MayBreak, reads)
	case harmReadersUnproved, harmSendersUnproved:
		return with(MayBreak, ReasonUnproved)
	case harmSendersMay:
		return with(MayBreak, reads)
	case harmSendersNull:
		switch {
		case exact && slices.Contains(source.Values, "null"):
			return with(Breaks, reads)
		case exact && len(source.Values) > 0:
			return with(Unaffected, ReasonNotListed)
		}
		return with(MayBreak, reads)
	case harmDropped:
		if f.fact.closed {
			return with(Breaks, ReasonClosedSchema)
		}
		return with(MayBreak, ReasonIgnoredSilently)
	case harmEnumSenders:
		return c.judgeEnum(with, exact, source, f)
	case harmVariantSenders, harmVariantReaders:
		return c.judgeVariant(with, s, h, f)
	case harmMapSenders:
		if h.pos == p.below() && h.from == len(p.segs) || h.from == p.below() {
			return with(MayBreak, reads) // the whole object is listed; whether more is sent is not said
		}
		return with(Breaks, ReasonClosedSchema)
	}
	return with(MayBreak, ReasonUnproved)
}

// aboutPresence tells changes that touch whether a node is there.
func (f *found) aboutPresence() bool {
	switch f.spec.harm {
	case harmIntolerant, harmDropped, harmSendersNull:
		return true
	case harmReaders:
		return f.Rule == "response-property-removed" || f.Rule == "response-header-removed"
	}
	return false
}

func (c *Comparison) judgeEnum(with func(Verdict, ReasonCode) judgement, exact bool, source *Pattern, f *found) judgement {
	if !exact || len(source.Values) == 0 {
		return with(MayBreak, ReasonSends)
	}
	if len(f.fact.listed) > 0 { // the enum is new: which values are still accepted
		for _, v := range source.Values {
			if !slices.Contains(f.fact.listed, v) {
				return with(Breaks, ReasonSends)
			}
		}
		return with(Unaffected, ReasonNotListed)
	}
	if slices.Contains(source.Values, f.fact.value) {
		return with(Breaks, ReasonSends)
	}
	return with(Unaffected, ReasonNotListed)
}

// judgeVariant judges a branch that is gone.
func (c *Comparison) judgeVariant(with func(Verdict, ReasonCode) judgement, s *side, h hit, f *found) judgement {
	p := s.patterns[h.pattern]
	named := len(p.at(h.pos).variants) > 0 && h.pos <= len(p.segs)
	if f.spec.harm == harmVariantSenders {
		if named || h.pos < len(p.segs) && c.onlyInside(s.resolved[h.pattern], h.pos, f) {
			return with(Breaks, ReasonSends)
		}
		return with(MayBreak, ReasonSends)
	}
	if named {
		return with(Breaks, ReasonReads)
	}
	if h.pos < len(p.segs) && c.onlyInside(s.resolved[h.pattern], h.pos, f) {
		return with(Breaks, ReasonReads)
	}
	return with(Unaffected, ReasonSafe)
}

// onlyInside tells whether a pattern leads on in the branch that is gone and in
// no other.
func (c *Comparison) onlyInside(r *resolution, pos int, f *found) bool {
	for _, at := range f.pairs {
		b := c.pairs[at].bs
		if b == nil {
			continue
		}
		inside, outside := false, false
		for _, g := range c.baseView.decoded(b).groups {
			for _, br := range g.branches {
				alive := r.alive[spot{c.baseView.schema(br.node).id, pos}]
				if br.name == f.fact.value || slices.Contains(f.fact.names, br.name) && br.name != "" {
					inside = inside || alive
				} else {
					outside = outside || alive
				}
			}
		}
		if inside && !outside {
			return true
		}
	}
	return false
}
