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

// follower follows values from where they are used to where they come from.
type follower struct {
	texts, nodes, depth int
	read                map[string][]piece // nil: can't be read
	spent               bool
}

// text follows what is written somewhere in a job (nil: in the workflow itself);
// step is the step that it stands in, or nil.
func (v *follower) text(text string, f *frame, job *Job, step *actionlint.Step) flow {
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

func (v *follower) node(node actionlint.ExprNode, f *frame, job *Job, step *actionlint.Step) flow {
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

// property follows a.b.c through the contexts of GitHub Actions.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
func (v *follower) property(way []string, f *frame, job *Job, step *actionlint.Step) flow {
	switch way[0] {
	case "inputs":
		return v.input(way[1], f)
	case "github":
		return v.github(way, f)
	case "env":
		return v.env(way[1], f, job, step)
	case "matrix":
		if job != nil {
			return v.matrix(way, f, job)
		}
	case "needs":
		if len(way) == 4 && way[2] == "outputs" {
			return v.output(f.workflow.Job(way[1]), way[3], f)
		}
	}
	return anything
}

// input follows an input to what the caller gives, or to workflow_dispatch.
func (v *follower) input(name string, f *frame) flow {
	if f.up == nil {
		return dispatched(f.workflow, name)
	}
	declared, known := f.workflow.CallInputs[name]
	if !known {
		return anything
	}
	if given := f.caller.source.WorkflowCall.Inputs[name]; given != nil {
		return v.text(value(given.Value), f.up, f.caller, nil)
	}
	return flow{literals: []string{declared.Default}}
}

func dispatched(w *Workflow, name string) flow {
	input, known := w.Inputs[name]
	switch {
	case !known:
		return anything
	case input.Type == "choice":
		return flow{literals: input.Options, inputs: []Input{input}}
	case input.Type == "boolean":
		return flow{literals: []string{"true", "false"}, inputs: []Input{input}}
	default:
		return flow{open: true, inputs: []Input{input}}
	}
}

// github is the context of the run, which called workflows share with the entry.
func (v *follower) github(way []string, f *frame) flow {
	switch {
	case len(way) == 4 && is(way[:3], "github.event.inputs"):
		return dispatched(f.entry().workflow, way[3])
	case is(way, "github.sha"), is(way, "github.event.deployment.sha"):
		return flow{open: true, own: true, perRun: true}
	case is(way, "github.ref"), is(way, "github.ref_name"), is(way, "github.event.deployment.ref"):
		return flow{open: true, own: true}
	case is(way, "github.run_id"), is(way, "github.run_number"), is(way, "github.event.deployment.id"), is(way, "github.event.after"), is(way, "github.event.head_commit.id"):
		return flow{open: true, perRun: true}
	}
	return anything
}

// env takes the nearest one: of the step, the job, the workflow. A called workflow
// does not see its caller's.
func (v *follower) env(name string, f *frame, job *Job, step *actionlint.Step) flow {
	var places []*actionlint.Env
	if step != nil {
		places = append(places, step.Env)
	}
	if job != nil {
		places = append(places, job.source.Env)
	}
	for i, place := range append(places, f.workflow.env) {
		if place == nil {
			continue
		}
		if place.Expression != nil {
			return anything
		}
		if variable := place.Vars[name]; variable != nil {
			if i == 0 {
				step = nil // a step's env can't name itself
			}
			return v.text(value(variable.Value), f, job, step)
		}
	}
	return anything
}

// matrix takes every value of a row, and what include adds.
func (v *follower) matrix(way []string, f *frame, job *Job) flow {
	strategy := job.source.Strategy
	if strategy == nil || strategy.Matrix == nil {
		return anything
	}
	m := strategy.Matrix
	if m.Expression != nil || len(way) > 3 {
		return anything
	}
	var result flow
	add := func(value actionlint.RawYAMLValue) {
		if object, ok := value.(*actionlint.RawYAMLObject); ok && len(way) == 3 {
			value = object.Props[way[2]]
		} else if len(way) == 3 {
			value = nil
		}
		if text, ok := value.(*actionlint.RawYAMLString); ok {
			result = result.and(v.text(text.Value, f, nil, nil))
		} else {
			result.open = true
		}
	}
	if row := m.Rows[way[1]]; row != nil {
		if row.Expression != nil {
			return anything
		}
		for _, value := range row.Values {
			add(value)
		}
	}
	if m.Include != nil {
		if m.Include.Expression != nil {
			return anything
		}
		for _, combination := range m.Include.Combinations {
			if combination.Expression != nil {
				result.open = true
			} else if assign := combination.Assigns[way[1]]; assign != nil {
				add(assign.Value)
			}
		}
	}
	if len(result.literals) == 0 && !result.open {
		return anything
	}
	return result
}

// output follows the output of a job to what it is written as; an output of a step
// ends there.
func (v *follower) output(job *Job, name string, f *frame) flow {
	if job == nil || job.source.Outputs[name] == nil {
		return anything
	}
	return v.text(value(job.source.Outputs[name].Value), f, job, nil)
}
