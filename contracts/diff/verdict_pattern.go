package diff

import (
	"fmt"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// passage is a pattern that passes through the edge of a change.
type passage struct {
	pattern int
	pos     int // after the edge's own step
	from    int // before it
}

// passages gives the patterns of a side that pass through the edge.
func (c *Comparison) passages(s *side, t *trace, at int32, m *mark, f *found) []passage {
	touches := t.at[at]
	if at == t.pairs[0] { // the operation itself: every pattern starts here
		touches = nil
		for i := range s.patterns {
			touches = append(touches, touch{pattern: i})
		}
	}
	var found []passage
	for _, tc := range touches {
		p := s.patterns[tc.pattern]
		if m.step.Kind == usage.StepStay || m.step.Kind == usage.StepBranch && tc.node && len(p.At(tc.pos).Variants) == 0 {
			found = append(found, passage{tc.pattern, tc.pos, tc.pos})
			continue
		}
		if tc.node {
			continue
		}
		for _, pos := range p.Through(tc.pos, m.step, c.pairs[at].bs) {
			if c.stillAlive(s, tc, at, m, pos) {
				found = append(found, passage{tc.pattern, pos, tc.pos})
			}
		}
	}
	return found
}

// stillAlive tells whether the pattern leads on behind the edge, as far as the base
// contract describes that.
func (c *Comparison) stillAlive(s *side, tc touch, at int32, m *mark, pos int) bool {
	p := s.patterns[tc.pattern]
	b := c.pairs[at].bs
	if pos >= len(p.Segments) || b == nil {
		return true
	}
	b = c.baseView.Decode(b)
	var child *openapi.Schema
	switch m.step.Kind {
	case usage.StepProperty:
		prop, ok := b.Property(m.step.Name)
		if !ok {
			return true
		}
		child = c.baseView.Schema(prop.Nodes...)
	case usage.StepItem:
		if len(b.Items) == 0 {
			return true
		}
		child = c.baseView.Schema(b.Items...)
	case usage.StepMap:
		if len(b.Extra) == 0 {
			return true
		}
		child = c.baseView.Schema(b.Extra...)
	default:
		return true
	}
	r := s.resolved[tc.pattern]
	return r.Alive[usage.Spot{Schema: child.ID, Pos: pos}]
}

// judgePassage judges a pattern that passes through the edge.
func (c *Comparison) judgePassage(u *use, s *side, h passage, f *found) judgement {
	p := s.patterns[h.pattern]
	source := &s.sources[h.pattern]
	exact := h.pos == len(p.Segments)
	reads := contracts.ReasonReads
	if f.Direction == contracts.Request {
		reads = contracts.ReasonSends
	}
	with := func(v contracts.Verdict, code contracts.ReasonCode) judgement {
		j := judged(v, code, source.Text)
		j.pattern = source
		return j
	}
	if exact && p.Presence && f.Direction == contracts.Response && !f.aboutPresence() {
		// Who sends a thing sends a value: on the request side presence alone proves nothing.
		return with(contracts.Unaffected, contracts.ReasonNotListed)
	}
	switch f.spec.harm {
	case harmIntolerant:
		if h.pos <= len(p.Segments) && p.At(h.pos).Tolerant {
			return with(contracts.Unaffected, contracts.ReasonTolerant)
		}
		return with(contracts.Breaks, reads)
	case harmReaders, harmSenders:
		return with(contracts.Breaks, reads)
	case harmReadersMay:
		switch {
		case exact && p.At(h.pos).Exhaustive:
			return with(contracts.Breaks, contracts.ReasonExhaustive)
		case strictGenerators[u.via]:
			return with(contracts.Breaks, contracts.ReasonGenerated)
		}
		return with(contracts.MayBreak, reads)
	case harmReadersUnproved, harmSendersUnproved:
		return with(contracts.MayBreak, contracts.ReasonUnproved)
	case harmSendersMay:
		return with(contracts.MayBreak, reads)
	case harmSendersNull:
		switch {
		case exact && slices.Contains(source.Values, "null"):
			return with(contracts.Breaks, reads)
		case exact && len(source.Values) > 0:
			return with(contracts.Unaffected, contracts.ReasonNotListed)
		}
		return with(contracts.MayBreak, reads)
	case harmDropped:
		if f.fact.closed {
			return with(contracts.Breaks, contracts.ReasonClosedSchema)
		}
		return with(contracts.MayBreak, contracts.ReasonIgnoredSilently)
	case harmEnumSenders:
		return c.judgeEnum(with, exact, source, f)
	case harmVariantSenders, harmVariantReaders:
		return c.judgeVariant(with, s, h, f)
	case harmMapSenders:
		if h.pos == p.Below() && h.from == len(p.Segments) || h.from == p.Below() {
			return with(contracts.MayBreak, reads) // the whole object is listed; whether more is sent is not said
		}
		return with(contracts.Breaks, contracts.ReasonClosedSchema)
	}
	return with(contracts.MayBreak, contracts.ReasonUnproved)
}

// aboutPresence tells whether a change concerns the presence of a node.
func (f *found) aboutPresence() bool {
	switch f.spec.harm {
	case harmIntolerant, harmDropped, harmSendersNull:
		return true
	case harmReaders:
		return f.Rule == "response-property-removed" || f.Rule == "response-header-removed"
	}
	return false
}

func (c *Comparison) judgeEnum(with func(contracts.Verdict, contracts.ReasonCode) judgement, exact bool, source *contracts.Pattern, f *found) judgement {
	if !exact || len(source.Values) == 0 {
		return with(contracts.MayBreak, contracts.ReasonSends)
	}
	if len(f.fact.listed) > 0 { // the enum is new: which values are still accepted
		for _, v := range source.Values {
			if !slices.Contains(f.fact.listed, v) {
				return with(contracts.Breaks, contracts.ReasonSends)
			}
		}
		return with(contracts.Unaffected, contracts.ReasonNotListed)
	}
	if slices.Contains(source.Values, f.fact.value) {
		return with(contracts.Breaks, contracts.ReasonSends)
	}
	return with(contracts.Unaffected, contracts.ReasonNotListed)
}

// judgeVariant judges the removal of a branch.
func (c *Comparison) judgeVariant(with func(contracts.Verdict, contracts.ReasonCode) judgement, s *side, h passage, f *found) judgement {
	p := s.patterns[h.pattern]
	named := len(p.At(h.pos).Variants) > 0 && h.pos <= len(p.Segments)
	if f.spec.harm == harmVariantSenders {
		if named || h.pos < len(p.Segments) && c.onlyInside(s.resolved[h.pattern], h.pos, f) {
			return with(contracts.Breaks, contracts.ReasonSends)
		}
		return with(contracts.MayBreak, contracts.ReasonSends)
	}
	if named {
		return with(contracts.Breaks, contracts.ReasonReads)
	}
	if h.pos < len(p.Segments) && c.onlyInside(s.resolved[h.pattern], h.pos, f) {
		return with(contracts.Breaks, contracts.ReasonReads)
	}
	return with(contracts.Unaffected, contracts.ReasonSafe)
}

// onlyInside tells whether a pattern leads on in the removed branch and in no other.
func (c *Comparison) onlyInside(r *usage.Resolution, pos int, f *found) bool {
	for _, at := range f.pairs {
		b := c.pairs[at].bs
		if b == nil {
			continue
		}
		inside, outside := false, false
		for _, g := range c.baseView.Decode(b).Groups {
			for _, br := range g.Branches {
				alive := r.Alive[usage.Spot{Schema: c.baseView.Schema(br.Node).ID, Pos: pos}]
				if br.Name == f.fact.value || slices.Contains(f.fact.names, br.Name) && br.Name != "" {
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

// judgeRequired judges what has become required. It affects those who send the parent, not
// those who send the property itself. A recursive schema is sent at several places, and
// each of them must list it.
func (c *Comparison) judgeRequired(s *side, t *trace, at int32, m *mark, f *found) judgement {
	must := judged(contracts.Breaks, contracts.ReasonMustNowSend, c.node(at, m))
	touches := t.at[at]
	sent := len(touches) > 0 || t.surely[at]
	if m.step.Kind == usage.StepStay && f.spec.harm == harmNowRequired {
		// a parameter or body: its parent is the call itself
		if len(touches) > 0 {
			return judged(contracts.Unaffected, contracts.ReasonSends, s.sources[touches[0].pattern].Text)
		}
		return must
	}
	switch {
	case !sent && c.inRequiredBody(t, at):
		return judged(contracts.MayBreak, contracts.ReasonSendsUnlisted, c.node(at, m)) // an empty body may be this variant
	case !sent:
		return judged(contracts.Unaffected, contracts.ReasonNotListed, "")
	case len(touches) > 0:
		must.pattern = &s.sources[touches[0].pattern]
	}
	if f.spec.harm == harmNewRequired || len(touches) == 0 {
		return must
	}
	var worst judgement
	for _, spot := range c.occurrences(s, touches) {
		v := must
		v.pattern = &s.sources[spot[0].pattern]
		for _, tc := range spot {
			p := s.patterns[tc.pattern]
			source := &s.sources[tc.pattern]
			switch {
			case len(p.Next(tc.pos, m.step, nil)) == 0:
			case tc.pos < len(p.Segments):
				v = judgement{verdict: contracts.Unaffected, reason: contracts.Reason{Code: contracts.ReasonSends, Node: source.Text}, pattern: source}
			case v.verdict == contracts.Breaks:
				// the object is listed as a whole: which of its properties are sent is not said
				v = judgement{verdict: contracts.MayBreak, reason: contracts.Reason{Code: contracts.ReasonSendsUnlisted, Node: source.Text}, pattern: source}
			}
		}
		worst.worse(v)
	}
	return worst
}

// occurrences groups the patterns at a pair by the place in the message that they lead to.
// What lies below a used node is a place of its own.
func (c *Comparison) occurrences(s *side, touches []touch) [][]touch {
	var places [][]touch
	index := map[string]int{}
	for _, tc := range touches {
		p := s.patterns[tc.pattern]
		key := "below " + p.Text
		if tc.pos <= len(p.Segments) {
			key = prefixText(p.Segments[:tc.pos])
		}
		at, ok := index[key]
		if !ok {
			at = len(places)
			index[key] = at
			places = append(places, nil)
		}
		places[at] = append(places[at], tc)
	}
	return places
}

func prefixText(segs []usage.Segment) string {
	var b strings.Builder
	for i := range segs {
		fmt.Fprintf(&b, "%d %q %q %q\n", segs[i].Kind, segs[i].Name, segs[i].Index, segs[i].Variants)
	}
	return b.String()
}

// parametersWith gives the parameters of the operation whose schema is at a pair.
func (c *Comparison) parametersWith(t *trace, at int32) []int32 {
	return slices.DeleteFunc(slices.Clone(t.parents[at]), func(parent int32) bool {
		return !slices.ContainsFunc(c.pairs[t.pairs[0]].links, func(l link) bool { return l.to == parent && l.step.Kind == usage.StepParam }) ||
			!slices.ContainsFunc(c.pairs[parent].links, func(l link) bool { return l.to == at && l.step.Kind == usage.StepStay })
	})
}

// judgeDefault judges a changed default. It affects those who send the parent and omit this
// property, or who omit the parameter.
func (c *Comparison) judgeDefault(s *side, t *trace, at int32, f *found) judgement {
	may := judged(contracts.MayBreak, contracts.ReasonSendsUnlisted, f.Edge.Name)
	if params := c.parametersWith(t, at); len(params) > 0 {
		best := judged(contracts.Unaffected, contracts.ReasonSends, f.Edge.Name)
		for _, param := range params {
			if len(t.at[param]) == 0 && !t.surely[param] {
				best.worse(may)
			}
		}
		return best
	}
	listed := len(c.occurrences(s, t.at[at]))
	parents := 0
	for _, parent := range t.parents[at] {
		if t.surely[at] && t.surely[parent] {
			return judged(contracts.Unaffected, contracts.ReasonSends, f.Edge.Name)
		}
		for _, tc := range t.at[parent] {
			if tc.pos >= len(s.patterns[tc.pattern].Segments) {
				return may // listed as a whole
			}
		}
		spots := len(c.occurrences(s, t.at[parent]))
		if spots == 0 && (parent == t.pairs[0] || t.surely[parent]) {
			spots = 1
		}
		parents += spots
	}
	switch {
	case parents > listed:
		return may
	case listed > 0:
		return judged(contracts.Unaffected, contracts.ReasonSends, s.sources[t.at[at][0].pattern].Text)
	}
	return judged(contracts.Unaffected, contracts.ReasonNotListed, "")
}
