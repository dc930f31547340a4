package diff

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"slices"

	"plimsoll/contracts"
	"plimsoll/contracts/openapi"
	"plimsoll/contracts/usage"
)

// JudgeFrom judges each consumer by what changed since its own baseline. A consumer that
// is behind the base is still affected by what was removed before the base. One that is
// ahead is not affected by what it no longer uses.
//
// baselineOf gives the contract that a consumer was written against. If it gives nil, the
// base counts. If it gives an error, the base counts and the error is returned as a
// registration problem.
//
// The findings of base → head come first, in the order of Changes. They are followed by
// the changes between a baseline and the head alone, each with SinceBaseline and at least
// one affected consumer. Changes with the same fingerprint are one finding. Baselines with
// equal content are compared once; positions are then those of the first.
func (c *Comparison) JudgeFrom(ctx context.Context, consumers []contracts.Consumer, baselineOf func(contracts.Consumer) (*openapi.Contract, error)) ([]contracts.Finding, []contracts.RegistrationProblem, error) {
	j := &baselineJudge{c: c, ctx: ctx, at: map[string]int{}}
	if err := j.run(consumers, baselineOf); err != nil {
		return nil, nil, err
	}
	return j.result(), j.problems, nil
}

// baselineGroup is the consumers with the same baseline.
type baselineGroup struct {
	baseline  *openapi.Contract
	consumers []contracts.Consumer
}

// baselineJudge collects the findings of all groups.
type baselineJudge struct {
	c        *Comparison
	ctx      context.Context
	compared int // baselines compared with the head
	findings []contracts.Finding
	ofBase   int            // so many of them are of base → head
	at       map[string]int // fingerprint → finding
	problems []contracts.RegistrationProblem
}

func (j *baselineJudge) run(consumers []contracts.Consumer, baselineOf func(contracts.Consumer) (*openapi.Contract, error)) error {
	plain, groups, err := j.group(consumers, baselineOf)
	if err != nil {
		return err
	}
	findings, problems, err := j.c.Judge(j.ctx, plain)
	if err != nil {
		return err
	}
	j.findings, j.ofBase = findings, len(findings)
	j.problems = append(j.problems, problems...)
	for i := range j.findings {
		j.at[j.findings[i].Change.Fingerprint] = i
	}
	for _, g := range groups {
		if err := j.judge(g); err != nil {
			return err
		}
	}
	return nil
}

// group groups the consumers by the content of their baseline. Consumers that are judged
// against the base come back in plain.
func (j *baselineJudge) group(consumers []contracts.Consumer, baselineOf func(contracts.Consumer) (*openapi.Contract, error)) (plain []contracts.Consumer, groups []*baselineGroup, err error) {
	known := map[*openapi.Contract][sha256.Size]byte{}
	digest := func(c *openapi.Contract) [sha256.Size]byte {
		sum, ok := known[c]
		if !ok {
			sum = c.Digest()
			known[c] = sum
		}
		return sum
	}
	byContent := map[[sha256.Size]byte]*baselineGroup{}
	for _, consumer := range consumers {
		baseline, err := baselineOf(consumer)
		if j.ctx.Err() != nil {
			return nil, nil, j.ctx.Err()
		}
		switch {
		case err != nil:
			j.problems = append(j.problems, baselineProblem(consumer, err))
			plain = append(plain, consumer)
			continue
		case baseline == nil, j.c.base != nil && digest(baseline) == digest(j.c.base):
			plain = append(plain, consumer)
			continue
		}
		sum := digest(baseline)
		g := byContent[sum]
		if g == nil {
			g = &baselineGroup{baseline: baseline}
			byContent[sum] = g
			groups = append(groups, g)
		}
		g.consumers = append(g.consumers, consumer)
	}
	return plain, groups, nil
}

func baselineProblem(consumer contracts.Consumer, err error) contracts.RegistrationProblem {
	cause := err.Error()
	if p, ok := errors.AsType[*contracts.Problem](err); ok {
		cause = p.Error()
	}
	return contracts.RegistrationProblem{Consumer: consumer, Problem: contracts.Problem{Position: consumer.Usage.Evidence.Position,
		Message: "its baseline can't be used, so it is compared with the base instead: " + cause,
		Hint:    "store the contract again, or correct the baseline"}}
}

// judge judges the consumers of one baseline.
func (j *baselineJudge) judge(g *baselineGroup) error {
	since, err := Compare(j.ctx, g.baseline, j.c.head, Options{API: j.c.api})
	if j.ctx.Err() != nil {
		return j.ctx.Err()
	}
	if err != nil { // such as two contracts too entangled to be compared
		for _, consumer := range g.consumers {
			j.problems = append(j.problems, baselineProblem(consumer, err))
		}
		findings, problems, err := j.c.Judge(j.ctx, g.consumers)
		j.problems = append(j.problems, problems...)
		for i := range findings {
			j.findings[i].Affected = append(j.findings[i].Affected, findings[i].Affected...)
			j.findings[i].Unaffected += findings[i].Unaffected
		}
		return err
	}
	j.compared++
	for _, consumer := range g.consumers {
		if err := j.one(since, consumer); err != nil {
			return err
		}
	}
	return nil
}

