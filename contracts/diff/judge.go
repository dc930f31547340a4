package diff

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// Judge says what each change means for each consumer. It gives one finding per change, in
// the order of Changes. The second result lists what consumers declare and the base
// contract does not contain.
func (c *Comparison) Judge(ctx context.Context, consumers []contracts.Consumer) ([]contracts.Finding, []contracts.RegistrationProblem, error) {
	findings := make([]contracts.Finding, len(c.found))
	for i, f := range c.found {
		findings[i] = contracts.Finding{Change: f.Change}
	}
	if c.base == nil {
		return findings, nil, nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	defer func() { c.examples = nil }() // its compiled schemas are large
	j := &judge{c: c, ctx: ctx}
	var problems []contracts.RegistrationProblem
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
			problems = append(problems, contracts.RegistrationProblem{Consumer: *consumer, Nearest: f.near,
				Problem: contracts.Problem{Position: f.at, Message: f.message, Hint: hintOf(f.near)}})
		}
		for k := range verdicts {
			v := &verdicts[k]
			if v.verdict == contracts.Unaffected {
				findings[k].Unaffected++
				continue
			}
			affected := contracts.AffectedConsumer{Consumer: *consumer, Verdict: v.verdict, Reason: v.reason, Evidence: v.evidence(consumer)}
			c.addWitness(c.found[k], v, &affected)
			findings[k].Affected = append(findings[k].Affected, affected)
		}
	}
	for k := range findings {
		sortAffected(findings[k].Affected)
	}
	return findings, problems, nil
}

