package workflows

import (
	"github.com/rhysd/actionlint"
)

// property follows a.b.c through the contexts of GitHub Actions.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
func (v *tracer) property(way []string, f *frame, job *Job, step *actionlint.Step) flow {
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
func (v *tracer) input(name string, f *frame) flow {
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
func (v *tracer) github(way []string, f *frame) flow {
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
func (v *tracer) env(name string, f *frame, job *Job, step *actionlint.Step) flow {
	var places []*actionlint.Env
	if step != nil {
		places = append(places, step.Env)
	}
	if job != nil {
		places = append(places, job.source.Env)
	}
	for i, position := range append(places, f.workflow.env) {
		if position == nil {
			continue
		}
		if position.Expression != nil {
			return anything
		}
		if variable := position.Vars[name]; variable != nil {
			if i == 0 {
				step = nil // a step's env can't name itself
			}
			return v.text(value(variable.Value), f, job, step)
		}
	}
	return anything
}

// matrix takes every value of a row, and what include adds.
func (v *tracer) matrix(way []string, f *frame, job *Job) flow {
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
func (v *tracer) output(job *Job, name string, f *frame) flow {
	if job == nil || job.source.Outputs[name] == nil {
		return anything
	}
	return v.text(value(job.source.Outputs[name].Value), f, job, nil)
}
