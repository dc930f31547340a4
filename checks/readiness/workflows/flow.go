package workflows

import (
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
)

// frame is a workflow while it is followed: the entry, or one that a job calls.
type frame struct {
	workflow *Workflow
	// caller is the job of up that calls it; nil for the entry.
	caller *Job
	up     *frame
}

// entry is the frame whose event started the run.
func (f *frame) entry() *frame {
	for f.up != nil {
		f = f.up
	}
	return f
}

// inside says whether a workflow is being followed already.
func (f *frame) inside(w *Workflow) bool {
	for ; f != nil; f = f.up {
		if f.workflow == w {
			return true
		}
	}
	return false
}

// flow is what an expression may come to.
type flow struct {
	// literals are the texts that it may be.
	literals []string
	// open: it may be something else as well.
	open bool
	// inputs of the entry's workflow_dispatch that it is made from.
	inputs []Input
	// own: it is the commit, branch or tag of the event that started the run; for the
	// event deployment, that of the deployment. perRun: no two runs, or no two
	// commits, have the same.
	own, perRun bool
}

// maxValues is how many texts, and how many inputs, one value may be; more are
// taken for anything.
const maxValues = 100

func (f flow) and(other flow) flow {
	f.open = f.open || other.open
	f.literals = append(slices.Clip(f.literals), other.literals...)
	f.inputs = append(slices.Clip(f.inputs), other.inputs...)
	if len(f.literals) > maxValues {
		f.literals, f.open = f.literals[:maxValues], true
	}
	f.inputs = f.inputs[:min(len(f.inputs), maxValues)]
	f.own = f.own || other.own
	f.perRun = f.perRun || other.perRun
	return f
}

var anything = flow{open: true}

// What following all values of a repository may cost: texts, nodes of expressions,
// and texts in one another. Past it a value is anything.
const (
	maxTexts = 50_000
	maxNodes = 2_000_000
	maxDepth = 40
)

// tracer follows values from where they are used to where they come from.
type tracer struct {
	texts, nodes, depth int
	read                map[string][]piece // nil: can't be read
	spent               bool
}

// text follows what is written somewhere in a job (nil: in the workflow itself);
// step is the step that it stands in, or nil.
func (v *tracer) text(text string, f *frame, job *Job, step *actionlint.Step) flow {
	if v.texts++; v.texts > maxTexts {
		v.spent = true
	}
	if v.spent || v.depth > maxDepth {
		return anything
	}
	v.depth++
	defer func() { v.depth-- }()
	if text == "" {
		return flow{literals: []string{""}}
	}
	all, known := v.read[text]
	if !known {
		all = pieces(text)
		v.read[text] = all
	}
	switch {
	case all == nil:
		return anything
	case len(all) == 1 && all[0].node == nil:
		return flow{literals: []string{all[0].text}}
	case len(all) == 1:
		return v.node(all[0].node, f, job, step)
	}
	var joined flow
	texts := []string{""}
	for _, each := range all {
		part := flow{literals: []string{each.text}}
		if each.node != nil {
			part = v.node(each.node, f, job, step)
		}
		if len(part.literals) == 1 && !part.open && len(texts) == 1 && len(texts[0])+len(part.literals[0]) < 1000 {
			texts[0] += part.literals[0]
		} else {
			texts, joined.open = nil, true
		}
		part.literals = nil
		joined = joined.and(part)
	}
	joined.literals = texts
	return joined
}

func (v *tracer) node(node actionlint.ExprNode, f *frame, job *Job, step *actionlint.Step) flow {
	if v.nodes++; v.nodes > maxNodes {
		v.spent = true
		return anything
	}
	switch n := node.(type) {
	case *actionlint.StringNode:
		return flow{literals: []string{n.Value}}
	case *actionlint.LogicalOpNode:
		right := v.node(n.Right, f, job, step)
		if n.Kind == actionlint.LogicalOpNodeKindAnd {
			return right // the left side only decides whether
		}
		return v.node(n.Left, f, job, step).and(right)
	case *actionlint.FuncCallNode:
		result := anything
		switch strings.ToLower(n.Callee) {
		case "format", "fromjson", "tojson", "join":
			for _, arg := range n.Args {
				part := v.node(arg, f, job, step)
				part.literals = nil
				result = result.and(part)
			}
		}
		return result
	}
	way := property(node)
	if len(way) < 2 {
		return anything
	}
	return v.property(way, f, job, step)
}
