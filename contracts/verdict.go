package contracts

import (
	"fmt"
	"slices"
	"strings"
)

// strictGenerators make clients that refuse enum values and variants which they
// do not know.
var strictGenerators = map[string]bool{"openapi-generator": true, "swagger-codegen": true}

// keyedOnPaths make clients that name operations after their paths, not after
// operationIds or tags.
var keyedOnPaths = map[string]bool{"kiota": true, "openapi-typescript": true, "openapi-fetch": true}

// judgeUse judges every change that one use of one operation meets, and keeps
// the gravest verdict on each.
func (c *Comparison) judgeUse(op *opPair, u *use, o *OperationUse, out map[int32]judgement) {
	t := c.walk(op, u)
	for _, at := range t.pairs {
		for k := range c.pairs[at].marks {
			m := &c.pairs[at].marks[k]
			f := c.found[m.found]
			v := c.judgeMark(op, u, t, at, m, f)
			v.use = o
			if v.verdict == Unaffected && f.harms() && u.broken[f.Direction] && f.spec.harm.listable() {
				v = judgement{verdict: Unknown, reason: Reason{Code: ReasonRegistrationError}, use: o}
			}
			have := out[m.found]
			have.worse(v)
			out[m.found] = have
		}
	}
}

// listable tells whether a list of what is read or sent has a say.
func (h harm) listable() bool {
	switch h {
	case harmNobody, harmUsers, harmUsersMay, harmUsersLeft, harmGenerated, harmStatus, harmStatusMay:
		return false
	}
	return true
}

func judged(v Verdict, code ReasonCode, node string) judgement {
	return judgement{verdict: v, reason: Reason{Code: code, Node: node}}
}

// judgeMark is one row of impact.md's table, for one use of one operation.
func (c *Comparison) judgeMark(op *opPair, u *use, t *trace, at int32, m *mark, f *found) judgement {
	name := op.any().name()
	if !f.harms() {
		return judged(Unaffected, ReasonSafe, "")
	}
	switch f.spec.harm {
	case harmUsers:
		if f.fact.left {
			return judged(MayBreak, ReasonAlternativeLeft, "")
		}
		return judged(Breaks, ReasonUsesOperation, name)
	case harmUsersMay:
		return judged(MayBreak, ReasonUsesOperation, name)
	case harmGenerated:
		if u.via == "" || keyedOnPaths[u.via] && f.Rule != "schema-renamed" {
			return judged(Unaffected, ReasonSafe, "")
		}
		return judged(MayBreak, ReasonGenerated, f.fact.old)
	case harmStatus, harmStatusMay:
		return c.judgeStatus(op, u, f)
	}
	s := u.side(f.Direction)
	if !s.listed {
		return c.judgeUnlisted(name, u, t, at, m, f)
	}
	switch f.spec.harm {
	case harmNewRequired, harmNowRequired:
		return c.judgeRequired(s, t, at, m, f)
	case harmDefaulted:
		return c.judgeDefault(s, t, at, f)
	case harmMediaSenders, harmMediaReaders:
		return c.judgeMedia(s, t, at, f)
	}
	best := judged(Unaffected, ReasonNotListed, "")
	for _, hit := range c.hits(s, t, at, m, f) {
		best.worse(c.judgeHit(u, s, hit, f))
		if best.verdict == Unaffected && best.reason.Code == ReasonNotListed {
			if v := c.judgeHit(u, s, hit, f); v.reason.Code != "" {
				best = v
			}
		}
	}
	return best
}

func (c *Comparison) judgeStatus(op *opPair, u *use, f *found) judgement {
	verdict := Breaks
	if f.spec.harm == harmStatusMay {
		verdict = MayBreak
	}
	if f.To != nil { // a status that is new concerns whoever waits for a success
		if len(u.status) > 0 && !slices.ContainsFunc(u.status, isSuccess) {
			return judged(Unaffected, ReasonNotListed, f.fact.value)
		}
		return judged(verdict, ReasonStatus, f.fact.value)
	}
	if !u.handles(op.base, f.fact.value) {
		return judged(Unaffected, ReasonNotListed, f.fact.value)
	}
	return judged(verdict, ReasonStatus, f.fact.value)
}

// judgeUnlisted judges a use that does not list this side: it is assumed.
func (c *Comparison) judgeUnlisted(name string, u *use, t *trace, at int32, m *mark, f *found) judgement {
	if f.Direction == Response {
		if f.spec.harm == harmReadersMay && strictGenerators[u.via] {
			return judged(Breaks, ReasonGenerated, c.node(at, m))
		}
		return judged(MayBreak, ReasonReadsUnlisted, name)
	}
	if f.spec.harm == harmNewRequired && t.surely[at] {
		return judged(Breaks, ReasonMustNowSend, c.node(at, m))
	}
	if f.spec.harm == harmSenders && t.surely[at] && c.isPathParameter(t, at) {
		return judged(Breaks, ReasonUsesOperation, name) // no call is made without it
	}
	return judged(MayBreak, ReasonSendsUnlisted, name)
}

