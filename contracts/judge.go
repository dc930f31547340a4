package contracts

import (
	"cmp"
	"context"
	"slices"
	"strings"
)

// Judge says what each change means for each consumer: one finding per change,
// in the order of Changes. The second result holds what the consumers declare
// that matches nothing in the base contract.
func (c *Comparison) Judge(ctx context.Context, consumers []Consumer) ([]Finding, []RegistrationProblem, error) {
	findings := make([]Finding, len(c.found))
	for i, f := range c.found {
		findings[i] = Finding{Change: f.Change}
	}
	if c.base == nil {
		return findings, nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	j := &judge{c: c, ctx: ctx}
	var problems []RegistrationProblem
	for i := range consumers {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		consumer := &consumers[i]
		verdicts, faults := j.consumer(consumer)
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		for _, f := range faults {
			problems = append(problems, RegistrationProblem{Consumer: *consumer, Nearest: f.near,
				Problem: Problem{Position: f.at, Message: f.message, Hint: hintOf(f.near)}})
		}
		for k := range verdicts {
			v := &verdicts[k]
			if v.verdict == Unaffected {
				findings[k].Unaffected++
				continue
			}
			findings[k].Hits = append(findings[k].Hits, Hit{Consumer: *consumer, Verdict: v.verdict, Reason: v.reason, Evidence: v.evidence(consumer)})
		}
	}
	for k := range findings {
		sortAffected(findings[k].Hits)
	}
	return findings, problems, nil
}

// sortHits puts the gravest first, then by component and environment.
func sortAffected(hits []Hit) {
	slices.SortStableFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(b.Verdict.Rank(), a.Verdict.Rank()), strings.Compare(a.Consumer.Component, b.Consumer.Component),
			strings.Compare(a.Consumer.Environment, b.Consumer.Environment))
	})
}

func hintOf(near []string) string {
	if len(near) == 0 {
		return "correct it, or register the version of the contract that has it"
	}
	return "did you mean " + strings.Join(near, " or ") + "?"
}

// judge holds what is shared while consumers are judged.
type judge struct {
	ctx context.Context
	c   *Comparison
}

// judgement is the verdict on one change for one consumer.
type judgement struct {
	verdict Verdict
	reason  Reason
	pattern *Pattern      // the pattern that is hit
	use     *OperationUse // the operation that is hit
}

// evidence gives the lines that declare the use, the most exact first.
func (v *judgement) evidence(consumer *Consumer) []Evidence {
	var list []Evidence
	kind := consumer.Usage.Evidence.Kind
	if v.use != nil && v.use.Evidence.Kind != "" {
		kind = v.use.Evidence.Kind
	}
	if v.pattern != nil && v.pattern.Position.File != "" {
		list = append(list, Evidence{Kind: kind, Position: v.pattern.Position})
	}
	if v.use != nil && v.use.Evidence.File != "" && (len(list) == 0 || list[0].Position != v.use.Evidence.Position) {
		list = append(list, v.use.Evidence)
	}
	if len(list) == 0 {
		list = append(list, consumer.Usage.Evidence)
	}
	return list
}

func (v *judgement) worse(other judgement) {
	if v.verdict == "" || other.verdict.Rank() > v.verdict.Rank() {
		*v = other
	}
}

// consumer judges every change for one consumer.
func (j *judge) consumer(consumer *Consumer) ([]judgement, []fault) {
	out := make([]judgement, len(j.c.found))
	usage := &consumer.Usage
	var faults []fault
	lost := false
	if len(usage.Operations) == 0 {
		j.wholeAPI(usage, out)
	}
	for i := range usage.Operations {
		if j.ctx != nil && j.ctx.Err() != nil {
			break // the caller looks at the context and drops the result
		}
		o := &usage.Operations[i]
		ops := matchUse(j.c.selectable(), o)
		if len(ops) == 0 {
			if len(matchUse(j.c.headOps, o)) > 0 {
				continue // it is being added by this very change
			}
			lost = true
			faults = append(faults, fault{at: o.Evidence.Position, near: nearestOperations(j.c.baseOps, o.Selector),
				message: "operation " + o.Selector + " is not in the contract"})
			continue
		}
		for _, op := range ops {
			faults = append(faults, j.operation(usage, o, op, len(ops) > 1, out)...)
		}
	}
	for k := range out {
		v := &out[k]
		f := j.c.found[k]
		if v.verdict == "" {
			*v = judgement{verdict: Unaffected, reason: Reason{Code: ReasonOperationUnused}}
		}
		if v.verdict == Unaffected && lost && v.reason.Code == ReasonOperationUnused && f.harms() {
			*v = judgement{verdict: Unknown, reason: Reason{Code: ReasonRegistrationError}}
		}
		if usage.Catalogue && v.verdict != Unaffected {
			*v = judgement{verdict: Unknown, reason: Reason{Code: ReasonCatalogueOnly}, use: v.use}
		}
	}
	return out, slices.CompactFunc(faults, func(a, b fault) bool { return a.at == b.at && a.message == b.message })
}

