package contracts

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
)

// JudgeFrom judges like [Comparison.Judge], each consumer by what changed since
// its own baseline: a consumer that is behind the base is still hit by what was
// taken away before it, and one that is ahead is not hit by what it has already
// left behind.
//
// baselineOf gives the contract that a consumer was written against; nil without
// an error: none of its own, so that the base counts. A baseline that gives an
// error is told as a registration problem, and the base counts.
//
// The findings of base → head come first, in the order of Changes. Behind them
// stand the changes that lie between a baseline and the head alone, each with
// SinceBaseline and at least one hit. What has the same fingerprint is one
// finding. Baselines of the same content are compared once; positions are then
// those of the first.
func (c *Comparison) JudgeFrom(ctx context.Context, consumers []Consumer, baselineOf func(Consumer) (*Contract, error)) ([]Finding, []RegistrationProblem, error) {
	j := &baselineJudge{c: c, ctx: ctx, at: map[string]int{}}
	if err := j.run(consumers, baselineOf); err != nil {
		return nil, nil, err
	}
	return j.result(), j.problems, nil
}

// baselineGroup are the consumers that were written against one content.
type baselineGroup struct {
	baseline  *Contract
	consumers []Consumer
}

// baselineJudge gathers what the groups meet.
type baselineJudge struct {
	c        *Comparison
	ctx      context.Context
	compared int // baselines compared with the head
	findings []Finding
	ofBase   int            // so many of them are of base → head
	at       map[string]int // fingerprint → finding
	problems []RegistrationProblem
}

func (j *baselineJudge) run(consumers []Consumer, baselineOf func(Consumer) (*Contract, error)) error {
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

// group puts consumers of equal baselines together, and those apart that the
// base counts for.
func (j *baselineJudge) group(consumers []Consumer, baselineOf func(Consumer) (*Contract, error)) (plain []Consumer, groups []*baselineGroup, err error) {
	known := map[*Contract][sha256.Size]byte{}
	digest := func(c *Contract) [sha256.Size]byte {
		sum, ok := known[c]
		if !ok {
			sum = contentOfContract(c)
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

// contentOfContract names the bytes of all files of a contract, wherever it lies.
func contentOfContract(c *Contract) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, file := range c.Files() {
		name := ""
		if file != c.path {
			var err error
			if name, err = filepath.Rel(filepath.Dir(c.path), file); err != nil {
				name = file
			}
		}
		text := c.docs[file].Source()
		fmt.Fprintf(h, "%d %s %d\n", len(name), name, len(text))
		h.Write([]byte(text))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func baselineProblem(consumer Consumer, err error) RegistrationProblem {
	cause := err.Error()
	if p, ok := errors.AsType[*Problem](err); ok {
		cause = p.Error()
	}
	return RegistrationProblem{Consumer: consumer, Problem: Problem{Position: consumer.Usage.Evidence.Position,
		Message: "its baseline can't be used, so it is judged against the base: " + cause,
		Hint:    "store the contract anew, or correct what names it"}}
}

// judge judges the consumers of one baseline.
func (j *baselineJudge) judge(g *baselineGroup) error {
	since, err := Compare(j.ctx, g.baseline, j.c.head, CompareOptions{API: j.c.api})
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
			j.findings[i].Hits = append(j.findings[i].Hits, findings[i].Hits...)
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

// one judges one consumer by its own comparison. Where its use does not fit its
// baseline the two contradict each other: then the base is asked as well, and the
// graver verdict counts.
func (j *baselineJudge) one(since *Comparison, consumer Consumer) error {
	own, faults, err := since.Judge(j.ctx, []Consumer{consumer})
	if err != nil {
		return err
	}
	j.problems = append(j.problems, faults...)
	verdicts := map[int]*Hit{} // by finding; nil: unaffected
	for i := range own {
		at, ok := j.at[own[i].Change.Fingerprint]
		if !ok {
			at = len(j.findings)
			j.at[own[i].Change.Fingerprint] = at
			j.findings = append(j.findings, Finding{Change: own[i].Change, SinceBaseline: true})
		}
		verdicts[at] = onlyHit(&own[i])
	}
	if len(faults) > 0 || !since.fits(&consumer.Usage) {
		other, _, err := j.c.Judge(j.ctx, []Consumer{consumer})
		if err != nil {
			return err
		}
		for i := range other {
			if hit := onlyHit(&other[i]); hit != nil && (verdicts[i] == nil || hit.Verdict.Rank() > verdicts[i].Verdict.Rank()) {
				verdicts[i] = hit
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
	for at, hit := range verdicts {
		if hit == nil {
			j.findings[at].Unaffected++
		} else {
			j.findings[at].Hits = append(j.findings[at].Hits, *hit)
		}
	}
	return nil
}

// onlyHit gives the hit of a finding for a single consumer; nil where it is
// unaffected.
func onlyHit(f *Finding) *Hit {
	if len(f.Hits) == 0 {
		return nil
	}
	return &f.Hits[0]
}

// fits tells whether all that a usage names exists in the base contract, as far
// as Judge tells no fault: operations that only the head has, statuses, values.
// What is known from a catalogue alone proves nothing.
func (c *Comparison) fits(usage *Usage) bool {
	if usage.Catalogue {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range usage.Operations {
		o := &usage.Operations[i]
		ops := matchUse(c.selectable(), o)
		if len(ops) == 0 {
			return false
		}
		for _, list := range []*[]Pattern{o.Reads, o.Sends} {
			if list != nil && slices.ContainsFunc(*list, func(p Pattern) bool { return len(p.Values) > 0 }) {
				return false
			}
		}
		for _, status := range o.Status {
			if !slices.ContainsFunc(ops, func(op *operation) bool {
				responses := op.node.Get("responses")
				return responses.Get(status).Valid() || responses.Get("default").Valid() || statusRange(op, status)
			}) {
				return false
			}
		}
	}
	return true
}

// result puts findings and hits in order, without what hits nobody since a
// baseline.
func (j *baselineJudge) result() []Finding {
	more := slices.DeleteFunc(j.findings[j.ofBase:], func(f Finding) bool { return len(f.Hits) == 0 })
	slices.SortStableFunc(more, func(a, b Finding) int {
		return cmp.Compare(levelRank(b.Change.Level), levelRank(a.Change.Level))
	})
	findings := j.findings[:j.ofBase+len(more)]
	for i := range findings {
		sortHits(findings[i].Hits)
	}
	return findings
}
