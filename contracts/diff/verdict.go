package diff

import (
	"slices"

	"plimsoll/contracts"
	"plimsoll/contracts/usage"
)

// strictGenerators generate clients that reject unknown enum values and variants.
var strictGenerators = map[string]bool{"openapi-generator": true, "swagger-codegen": true}

// keyedOnPaths generate clients whose names derive from paths, not from operationIds or
// tags.
var keyedOnPaths = map[string]bool{"kiota": true, "openapi-typescript": true, "openapi-fetch": true}

// judgeUse judges every change that one use of one operation meets, and keeps the most
// severe verdict on each.
func (c *Comparison) judgeUse(op *opPair, u *use, o *contracts.OperationUse, out map[int32]judgement) {
	t := c.walk(op, u)
	for _, at := range t.pairs {
		for k := range c.pairs[at].marks {
			m := &c.pairs[at].marks[k]
			f := c.found[m.found]
			v := c.judgeMark(op, u, t, at, m, f)
			v.use = o
			if v.verdict != contracts.Unaffected {
				v.spot = &spot{op: op, use: u, pair: at, step: m.step}
			}
			if v.verdict == contracts.Unaffected && f.harms() && u.broken[f.Direction] && f.spec.harm.listable() {
				v = judgement{verdict: contracts.Unknown, reason: contracts.Reason{Code: contracts.ReasonRegistrationError}, use: o}
			}
			have := out[m.found]
			have.worse(v)
			out[m.found] = have
		}
	}
}

// listable tells whether the verdict depends on what the consumer lists.
func (h harm) listable() bool {
	switch h {
	case harmNobody, harmUsers, harmUsersMay, harmUsersLeft, harmGenerated, harmStatus, harmStatusMay, harmUnknown:
		return false
	}
	return true
}

func judged(v contracts.Verdict, code contracts.ReasonCode, node string) judgement {
	return judgement{verdict: v, reason: contracts.Reason{Code: code, Node: node}}
}

// judgeMark judges one change for one use of one operation.
func (c *Comparison) judgeMark(op *opPair, u *use, t *trace, at int32, m *mark, f *found) judgement {
	name := op.any().Name()
	if !f.harms() {
		return judged(contracts.Unaffected, contracts.ReasonSafe, "")
	}
	switch f.spec.harm {
	case harmUsers:
		if f.fact.left {
			return judged(contracts.MayBreak, contracts.ReasonAlternativeLeft, "")
		}
		return judged(contracts.Breaks, contracts.ReasonUsesOperation, name)
	case harmUsersMay:
		return judged(contracts.MayBreak, contracts.ReasonUsesOperation, name)
	case harmUnknown:
		return judged(contracts.Unknown, contracts.ReasonUnproved, f.Edge.Name)
	case harmGenerated:
		if u.via == "" || keyedOnPaths[u.via] && f.Rule != "schema-renamed" {
			return judged(contracts.Unaffected, contracts.ReasonSafe, "")
		}
		return judged(contracts.MayBreak, contracts.ReasonGenerated, f.fact.old)
	case harmStatus, harmStatusMay:
		return c.judgeStatus(op, u, f)
	}
	s := u.side(f.Direction)
	if f.Direction == contracts.Request && t.surely[at] && len(t.at[at]) == 0 && c.isPathParameter(t, at) {
		return judgePathParameter(name, f) // no call is made without it, listed or not
	}
	if !s.listed {
		return c.judgeUnlisted(name, u, t, at, m, f)
	}
	v := c.judgeListed(name, u, s, t, at, m, f)
	if touches := t.at[at]; v.verdict == contracts.Breaks && len(touches) > 0 && !slices.ContainsFunc(touches, func(tc touch) bool { return !tc.guess }) {
		v.verdict = contracts.MayBreak
	}
	return v
}

// judgeListed judges one change for a use that lists this side.
func (c *Comparison) judgeListed(name string, u *use, s *side, t *trace, at int32, m *mark, f *found) judgement {
	switch f.spec.harm {
	case harmNewRequired, harmNowRequired:
		return c.judgeRequired(s, t, at, m, f)
	case harmDefaulted:
		return c.judgeDefault(s, t, at, f)
	case harmMediaSenders, harmMediaReaders:
		return c.judgeMedia(s, t, at, f)
	}
	if about := m.step.Kind; about == usage.StepStay || about == usage.StepBranch {
		if f.Direction == contracts.Request && len(t.at[at]) == 0 && c.isRequiredBody(t, at) {
			return judgeEmptyBody(name, f)
		}
		if f.Direction == contracts.Request && c.inRequiredBody(t, at) {
			v := judgeEmptyBody(name, f)
			if v.verdict == contracts.Breaks {
				v.verdict = contracts.MayBreak // the body may be another variant
			}
			return v
		}
	}
	best := judged(contracts.Unaffected, contracts.ReasonNotListed, "")
	for _, through := range c.passages(s, t, at, m, f) {
		best.worse(c.judgePassage(u, s, through, f))
		if best.verdict == contracts.Unaffected && best.reason.Code == contracts.ReasonNotListed {
			if v := c.judgePassage(u, s, through, f); v.reason.Code != "" {
				best = v
			}
		}
	}
	return best
}