// harms tells whether the change can hurt anybody.
func (f *found) harms() bool { return f.spec.harm != harmNobody && f.Level != Info }

// wholeAPI judges a consumer that lists no operations: every one is assumed. That
// it uses any one of them is not said, so that only what breaks all of them breaks
// it for certain.
func (j *judge) wholeAPI(usage *Usage, out []judgement) {
	key := useKey(usage.Via, nil)
	all := j.c.whole[key]
	if all == nil {
		all = make([]judgement, len(out))
		breaks := make([]int, len(out))
		for i := range j.c.ops {
			op := &j.c.ops[i]
			if op.base == nil {
				continue
			}
			u, _ := j.newUse(usage.Via, nil, op.base)
			one := map[int32]judgement{}
			j.c.judgeUse(op, u, nil, one)
			for k, v := range one {
				if v.verdict == Breaks && op.parent < 0 {
					breaks[k]++
				}
				v.reason = unlisted(v, op.base)
				all[k].worse(v)
			}
		}
		for k := range all {
			if all[k].verdict == "" { // a new operation, which nobody uses yet
				all[k] = judged(Unaffected, ReasonSafe, "")
			}
			if all[k].verdict == Breaks && breaks[k] < len(j.c.baseOps) {
				all[k].verdict = MayBreak
			}
		}
		j.c.whole[key] = all
	}
	copy(out, all)
}

// unlisted gives the reason for a verdict that rests on no list of operations. What
// the change itself softens or the generator decides is said as for any other.
func unlisted(v judgement, op *Operation) Reason {
	switch v.reason.Code {
	case ReasonGenerated, ReasonAlternativeLeft:
		return v.reason
	}
	if v.verdict == Unaffected {
		return v.reason
	}
	return Reason{Code: ReasonOperationsUnlisted, Node: op.Name()}
}

// operation judges one use of one operation; faults of a glob are not told,
// since its patterns need not exist everywhere.
func (j *judge) operation(usage *Usage, o *OperationUse, op *Operation, globbed bool, out []judgement) []fault {
	u, faults := j.newUse(usage.Via, o, op)
	if globbed {
		faults = slices.DeleteFunc(faults, func(f fault) bool { return strings.Contains(f.message, "matches nothing") })
		if len(faults) == 0 {
			u.broken = map[Direction]bool{}
		}
	}
	at, ok := j.c.opOf[op.identity()]
	if !ok {
		return faults // nothing changed there
	}
	met := map[int32]judgement{}
	j.c.judgeUse(&j.c.ops[at], u, o, met)
	// the callbacks of an operation may be waited for by whoever uses it, unless
	// they are listed by themselves
	for i := range j.c.ops {
		cb := &j.c.ops[i]
		if cb.parent != at || cb.base == nil || listsCallback(usage, cb.base) {
			continue
		}
		whole, _ := j.newUse(usage.Via, nil, cb.base)
		waits := map[int32]judgement{}
		j.c.judgeUse(cb, whole, o, waits)
		for k, v := range waits {
			if v.verdict == Breaks {
				v.verdict = MayBreak
			}
			have := met[k]
			have.worse(v)
			met[k] = have
		}
	}
	for k, v := range met {
		out[k].worse(v)
	}
	return faults
}

func listsCallback(usage *Usage, callback *Operation) bool {
	for i := range usage.Operations {
		if len(matchSelector([]*Operation{callback}, usage.Operations[i].Selector)) > 0 {
			return true
		}
	}
	return false
}

// selectable gives what a selector may name in the base contract: its
// operations, webhooks and callbacks.
func (c *Comparison) selectable() []*Operation {
	if c.named == nil {
		c.named = slices.Clone(c.baseOps)
		for _, op := range c.baseOps {
			c.named = append(c.named, c.base.callbacks(op)...)
		}
	}
	return c.named
}
