package diff

import (
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/usage"
	"plimsoll/contracts/witness"
)

// spot is where a change meets a use.
type spot struct {
	op   *opPair
	use  *use
	pair int32
	step usage.Step // from the pair to what changed
}

// maxWitnesses bounds how many examples one comparison looks for.
const maxWitnesses = 500

// witnessKey identifies an example: the same way to the same change gives the same one.
type witnessKey struct {
	f   *found
	way string
}

// addWitness adds an example of what breaks. A change that is said to break a consumer may
// break it if messages with a value at its place were tried on every way, and none of them
// fails there. If no message could be made, the verdict stays.
func (c *Comparison) addWitness(f *found, v *judgement, affected *contracts.AffectedConsumer) {
	if v.spot == nil || v.verdict != contracts.Breaks && v.verdict != contracts.MayBreak {
		return
	}
	ways, ok := c.waysTo(f, v)
	if !ok {
		return // too much to look for
	}
	harmless := len(ways) > 0 && len(ways) < mostWays
	for _, way := range ways {
		key := witnessKey{f, wayText(v.spot.op, way)}
		s, known := c.witnesses[key]
		if !known {
			if len(c.witnesses) >= maxWitnesses || c.examples != nil && c.examples.Exhausted() {
				return
			}
			s = c.findWitness(f, v.spot.op, way)
			if c.examples != nil && c.examples.Exhausted() {
				s.outcome = witness.Unclear
			}
			if c.witnesses == nil {
				c.witnesses = map[witnessKey]searched{}
			}
			c.witnesses[key] = s
		}
		if s.outcome == witness.Found {
			affected.Witness = s.witness
			return
		}
		harmless = harmless && s.outcome == witness.Harmless
	}
	if v.verdict == contracts.Breaks && harmless {
		affected.Verdict = contracts.MayBreak
		affected.Reason = contracts.Reason{Code: contracts.ReasonNoWitness, Node: v.reason.Node}
	}
}

// searched is what came of the search for an example.
type searched struct {
	witness *contracts.Witness
	outcome witness.Outcome
}

// hop is one pair on the way from an operation to a change, and the step that leaves it.
type hop struct {
	pair int32
	step usage.Step
}

func (c *Comparison) findWitness(f *found, op *opPair, way []hop) searched {
	w := &contracts.Witness{Direction: f.Direction, AllowedBy: "base", Operation: op.any().Name()}
	if f.Direction == contracts.Response {
		w.AllowedBy = "head"
	}
	var places []witness.Place
	for _, h := range way {
		if p := &c.pairs[h.pair]; p.bs != nil {
			places = append(places, witness.Place{Base: p.bs, Head: p.hs, Step: h.step})
			continue
		}
		switch h.step.Kind {
		case usage.StepStatus:
			w.Status = h.step.Name
		case usage.StepMedia:
			w.MediaType = h.step.Name
		case usage.StepParam:
			w.Parameter = strings.TrimSpace(strings.Join(h.step.Names, " ") + " " + h.step.Name)
		case usage.StepHeader:
			w.Parameter = "header " + h.step.Name
		}
	}
	if len(places) > 0 && f.Edge.Kind == contracts.KindEnumValue {
		places[len(places)-1].Value = f.fact.value
	}
	if f.spec.harm == harmDefaulted { // about who does not send the value
		for n := len(places); n > 0 && places[n-1].Step.Kind == usage.StepStay; n-- {
			places = places[:n-1]
		}
	}
	if len(places) == 0 {
		w.Fails = c.messageFails(f)
		return searched{w, witness.Found}
	}
	if last := &places[len(places)-1].Step; f.Edge.Kind == contracts.KindBranch && last.Kind == usage.StepStay {
		*last = usage.Step{Kind: usage.StepBranch, Name: f.Edge.Name}
	}
	if c.examples == nil {
		c.examples = witness.New(c.baseView, c.headView)
	}
	outcome := witness.Harmless
	for _, demand := range demands(f, places[len(places)-1].Step) {
		e, found := c.examples.Find(f.Direction, places, demand)
		if found == witness.Found {
			w.Document, w.Fails, w.Reading = e.Document, fails(f, demand, &e), e.Reading
			return searched{w, found}
		}
		outcome = min(outcome, found)
	}
	switch f.spec.harm {
	case harmUsers, harmUsersMay, harmGenerated, harmMediaSenders, harmMediaReaders: // not about values
		w.Fails = c.messageFails(f)
		return searched{w, witness.Found}
	}
	for _, p := range places {
		if len(p.Base.Opaque)+len(p.Head.Opaque) > 0 {
			outcome = witness.Unclear // few values may satisfy what is not worked out
		}
	}
	return searched{outcome: outcome}
}

// demands says what an example of a change must show, the first that is found. The step
// leads to what changed.
func demands(f *found, step usage.Step) []witness.Demand {
	switch f.spec.harm {
	case harmDropped, harmVariantSenders:
		return []witness.Demand{witness.Refused, witness.Ignored}
	case harmDefaulted:
		return []witness.Demand{witness.Absent}
	case harmReaders, harmIntolerant:
		if step.Kind == usage.StepProperty && (strings.HasSuffix(f.Rule, "-removed") || strings.HasSuffix(f.Rule, "-became-optional")) {
			return []witness.Demand{witness.Absent, witness.Refused} // it may be required and described by nothing
		}
	case harmVariantReaders:
		return []witness.Demand{witness.Shown}
	}
	if f.Edge.Kind == contracts.KindBranch || strings.HasSuffix(f.Rule, "-discriminator-changed") {
		return []witness.Demand{witness.Refused, witness.Shown}
	}
	return []witness.Demand{witness.Refused}
}

