package readiness

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"plimsoll/checks/readiness/workflows"
	"plimsoll/config"
)

// actions is what the repository's workflows deploy.
type actions struct {
	set    *workflows.Set
	survey workflows.Survey
	// doubt says why there may be more than that; "" where there is not.
	doubt string
}

// What is read of one repository's workflows, in all: a tree of an outsider may hold
// any number of them. The largest real repositories have a tenth of that.
const (
	maxWorkflowBytes = 16 << 20
	maxWorkflowNodes = 500_000
)

// readActions reads the workflows and follows them, once for all components.
func (r *repository) readActions(ctx context.Context) (*actions, error) {
	if r.actions != nil {
		return r.actions, nil
	}
	a := &actions{}
	var all []*workflows.Workflow
	var bytes int64
	nodes := 0
	for _, file := range r.files {
		if !workflows.IsWorkflow(file.Path) {
			continue
		}
		if bytes += file.Size; bytes > maxWorkflowBytes || nodes > maxWorkflowNodes {
			a.doubt = fmt.Sprintf("%s and the workflows after it are not read: there are too many", file.Path)
			r.cannotRead(Unread{Position: config.Position{File: file.Path}, Message: "this workflow and those after it are not read: there are too many", Hint: "remove what is not used"})
			break
		}
		data, there, err := r.bounded(ctx, file, workflows.Bounds)
		if err != nil {
			return nil, err
		}
		if !there {
			a.doubt = file.Path + " can't be read"
			continue
		}
		workflow, err := workflows.Parse(file.Path, data)
		if err != nil {
			a.doubt = r.broken(err)
			continue
		}
		nodes += workflow.Nodes
		all = append(all, workflow)
	}
	a.set = workflows.NewSet(r.Owner+"/"+r.Name, all)
	if a.survey = a.set.Survey(); a.survey.Cut {
		a.doubt = "the workflows call each other too often to follow"
	}
	r.actions = a
	return a, nil
}

// deploys are the deployments that may be the component's: to one of the
// environments, by a run that a change of its files may start.
func (c *component) deploys(a *actions, environments ...config.Name) []workflows.Deployment {
	var all []workflows.Deployment
	for _, d := range a.survey.Deployments {
		if c.startedFor(d.Entry) && slices.ContainsFunc(environments, func(name config.Name) bool { return d.To(string(name)) }) {
			all = append(all, d)
		}
	}
	return all
}

// startedFor tells whether a workflow may run for the component: not where a push is
// all that starts it but dispatches, and its filter names paths of others only.
func (c *component) startedFor(w *workflows.Workflow) bool {
	push, ok := w.On("push")
	folder := path.Clean("./" + string(c.Path))
	if !ok || len(push.Paths) == 0 || folder == "." {
		return true
	}
	others := slices.ContainsFunc(w.Events, func(e workflows.Event) bool {
		return e.Name != "push" && e.Name != "pull_request" && e.Name != "workflow_dispatch" && e.Name != "workflow_call"
	})
	return others || slices.ContainsFunc(push.Paths, func(pattern string) bool {
		fixed, _, globbed := strings.Cut(pattern, "*")
		switch {
		case strings.HasPrefix(pattern, "!"):
			return false
		case !globbed:
			return below(pattern, folder)
		}
		return strings.HasPrefix(folder+"/", fixed) || strings.HasPrefix(fixed, folder+"/")
	})
}

// deploysOneAtATime is DP001. A concurrency counts on the job that deploys, on a
// workflow or a calling job on the way to it; not if each run has a group of its own.
//
// https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
func deploysOneAtATime(ctx context.Context, c *component) (Result, error) {
	environments := sortedNames(c.Environments)
	if len(environments) == 0 {
		return notApplicable(), nil
	}
	a, err := c.repo.readActions(ctx)
	if err != nil {
		return Result{}, err
	}
	deployments := c.deploys(a, environments...)
	var findings []Finding
	for _, d := range deployments {
		if d.Concurrency != nil {
			continue
		}
		finding := Finding{
			Subject:  jobOf(d),
			Position: config.Position(d.Job.At),
			Message:  fmt.Sprintf("two runs of %s may deploy%s at the same time: no `concurrency` on the job, its workflow or a caller", jobOf(d), towards(d)),
		}
		if d.Differs != nil {
			finding.Message = fmt.Sprintf("two runs of %s may deploy%s at the same time: the group of its `concurrency` (line %d) differs for each run", jobOf(d), towards(d), d.Differs.At.Line)
		}
		if slices.ContainsFunc(findings, func(f Finding) bool { return f.Subject == finding.Subject }) {
			continue // called several times
		}
		if edit, ok := d.OneAtATime("deploy"); ok {
			finding.Fix = []Snippet{snippet(edit)}
		} else {
			finding.Fix = []Snippet{{File: d.Workflow.File, Loose: true, Text: "concurrency:\n  group: deploy\n  cancel-in-progress: false"}}
		}
		findings = append(findings, finding)
	}
	switch {
	case len(findings) > 0:
		return found(findings...), nil
	case a.doubt != "":
		return unknown(a.doubt), nil
	case len(deployments) == 0:
		return notApplicable(), nil
	}
	return passed(), nil
}

func snippet(e workflows.Edit) Snippet {
	return Snippet{File: e.File, After: e.After, Replaces: e.Replaces, Text: e.Text}
}

// jobOf names the job that deploys.
func jobOf(d workflows.Deployment) string {
	return fmt.Sprintf("job %s of %s", brief(d.Job.ID), path.Base(d.Workflow.File))
}

// towards names the environment, where it is one.
func towards(d workflows.Deployment) string {
	if len(d.Environments) == 1 && !d.Open {
		return " to " + brief(d.Environments[0])
	}
	return ""
}
