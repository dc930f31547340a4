package workflows

import (
	"cmp"
	"slices"
	"strings"

	"github.com/rhysd/actionlint"
)

func (r reader) job(source *actionlint.Job) *Job {
	job := &Job{At: r.at(source.Pos), ID: value(source.ID), Needs: values(source.Needs), Concurrency: r.concurrency(source.Concurrency), source: source}
	if text := value(source.If); text != "" {
		if _, known := r.conditions[text]; !known {
			r.conditions[text] = condition(text)
		}
		job.condition = r.conditions[text]
	}
	if e := source.Environment; e != nil && value(e.Name) != "" {
		job.Environment = &Environment{At: r.at(e.Pos), Name: e.Name.Value, Silent: e.Deployment != nil && e.Deployment.Expression == nil && !e.Deployment.Value}
	}
	if c := source.WorkflowCall; c != nil && value(c.Uses) != "" {
		job.Call = &Call{At: r.at(c.Uses.Pos), Uses: c.Uses.Value}
	}
	job.give(r, source.Env, nil)
	for _, step := range source.Steps {
		job.give(r, step.Env, step)
		if run, ok := step.Exec.(*actionlint.ExecRun); ok && run.Run != nil {
			job.take(r, run.Run, step)
		}
		action, ok := step.Exec.(*actionlint.ExecAction)
		if !ok || action.Uses == nil {
			continue
		}
		name, _, _ := strings.Cut(strings.ToLower(action.Uses.Value), "@")
		input, creates := deploymentActions[name]
		for _, each := range action.Inputs {
			if name != checkout {
				job.take(r, each.Value, step)
			}
		}
		switch {
		case creates:
			job.Creates = append(job.Creates, Creation{At: r.at(action.Uses.Pos), Action: name, Environment: with(action, input)})
		case name == checkout && ours(with(action, "repository")):
			job.Checkouts = append(job.Checkouts, Checkout{At: r.at(action.Uses.Pos), Ref: with(action, "ref"), step: step})
		}
	}
	slices.SortStableFunc(job.texts, func(a, b given) int {
		return cmp.Or(cmp.Compare(a.at.Line, b.at.Line), cmp.Compare(a.at.Column, b.at.Column))
	})
	return job
}

// give keeps the texts of an env.
func (j *Job) give(r reader, env *actionlint.Env, step *actionlint.Step) {
	if env == nil {
		return
	}
	for _, variable := range env.Vars {
		j.take(r, variable.Value, step)
	}
}

func (j *Job) take(r reader, text *actionlint.String, step *actionlint.Step) {
	if text != nil && text.ContainsExpression() {
		j.texts = append(j.texts, given{at: r.at(text.Pos), text: text.Value, step: step})
	}
}

// with is what a step gives an action for an input; "" for nothing.
func with(action *actionlint.ExecAction, input string) string {
	if given := action.Inputs[input]; given != nil {
		return value(given.Value)
	}
	return ""
}

// ours says whether a checkout is of the repository that the workflow belongs to.
func ours(repository string) bool {
	return repository == "" || strings.Join(strings.Fields(repository), "") == "${{github.repository}}"
}
