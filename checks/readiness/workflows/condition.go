package workflows

import (
	"strings"

	"github.com/rhysd/actionlint"
)

// truth is what a condition comes to, as far as it can be told.
type truth int

const (
	maybe truth = iota
	never
	always
)

func (t truth) not() truth {
	switch t {
	case never:
		return always
	case always:
		return never
	default:
		return maybe
	}
}

// judge remembers what conditions come to.
type judge map[occasion]truth

type occasion struct {
	condition actionlint.ExprNode
	event     string
}

// runsOn says whether all jobs of a way can run where an event started the run: what
// their if says of github.event_name decides, everything else may be either way.
func (j judge) runsOn(way []*Job, event string) bool {
	for _, job := range way {
		if job.condition == nil {
			continue
		}
		at := occasion{job.condition, event}
		result, known := j[at]
		if !known {
			result = judged(job.condition, event)
			j[at] = result
		}
		if result == never {
			return false
		}
	}
	return true
}

func judged(node actionlint.ExprNode, event string) truth {
	switch n := node.(type) {
	case *actionlint.BoolNode:
		if n.Value {
			return always
		}
		return never
	case *actionlint.NotOpNode:
		return judged(n.Operand, event).not()
	case *actionlint.LogicalOpNode:
		left, right := judged(n.Left, event), judged(n.Right, event)
		if n.Kind == actionlint.LogicalOpNodeKindAnd {
			switch {
			case left == never || right == never:
				return never
			case left == always && right == always:
				return always
			}
			return maybe
		}
		switch {
		case left == always || right == always:
			return always
		case left == never && right == never:
			return never
		}
	case *actionlint.CompareOpNode:
		if !n.Kind.IsEqualityOp() {
			return maybe
		}
		name, literal := property(n.Left), n.Right
		if name == nil {
			name, literal = property(n.Right), n.Left
		}
		text, ok := literal.(*actionlint.StringNode)
		if !ok || !is(name, "github.event_name") {
			return maybe
		}
		// GitHub compares strings without capitals.
		if strings.EqualFold(text.Value, event) == (n.Kind == actionlint.CompareOpNodeKindEq) {
			return always
		}
		return never
	}
	return maybe
}
