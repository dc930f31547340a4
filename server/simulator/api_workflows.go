package simulator

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// dispatchInputs gives the inputs that a workflow's file declares for being started by
// hand; ok is false where it can't be.
func dispatchInputs(file []byte) (inputs map[string]any, ok bool) {
	var workflow struct {
		On any `yaml:"on"`
	}
	if yaml.Unmarshal(file, &workflow) != nil {
		return nil, false
	}
	const event = "workflow_dispatch"
	switch on := workflow.On.(type) {
	case string:
		return nil, on == event
	case []any:
		return nil, slices.Contains(on, any(event))
	case map[string]any:
		_, ok = on[event]
		with, _ := on[event].(map[string]any)
		inputs, _ = with["inputs"].(map[string]any)
	}
	return inputs, ok
}

// dispatchWorkflow starts a workflow of the default branch's files. What it does is
// for a script to play.
func (c *call) dispatchWorkflow() reply {
	asked := decode[struct {
		Ref    string         `json:"ref"`
		Inputs map[string]any `json:"inputs"`
	}](c)
	_, isBranch := c.repo.branches[asked.Ref]
	_, isTag := c.repo.tags[asked.Ref]
	if !isBranch && !isTag {
		return refuse(http.StatusUnprocessableEntity, "No ref found for: "+asked.Ref)
	}
	files := c.repo.git.files(c.repo.git.treeOf(c.repo.branches[c.repo.defaultBranch]))
	entry, there := files[".github/workflows/"+c.vars["workflow_id"]]
	if !there {
		return notFound()
	}
	file, err := c.repo.git.blob(entry.hash)
	inputs, ok := dispatchInputs(file)
	if err != nil || !ok {
		return refuse(http.StatusUnprocessableEntity, "Workflow does not have 'workflow_dispatch' trigger")
	}
	var unexpected []string
	for _, name := range slices.Sorted(maps.Keys(asked.Inputs)) {
		if _, declared := inputs[name]; !declared {
			unexpected = append(unexpected, fmt.Sprintf("%q", name))
		}
	}
	if unexpected != nil {
		return refuse(http.StatusUnprocessableEntity, "Unexpected inputs provided: ["+strings.Join(unexpected, ", ")+"]")
	}
	c.repo.dispatches = append(c.repo.dispatches, dispatch{c.id("workflow"), c.vars["workflow_id"], asked.Ref, asked.Inputs, c.now()})
	return answer(http.StatusNoContent, nil)
}

// listDispatched lists the runs that the App has started of one workflow.
func (c *call) listDispatched() reply {
	since, _ := time.Parse(time.RFC3339, strings.TrimPrefix(c.query("created"), ">="))
	var found []dispatch
	for _, d := range slices.Backward(c.repo.dispatches) {
		if c.now().Before(d.at.Add(c.repo.listsRuns)) {
			continue
		}
		if d.workflow == c.vars["workflow_id"] && !d.at.Before(since) && (c.query("event") == "" || c.query("event") == "workflow_dispatch") &&
			(c.query("actor") == "" || c.query("actor") == c.app.bot.login) {
			found = append(found, d)
		}
	}
	return counted(c, "workflow_runs", found, func(d dispatch) object { return c.dispatchedJSON(c.repo, d) })
}

func (s *Simulator) dispatchedJSON(r *Repository, d dispatch) object {
	head := r.mustResolve(d.ref)
	return s.fill("workflow-run", object{
		"id": d.id, "name": d.workflow, "display_title": d.workflow, "path": ".github/workflows/" + d.workflow, "workflow_id": 1,
		"event": "workflow_dispatch", "head_branch": d.ref, "head_sha": head.String(), "head_commit": s.headCommitJSON(r.git.mustCommit(head)),
		"repository": s.repositoryJSON("minimal-repository", r), "head_repository": s.repositoryJSON("minimal-repository", r),
		"pull_requests": []any{}, "run_number": 1, "status": "queued", "conclusion": nil, "actor": s.userJSON(s.app.bot),
		"url": s.api("/repos/%s/actions/runs/%d", r.fullName(), d.id), "html_url": s.web("/%s/actions/runs/%d", r.fullName(), d.id),
		"created_at": stamp(d.at), "updated_at": stamp(d.at),
	})
}

// Dispatch is one start of a workflow by the App.
type Dispatch struct {
	Workflow, Ref string
	Inputs        map[string]any
}

// ListRunsLate has the runs of workflows that are started be listed so late.
func (r *Repository) ListRunsLate(by time.Duration) {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	r.listsRuns = by
}

// Dispatches lists the workflows that the App has started, oldest first.
func (r *Repository) Dispatches() []Dispatch {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	var list []Dispatch
	for _, d := range r.dispatches {
		list = append(list, Dispatch{d.workflow, d.ref, maps.Clone(d.inputs)})
	}
	return list
}

// Deployments lists all of a repository's, oldest first.
func (r *Repository) Deployments() []*Deployment {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	return slices.Clone(r.deployments)
}

// Task of the deployment.
func (d *Deployment) Task() string { return d.task }

// Environment that the deployment goes to.
func (d *Deployment) Environment() string { return d.environment }

// Issue is what Issues tells of one issue.
type Issue struct {
	Number             int
	Title, Body, State string
	Comments           []string
}

// Issues lists the repository's issues that are no pull requests, oldest first.
func (r *Repository) Issues() []Issue {
	r.sim.mu.Lock()
	defer r.sim.mu.Unlock()
	var list []Issue
	for _, i := range r.issues {
		if i.pull != nil {
			continue
		}
		told := Issue{Number: i.number, Title: i.title, Body: i.body, State: i.state}
		for _, c := range i.comments {
			told.Comments = append(told.Comments, c.body)
		}
		list = append(list, told)
	}
	return list
}