// sortAffected sorts by severity, then by component and environment.
func sortAffected(list []contracts.AffectedConsumer) {
	slices.SortStableFunc(list, func(a, b contracts.AffectedConsumer) int {
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

// judge holds the state of one call of Judge.
type judge struct {
	ctx context.Context
	c   *Comparison
}

// judgement is the verdict on one change for one consumer.
type judgement struct {
	verdict contracts.Verdict
	reason  contracts.Reason
	pattern *contracts.Pattern      // the pattern that is affected
	use     *contracts.OperationUse // the use that is affected
	spot    *spot                   // where; nil where nothing is affected
}

// evidence gives the lines that declare the use, the most specific first.
func (v *judgement) evidence(consumer *contracts.Consumer) []contracts.Evidence {
	var list []contracts.Evidence
	kind := consumer.Usage.Evidence.Kind
	if v.use != nil && v.use.Evidence.Kind != "" {
		kind = v.use.Evidence.Kind
	}
	if v.pattern != nil && v.pattern.Position.File != "" {
		list = append(list, contracts.Evidence{Kind: kind, Position: v.pattern.Position})
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
func (j *judge) consumer(consumer *contracts.Consumer) ([]judgement, []fault) {
	out := make([]judgement, len(j.c.found))
	declared := &consumer.Usage
	var faults []fault
	lost := false
	if len(declared.Operations) == 0 {
		j.wholeAPI(declared, out)
	}
	for i := range declared.Operations {
		if j.ctx != nil && j.ctx.Err() != nil {
			break // the caller looks at the context and drops the result
		}
		o := &declared.Operations[i]
		ops := usage.MatchUse(j.c.selectable(), o)
		if len(ops) == 0 {
			if len(usage.MatchUse(j.c.headOps, o)) > 0 {
				continue // it is being added by this very change
			}
			lost = true
			faults = append(faults, fault{at: o.Evidence.Position, near: usage.NearestOperations(j.c.baseOps, o.Selector),
				message: "operation " + o.Selector + " is not in the contract"})
			continue
		}
		for _, op := range ops {
			faults = append(faults, j.operation(declared, o, op, len(ops) > 1, out)...)
		}
	}
	for k := range out {
		v := &out[k]
		f := j.c.found[k]
		if v.verdict == "" {
			*v = judgement{verdict: contracts.Unaffected, reason: contracts.Reason{Code: contracts.ReasonOperationUnused}}
		}
		if v.verdict == contracts.Unaffected && lost && v.reason.Code == contracts.ReasonOperationUnused && f.harms() {
			*v = judgement{verdict: contracts.Unknown, reason: contracts.Reason{Code: contracts.ReasonRegistrationError}}
		}
		if declared.Catalogue && v.verdict != contracts.Unaffected {
			*v = judgement{verdict: contracts.Unknown, reason: contracts.Reason{Code: contracts.ReasonCatalogueOnly}, use: v.use}
		}
	}
	return out, slices.CompactFunc(faults, func(a, b fault) bool { return a.at == b.at && a.message == b.message })
}

// harms tells whether the change can affect anybody.
func (f *found) harms() bool { return f.spec.harm != harmNobody && f.Level != contracts.Info }

// wholeAPI judges a consumer that lists no operations, so that every operation counts as
// used. Which ones it really uses is unknown: only a change that breaks all of them breaks
// it for certain.
func (j *judge) wholeAPI(usage *contracts.Usage, out []judgement) {
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
				if v.verdict == contracts.Breaks && op.parent < 0 {
					breaks[k]++
				}
				v.reason = unlisted(v, op.base)
				all[k].worse(v)
			}
		}
		for k := range all {
			if all[k].verdict == "" { // a new operation, which nobody uses yet
				all[k] = judged(contracts.Unaffected, contracts.ReasonSafe, "")
			}
			if all[k].verdict == contracts.Breaks && breaks[k] < len(j.c.baseOps) {
				all[k].verdict = contracts.MayBreak
			}
		}
		j.c.whole[key] = all
	}
	copy(out, all)
}

// unlisted gives the reason for a verdict on a consumer that lists no operations. Reasons
// that do not depend on the list are kept.
func unlisted(v judgement, op *openapi.Operation) contracts.Reason {
	switch v.reason.Code {
	case contracts.ReasonGenerated, contracts.ReasonAlternativeLeft:
		return v.reason
	}
	if v.verdict == contracts.Unaffected {
		return v.reason
	}
	return contracts.Reason{Code: contracts.ReasonOperationsUnlisted, Node: op.Name()}
}

// operation judges one use of one operation. For a glob, patterns that match nothing are
// not reported, since they need not exist in every operation.
func (j *judge) operation(usage *contracts.Usage, o *contracts.OperationUse, op *openapi.Operation, globbed bool, out []judgement) []fault {
	u, faults := j.newUse(usage.Via, o, op)
	if globbed {
		faults = slices.DeleteFunc(faults, func(f fault) bool { return strings.Contains(f.message, "matches nothing") })
		if len(faults) == 0 {
			u.broken = map[contracts.Direction]bool{}
		}
	}
	at, ok := j.c.opOf[op.Identity()]
	if !ok {
		return faults // nothing changed there
	}
	met := map[int32]judgement{}
	j.c.judgeUse(&j.c.ops[at], u, o, met)
	// a user of an operation may depend on its callbacks, unless it lists them separately
	for i := range j.c.ops {
		cb := &j.c.ops[i]
		if cb.parent != at || cb.base == nil || listsCallback(usage, cb.base) {
			continue
		}
		whole, _ := j.newUse(usage.Via, nil, cb.base)
		waits := map[int32]judgement{}
		j.c.judgeUse(cb, whole, o, waits)
		for k, v := range waits {
			if v.verdict == contracts.Breaks {
				v.verdict = contracts.MayBreak
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

func listsCallback(declared *contracts.Usage, callback *openapi.Operation) bool {
	for i := range declared.Operations {
		if len(usage.Match([]*openapi.Operation{callback}, declared.Operations[i].Selector)) > 0 {
			return true
		}
	}
	return false
}

// selectable gives everything in the base contract that a selector may name: operations,
// webhooks and callbacks.
func (c *Comparison) selectable() []*openapi.Operation {
	if c.named == nil {
		c.named = slices.Clone(c.baseOps)
		for _, op := range c.baseOps {
			c.named = append(c.named, c.base.Callbacks(op)...)
		}
	}
	return c.named
}