func (c *Comparison) judgeStatus(op *opPair, u *use, f *found) judgement {
	verdict := contracts.Breaks
	if f.spec.harm == harmStatusMay {
		verdict = contracts.MayBreak
	}
	if f.To != nil { // a new status affects consumers that expect a success
		if len(u.status) > 0 && !slices.ContainsFunc(u.status, isSuccess) {
			return judged(contracts.Unaffected, contracts.ReasonNotListed, f.fact.value)
		}
		return judged(verdict, contracts.ReasonStatus, f.fact.value)
	}
	if !usage.HandlesStatus(u.status, op.base, f.fact.value) {
		return judged(contracts.Unaffected, contracts.ReasonNotListed, f.fact.value)
	}
	return judged(verdict, contracts.ReasonStatus, f.fact.value)
}

// judgeUnlisted judges a use that does not list this side, so that all of it counts as
// used.
func (c *Comparison) judgeUnlisted(name string, u *use, t *trace, at int32, m *mark, f *found) judgement {
	if f.Direction == contracts.Response {
		if f.spec.harm == harmReadersMay && strictGenerators[u.via] {
			return judged(contracts.Breaks, contracts.ReasonGenerated, c.node(at, m))
		}
		return judged(contracts.MayBreak, contracts.ReasonReadsUnlisted, name)
	}
	if f.spec.harm == harmNewRequired && t.surely[at] {
		return judged(contracts.Breaks, contracts.ReasonMustNowSend, c.node(at, m))
	}
	return judged(contracts.MayBreak, contracts.ReasonSendsUnlisted, name)
}

// judgePathParameter judges a change to what every caller sends.
func judgePathParameter(name string, f *found) judgement {
	switch f.spec.harm {
	case harmSenders:
		return judged(contracts.Breaks, contracts.ReasonUsesOperation, name)
	case harmDefaulted, harmNowRequired:
		return judged(contracts.Unaffected, contracts.ReasonSends, name)
	}
	return judged(contracts.MayBreak, contracts.ReasonUsesOperation, name)
}

// judgeEmptyBody judges a change to the whole body for a consumer that lists nothing in
// it. A required body is sent nevertheless, without content.
func judgeEmptyBody(name string, f *found) judgement {
	switch f.spec.harm {
	case harmSenders:
		return judged(contracts.Breaks, contracts.ReasonUsesOperation, name)
	case harmSendersMay, harmSendersUnproved, harmVariantSenders:
		return judged(contracts.MayBreak, contracts.ReasonUsesOperation, name)
	}
	return judged(contracts.Unaffected, contracts.ReasonNotListed, "")
}

// isRequiredBody tells whether a pair is the schema of a body that every call sends.
func (c *Comparison) isRequiredBody(t *trace, at int32) bool {
	bodies := func(from int32, kind usage.StepKind, fits func(*link) bool) bool {
		return slices.ContainsFunc(c.pairs[from].links, func(l link) bool { return l.step.Kind == kind && fits(&l) })
	}
	return bodies(t.pairs[0], usage.StepBody, func(body *link) bool {
		return body.must && bodies(body.to, usage.StepMedia, func(media *link) bool {
			return bodies(media.to, usage.StepStay, func(schema *link) bool { return schema.to == at })
		})
	})
}

// inRequiredBody tells whether a pair is a variant of a body that every call sends, in
// which nothing is listed.
func (c *Comparison) inRequiredBody(t *trace, at int32) bool {
	if len(t.at[at]) > 0 {
		return false
	}
	seen := map[int32]bool{at: true}
	for queue := []int32{at}; len(queue) > 0; queue = queue[1:] {
		for _, up := range t.parents[queue[0]] {
			if seen[up] || !slices.ContainsFunc(c.pairs[up].links, func(l link) bool {
				return l.to == queue[0] && (l.step.Kind == usage.StepBranch || l.step.Kind == usage.StepStay)
			}) {
				continue
			}
			if c.isRequiredBody(t, up) {
				return true
			}
			seen[up] = true
			queue = append(queue, up)
		}
	}
	return false
}

// isPathParameter tells whether a pair is a path parameter or its schema.
func (c *Comparison) isPathParameter(t *trace, at int32) bool {
	for k := range c.pairs[t.pairs[0]].links {
		l := &c.pairs[t.pairs[0]].links[k]
		if !l.step.IsPath() {
			continue
		}
		if l.to == at || slices.ContainsFunc(c.pairs[l.to].links, func(below link) bool { return below.to == at }) {
			return true
		}
	}
	return false
}

// node names the edge of a mark, seen from its pair.
func (c *Comparison) node(at int32, m *mark) string {
	if m.step.Name != "" {
		return m.step.Name
	}
	f := c.found[m.found]
	if f.Edge.Name != "" {
		return f.Edge.Name
	}
	return f.Edge.Schema
}

// judgeMedia judges the removal of a media type. Consumers do not declare which one they
// use; if there was only one, it is that one.
func (c *Comparison) judgeMedia(s *side, t *trace, at int32, f *found) judgement {
	touches := t.at[at]
	if len(touches) == 0 && !(f.Direction == contracts.Request && t.surely[at]) {
		return judged(contracts.Unaffected, contracts.ReasonNotListed, "")
	}
	code := contracts.ReasonReads
	if f.Direction == contracts.Request {
		code = contracts.ReasonSends
	}
	v := judged(contracts.MayBreak, code, f.Edge.Name)
	if f.fact.sole {
		v.verdict = contracts.Breaks
	}
	if len(touches) > 0 {
		v.pattern = &s.sources[touches[0].pattern]
	}
	return v
}