// fails says what is wrong with an example.
func fails(f *found, demand witness.Demand, e *witness.Example) string {
	at := e.At
	if at == "" {
		at = "the value"
	}
	switch {
	case f.spec.harm == harmDefaulted:
		return defaultFails(f, at)
	case demand != witness.Shown:
		return e.Fails
	case f.spec.harm == harmVariantReaders:
		return at + " is never " + f.Edge.Name
	case f.Edge.Kind == contracts.KindBranch:
		return at + " is " + f.Edge.Name + ", which is a new variant"
	}
	return at + ": the discriminator was " + orNone(f.From) + ", and is " + orNone(f.To)
}

func orNone(s *string) string {
	if s == nil || *s == "" {
		return "not there"
	}
	return *s
}

// messageFails says what is wrong with a message as a whole.
func (c *Comparison) messageFails(f *found) string {
	switch {
	case f.spec.harm == harmDefaulted:
		return defaultFails(f, f.Edge.Name)
	case f.Edge.Kind == contracts.KindParameter && f.Edge.Name != "":
		return "parameter " + f.Edge.Name + ": " + f.spec.Reason
	case f.Edge.Kind == contracts.KindHeader && f.Edge.Name != "":
		return "header " + f.Edge.Name + ": " + f.spec.Reason
	}
	return f.spec.Reason
}

func defaultFails(f *found, at string) string {
	switch {
	case f.To == nil:
		return "without " + at + ", " + orNone(f.From) + " no longer applies"
	case f.From == nil:
		return "without " + at + ", " + *f.To + " applies"
	case *f.From == *f.To:
		return "without " + at + ", a value of another type applies"
	}
	return "without " + at + ", " + *f.To + " applies instead of " + *f.From
}

// wayKey identifies a way: equal uses of an operation go the same one.
type wayKey struct {
	op, pair int32
	dir      contracts.Direction
	pattern  string
	status   string
	step     usage.StepKind
	name     string
}

// maxWays bounds how many ways one comparison looks for.
const maxWays = 5000

// waysTo gives ways from an operation to a change, the shortest first, as the consumer's
// pattern goes where there is one; false where too many were looked for. On one way other
// variants may take what fails on another.
func (c *Comparison) waysTo(f *found, v *judgement) ([][]hop, bool) {
	s := v.spot
	side := s.use.side(f.Direction)
	pattern := -1
	for i := range side.sources {
		if &side.sources[i] == v.pattern {
			pattern = i
		}
	}
	key := wayKey{op: s.op.pair, pair: s.pair, dir: f.Direction, status: strings.Join(s.use.status, " "), step: s.step.Kind, name: s.step.Name}
	if pattern >= 0 {
		key.pattern = side.sources[pattern].Text
	}
	if ways, ok := c.ways[key]; ok {
		return ways, true
	}
	if len(c.ways) >= maxWays {
		return nil, false
	}
	ways := c.climbTo(s, f.Direction, pattern)
	if len(ways) == 0 {
		ways = c.climbTo(s, f.Direction, -1)
	}
	if c.ways == nil {
		c.ways = map[wayKey][][]hop{}
	}
	c.ways[key] = ways
	return ways, true
}

// state is a pair at a position of a pattern.
type state struct {
	pair int32
	pos  int
}

// Bounds of the ways to one change: how many are given, and how often they may meet in one
// pair before it.
const (
	mostWays     = 8
	mostMeetings = 4
)

// climbTo finds short ways from the operation to the pair of a change, along one pattern
// or, for -1, along any link.
func (c *Comparison) climbTo(s *spot, dir contracts.Direction, pattern int) [][]hop {
	w := walker{c: c, op: s.op, u: s.use}
	side := s.use.side(dir)
	type visited struct {
		state
		from, link int
	}
	var ways [][]hop
	met := map[state]int{}
	queue := []visited{{state: state{pair: s.op.pair}, from: -1}}
	for i := 0; i < len(queue) && len(ways) < mostWays; i++ {
		at := queue[i]
		if at.pair == s.pair {
			way := []hop{{at.pair, s.step}}
			for v := at; v.from >= 0; v = queue[v.from] {
				up := queue[v.from].pair
				way = append(way, hop{up, c.pairs[up].links[v.link].step})
			}
			slices.Reverse(way)
			ways = append(ways, way)
			continue
		}
		for k := range c.pairs[at.pair].links {
			l := &c.pairs[at.pair].links[k]
			positions := []int{0}
			if pattern >= 0 {
				if !w.goes(dir, l, side.resolved[pattern]) {
					continue
				}
				positions = side.patterns[pattern].Through(at.pos, l.step, c.pairs[at.pair].bs)
			} else if !w.enters(l) {
				continue
			}
			for _, pos := range positions {
				if next := (state{l.to, pos}); met[next] < mostMeetings {
					met[next]++
					queue = append(queue, visited{next, i, k})
				}
			}
		}
	}
	return ways
}

func wayText(op *opPair, way []hop) string {
	var b strings.Builder
	b.WriteString(op.any().Identity())
	for _, h := range way {
		b.WriteByte('\n')
		b.WriteByte(byte('a' + h.step.Kind))
		b.WriteString(h.step.Name)
	}
	return b.String()
}