// isPathParameter tells whether a pair is a parameter of the operation's path, or
// its schema.
func (c *Comparison) isPathParameter(t *trace, at int32) bool {
	for k := range c.pairs[t.pairs[0]].links {
		l := &c.pairs[t.pairs[0]].links[k]
		if l.step.kind != stepParam || len(l.step.names) == 0 || l.step.names[0] != "path" {
			continue
		}
		if l.to == at || slices.ContainsFunc(c.pairs[l.to].links, func(below link) bool { return below.to == at }) {
			return true
		}
	}
	return false
}

// node names the edge of a mark as seen from the pair that it hangs on.
func (c *Comparison) node(at int32, m *mark) string {
	if m.step.name != "" {
		return m.step.name
	}
	f := c.found[m.found]
	if f.Edge.Name != "" {
		return f.Edge.Name
	}
	return f.Edge.Schema
}

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
	if exact && p.presence && !f.aboutPresence() {
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
		if named {
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

// judgeRequired judges what must be sent from now on: it asks who sends the
// parent, not who sends this. A recursive schema is sent at several places: each
// must list it.
func (c *Comparison) judgeRequired(s *side, t *trace, at int32, m *mark, f *found) judgement {
	must := judged(Breaks, ReasonMustNowSend, c.node(at, m))
	touches := t.at[at]
	sent := len(touches) > 0 || t.surely[at]
	if m.step.kind == stepStay && f.spec.harm == harmNowRequired {
		// a parameter or body: its parent is the call itself
		if len(touches) > 0 {
			return judged(Unaffected, ReasonSends, s.sources[touches[0].pattern].Text)
		}
		return must
	}
	switch {
	case !sent:
		return judged(Unaffected, ReasonNotListed, "")
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
			case len(p.next(tc.pos, m.step, nil)) == 0:
			case tc.pos < len(p.segs):
				v = judgement{verdict: Unaffected, reason: Reason{Code: ReasonSends, Node: source.Text}, pattern: source}
			case v.verdict == Breaks:
				// the object is listed as a whole: which of its properties are sent is not said
				v = judgement{verdict: MayBreak, reason: Reason{Code: ReasonSendsUnlisted, Node: source.Text}, pattern: source}
			}
		}
		worst.worse(v)
	}
	return worst
}

// occurrences groups the patterns at a pair by the place of the message that
// they have led to; what lies below a used node is a place of its own.
func (c *Comparison) occurrences(s *side, touches []touch) [][]touch {
	var places [][]touch
	index := map[string]int{}
	for _, tc := range touches {
		p := s.patterns[tc.pattern]
		key := "below " + p.text
		if tc.pos <= len(p.segs) {
			key = prefixText(p.segs[:tc.pos])
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

func prefixText(segs []segment) string {
	var b strings.Builder
	for i := range segs {
		fmt.Fprintf(&b, "%d %q %q %q\n", segs[i].kind, segs[i].name, segs[i].index, segs[i].variants)
	}
	return b.String()
}

// judgeDefault judges a default: it concerns those who send the parent and leave
// this out.
func (c *Comparison) judgeDefault(s *side, t *trace, at int32, f *found) judgement {
	may := judged(MayBreak, ReasonSendsUnlisted, f.Edge.Name)
	listed := len(c.occurrences(s, t.at[at]))
	parents := 0
	for _, parent := range t.parents[at] {
		if t.surely[at] && t.surely[parent] {
			return judged(Unaffected, ReasonSends, f.Edge.Name)
		}
		for _, tc := range t.at[parent] {
			if tc.pos >= len(s.patterns[tc.pattern].segs) {
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
		return judged(Unaffected, ReasonSends, s.sources[t.at[at][0].pattern].Text)
	}
	return judged(Unaffected, ReasonNotListed, "")
}

// judgeMedia judges a media type that is gone. Consumers do not say which they
// use; where it was the only one, it is the one.
func (c *Comparison) judgeMedia(s *side, t *trace, at int32, f *found) judgement {
	touches := t.at[at]
	if len(touches) == 0 && !(f.Direction == Request && t.surely[at]) {
		return judged(Unaffected, ReasonNotListed, "")
	}
	code := ReasonReads
	if f.Direction == Request {
		code = ReasonSends
	}
	v := judged(MayBreak, code, f.Edge.Name)
	if f.fact.sole {
		v.verdict = Breaks
	}
	if len(touches) > 0 {
		v.pattern = &s.sources[touches[0].pattern]
	}
	return v
}
