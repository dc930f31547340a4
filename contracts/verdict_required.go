package contracts

import (
	"fmt"
	"strings"
)

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
	case !sent && c.inRequiredBody(t, at):
		return judged(MayBreak, ReasonSendsUnlisted, c.node(at, m)) // an empty body may be this variant
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
