package workflows

import (
	"strings"

	"github.com/rhysd/actionlint"
)

// truth is the value of a condition, as far as it is known.
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

// truths remembers what conditions come to.
type truths map[occasion]truth

// occasion is a condition, and what is known where it is asked.
type occasion struct {
	condition actionlint.ExprNode
	run
}

// run is what is known of a run: its event and, where the event is deployment, the
// environment; "" is any.
type run struct{ event, environment string }

// runsOn says whether all jobs of a way can run: what their if says of the event's
// name and of the deployment's environment decides, everything else may be either way.
func (j truths) runsOn(way []*Job, r run) bool {
	for _, job := range way {
		if job.condition == nil {
			continue
		}
		at := occasion{job.condition, r}
		result, known := j[at]
		if !known {
			result = evaluated(job.condition, r)
			j[at] = result
		}
		if result == never {
			return false
		}
	}
	return true
}

// knows gives the value of a property; not ok where it may be anything.
func (r run) knows(way []string) (text string, ok bool) {
	switch {
	case is(way, "github.event_name"):
		return r.event, true
	case is(way, "github.event.deployment.environment"):
		// Any other event but the deployment's status has none.
		return r.environment, r.environment != "" || r.event != "deployment" && r.event != "deployment_status"
	}
	return "", false
}

func evaluated(node actionlint.ExprNode, r run) truth {
	switch n := node.(type) {
	case *actionlint.BoolNode:
		if n.Value {
			return always
		}
		return never
	case *actionlint.NotOpNode:
		return evaluated(n.Operand, r).not()
	case *actionlint.LogicalOpNode:
		left, right := evaluated(n.Left, r), evaluated(n.Right, r)
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
		known, sure := r.knows(name)
		if !ok || !sure {
			return maybe
		}
		// GitHub compares strings without capitals.
		if strings.EqualFold(text.Value, known) == (n.Kind == actionlint.CompareOpNodeKindEq) {
			return always
		}
		return never
	}
	return maybe
}
