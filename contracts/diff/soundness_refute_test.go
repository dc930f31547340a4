package diff

import (
	"fmt"

	"plimsoll/contracts"
	"plimsoll/contracts/usage"
)

// samplesPerCase is how many documents are drawn for one case.
const samplesPerCase = 25

// refute looks for a document that proves a harmless verdict wrong.
func (g *generator) refute(base, head *model, reads bool, patterns []string) string {
	var parsed []*usage.Pattern
	for _, text := range patterns {
		p, err := usage.Parse(text)
		if err != nil {
			return err.Error()
		}
		parsed = append(parsed, p)
	}
	if reads {
		return g.refuteRead(base, head, parsed, patterns == nil)
	}
	return g.refuteSend(base, head, parsed, patterns == nil)
}

// refuteRead draws answers of the new contract.
func (g *generator) refuteRead(base, head *model, patterns []*usage.Pattern, unlisted bool) string {
	now, old := &validator{model: head, dir: contracts.Response, sender: true}, &validator{model: base, dir: contracts.Response}
	for range samplesPerCase {
		old.steps, now.steps = 0, 0
		doc, ok := g.sample(head, head.root(), contracts.Response, 0)
		if !ok || !now.valid(head.root(), doc, 0) || now.undecided() {
			continue
		}
		if unlisted {
			if !old.valid(base.root(), doc, 0) && !old.undecided() {
				return "the old contract does not allow the answer " + text(doc)
			}
			continue
		}
		if !old.reads(base.root(), doc, patterns, atStart(patterns), 0) && !old.undecided() {
			return "as it is read, the old contract does not allow the answer " + text(doc)
		}
	}
	return ""
}

// refuteSend draws requests of a consumer of the old contract.
func (g *generator) refuteSend(base, head *model, patterns []*usage.Pattern, unlisted bool) string {
	old, now := &validator{model: base, dir: contracts.Request}, &validator{model: head, dir: contracts.Request}
	for range samplesPerCase {
		old.steps, now.steps = 0, 0
		doc, ok := g.sample(base, base.root(), contracts.Request, 0)
		if !ok {
			continue
		}
		if !unlisted {
			var whole bool
			if doc, whole = project(doc, patterns); !whole {
				continue // a consumer sends all that it lists
			}
		}
		if !old.valid(base.root(), doc, 0) || old.undecided() {
			continue
		}
		if !now.valid(head.root(), doc, 0) && !now.undecided() {
			return fmt.Sprintf("the new contract refuses the request %s", text(doc))
		}
	}
	return ""
}

// atStart puts every pattern in front of its first step.
func atStart(patterns []*usage.Pattern) [][]int {
	state := make([][]int, len(patterns))
	for i := range state {
		state[i] = []int{0}
	}
	return state
}