// one judges one consumer against its own baseline. If its use does not fit that baseline,
// it is judged against the base too, and the more severe verdict counts.
func (j *baselineJudge) one(since *Comparison, consumer contracts.Consumer) error {
	own, faults, err := since.Judge(j.ctx, []contracts.Consumer{consumer})
	if err != nil {
		return err
	}
	j.problems = append(j.problems, faults...)
	verdicts := map[int]*contracts.AffectedConsumer{} // by finding; nil: unaffected
	for i := range own {
		at, ok := j.at[own[i].Change.Fingerprint]
		if !ok {
			at = len(j.findings)
			j.at[own[i].Change.Fingerprint] = at
			j.findings = append(j.findings, contracts.Finding{Change: own[i].Change, SinceBaseline: true})
		}
		verdicts[at] = own[i].Only()
	}
	if len(faults) > 0 || !since.fits(&consumer.Usage) {
		other, _, err := j.c.Judge(j.ctx, []contracts.Consumer{consumer})
		if err != nil {
			return err
		}
		for i := range other {
			if affected := other[i].Only(); affected != nil && (verdicts[i] == nil || affected.Verdict.Rank() > verdicts[i].Verdict.Rank()) {
				verdicts[i] = affected
			}
		}
	}
	if j.c.base != nil { // what happened before its baseline, or beside it
		for i := range j.ofBase {
			if _, ok := verdicts[i]; !ok {
				verdicts[i] = nil
			}
		}
	}
	for at, affected := range verdicts {
		if affected == nil {
			j.findings[at].Unaffected++
		} else {
			j.findings[at].Affected = append(j.findings[at].Affected, *affected)
		}
	}
	return nil
}

// fits tells whether the base contract contains everything that a usage names, including
// what Judge does not report: operations that only the head has, statuses and values. A
// use that is known only from a catalogue proves nothing.
func (c *Comparison) fits(declared *contracts.Usage) bool {
	if declared.Catalogue {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range declared.Operations {
		o := &declared.Operations[i]
		ops := usage.MatchUse(c.selectable(), o)
		if len(ops) == 0 {
			return false
		}
		for _, list := range []*[]contracts.Pattern{o.Reads, o.Sends} {
			if list != nil && slices.ContainsFunc(*list, func(p contracts.Pattern) bool { return len(p.Values) > 0 }) {
				return false
			}
		}
		for _, status := range o.Status {
			if !slices.ContainsFunc(ops, func(op *openapi.Operation) bool {
				responses := op.Node.Get("responses")
				return responses.Get(status).Valid() || responses.Get("default").Valid() || op.HasRange(status)
			}) {
				return false
			}
		}
	}
	return true
}

// result sorts the findings and drops those since a baseline that affect nobody.
func (j *baselineJudge) result() []contracts.Finding {
	more := slices.DeleteFunc(j.findings[j.ofBase:], func(f contracts.Finding) bool { return len(f.Affected) == 0 })
	slices.SortStableFunc(more, func(a, b contracts.Finding) int {
		return cmp.Compare(b.Change.Level.Rank(), a.Change.Level.Rank())
	})
	findings := j.findings[:j.ofBase+len(more)]
	for i := range findings {
		sortAffected(findings[i].Affected)
	}
	return findings
}

// JudgeVersion judges one consumer version as [Comparison.JudgeFrom] does. since compares
// its own baseline with the contract in question; nil means that it has none. base compares
// the contract that counts for everybody; nil means that there is none. self compares the
// contract in question with itself: what the consumer uses and neither that contract nor
// its baseline contains is Missing.
func JudgeVersion(ctx context.Context, base, since, self *Comparison, consumer contracts.Consumer) (contracts.Judged, error) {
	own := since
	if own == nil {
		own = base
	}
	var out contracts.Judged
	lost := map[contracts.Position]bool{} // what it names and its baseline does not have
	if own != nil {
		findings, faults, err := own.Judge(ctx, []contracts.Consumer{consumer})
		if err != nil {
			return contracts.Judged{}, err
		}
		out.Add(findings)
		for _, fault := range faults {
			lost[fault.Problem.Position] = true
		}
		if since != nil && base != nil && (len(faults) > 0 || !since.fits(&consumer.Usage)) {
			findings, _, err := base.Judge(ctx, []contracts.Consumer{consumer})
			if err != nil {
				return contracts.Judged{}, err
			}
			out.Add(findings)
		}
	}
	if self == nil {
		return out, nil
	}
	needs := consumer
	needs.Usage, needs.Content = usage.Needed(needs.Usage), ""
	_, faults, err := self.Judge(ctx, []contracts.Consumer{needs})
	for _, fault := range faults {
		if own == nil || own.base == nil || lost[fault.Problem.Position] {
			fault.Consumer = consumer
			out.Missing = append(out.Missing, fault)
		}
	}
	return out, err
}
